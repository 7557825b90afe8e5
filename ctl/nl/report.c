// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel tells about its table and its doing: status, counters, verdicts, denials.
 */
#include <errno.h>
#include <string.h>
#include <linux/stockade.h>
#include "attr.h"
#include "decode.h"

int decode_status(const struct nlattr *nest, struct stnl_status *out, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_STATUS_MAX + 1] = {
		[STOCKADE_STATUS_VERSION] = { .type = NLA_STRING },
		[STOCKADE_STATUS_GENERATION] = { .type = NLA_U64 },
		[STOCKADE_STATUS_DIGEST] = { .type = NLA_U64 },
		[STOCKADE_STATUS_RULES] = { .type = NLA_U32 },
		[STOCKADE_STATUS_PROGRAMS] = { .type = NLA_U32 },
		[STOCKADE_STATUS_SUBJECTS] = { .type = NLA_U32 },
		[STOCKADE_STATUS_ENDPOINTS] = { .type = NLA_U32 },
		[STOCKADE_STATUS_BLOCKS] = { .type = NLA_U32 },
		[STOCKADE_STATUS_STEPS] = { .type = NLA_U32 },
		[STOCKADE_STATUS_MEMORY] = { .type = NLA_U64 },
		[STOCKADE_STATUS_COMMITTED] = { .type = NLA_U64 },
		[STOCKADE_STATUS_STATE] = { .type = NLA_U8 },
		[STOCKADE_STATUS_EVENTS_LOST] = { .type = NLA_U64 },
		[STOCKADE_STATUS_TXN_PORTID] = { .type = NLA_U32 },
		[STOCKADE_STATUS_FLOWS] = { .type = NLA_U32 },
		[STOCKADE_STATUS_FLOWS_MEMORY] = { .type = NLA_U64 },
		[STOCKADE_STATUS_STEPS_MAX] = { .type = NLA_U32 },
		[STOCKADE_STATUS_BLOCKS_MAX] = { .type = NLA_U32 },
		[STOCKADE_STATUS_RULES_MAX] = { .type = NLA_U32 },
	};
	struct nlattr *tb[STOCKADE_STATUS_MAX + 1];

	if (attr_parse(tb, STOCKADE_STATUS_MAX, nest, policy, "status", err))
		return -EBADMSG;
	*out = (struct stnl_status){
		.generation = attr_u64(tb[STOCKADE_STATUS_GENERATION]),
		.digest = attr_u64(tb[STOCKADE_STATUS_DIGEST]),
		.rules = attr_u32(tb[STOCKADE_STATUS_RULES]),
		.programs = attr_u32(tb[STOCKADE_STATUS_PROGRAMS]),
		.subjects = attr_u32(tb[STOCKADE_STATUS_SUBJECTS]),
		.endpoints = attr_u32(tb[STOCKADE_STATUS_ENDPOINTS]),
		.blocks = attr_u32(tb[STOCKADE_STATUS_BLOCKS]),
		.steps = attr_u32(tb[STOCKADE_STATUS_STEPS]),
		.max = {
			.rules = attr_u32(tb[STOCKADE_STATUS_RULES_MAX]),
			.blocks = attr_u32(tb[STOCKADE_STATUS_BLOCKS_MAX]),
			.steps = attr_u32(tb[STOCKADE_STATUS_STEPS_MAX]),
		},
		.memory = attr_u64(tb[STOCKADE_STATUS_MEMORY]),
		.flows_memory = attr_u64(tb[STOCKADE_STATUS_FLOWS_MEMORY]),
		.committed = attr_u64(tb[STOCKADE_STATUS_COMMITTED]),
		.state = attr_u8(tb[STOCKADE_STATUS_STATE]),
		.events_lost = attr_u64(tb[STOCKADE_STATUS_EVENTS_LOST]),
		.txn_portid = attr_u32(tb[STOCKADE_STATUS_TXN_PORTID]),
		.flows = attr_u32(tb[STOCKADE_STATUS_FLOWS]),
	};
	attr_strcpy(tb[STOCKADE_STATUS_VERSION], out->version, sizeof(out->version));
	return 0;
}

