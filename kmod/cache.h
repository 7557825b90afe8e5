/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cache: what the doors last answered for a flow conntrack follows, per CPU.
 *
 * Goal: an established flow costs a few dozen instructions a door, and still every packet obeys
 * the table in force.
 *
 * A line holds the flow's key as conntrack has it, the generation that judged it, and for each door
 * what to count.  It answers only for a packet with the very same key, under a table of the very
 * same generation; so a commit empties all caches by being committed, and a line's
 * pointer into the table is only followed while that table is alive.  Lines sit where the address of the conntrack
 * entry says, one per place: a newer flow pushes out an older one.
 *
 * Only plain permissions that depend on nothing but table and key are remembered.  Denials and what is to be
 * told of take the long way, and so does what hung on whether an address is this node's own, for
 * addresses come and go without a commit.
 *
 * A CPU's lines are touched by that CPU alone, with softirqs off: no lock, no atomics.
 */
#ifndef STK_CACHE_H
#define STK_CACHE_H

#include <linux/hash.h>
#include <linux/percpu.h>
#include <net/netfilter/nf_conntrack.h>
#include "match.h"
#include "stats.h"

#define STK_CACHE_BITS 12

/**
 * struct stk_cache_line - one flow; zero where there is none
 * @opener: ORIGINAL.src as conntrack has it, of either family
 * @target: REPLY.src likewise
 * @tail: what follows the address there: port and family
 * @proto: IP protocol
 * @what: for each door the index of the counter (stats.h) plus one, 0: it was not asked
 * @generation: of the table that judged
 * @counts: for each door the counter of its subject, NULL if none
 */
struct stk_cache_line {
	u64 opener[2];
	u64 target[2];
	u32 tail;
	u8 proto;
	u8 what[STOCKADE_DOORS];
	u64 generation;
	u64 __percpu *counts[STOCKADE_DOORS];
} ____cacheline_aligned;

/* For each CPU its array of lines, or NULL: that CPU has none. */
typedef struct stk_cache_line * __percpu *stk_cache_t;

/*
 * May this context touch its CPU's lines?  Not where softirqs are on (nfqueue
 * sends packets back so), nor under PREEMPT_RT, where softirqs off does not mean alone on this CPU for ever.
 */
static inline bool stk_cache_usable(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && in_softirq();
}

static inline bool stk_cache_same_flow(const struct stk_cache_line *line, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_man *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src;

	BUILD_BUG_ON(sizeof(line->opener) != sizeof(reply->u3));
	BUILD_BUG_ON(sizeof(*reply) != sizeof(reply->u3) + sizeof(line->tail));
	return !memcmp(line->opener, &orig->src.u3, sizeof(line->opener)) &&
	       !memcmp(line->target, &reply->u3, sizeof(line->target)) &&
	       !memcmp(&line->tail, &reply->u, sizeof(line->tail)) &&
	       line->proto == orig->dst.protonum &&
	       !ct->master;
}

static inline struct stk_cache_line *stk_cache_line(stk_cache_t cache, const struct nf_conn *ct)
{
	struct stk_cache_line *lines = this_cpu_read(*cache);

	return lines ? lines + hash_ptr(ct, STK_CACHE_BITS) : NULL;
}

/**
 * stk_cache_allows() - is this packet's flow known to be allowed?
 * @cache: of the table in force
 * @generation: of the same table
 * @ct: the packet's conntrack entry
 * @door: which half of the question
 * @stats: counts the packet if so
 *
 * Context: softirqs off, RCU read side.
 */
static __always_inline bool
stk_cache_allows(stk_cache_t cache, u64 generation, const struct nf_conn *ct,
		 enum stockade_door door, u64 __percpu *stats)
{
	const struct stk_cache_line *line = stk_cache_line(cache, ct);

	if (!line || line->generation != generation || !line->what[door] ||
	    !stk_cache_same_flow(line, ct))
		return false;
	stk_counts_inc(stats, line->what[door] - 1);
	if (line->counts[door])
		stk_counts_inc(line->counts[door], 0);
	return true;
}

/**
 * stk_cache_store() - remember a plain permission
 * @cache: of the table that gave it
 * @generation: of the same table
 * @ct: the packet's conntrack entry
 * @door: which half of the question
 * @v: an allow that depends on table and key alone
 *
 * Context: softirqs off, RCU read side.
 */
void stk_cache_store(stk_cache_t cache, u64 generation, const struct nf_conn *ct,
		     enum stockade_door door, const struct stk_verdict *v);

/* NULL without memory; sleeps.  Call stk_cache_fill() before use. */
stk_cache_t stk_cache_alloc(void);
/* Lines for each CPU that is online and has none; 0 or -ENOMEM.  Sleeps; one caller at a time. */
int stk_cache_fill(stk_cache_t cache);
/* NULL is fine.  Nobody may be looking any more. */
void stk_cache_free(stk_cache_t cache);

#endif
