// SPDX-License-Identifier: GPL-2.0
/* conntrack: does it run in a namespace, and what does it know when it does not? */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include "conntrack.h"

static bool has_hook(const struct nf_hook_entries *e, int priority)
{
	struct nf_hook_ops *const *ops;
	unsigned int i;

	if (!e)
		return false;
	ops = nf_hook_entries_get_hook_ops(e);
	for (i = 0; i < e->num_hook_entries; i++)
		if (READ_ONCE(ops[i])->priority == priority)
			return true;
	return false;
}

/* Where it looks packets up, and where it confirms what is new: no chain has both its priorities. */
bool stk_conntrack_runs(const struct net *net, u8 family)
{
	struct nf_hook_entries __rcu *const *hooks = family == NFPROTO_IPV4 ?
						     net->nf.hooks_ipv4 : net->nf.hooks_ipv6;
	bool runs;

	rcu_read_lock();
	runs = has_hook(rcu_dereference(hooks[NF_INET_PRE_ROUTING]), NF_IP_PRI_CONNTRACK) &&
	       has_hook(rcu_dereference(hooks[NF_INET_POST_ROUTING]), NF_IP_PRI_CONNTRACK_CONFIRM);
	rcu_read_unlock();
	return runs;
}

bool stk_conntrack_was_reply(struct net *net, const struct sk_buff *skb, u8 family)
{
	struct nf_conntrack_tuple_hash *h;
	struct nf_conntrack_tuple tuple;
	struct nf_conn *ct;
	bool reply;

	if (!nf_ct_get_tuplepr(skb, skb_network_offset(skb), family, net, &tuple))
		return false;
	h = nf_conntrack_find_get(net, &nf_ct_zone_dflt, &tuple);
	if (!h)
		return false;
	ct = nf_ct_tuplehash_to_ctrack(h);
	reply = NF_CT_DIRECTION(h) == IP_CT_DIR_REPLY && !(READ_ONCE(ct->status) & IPS_NAT_MASK);
	nf_ct_put(ct);
	return reply;
}
