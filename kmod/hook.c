// SPDX-License-Identifier: GPL-2.0
/*
 * hook: skb -> key -> match -> verdict, and nothing else.
 *
 * A flow that the cache knows is through in a few dozen instructions (ask());
 * everything else goes the long way (ask_slowly()).
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

/* Asks again, this time knowing which end is an address of this namespace. */
static struct stk_verdict judge_here(struct net *net, const struct stk_snapshot *snap,
				     struct stk_key *key, enum stockade_door door)
{
	if (is_here(net, &key->opener))
		key->flags |= STK_KEY_OPENER_HERE;
	if (is_here(net, &key->target))
		key->flags |= STK_KEY_TARGET_HERE;
	return stk_match(snap, key, door);
}

struct stk_verdict stk_hook_judge(struct net *net, const struct stk_snapshot *snap,
				  struct stk_key *key, enum stockade_door door)
{
	struct stk_verdict v = stk_match(snap, key, door);

	return stk_match_wants_here(snap, key, door, &v) ? judge_here(net, snap, key, door) : v;
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

static struct stk_verdict malformed(void)
{
	return (struct stk_verdict){ .reason = STOCKADE_REASON_MALFORMED,
				     .verdict = STOCKADE_VERDICT_DENY };
}

/* What a door answered, once it is known whose addresses are here. */
static struct stk_verdict settle(struct stk_net *sn, const struct stk_table *table,
				 struct stk_key *key, enum stockade_door door, struct stk_verdict v)
{
	return stk_match_wants_here(table->snap, key, door, &v) ?
	       judge_here(sn->net, table->snap, key, door) : v;
}

/*
 * The way out was asked a moment ago, and maybe of a table that has been replaced since.  So the way in
 * answers for both halves: what it lets through, one table allows.
 */
static struct stk_verdict judge_doors(struct stk_net *sn, const struct stk_table *table,
				      struct stk_key *key, enum stockade_door *door,
				      const struct stk_verdict v[STOCKADE_DOORS])
{
	struct stk_verdict out;

	if (*door == STOCKADE_DOOR_INGRESS) {
		out = settle(sn, table, key, STOCKADE_DOOR_EGRESS, v[STOCKADE_DOOR_EGRESS]);
		if (out.verdict == STOCKADE_VERDICT_DENY) {
			*door = STOCKADE_DOOR_EGRESS;
			return out;
		}
	}
	return settle(sn, table, key, *door, v[*door]);
}

/* What both doors allow is kept for the packet's way through the other one and for the flow's next packets. */
static void keep(struct stk_net *sn, const struct stk_table *table, const struct nf_conn *ct,
		 const struct stk_key *key, const struct stk_verdict v[STOCKADE_DOORS])
{
	int door;

	for (door = 0; door < STOCKADE_DOORS; door++)
		if (v[door].verdict != STOCKADE_VERDICT_ALLOW ||
		    stk_match_wants_here(table->snap, key, door, &v[door]))
			return;
	/* An expected connection's key is its master's, not its own. */
	if (!ct->master)
		stk_cache_store(table->serial, ct, v, sn->stats);
}

/* @door: which half the verdict is of, if it is not the one asked for. */
static struct stk_verdict judge(struct stk_net *sn, const struct stk_table *table,
				const struct sk_buff *skb, const struct nf_hook_state *state,
				enum stockade_door *door, struct stk_key *key)
{
	const struct nf_conn *ct = stk_key_ct(skb);
	struct stk_verdict v[STOCKADE_DOORS];
	int err = stk_key_read(skb, state->pf, key);

	if (!table)
		return stk_hook_no_table(*door);
	if (err)
		return malformed();
	stk_match_both(table->snap, key, v);
	if (ct && stk_cache_usable())
		keep(sn, table, ct, key, v);
	return judge_doors(sn, table, key, door, v);
}

static unsigned int judge_packet(struct stk_net *sn, struct sk_buff *skb,
				 const struct nf_hook_state *state, enum stockade_door door)
{
	const struct stk_table *table = rcu_dereference(sn->table);
	struct stk_verdict v;
	struct stk_key key;

	v = judge(sn, table, skb, state, &door, &key);
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

static noinline unsigned int ask_slowly(struct stk_net *sn, struct sk_buff *skb,
					const struct nf_hook_state *state, enum stockade_door door)
{
	unsigned int ret;

	if (state->in->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	if (likely(in_softirq()))
		return judge_packet(sn, skb, state, door);
	/* From nfqueue's userspace, back in the middle of its path. */
	local_bh_disable();
	ret = judge_packet(sn, skb, state, door);
	local_bh_enable();
	return ret;
}

static __always_inline unsigned int ask(struct stk_net *sn, struct sk_buff *skb,
					const struct nf_hook_state *state, u8 family,
					enum stockade_door door)
{
	const struct nf_conn *ct = (struct nf_conn *)(skb->_nfct & NFCT_PTRMASK);

	/* Or else gcc keeps skb->_nfct beside it, to compare that. */
	OPTIMIZER_HIDE_VAR(ct);
	if (likely(ct && stk_cache_usable()) &&
	    likely(stk_cache_allows(READ_ONCE(sn->serial), ct, family, door, sn->stats)))
		return NF_ACCEPT;
	return ask_slowly(sn, skb, state, door);
}

static unsigned int egress_v4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV4, STOCKADE_DOOR_EGRESS);
}

static unsigned int ingress_v4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV4, STOCKADE_DOOR_INGRESS);
}

static unsigned int egress_v6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV6, STOCKADE_DOOR_EGRESS);
}

static unsigned int ingress_v6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV6, STOCKADE_DOOR_INGRESS);
}

/*
 * The way out: right after destination NAT, for a Service's packet is judged by the backend chosen.
 * The way in: ahead of the node's own filter, which only sees what policy lets pass.
 */
const struct nf_hook_ops stk_hook_ops[STK_NET_HOOKS] = {
	{
		.hook = egress_v4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_NAT_DST + 1,
	}, {
		.hook = ingress_v4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_FILTER - 1,
	}, {
		.hook = egress_v6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_NAT_DST + 1,
	}, {
		.hook = ingress_v6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP6_PRI_FILTER - 1,
	},
};