int decode_counter(const struct nlattr *nest, struct stnl_counter *out, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_COUNTER_MAX + 1] = {
		[STOCKADE_COUNTER_DOOR] = { .type = NLA_U8 },
		[STOCKADE_COUNTER_REASON] = { .type = NLA_U8 },
		[STOCKADE_COUNTER_VERDICT] = { .type = NLA_U8 },
		[STOCKADE_COUNTER_PACKETS] = { .type = NLA_U64 },
	};
	struct nlattr *tb[STOCKADE_COUNTER_MAX + 1];

	if (attr_parse(tb, STOCKADE_COUNTER_MAX, nest, policy, "counter", err))
		return -EBADMSG;
	*out = (struct stnl_counter){
		.door = attr_u8(tb[STOCKADE_COUNTER_DOOR]),
		.reason = attr_u8(tb[STOCKADE_COUNTER_REASON]),
		.verdict = attr_u8(tb[STOCKADE_COUNTER_VERDICT]),
		.packets = attr_u64(tb[STOCKADE_COUNTER_PACKETS]),
	};
	return 0;
}

int decode_subject_counters(const struct nlattr *nest, struct stnl_subject_counters *out, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_SUBJECT_MAX + 1] = {
		[STOCKADE_SUBJECT_ID] = { .type = NLA_U32 },
		[STOCKADE_SUBJECT_NAME] = { .type = NLA_STRING },
		[STOCKADE_SUBJECT_COUNTERS] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[STOCKADE_SUBJECT_MAX + 1], *c[STOCKADE_SUBJECT_C_MAX + 1];

	if (attr_parse(tb, STOCKADE_SUBJECT_MAX, nest, policy, "subject", err))
		return -EBADMSG;
	*out = (struct stnl_subject_counters){ .id = attr_u32(tb[STOCKADE_SUBJECT_ID]) };
	attr_strcpy(tb[STOCKADE_SUBJECT_NAME], out->name, sizeof(out->name));
	if (!tb[STOCKADE_SUBJECT_COUNTERS])
		return 0;
	if (attr_parse(c, STOCKADE_SUBJECT_C_MAX, tb[STOCKADE_SUBJECT_COUNTERS], NULL, "counters of a subject", err))
		return -EBADMSG;
	for (int i = STOCKADE_SUBJECT_C_EGRESS_ALLOWED; i <= STOCKADE_SUBJECT_C_MAX; i++)
		out->c[i] = attr_u64(c[i]);
	return 0;
}

int decode_flow(const struct nlattr *nest, struct stnl_flow *out, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_FLOW_MAX + 1] = {
		[STOCKADE_FLOW_OPENER] = { .type = NLA_UNSPEC },
		[STOCKADE_FLOW_TARGET] = { .type = NLA_UNSPEC },
		[STOCKADE_FLOW_PROTO] = { .type = NLA_U8 },
		[STOCKADE_FLOW_PORT] = { .type = NLA_U16 },
	};
	struct nlattr *tb[STOCKADE_FLOW_MAX + 1];
	struct stnl_flow flow;

	if (attr_parse(tb, STOCKADE_FLOW_MAX, nest, policy, "flow", err) ||
	    attr_ip(tb[STOCKADE_FLOW_OPENER], &flow.opener, "flow's opener", err) ||
	    attr_ip(tb[STOCKADE_FLOW_TARGET], &flow.target, "flow's target", err))
		return -EBADMSG;
	flow.proto = attr_u8(tb[STOCKADE_FLOW_PROTO]);
	flow.port = attr_u16(tb[STOCKADE_FLOW_PORT]);
	*out = flow;
	return 0;
}

