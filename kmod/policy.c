// SPDX-License-Identifier: GPL-2.0
/* policy: what the attributes of a PUT, a DEL and a JUDGE may be. */
#include "policy.h"

/* Not const: nla_policy has no const range before 6.8. */
static struct netlink_range_validation rule_id_range = {
	.min = 1,
	.max = STOCKADE_RULE_ID_MAX,
};

static const struct nla_policy rule_policy[STOCKADE_RULE_MAX + 1] = {
	[STOCKADE_RULE_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &rule_id_range),
	[STOCKADE_RULE_TIER] = NLA_POLICY_RANGE(NLA_U8, STOCKADE_TIER_NETWORKPOLICY,
						STOCKADE_TIER_PERIMETER),
	[STOCKADE_RULE_NAME] = { .type = NLA_NUL_STRING, .len = STOCKADE_RULE_NAME_MAX },
};

static const struct nla_policy map_policy[STOCKADE_MAP_MAX + 1] = {
	[STOCKADE_MAP_IDENTITIES] = NLA_POLICY_MIN_LEN(sizeof(u32)),
	[STOCKADE_MAP_STEPS] = NLA_POLICY_MIN_LEN(sizeof(struct stockade_step)),
	[STOCKADE_MAP_MORE] = { .type = NLA_FLAG },
};

