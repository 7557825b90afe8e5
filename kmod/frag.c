// SPDX-License-Identifier: GPL-2.0
/* frag: fragments put together where conntrack is not there to do it. */
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include "frag.h"

static unsigned int gather_v4(struct net *net, struct sk_buff *skb)
{
	if (!ip_is_fragment(ip_hdr(skb)))
		return NF_ACCEPT;
	/* What it does not give back it has freed or kept. */
	if (ip_defrag(net, skb, IP_DEFRAG_CONNTRACK_IN))
		return NF_STOLEN;
	/* Whoever sent the fragments did not mind; let it be fragmented again. */
	skb->ignore_df = 1;
	return NF_ACCEPT;
}

static unsigned int gather_v6(struct net *net, struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NF_DEFRAG_IPV6)
	/* Looks for a fragment header itself. */
	switch (nf_ct_frag6_gather(net, skb, IP6_DEFRAG_CONNTRACK_IN)) {
	case 0:
		return NF_ACCEPT;
	case -EINPROGRESS:
		return NF_STOLEN;
	default:
		return NF_DROP;
	}
#else
	return NF_ACCEPT;
#endif
}

unsigned int stk_frag_gather(struct net *net, struct sk_buff *skb, u8 family)
{
	return family == NFPROTO_IPV4 ? gather_v4(net, skb) : gather_v6(net, skb);
}
