// SPDX-License-Identifier: GPL-2.0
/*
 * hook: skb -> key -> match -> verdict, and nothing else.
 *
 * A flow the cache knows is through in a few dozen instructions (ask()); everything
 * else goes the long way (ask_slowly()).
 */
#include <linux/bottom_half.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/addrconf.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/route.h>
#include "cache.h"
#include "hook.h"
#include "key.h"
#include "main.h"

static bool is_here(struct net *net, const struct stk_addr *addr)
{
	if (stk_addr_is_v4(addr))
		return inet_addr_type(net, addr->w[3]) == RTN_LOCAL;
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_chk_addr(net, (const struct in6_addr *)addr->b, NULL, 0);
#else
	return false;
#endif
}

struct stk_verdict stk_hook_judge(struct net *net, const struct stk_snapshot *snap,
				  struct stk_key *key, enum stockade_door door, bool *lasting)
{
	struct stk_verdict v = stk_match(snap, key, door);
	bool wants = stk_match_wants_here(snap, key, door, &v);

	if (lasting)
		*lasting = !wants;
	if (!wants)
		return v;
	if (is_here(net, &key->opener))
		key->flags |= STK_KEY_OPENER_HERE;
	if (is_here(net, &key->target))
		key->flags |= STK_KEY_TARGET_HERE;
	return stk_match(snap, key, door);
}

struct stk_verdict stk_hook_no_table(enum stockade_door door)
{
	/* The way out stays open: a pod's own namespace and a node's own traffic pass it, too. */
	return (struct stk_verdict){
		.reason = STOCKADE_REASON_NO_TABLE,
		.verdict = stk_no_table_drop && door == STOCKADE_DOOR_INGRESS ?
			   STOCKADE_VERDICT_DENY : STOCKADE_VERDICT_ALLOW,
	};
}

/* Tells the sender that its packet was denied.  The packet stays the caller's. */
static void reject(struct sk_buff *skb, const struct nf_hook_state *state, u8 proto)
{
	if (state->pf == NFPROTO_IPV4) {
		if (proto == IPPROTO_TCP)
			nf_send_reset(state->net, state->sk, skb, state->hook);
		else
			nf_send_unreach(skb, ICMP_PKT_FILTERED, state->hook);
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (proto == IPPROTO_TCP)
		nf_send_reset6(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach6(state->net, skb, ICMPV6_ADM_PROHIBITED, state->hook);
#endif
}

static void tell(struct stk_net *sn, const struct stk_table *table, const struct sk_buff *skb,
		 u8 family, enum stockade_door door, const struct stk_key *key,
		 const struct stk_verdict *v)
{
	struct stk_event ev = { .table = table, .key = key, .verdict = v, .door = door };

	if (!stk_events_wanted(sn))
		return;
	stk_key_origin(skb, family, &ev.origin);
	stk_event_tell(sn, &ev);
}

/* Keeps an answer for the flow's next packet, if conntrack knows the flow. */
static void remember(const struct stk_table *table, const struct sk_buff *skb,
		     enum stockade_door door, const struct stk_verdict *v)
{
	const struct nf_conn *ct = stk_key_ct(skb);

	if (ct)
		stk_cache_store(table->cache, table->generation, ct, door, v);
}

static struct stk_verdict judge(const struct stk_table *table, const struct sk_buff *skb,
				const struct nf_hook_state *state, enum stockade_door door,
				struct stk_key *key)
{
	int err = stk_key_read(skb, state->pf, key);
	struct stk_verdict v;
	bool lasting;

	if (!table)
		return stk_hook_no_table(door);
	if (err)
		return (struct stk_verdict){ .reason = STOCKADE_REASON_MALFORMED,
					     .verdict = STOCKADE_VERDICT_DENY };
	v = stk_hook_judge(state->net, table->snap, key, door, &lasting);
	if (lasting && v.verdict == STOCKADE_VERDICT_ALLOW)
		remember(table, skb, door, &v);
	return v;
}

static unsigned int ask_with_bh_off(struct stk_net *sn, struct sk_buff *skb,
				    const struct nf_hook_state *state, enum stockade_door door)
{
	const struct stk_table *table = rcu_dereference(sn->table);
	struct stk_verdict v;
	struct stk_key key;

	v = judge(table, skb, state, door, &key);
	stk_stats_count(sn->stats, door, &v);
	if (likely(v.verdict == STOCKADE_VERDICT_ALLOW))
		return NF_ACCEPT;
	tell(sn, table, skb, state->pf, door, &key, &v);
	if (v.verdict == STOCKADE_VERDICT_WOULD_DENY)
		return NF_ACCEPT;
	if (table && table->deny == STOCKADE_DENY_REJECT && v.reason != STOCKADE_REASON_MALFORMED)
		reject(skb, state, key.proto);
	return NF_DROP;
}

/*
 * Packets come with softirqs off, but for those that nfqueue's userspace sends
 * back into the middle of the path.
 */
static noinline unsigned int ask_slowly(struct stk_net *sn, struct sk_buff *skb,
					const struct nf_hook_state *state, enum stockade_door door)
{
	unsigned int ret;

	local_bh_disable();
	ret = ask_with_bh_off(sn, skb, state, door);
	local_bh_enable();
	return ret;
}

static __always_inline unsigned int ask(struct stk_net *sn, struct sk_buff *skb,
					const struct nf_hook_state *state, enum stockade_door door)
{
	const struct stk_table *table;
	const struct nf_conn *ct;

	if (state->in->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	table = rcu_dereference(sn->table);
	ct = stk_key_ct(skb);
	if (likely(table && ct && stk_cache_usable()) &&
	    stk_cache_allows(table->cache, table->generation, ct, door, sn->stats))
		return NF_ACCEPT;
	return ask_slowly(sn, skb, state, door);
}

static unsigned int egress_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, STOCKADE_DOOR_EGRESS);
}

static unsigned int ingress_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return ask(priv, skb, state, STOCKADE_DOOR_INGRESS);
}

/*
 * The way out: right after destination NAT, for a Service's packet is judged by the backend chosen.
 * The way in: ahead of the node's own filter, which only sees what policy lets pass.
 */
const struct nf_hook_ops stk_hook_ops[STK_NET_HOOKS] = {
	{
		.hook = egress_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_NAT_DST + 1,
	}, {
		.hook = ingress_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_FILTER - 1,
	}, {
		.hook = egress_hook,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_NAT_DST + 1,
	}, {
		.hook = ingress_hook,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP6_PRI_FILTER - 1,
	},
};
