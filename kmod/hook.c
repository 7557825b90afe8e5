// SPDX-License-Identifier: GPL-2.0
/*
 * hook: skb -> key -> match -> verdict, and nothing else.
 *
 * A flow that the cache (with conntrack) or the flow map (without) knows is through in a few dozen
 * instructions (ask()), one that is like another in a few more (ask_to_open()); everything else goes the
 * long way (ask_slowly()).
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
#include "conntrack.h"
#include "flow.h"
#include "frag.h"
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

/* What a door answered, once it is known whether the end that this hung on is an address of this namespace. */
static struct stk_verdict settle(struct net *net, const struct stk_snapshot *snap,
				 const struct stk_key *key, enum stockade_door door,
				 struct stk_verdict v)
{
	bool own = v.reason == STOCKADE_REASON_UNKNOWN;
	bool opener = own == (door == STOCKADE_DOOR_EGRESS);
	struct stk_key known = *key;

	if (!stk_match_wants_here(snap, key, door, &v) ||
	    !is_here(net, opener ? &key->opener : &key->target))
		return v;
	known.flags |= opener ? STK_KEY_OPENER_HERE : STK_KEY_TARGET_HERE;
	return stk_match(snap, &known, door);
}

struct stk_verdict stk_hook_judge(struct net *net, const struct stk_snapshot *snap,
				  const struct stk_key *key, enum stockade_door door)
{
	return settle(net, snap, key, door, stk_match(snap, key, door));
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

/**
 * struct visit - a packet at a door, and what is found out about it
 * @sn: the namespace
 * @table: its table, or NULL
 * @skb: the packet
 * @state: the hook's
 * @door: which half of the question; once judged, which half the verdict is of
 * @key: its flow; all zero if none can be read
 * @v: what both doors answer about that, table and key alone considered, once judged
 * @judged: they have been asked already, about a flow that begins with this packet
 * @origin: filled if @followed
 * @followed: the flow map knows the flow
 * @turned: a reply that opens its flow in the map, for its other end
 */
struct visit {
	struct stk_net *sn;
	const struct stk_table *table;
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	enum stockade_door door;
	struct stk_key key;
	struct stk_verdict v[STOCKADE_DOORS];
	bool judged;
	struct stk_origin origin;
	bool followed;
	bool turned;
};

static void tell(struct visit *q, const struct stk_verdict *v)
{
	struct stk_event ev = { .table = q->table, .key = &q->key, .verdict = v, .door = q->door };

	if (!stk_events_wanted(q->sn))
		return;
	if (q->followed)
		ev.origin = q->origin;
	else
		stk_key_origin(q->skb, q->state->pf, &ev.origin);
	stk_event_tell(q->sn, &ev);
}

static struct stk_verdict malformed(void)
{
	return (struct stk_verdict){ .reason = STOCKADE_REASON_MALFORMED,
				     .verdict = STOCKADE_VERDICT_DENY };
}

/*
 * The way out was asked a moment ago, and maybe of a table that has been replaced since.  So the way in
 * answers for both halves: what it lets through, one table allows.
 */
static struct stk_verdict judge_doors(struct visit *q)
{
	const struct stk_snapshot *snap = q->table->snap;
	struct net *net = q->sn->net;
	struct stk_verdict out;

	if (q->door == STOCKADE_DOOR_INGRESS) {
		out = settle(net, snap, &q->key, STOCKADE_DOOR_EGRESS,
			     q->v[STOCKADE_DOOR_EGRESS]);
		if (out.verdict == STOCKADE_VERDICT_DENY) {
			q->door = STOCKADE_DOOR_EGRESS;
			return out;
		}
	}
	return settle(net, snap, &q->key, q->door, q->v[q->door]);
}

/*
 * What both doors allow, table and key alone considered, may be kept for the packet's way through the
 * other one and for the flow's next packets.
 */
static bool may_be_kept(const struct visit *q)
{
	int door;

	for (door = 0; door < STOCKADE_DOORS; door++)
		if (q->v[door].verdict != STOCKADE_VERDICT_ALLOW ||
		    stk_match_wants_here(q->table->snap, &q->key, door, &q->v[door]))
			return false;
	return true;
}

static struct stk_kept keep(const struct visit *q)
{
	return stk_stats_keep(q->sn->stats, q->table->serial, q->v);
}

/* By what conntrack says of the packet, or else by its own header. */
static struct stk_verdict judge(struct visit *q, const struct nf_conn *ct)
{
	int err = stk_key_read(q->skb, q->state->pf, &q->key);

	if (!q->table)
		return stk_hook_no_table(q->door);
	if (err)
		return malformed();
	stk_match_both(q->table->snap, &q->key, q->v);
	if (!may_be_kept(q))
		return judge_doors(q);
	/* An expected connection's key is its master's, not its own. */
	if (ct && !ct->master) {
		struct stk_kept kept = keep(q);

		stk_cache_store_ct(ct, &kept, q->sn->stats);
	}
	return q->v[q->door];
}

/* By what our own map says of the packet; one that may open a flow does so if both doors permit. */
static struct stk_verdict judge_followed(struct visit *q, struct stk_flows *flows,
					 const struct stk_flow_packet *p, enum stk_flow_way way)
{
	bool first_door = q->door == STOCKADE_DOOR_EGRESS, opens = way == STK_FLOW_NEW;
	struct stk_kept kept = {};
	struct stk_verdict answer;

	q->followed = true;
	q->origin.reply = (way == STK_FLOW_BACK) != q->turned;
	q->origin.sport = stk_tuple_key(&p->t, way == STK_FLOW_BACK, &q->key);
	if (!q->judged || !opens)
		stk_match_both(q->table->snap, &q->key, q->v);
	if (may_be_kept(q))
		kept = keep(q);
	if (kept.serial && opens)
		stk_cache_store(&p->t, &kept, q->sn->stats);
	answer = kept.serial ? q->v[q->door] : judge_doors(q);
	if (!opens && kept.serial)
		stk_flow_keep(flows, p, way, &kept);
	/* What the way in would deny must not leave a flow behind at the way out. */
	if (!opens || answer.verdict == STOCKADE_VERDICT_DENY ||
	    (first_door && q->v[STOCKADE_DOOR_INGRESS].verdict == STOCKADE_VERDICT_DENY))
		return answer;
	return stk_flow_open(flows, p, &kept) ? answer :
	       judge_followed(q, flows, p, STK_FLOW_BACK);
}

/* Our own map's to answer?  Not what conntrack, where it runs, calls invalid or does not track. */
static bool is_followed(const struct visit *q, struct stk_flows *flows)
{
	bool *foreign;

	if (!flows || !q->table || q->skb->_nfct)
		return false;
	foreign = &flows->foreign[q->state->pf == NFPROTO_IPV6];
	if (likely(!READ_ONCE(*foreign)))
		return true;
	if (stk_conntrack_runs(q->sn->net, q->state->pf))
		return false;
	WRITE_ONCE(flows->recalls, true);
	WRITE_ONCE(*foreign, false);
	return true;
}

static unsigned int enact(struct visit *q, const struct stk_verdict *v)
{
	stk_stats_count(q->sn->stats, q->door, v);
	if (likely(v->verdict == STOCKADE_VERDICT_ALLOW))
		return NF_ACCEPT;
	tell(q, v);
	if (v->verdict == STOCKADE_VERDICT_WOULD_DENY)
		return NF_ACCEPT;
	if (q->table && q->table->deny == STOCKADE_DENY_REJECT &&
	    v->reason != STOCKADE_REASON_MALFORMED)
		reject(q->skb, q->state, q->key.proto);
	return NF_DROP;
}

/* What the packet is to our own map; to be filled in: @p. */
static enum stk_flow_way follow(struct visit *q, struct stk_flows *flows,
				struct stk_flow_packet *p)
{
	if (stk_tuple_read(q->skb, q->state->pf, &p->t))
		return STK_FLOW_HEADER;
	p->now = stk_flow_now();
	return stk_flow_find(flows, p, q->door, q->table->serial, q->sn->stats);
}

/*
 * What the map knows of a packet with a conntrack entry: its flow may be older than conntrack is here,
 * which then took whatever it saw first for what opened it.  What was translated is conntrack's alone.
 */
static enum stk_flow_way recall(struct visit *q, struct stk_flows *flows, const struct nf_conn *ct,
				struct stk_flow_packet *p)
{
	enum stk_flow_way way;

	if (!q->table || ct->master || READ_ONCE(ct->status) & IPS_NAT_MASK)
		return STK_FLOW_HEADER;
	way = follow(q, flows, p);
	return way == STK_FLOW_NEW ? STK_FLOW_HEADER : way;
}

/* The other way about: a packet of a flow that conntrack followed when it was here is no beginning. */
static void turn(struct visit *q, struct stk_flow_packet *p)
{
	if (p->t.kind == STK_TUPLE_PLAIN &&
	    stk_conntrack_was_reply(q->sn->net, q->skb, q->state->pf)) {
		p->t.from = !p->t.from;
		q->turned = true;
		q->judged = false;
	}
}

/* Where conntrack is not. */
static unsigned int judge_untracked(struct visit *q, struct stk_flows *flows)
{
	unsigned int whole = NF_ACCEPT;
	struct stk_flow_packet p;
	enum stk_flow_way way;
	struct stk_verdict v;

	if (q->door == STOCKADE_DOOR_EGRESS)
		whole = stk_frag_gather(q->sn->net, q->skb, q->state->pf);
	if (whole != NF_ACCEPT)
		return whole;
	way = follow(q, flows, &p);
	if (way == STK_FLOW_ALLOWED)
		return NF_ACCEPT;
	if (way == STK_FLOW_NEW && unlikely(READ_ONCE(flows->recalls)))
		turn(q, &p);
	v = way == STK_FLOW_HEADER ? judge(q, NULL) : judge_followed(q, flows, &p, way);
	return enact(q, &v);
}

/* Where ask() did not look: beside the first place, and there, too, if a map was to be asked before. */
static bool is_cached(const struct visit *q, const struct stk_flows *flows,
		      const struct nf_conn *ct)
{
	u8 family = q->state->pf;
	u64 stamp;

	if (!q->table)
		return false;
	stamp = stk_cache_stamp(q->table->serial, family);
	return (flows && stk_cache_allows(stamp, ct, family, q->door, STK_CACHE_FIRST)) ||
	       stk_cache_allows(stamp, ct, family, q->door, STK_CACHE_SECOND);
}

static unsigned int judge_packet(struct visit *q)
{
	struct stk_flows *flows = rcu_dereference(q->sn->flows);
	const struct nf_conn *ct = stk_key_ct(q->skb);
	enum stk_flow_way way = STK_FLOW_HEADER;
	struct stk_flow_packet p;
	struct stk_verdict v;

	if (is_followed(q, flows))
		return judge_untracked(q, flows);
	if (flows && ct) {
		WRITE_ONCE(flows->foreign[q->state->pf == NFPROTO_IPV6], true);
		way = recall(q, flows, ct, &p);
	}
	if (way == STK_FLOW_ALLOWED || (way == STK_FLOW_HEADER && ct && is_cached(q, flows, ct)))
		return NF_ACCEPT;
	v = way == STK_FLOW_HEADER ? judge(q, ct) : judge_followed(q, flows, &p, way);
	return enact(q, &v);
}

static noinline unsigned int ask_slowly(struct stk_net *sn, struct sk_buff *skb,
					const struct nf_hook_state *state)
{
	struct visit q = {
		.sn = sn, .skb = skb, .state = state,
		.door = state->hook == NF_INET_FORWARD ? STOCKADE_DOOR_INGRESS : STOCKADE_DOOR_EGRESS,
	};
	/* It is from nfqueue's userspace, back in the middle of its path, if not. */
	bool softirq = in_softirq();
	unsigned int ret;

	if (state->in->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	q.table = rcu_dereference(sn->table);
	if (!softirq)
		local_bh_disable();
	ret = judge_packet(&q);
	if (!softirq)
		local_bh_enable();
	return ret;
}

/* Opens a flow that the map does not have with an answer that may be kept. */
static bool open_with(struct stk_net *sn, struct stk_flows *flows, struct stk_flow_packet *p,
		      const struct stk_kept *kept)
{
	p->now = stk_flow_now();
	if (!stk_flow_open_unknown(flows, p, kept))
		return false;
	stk_stats_count_kept(sn->stats + kept->pair, kept->counts[STOCKADE_DOOR_EGRESS],
			     STOCKADE_DOOR_EGRESS);
	return true;
}

/* The first of its key, as far as is remembered. */
static noinline unsigned int judge_opening(struct stk_net *sn, struct sk_buff *skb,
					   const struct nf_hook_state *state,
					   struct stk_flows *flows, struct stk_flow_packet *p)
{
	struct visit q = { .sn = sn, .skb = skb, .state = state, .door = STOCKADE_DOOR_EGRESS };
	struct stk_kept kept;

	q.table = rcu_dereference(sn->table);
	if (q.table) {
		stk_tuple_key(&p->t, false, &q.key);
		stk_match_both(q.table->snap, &q.key, q.v);
		q.judged = true;
		if (may_be_kept(&q)) {
			kept = keep(&q);
			stk_cache_store(&p->t, &kept, sn->stats);
			if (open_with(sn, flows, p, &kept))
				return NF_ACCEPT;
		}
	}
	return judge_packet(&q);
}

/*
 * At the way out: a packet of no flow that goes on.  If it begins one, and another from the same opener to the
 * same target and port was judged, with that one's answer.
 */
static noinline unsigned int ask_to_open(struct stk_net *sn, struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	struct stk_flows *flows = rcu_dereference(sn->flows);
	u8 family = state->pf;
	struct stk_flow_packet p;
	struct stk_kept kept;

	if (skb->_nfct || !flows || READ_ONCE(flows->foreign[family == NFPROTO_IPV6]) ||
	    READ_ONCE(flows->recalls) || state->in->flags & IFF_LOOPBACK ||
	    !in_softirq() || !stk_tuple_read_opening(skb, family, &p.t))
		return ask_slowly(sn, skb, state);
	if (!stk_cache_find(&p.t, READ_ONCE(sn->serial), &kept, sn->stats))
		return judge_opening(sn, skb, state, flows, &p);
	return open_with(sn, flows, &p, &kept) ? NF_ACCEPT : ask_slowly(sn, skb, state);
}

/*
 * Without conntrack; a function of its own, so the way with it needs fewer registers.  What conntrack leaves
 * untracked is told from what it never saw only where a flow would be opened (is_followed()).
 */
static __always_inline unsigned int ask_map(struct stk_net *sn, struct sk_buff *skb,
					    const struct nf_hook_state *state, u8 family,
					    enum stockade_door door)
{
	struct stk_flows *flows = rcu_dereference(sn->flows);
	enum stk_flow_glance glance = STK_FLOW_NOT_SEEN;

	if (likely(flows) && likely(!READ_ONCE(flows->foreign[family == NFPROTO_IPV6])) &&
	    likely(stk_tuple_is_plain(skb, family, STK_TCP_ACK)))
		glance = stk_flow_glance(flows, stk_tuple_read_plain(skb, family), family, door,
					 &sn->serial, &sn->stats);
	if (likely(glance == STK_FLOW_LET_THROUGH))
		return NF_ACCEPT;
	return door == STOCKADE_DOOR_EGRESS && glance == STK_FLOW_NOT_SEEN ?
	       ask_to_open(sn, skb, state) : ask_slowly(sn, skb, state);
}

static __always_inline unsigned int ask(struct stk_net *sn, struct sk_buff *skb,
					const struct nf_hook_state *state, u8 family,
					enum stockade_door door, nf_hookfn *without)
{
	const struct nf_conn *ct = (struct nf_conn *)(skb->_nfct & NFCT_PTRMASK);

	if (!ct)
		return without(sn, skb, state);
	if (likely(stk_cache_allows(READ_ONCE(sn->stamp[family == NFPROTO_IPV6]), ct, family, door,
				    STK_CACHE_FIRST)))
		return NF_ACCEPT;
	return ask_slowly(sn, skb, state);
}

/* A packet of this node's own: its flow begins or moves on. */
static noinline void learn_slowly(struct stk_flows *flows, const struct sk_buff *skb, u8 family)
{
	struct stk_flow_packet p = { .now = stk_flow_now() };
	struct stk_kept none = {};

	if (stk_tuple_read(skb, family, &p.t))
		return;
	local_bh_disable();
	if (stk_flow_find(flows, &p, STK_FLOW_NO_DOOR, 0, NULL) == STK_FLOW_NEW)
		stk_flow_open(flows, &p, &none);
	local_bh_enable();
}

/* No door: what a node sends is never judged, but its answers are, by who asked. */
static __always_inline unsigned int learn(struct stk_net *sn, const struct sk_buff *skb,
					  const struct nf_hook_state *state, u8 family)
{
	struct stk_flows *flows = rcu_dereference(sn->flows);

	if (skb->_nfct || !flows || READ_ONCE(flows->foreign[family == NFPROTO_IPV6]) ||
	    state->out->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	if (!stk_tuple_is_plain(skb, family, STK_TCP_ACK) ||
	    stk_flow_glance(flows, stk_tuple_read_plain(skb, family), family, STK_FLOW_NO_DOOR,
			    NULL, NULL) != STK_FLOW_LET_THROUGH)
		learn_slowly(flows, skb, family);
	return NF_ACCEPT;
}

static unsigned int learn_v4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return learn(priv, skb, state, NFPROTO_IPV4);
}

static unsigned int learn_v6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return learn(priv, skb, state, NFPROTO_IPV6);
}

static noinline unsigned int egress_v4_map(void *priv, struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	return ask_map(priv, skb, state, NFPROTO_IPV4, STOCKADE_DOOR_EGRESS);
}

static unsigned int egress_v4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV4, STOCKADE_DOOR_EGRESS, egress_v4_map);
}