static const struct nla_policy program_policy[STOCKADE_PROGRAM_MAX + 1] = {
	[STOCKADE_PROGRAM_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[STOCKADE_PROGRAM_MAP] = NLA_POLICY_NESTED(map_policy),
	[STOCKADE_PROGRAM_MORE] = { .type = NLA_FLAG },
};

static const struct nla_policy subject_policy[STOCKADE_SUBJECT_MAX + 1] = {
	[STOCKADE_SUBJECT_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[STOCKADE_SUBJECT_NAME] = { .type = NLA_NUL_STRING, .len = STOCKADE_SUBJECT_NAME_MAX },
	[STOCKADE_SUBJECT_INGRESS] = { .type = NLA_U32 },
	[STOCKADE_SUBJECT_EGRESS] = { .type = NLA_U32 },
	[STOCKADE_SUBJECT_COUNTERS] = { .type = NLA_REJECT,
					.reject_message = "SUBJECT_COUNTERS are read only" },
};

#define ENDPOINT_FLAGS (STOCKADE_ENDPOINT_F_NODE | STOCKADE_ENDPOINT_F_OWN_NODE)

static const struct nla_policy endpoint_policy[STOCKADE_ENDPOINT_MAX + 1] = {
	[STOCKADE_ENDPOINT_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[STOCKADE_ENDPOINT_IDENTITY] = NLA_POLICY_MIN(NLA_U32, 1),
	[STOCKADE_ENDPOINT_SUBJECT] = { .type = NLA_U32 },
	[STOCKADE_ENDPOINT_FLAGS] = NLA_POLICY_MASK(NLA_U32, ENDPOINT_FLAGS),
};

static const struct nla_policy block_policy[STOCKADE_BLOCK_MAX + 1] = {
	[STOCKADE_BLOCK_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[STOCKADE_BLOCK_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[STOCKADE_BLOCK_IDENTITY] = { .type = NLA_U32 },
};

/* A block's key: what names it in a DEL, and what a pod CIDR is. */
static const struct nla_policy cidr_policy[STOCKADE_BLOCK_MAX + 1] = {
	[STOCKADE_BLOCK_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[STOCKADE_BLOCK_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128),
	[STOCKADE_BLOCK_IDENTITY] = { .type = NLA_REJECT,
				      .reject_message = "BLOCK_IDENTITY has no place here" },
};

static const struct nla_policy config_policy[STOCKADE_CONFIG_MAX + 1] = {
	[STOCKADE_CONFIG_CIDR] = NLA_POLICY_NESTED(cidr_policy),
	[STOCKADE_CONFIG_OVERLAY_PORTS] = {
		.type = NLA_BINARY,
		.len = STOCKADE_CONFIG_OVERLAY_PORTS_MAX * sizeof(u16),
	},
	[STOCKADE_CONFIG_DENY] = NLA_POLICY_MAX(NLA_U8, STOCKADE_DENY_REJECT),
	[STOCKADE_CONFIG_UNKNOWN] = NLA_POLICY_MAX(NLA_U8, STOCKADE_UNKNOWN_ACCEPT),
};

const struct nla_policy stk_put_policy[STOCKADE_A_MAX + 1] = {
	[STOCKADE_A_RULE] = NLA_POLICY_NESTED(rule_policy),
	[STOCKADE_A_PROGRAM] = NLA_POLICY_NESTED(program_policy),
	[STOCKADE_A_SUBJECT] = NLA_POLICY_NESTED(subject_policy),
	[STOCKADE_A_ENDPOINT] = NLA_POLICY_NESTED(endpoint_policy),
	[STOCKADE_A_BLOCK] = NLA_POLICY_NESTED(block_policy),
	[STOCKADE_A_CONFIG] = NLA_POLICY_NESTED(config_policy),
};

#define KEY_ONLY { .type = NLA_REJECT, .reject_message = "a DEL takes keys only" }

static const struct nla_policy rule_key_policy[STOCKADE_RULE_MAX + 1] = {
	[STOCKADE_RULE_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &rule_id_range),
	[STOCKADE_RULE_TIER] = KEY_ONLY,
	[STOCKADE_RULE_NAME] = KEY_ONLY,
};

static const struct nla_policy program_key_policy[STOCKADE_PROGRAM_MAX + 1] = {
	[STOCKADE_PROGRAM_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[STOCKADE_PROGRAM_MAP] = KEY_ONLY,
	[STOCKADE_PROGRAM_MORE] = KEY_ONLY,
};

static const struct nla_policy subject_key_policy[STOCKADE_SUBJECT_MAX + 1] = {
	[STOCKADE_SUBJECT_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[STOCKADE_SUBJECT_NAME] = KEY_ONLY,
	[STOCKADE_SUBJECT_INGRESS] = KEY_ONLY,
	[STOCKADE_SUBJECT_EGRESS] = KEY_ONLY,
	[STOCKADE_SUBJECT_COUNTERS] = KEY_ONLY,
};

static const struct nla_policy endpoint_key_policy[STOCKADE_ENDPOINT_MAX + 1] = {
	[STOCKADE_ENDPOINT_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[STOCKADE_ENDPOINT_IDENTITY] = KEY_ONLY,
	[STOCKADE_ENDPOINT_SUBJECT] = KEY_ONLY,
	[STOCKADE_ENDPOINT_FLAGS] = KEY_ONLY,
};

const struct nla_policy stk_del_policy[STOCKADE_A_MAX + 1] = {
	[STOCKADE_A_RULE] = NLA_POLICY_NESTED(rule_key_policy),
	[STOCKADE_A_PROGRAM] = NLA_POLICY_NESTED(program_key_policy),
	[STOCKADE_A_SUBJECT] = NLA_POLICY_NESTED(subject_key_policy),
	[STOCKADE_A_ENDPOINT] = NLA_POLICY_NESTED(endpoint_key_policy),
	[STOCKADE_A_BLOCK] = NLA_POLICY_NESTED(cidr_policy),
	[STOCKADE_A_CONFIG] = { .type = NLA_REJECT,
				.reject_message = "a CONFIG cannot be deleted" },
};

static const struct nla_policy flow_policy[STOCKADE_FLOW_MAX + 1] = {
	[STOCKADE_FLOW_OPENER] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[STOCKADE_FLOW_TARGET] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[STOCKADE_FLOW_PROTO] = { .type = NLA_U8 },
	[STOCKADE_FLOW_PORT] = { .type = NLA_U16 },
};

const struct nla_policy stk_judge_policy[STOCKADE_A_MAX + 1] = {
	[STOCKADE_A_FLOW] = NLA_POLICY_NESTED(flow_policy),
};

static_assert(STOCKADE_RULE_MAX <= STK_SHAPE_MAX && STOCKADE_PROGRAM_MAX <= STK_SHAPE_MAX &&
	      STOCKADE_MAP_MAX <= STK_SHAPE_MAX && STOCKADE_SUBJECT_MAX <= STK_SHAPE_MAX &&
	      STOCKADE_ENDPOINT_MAX <= STK_SHAPE_MAX && STOCKADE_BLOCK_MAX <= STK_SHAPE_MAX &&
	      STOCKADE_CONFIG_MAX <= STK_SHAPE_MAX && STOCKADE_FLOW_MAX <= STK_SHAPE_MAX);

const struct stk_shape stk_rule_shape = {
	.policy = rule_policy,
	.max = STOCKADE_RULE_MAX,
	.required = {
		[STOCKADE_RULE_ID] = "RULE_ID is missing",
		[STOCKADE_RULE_TIER] = "RULE_TIER is missing",
		[STOCKADE_RULE_NAME] = "RULE_NAME is missing",
	},
};

const struct stk_shape stk_map_shape = {
	.policy = map_policy,
	.max = STOCKADE_MAP_MAX,
};

const struct stk_shape stk_program_shape = {
	.policy = program_policy,
	.max = STOCKADE_PROGRAM_MAX,
	.repeated = STOCKADE_PROGRAM_MAP,
	.required = {
		[STOCKADE_PROGRAM_ID] = "PROGRAM_ID is missing",
		[STOCKADE_PROGRAM_MAP] = "PROGRAM_MAP is missing",
	},
};

const struct stk_shape stk_subject_shape = {
	.policy = subject_policy,
	.max = STOCKADE_SUBJECT_MAX,
	.required = {
		[STOCKADE_SUBJECT_ID] = "SUBJECT_ID is missing",
		[STOCKADE_SUBJECT_NAME] = "SUBJECT_NAME is missing",
	},
};

const struct stk_shape stk_endpoint_shape = {
	.policy = endpoint_policy,
	.max = STOCKADE_ENDPOINT_MAX,
	.required = {
		[STOCKADE_ENDPOINT_ADDR] = "ENDPOINT_ADDR is missing",
		[STOCKADE_ENDPOINT_IDENTITY] = "ENDPOINT_IDENTITY is missing",
	},
};

const struct stk_shape stk_block_shape = {
	.policy = block_policy,
	.max = STOCKADE_BLOCK_MAX,
	.required = {
		[STOCKADE_BLOCK_ADDR] = "BLOCK_ADDR is missing",
		[STOCKADE_BLOCK_PREFIX] = "BLOCK_PREFIX is missing",
		[STOCKADE_BLOCK_IDENTITY] = "BLOCK_IDENTITY is missing",
	},
};

const struct stk_shape stk_cidr_shape = {
	.policy = cidr_policy,
	.max = STOCKADE_BLOCK_MAX,
	.required = {
		[STOCKADE_BLOCK_ADDR] = "BLOCK_ADDR is missing",
		[STOCKADE_BLOCK_PREFIX] = "BLOCK_PREFIX is missing",
	},
};

const struct stk_shape stk_config_shape = {
	.policy = config_policy,
	.max = STOCKADE_CONFIG_MAX,
	.repeated = STOCKADE_CONFIG_CIDR,
};

const struct stk_shape stk_rule_key_shape = {
	.policy = rule_key_policy,
	.max = STOCKADE_RULE_MAX,
	.required = {
		[STOCKADE_RULE_ID] = "RULE_ID is missing",
	},
};

const struct stk_shape stk_program_key_shape = {
	.policy = program_key_policy,
	.max = STOCKADE_PROGRAM_MAX,
	.required = {
		[STOCKADE_PROGRAM_ID] = "PROGRAM_ID is missing",
	},
};

const struct stk_shape stk_subject_key_shape = {
	.policy = subject_key_policy,
	.max = STOCKADE_SUBJECT_MAX,
	.required = {
		[STOCKADE_SUBJECT_ID] = "SUBJECT_ID is missing",
	},
};

const struct stk_shape stk_endpoint_key_shape = {
	.policy = endpoint_key_policy,
	.max = STOCKADE_ENDPOINT_MAX,
	.required = {
		[STOCKADE_ENDPOINT_ADDR] = "ENDPOINT_ADDR is missing",
	},
};

const struct stk_shape stk_flow_shape = {
	.policy = flow_policy,
	.max = STOCKADE_FLOW_MAX,
	.required = {
		[STOCKADE_FLOW_OPENER] = "FLOW_OPENER is missing",
		[STOCKADE_FLOW_TARGET] = "FLOW_TARGET is missing",
		[STOCKADE_FLOW_PROTO] = "FLOW_PROTO is missing",
	},
};
