// SPDX-License-Identifier: GPL-2.0
/* report: flows, verdicts and the table's objects as netlink attributes. */
#include <net/netlink.h>
#include "key.h"
#include "report.h"
#include "subject.h"

/* An address as the ABI has it: 4 bytes or 16. */
static int put_addr(struct sk_buff *skb, int type, const struct stk_addr *addr)
{
	if (stk_addr_is_v4(addr))
		return nla_put(skb, type, 4, &addr->w[3]);
	return nla_put(skb, type, 16, addr->b);
}

int stk_report_flow(struct sk_buff *skb, int type, const struct stk_key *key)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    put_addr(skb, STOCKADE_FLOW_OPENER, &key->opener) ||
	    put_addr(skb, STOCKADE_FLOW_TARGET, &key->target) ||
	    nla_put_u8(skb, STOCKADE_FLOW_PROTO, key->proto) ||
	    nla_put_u16(skb, STOCKADE_FLOW_PORT, key->port))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_verdict_rule(struct sk_buff *skb, const struct stk_snapshot *snap, u32 id)
{
	struct stk_rule_def rule;

	if (nla_put_u32(skb, STOCKADE_VERDICT_A_RULE, id))
		return -EMSGSIZE;
	if (!snap || !stk_snapshot_find_rule(snap, id, &rule))
		return 0;
	return nla_put_string(skb, STOCKADE_VERDICT_A_RULE_NAME, rule.name) ||
	       nla_put_u8(skb, STOCKADE_VERDICT_A_TIER, rule.tier) ? -EMSGSIZE : 0;
}

static int put_verdict_subject(struct sk_buff *skb, const struct stk_subject *subject)
{
	return nla_put_u32(skb, STOCKADE_VERDICT_A_SUBJECT, subject->object.id) ||
	       nla_put_string(skb, STOCKADE_VERDICT_A_SUBJECT_NAME, subject->name) ?
	       -EMSGSIZE : 0;
}

int stk_report_verdict(struct sk_buff *skb, int type, const struct stk_snapshot *snap,
		       enum stockade_door door, const struct stk_verdict *v)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u8(skb, STOCKADE_VERDICT_A_DOOR, door) ||
	    nla_put_u8(skb, STOCKADE_VERDICT_A_VERDICT, v->verdict) ||
	    nla_put_u8(skb, STOCKADE_VERDICT_A_REASON, v->reason) ||
	    nla_put_u32(skb, STOCKADE_VERDICT_A_PEER_IDENTITY, v->peer_identity) ||
	    (v->rule && put_verdict_rule(skb, snap, v->rule)) ||
	    (v->subject && put_verdict_subject(skb, v->subject)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_prefix(struct sk_buff *skb, const struct stk_block_def *def)
{
	/* In the mapped space; every IPv4 block is 96 bits deep in it. */
	u8 prefix = stk_addr_is_v4(&def->addr) ? def->prefix - 96 : def->prefix;

	return put_addr(skb, STOCKADE_BLOCK_ADDR, &def->addr) ||
	       nla_put_u8(skb, STOCKADE_BLOCK_PREFIX, prefix) ? -EMSGSIZE : 0;
}

static int put_cidr(struct sk_buff *skb, const struct stk_block_def *def)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_CONFIG_CIDR);

	if (!nest || put_prefix(skb, def))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int stk_report_config(struct sk_buff *skb, const struct stk_snapshot *snap)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_CONFIG);
	struct stk_config_def def;
	u32 i;

	if (!nest)
		return -EMSGSIZE;
	stk_snapshot_config(snap, &def);
	for (i = 0; i < def.n_cidrs; i++)
		if (put_cidr(skb, &def.cidrs[i]))
			return -EMSGSIZE;
	if ((def.n_overlay_ports && nla_put(skb, STOCKADE_CONFIG_OVERLAY_PORTS,
					    def.n_overlay_ports * sizeof(u16),
					    def.overlay_ports)) ||
	    nla_put_u8(skb, STOCKADE_CONFIG_DENY, def.deny) ||
	    nla_put_u8(skb, STOCKADE_CONFIG_UNKNOWN, def.unknown))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int stk_report_rule(struct sk_buff *skb, const struct stk_rule_def *def)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_RULE);

	if (!nest ||
	    nla_put_u32(skb, STOCKADE_RULE_ID, def->id) ||
	    nla_put_u8(skb, STOCKADE_RULE_TIER, def->tier) ||
	    nla_put_string(skb, STOCKADE_RULE_NAME, def->name))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* One of STOCKADE_SUBJECT_C_*, which stand in the order of door and verdict. */
static int put_subject_counter(struct sk_buff *skb, const struct stk_subject *subject,
			       enum stockade_door door, u8 verdict)
{
	int type = STOCKADE_SUBJECT_C_EGRESS_ALLOWED + door * STK_VERDICTS + verdict;

	BUILD_BUG_ON(STOCKADE_SUBJECT_C_EGRESS_ALLOWED + STK_SUBJECT_COUNTS !=
		     __STOCKADE_SUBJECT_C_MAX);
	return nla_put_u64_64bit(skb, type, stk_subject_counted(subject, door, verdict),
				 STOCKADE_SUBJECT_C_PAD);
}

static int put_subject_counters(struct sk_buff *skb, const struct stk_subject *subject)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_SUBJECT_COUNTERS);
	int door, verdict;

	if (!nest)
		return -EMSGSIZE;
	for (door = 0; door < STOCKADE_DOORS; door++)
		for (verdict = 0; verdict < STK_VERDICTS; verdict++)
			if (put_subject_counter(skb, subject, door, verdict))
				return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int stk_report_subject(struct sk_buff *skb, const struct stk_subject_def *def,
		       const struct stk_subject *subject)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_SUBJECT);

	if (!nest ||
	    nla_put_u32(skb, STOCKADE_SUBJECT_ID, def->id) ||
	    nla_put_string(skb, STOCKADE_SUBJECT_NAME, def->name) ||
	    (def->ingress && nla_put_u32(skb, STOCKADE_SUBJECT_INGRESS, def->ingress)) ||
	    (def->egress && nla_put_u32(skb, STOCKADE_SUBJECT_EGRESS, def->egress)) ||
	    put_subject_counters(skb, subject))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int stk_report_endpoint(struct sk_buff *skb, const struct stk_endpoint_def *def)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_ENDPOINT);

	if (!nest ||
	    put_addr(skb, STOCKADE_ENDPOINT_ADDR, &def->addr) ||
	    nla_put_u32(skb, STOCKADE_ENDPOINT_IDENTITY, def->identity) ||
	    (def->subject && nla_put_u32(skb, STOCKADE_ENDPOINT_SUBJECT, def->subject)) ||
	    (def->flags && nla_put_u32(skb, STOCKADE_ENDPOINT_FLAGS, def->flags)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int stk_report_block(struct sk_buff *skb, const struct stk_block_def *def)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_BLOCK);

	if (!nest || put_prefix(skb, def) ||
	    nla_put_u32(skb, STOCKADE_BLOCK_IDENTITY, def->identity))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
