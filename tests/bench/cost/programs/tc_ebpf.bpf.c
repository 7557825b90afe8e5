// SPDX-License-Identifier: GPL-2.0
/*
 * tc_ebpf: NetworkPolicy as an eBPF program at tc ingress: known flows pass by one look-up in an LRU map; a new one
 * by the pod it is for, the class of its sender (by address or, failing that, by longest prefix), and the rule for both.
 * No conntrack.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "tc_ebpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 262144);
	__type(key, struct flow_key);
	__type(value, __u32);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} pods SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__type(key, __u32);
	__type(value, __u32);
} peers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct block_key);
	__type(value, __u32);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct rule_key);
	__type(value, __u32);
} rules SEC(".maps");

/* Packets passed and packets dropped. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static __always_inline int verdict(int action, __u32 which)
{
	__u64 *n = bpf_map_lookup_elem(&counts, &which);

	if (n)
		++*n;
	return action;
}

static __always_inline void set_flow(struct flow_key *key, const struct iphdr *ip, __u16 sport, __u16 dport)
{
	int swap = ip->saddr > ip->daddr || (ip->saddr == ip->daddr && sport > dport);

	key->addr[0] = swap ? ip->daddr : ip->saddr;
	key->addr[1] = swap ? ip->saddr : ip->daddr;
	key->port[0] = swap ? dport : sport;
	key->port[1] = swap ? sport : dport;
	key->proto = ip->protocol;
}

static __always_inline int allowed(__u32 pod, __u32 saddr, __u16 proto, __u16 dport)
{
	struct rule_key rule = { .pod = pod, .port = dport, .proto = proto };
	struct block_key block = { 32, saddr };
	__u32 *class = bpf_map_lookup_elem(&peers, &saddr);

	if (!class)
		class = bpf_map_lookup_elem(&blocks, &block);
	if (!class)
		return 0;
	rule.class = *class;
	return bpf_map_lookup_elem(&rules, &rule) != NULL;
}

SEC("tc")
int tc_ebpf(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u16 *ports = (void *)(ip + 1);
	struct flow_key flow;
	__u32 daddr, *pod, seen = 1;

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	if ((void *)(ports + 2) > end || ip->ihl != 5)
		return TC_ACT_SHOT;
	if (ip->protocol != IPPROTO_UDP && ip->protocol != IPPROTO_TCP)
		return TC_ACT_OK;
	set_flow(&flow, ip, ports[0], ports[1]);
	if (bpf_map_lookup_elem(&flows, &flow))
		return verdict(TC_ACT_OK, 0);
	daddr = ip->daddr;
	pod = bpf_map_lookup_elem(&pods, &daddr);
	if (pod && !allowed(*pod, ip->saddr, ip->protocol, ports[1]))
		return verdict(TC_ACT_SHOT, 1);
	bpf_map_update_elem(&flows, &flow, &seen, BPF_ANY);
	return verdict(TC_ACT_OK, 0);
}

char tc_ebpf_license[] SEC("license") = "GPL";
