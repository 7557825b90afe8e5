/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frag: fragments put together at the first door, where conntrack is not there to do it.
 *
 * By the kernel's own reassembly, but not by its hooks (nf_defrag_ipv4_enable()): they would cost
 * every packet what only fragments need.
 */
#ifndef STK_FRAG_H
#define STK_FRAG_H

#include <linux/types.h>

struct net;
struct sk_buff;

/**
 * stk_frag_gather() - wait for the rest of a packet
 * @net: the namespace
 * @skb: at PRE_ROUTING; becomes the whole packet with its last fragment.  Linear data and headers
 *	may have moved
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Return: NF_ACCEPT: it is whole; else the hook's verdict, NF_STOLEN or NF_DROP.
 * Context: softirqs off.
 */
unsigned int stk_frag_gather(struct net *net, struct sk_buff *skb, u8 family);

#endif