static noinline unsigned int egress_v6_map(void *priv, struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	return ask_map(priv, skb, state, NFPROTO_IPV6, STOCKADE_DOOR_EGRESS);
}

static unsigned int egress_v6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV6, STOCKADE_DOOR_EGRESS, egress_v6_map);
}

static noinline unsigned int ingress_v4_map(void *priv, struct sk_buff *skb,
					    const struct nf_hook_state *state)
{
	return ask_map(priv, skb, state, NFPROTO_IPV4, STOCKADE_DOOR_INGRESS);
}

static unsigned int ingress_v4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV4, STOCKADE_DOOR_INGRESS, ingress_v4_map);
}

static noinline unsigned int ingress_v6_map(void *priv, struct sk_buff *skb,
					    const struct nf_hook_state *state)
{
	return ask_map(priv, skb, state, NFPROTO_IPV6, STOCKADE_DOOR_INGRESS);
}

static unsigned int ingress_v6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return ask(priv, skb, state, NFPROTO_IPV6, STOCKADE_DOOR_INGRESS, ingress_v6_map);
}

/*
 * The doors, then what a flow map needs beside them.
 * The way out: right after destination NAT, for a Service's packet is judged by the backend chosen.
 * The way in: ahead of the node's own filter, which only sees what policy lets pass.
 * A node's own packets: where conntrack looks at them, which is found to be at work or not.
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
	}, {
		.hook = learn_v4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_CONNTRACK + 1,
	}, {
		.hook = learn_v6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_CONNTRACK + 1,
	},
};
