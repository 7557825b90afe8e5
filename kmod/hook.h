/* SPDX-License-Identifier: GPL-2.0 */
/* hook: the two doors as netfilter hooks. */
#ifndef STK_HOOK_H
#define STK_HOOK_H

#include "match.h"
#include "net.h"

/* Templates: net.c gives each namespace its copy, with .priv its struct stk_net. */
extern const struct nf_hook_ops stk_hook_ops[STK_NET_HOOKS];

/**
 * stk_hook_judge() - what a door answers about a flow, here and now
 * @net: the namespace
 * @snap: its table in force
 * @key: the flow, no HERE flags set
 * @door: which half of the question
 *
 * Context: RCU read side.
 */
struct stk_verdict stk_hook_judge(struct net *net, const struct stk_snapshot *snap,
				  const struct stk_key *key, enum stockade_door door);

/* What a door answers where there is no table. */
struct stk_verdict stk_hook_no_table(enum stockade_door door);

#endif
