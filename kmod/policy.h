/* SPDX-License-Identifier: GPL-2.0 */
/*
 * policy: what the attributes of a PUT, a DEL and a JUDGE may be.
 *
 * The core checks a message against its policy, all levels deep, before we see
 * it.  That an attribute is missing no policy can say: that is a shape's part.
 */
#ifndef STK_POLICY_H
#define STK_POLICY_H

#include <net/netlink.h>
#include "match.h"

/* Top level attributes, by command. */
extern const struct nla_policy stk_put_policy[STOCKADE_A_MAX + 1];
extern const struct nla_policy stk_del_policy[STOCKADE_A_MAX + 1];
extern const struct nla_policy stk_judge_policy[STOCKADE_A_MAX + 1];

/* The highest attribute type of any nest. */
#define STK_SHAPE_MAX 5

/**
 * struct stk_shape - what a nest looks like
 * @policy: its attributes
 * @max: their highest type
 * @repeated: the one type that may stand more than once, 0: none may
 * @required: by type what to say if it is missing, NULL: optional
 */
struct stk_shape {
	const struct nla_policy *policy;
	int max;
	int repeated;
	const char *required[STK_SHAPE_MAX + 1];
};

/* Nests of a PUT. */
extern const struct stk_shape stk_rule_shape;
extern const struct stk_shape stk_program_shape;
extern const struct stk_shape stk_map_shape;
extern const struct stk_shape stk_subject_shape;
extern const struct stk_shape stk_endpoint_shape;
extern const struct stk_shape stk_block_shape;
extern const struct stk_shape stk_config_shape;
/* A pod CIDR, and the key of a block. */
extern const struct stk_shape stk_cidr_shape;
/* Nests of a DEL. */
extern const struct stk_shape stk_rule_key_shape;
extern const struct stk_shape stk_program_key_shape;
extern const struct stk_shape stk_subject_key_shape;
extern const struct stk_shape stk_endpoint_key_shape;
/* The nest of a JUDGE. */
extern const struct stk_shape stk_flow_shape;

#endif
