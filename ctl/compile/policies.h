/* SPDX-License-Identifier: GPL-2.0 */
/*
 * policies: the pods of this node, and the NetworkPolicies that select them.  No other
 * policy says anything about this node.
 */
#ifndef COMPILE_POLICIES_H
#define COMPILE_POLICIES_H

#include <linux/stockade.h>
#include "peers.h"
#include "ports.h"
#include "rules.h"

/* A rule of a policy; which way it speaks of is said by the door it is kept under. */
struct policy_use {
	const struct policy_rule *rule;
	uint32_t group;		/* of its peers, or GROUP_ANY */
	uint32_t handle;	/* its name */
};

struct policy {
	const struct networkpolicy *np;
	struct policy_door {
		bool isolates;
		uint32_t handle;	/* name of its isolating */
		struct policy_use *uses;
		unsigned n;
	} doors[STOCKADE_DOORS];
};

struct local {
	const struct pod *pod;
	struct words policies;	/* that select it, in order of name; indexes of struct policies */
};

struct policies {
	struct arena *arena;
	struct rules *rules;
	struct peers *peers;
	struct ports *ports;
	struct policy *v;
	size_t n, cap;
	struct local *locals;	/* in the model's order */
	size_t n_locals;
};

/*
 * Fills @p, whose first four members are set, and through it the names, the groups and the named ports.  @pods:
 * this node's live ones in the model's order.
 */
void policies_collect(struct policies *p, const struct model *m, const struct pod *const *pods, size_t n);
void policies_free(struct policies *p);

#endif
