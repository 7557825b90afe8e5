/* SPDX-License-Identifier: GPL-2.0 */
/*
 * members: which groups' selectors select a pod.
 *
 * Asked for pod after pod in the model's order, so that what holds for a whole namespace
 * is found once, and within it what holds for all pods that agree on the
 * labels some selector asks for.
 */
#ifndef COMPILE_MEMBERS_H
#define COMPILE_MEMBERS_H

#include "peers.h"

struct members {
	const struct model *model;
	const struct peers *peers;
	struct wordset *sets;
	uint32_t *selectors;	/* atoms that are not blocks */
	size_t n_selectors;
	const char *ns;		/* the namespace at hand; what follows is about it */
	uint32_t *candidates;	/* atoms whose pods may be in it */
	size_t n_candidates;
	const char **keys;	/* labels they ask for, by address */
	size_t n_keys, cap_keys;
	struct arena memo_arena;
	struct wordset memo;	/* label values met */
	uint32_t *memo_sets;	/* and the sets they led to; ~0: not yet */
	size_t n_memo;
	uint32_t *values;	/* scratch */
	size_t n_values, cap_values;
};

void members_init(struct members *m, const struct model *model, const struct peers *peers, struct wordset *sets);
void members_free(struct members *m);
/* Namespaces may have other labels now. */
void members_renew(struct members *m);
/* The set of groups that select @p, numbered by the wordset given. */
uint32_t members_set(struct members *m, const struct pod *p);

#endif
