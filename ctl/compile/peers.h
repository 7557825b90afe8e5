/* SPDX-License-Identifier: GPL-2.0 */
/*
 * peers: who the rules speak of.  An atom is one peer of a rule (an ipBlock, or pods by
 * selectors), a group is the peers of one rule together.  Equal ones, in
 * whatever policy they stand, are one: rules tell two addresses apart only by the groups
 * they belong to, so the set of its groups is what makes an address's class.
 *
 * Atoms and groups keep their numbers, also while no rule has them.
 */
#ifndef COMPILE_PEERS_H
#define COMPILE_PEERS_H

#include "../model/model.h"
#include "intern.h"

#define GROUP_ANY UINT32_MAX	/* a rule without peers: everyone */

struct peer_atom {
	const struct policy_peer *peer;	/* what it says, a copy */
	const char *ns;		/* the namespace of its pods; NULL: those its namespaceSelector selects, or a block */
	const char *text;	/* what it says, canonically */
	uint64_t hash;
	uint32_t *groups;	/* in use, that it belongs to */
	size_t n_groups, cap_groups;
};

struct peers {
	struct arena *arena;
	struct peer_atom *atoms;
	size_t n_atoms, cap_atoms;
	struct index index;	/* atoms by text */
	struct wordset groups;	/* groups as sets of atoms; group g is set g (0, the empty one, is no rule's) */
	struct peer_group {
		uint64_t hash;	/* made of content alone */
		bool used, was;	/* by some rule; before peers_renew() */
	} *info;
	size_t cap_info;
};

void peers_init(struct peers *p, struct arena *arena);
void peers_free(struct peers *p);
/* No group is in use, until a rule has it. */
void peers_renew(struct peers *p);
/* The group of the peers of rule @r of a policy in namespace @ns (interned); GROUP_ANY if it has none. */
uint32_t peers_group(struct peers *p, const char *ns, const struct policy_rule *r);
/* The groups that @kept says, by group, are in use, no others: rules may be left that have others. */
void peers_keep(struct peers *p, const bool *kept);

#endif
