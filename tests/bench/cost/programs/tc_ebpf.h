/* SPDX-License-Identifier: GPL-2.0 */
/* What the tc program and its loader share.  Addresses and ports in network order. */
#ifndef TC_EBPF_H
#define TC_EBPF_H

struct flow_key {
	__u32 addr[2];		/* the lower end first: one entry for both ways */
	__u16 port[2];
	__u32 proto;
};

struct rule_key {
	__u32 pod, class;
	__u16 port;
	__u16 proto;
};

struct block_key {
	__u32 prefix;
	__u32 addr;
};

#endif
