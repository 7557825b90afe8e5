/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ref_random: random objects, legal or not, put into and taken out of a naive table and a
 * real candidate alike.  Ids, addresses and identities come from small pools, so that
 * objects meet; everything follows from the seed.
 */
#ifndef LIB_REF_RANDOM_H
#define LIB_REF_RANDOM_H

#include "ref_table.h"

struct ref_world {
	u64 rand;
	u32 ids;		/* objects of a kind have ids 0 .. ids */
	u32 identities;		/* peers have identities 0 .. identities */
	u32 n_addrs;
	struct stk_addr *addrs;	/* where endpoints are, and what blocks are cut around */
};

void ref_world_init(struct ref_world *w, u64 seed, u32 ids, u32 identities, u32 n_addrs);
void ref_world_free(struct ref_world *w);

/*
 * One random operation on both.  Fails the test if they disagree about the
 * error, or an error comes without a reason.  -ENOMEM is returned with @t untouched.
 */
int ref_world_op(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand,
		 const struct stk_snapshot *inherit);

/* The same, endpoints only. */
int ref_world_endpoint(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand);

void ref_world_key(struct ref_world *w, struct stk_key *key);

/* What a test is run with: TEST_SEED (default: the time) and TEST_ROUNDS (default @rounds). */
u64 ref_seed(void);
u32 ref_rounds(u32 rounds);

#endif