int decode_verdict(const struct nlattr *nest, struct stnl_verdict *out, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_VERDICT_A_MAX + 1] = {
		[STOCKADE_VERDICT_A_DOOR] = { .type = NLA_U8 },
		[STOCKADE_VERDICT_A_VERDICT] = { .type = NLA_U8 },
		[STOCKADE_VERDICT_A_REASON] = { .type = NLA_U8 },
		[STOCKADE_VERDICT_A_RULE] = { .type = NLA_U32 },
		[STOCKADE_VERDICT_A_RULE_NAME] = { .type = NLA_STRING },
		[STOCKADE_VERDICT_A_TIER] = { .type = NLA_U8 },
		[STOCKADE_VERDICT_A_SUBJECT] = { .type = NLA_U32 },
		[STOCKADE_VERDICT_A_SUBJECT_NAME] = { .type = NLA_STRING },
		[STOCKADE_VERDICT_A_PEER_IDENTITY] = { .type = NLA_U32 },
	};
	struct nlattr *tb[STOCKADE_VERDICT_A_MAX + 1];

	if (attr_parse(tb, STOCKADE_VERDICT_A_MAX, nest, policy, "verdict", err))
		return -EBADMSG;
	out->door = attr_u8(tb[STOCKADE_VERDICT_A_DOOR]);
	out->verdict = attr_u8(tb[STOCKADE_VERDICT_A_VERDICT]);
	out->reason = attr_u8(tb[STOCKADE_VERDICT_A_REASON]);
	out->tier = attr_u8(tb[STOCKADE_VERDICT_A_TIER]);
	out->rule = attr_u32(tb[STOCKADE_VERDICT_A_RULE]);
	out->subject = attr_u32(tb[STOCKADE_VERDICT_A_SUBJECT]);
	out->peer_identity = attr_u32(tb[STOCKADE_VERDICT_A_PEER_IDENTITY]);
	attr_strcpy(tb[STOCKADE_VERDICT_A_RULE_NAME], out->rule_name, sizeof(out->rule_name));
	attr_strcpy(tb[STOCKADE_VERDICT_A_SUBJECT_NAME], out->subject_name, sizeof(out->subject_name));
	return 0;
}

int decode_drop(const struct nlattr *nest, struct stnl_drop *out, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_DROP_MAX + 1] = {
		[STOCKADE_DROP_FLOW] = { .type = NLA_NESTED },
		[STOCKADE_DROP_VERDICT] = { .type = NLA_NESTED },
		[STOCKADE_DROP_GENERATION] = { .type = NLA_U64 },
		[STOCKADE_DROP_REPLY] = { .type = NLA_FLAG },
		[STOCKADE_DROP_SPORT] = { .type = NLA_U16 },
		[STOCKADE_DROP_TIME] = { .type = NLA_U64 },
		[STOCKADE_DROP_LOST] = { .type = NLA_U32 },
	};
	struct nlattr *tb[STOCKADE_DROP_MAX + 1];

	if (attr_parse(tb, STOCKADE_DROP_MAX, nest, policy, "drop event", err))
		return -EBADMSG;
	if (!tb[STOCKADE_DROP_FLOW] || !tb[STOCKADE_DROP_VERDICT]) {
		err_set(err, "drop event: no flow or no verdict");
		return -EBADMSG;
	}
	if (decode_flow(tb[STOCKADE_DROP_FLOW], &out->flow, err) ||
	    decode_verdict(tb[STOCKADE_DROP_VERDICT], &out->verdict, err))
		return -EBADMSG;
	out->generation = attr_u64(tb[STOCKADE_DROP_GENERATION]);
	out->time_ns = attr_u64(tb[STOCKADE_DROP_TIME]);
	out->lost = attr_u32(tb[STOCKADE_DROP_LOST]);
	out->sport = attr_u16(tb[STOCKADE_DROP_SPORT]);
	out->reply = tb[STOCKADE_DROP_REPLY];
	return 0;
}
