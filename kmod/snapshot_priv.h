/* SPDX-License-Identifier: GPL-2.0 */
/* snapshot_priv: what a snapshot is made of, for the judge, the hook and snapshot*.c. */
#ifndef STK_SNAPSHOT_PRIV_H
#define STK_SNAPSHOT_PRIV_H

#include "blocks.h"
#include "config.h"
#include "endpoints.h"
#include "index.h"
#include "program.h"
#include "rule.h"
#include "snapshot.h"
#include "subject.h"

/**
 * struct stk_snapshot - one generation, or a candidate for one
 * @generation: 0 in a candidate
 * @endpoints: address -> identity, slot, flags
 * @slots: slot -> subject; NULL while there never was one
 * @ranges: blocks, flattened; stale in a candidate with @blocks_touched
 * @config: options; never NULL
 * @refs: the namespace's, dumps', the transaction's
 * @blocks_touched: the list differs from what @ranges was built from (candidates only)
 * @blocks: the list, for dumps and changes
 * @subjects: by id; users are endpoints
 * @programs: by id; users are subjects, each door one
 * @rules: by id
 * @steps: steps and identities in all programs
 * @digest: sum of the objects' digests
 * @limits: what may not be passed
 *
 * A candidate has one owner and no readers.  From stk_snapshot_seal() on, all
 * but @refs is immutable; each pointer holds one reference on its part.
 */
struct stk_snapshot {
	/* Read for every verdict. */
	u64 generation;
	struct stk_endpoints *endpoints;
	struct stk_slots *slots;
	struct stk_ranges *ranges;
	struct stk_config *config;
	/* Read by transactions and dumps. */
	refcount_t refs;
	bool blocks_touched;
	struct stk_block_list *blocks;
	struct stk_index *subjects;
	struct stk_index *programs;
	struct stk_index *rules;
	u32 steps;
	u64 digest;
	struct stk_limits limits;
};

static inline u64 stk_snapshot_generation(const struct stk_snapshot *snap)
{
	return snap->generation;
}

/* enum stockade_deny_mode */
static inline u8 stk_snapshot_deny_mode(const struct stk_snapshot *snap)
{
	return snap->config->deny;
}

#endif
