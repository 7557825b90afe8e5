/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stats: packets judged in a namespace, by door, reason and verdict.
 *
 * Per-CPU words which any context adds to and nobody resets; a reader adds them up
 * and may see each a little late.
 */
#ifndef STK_STATS_H
#define STK_STATS_H

#include "match.h"
#include "subject.h"

/*
 * The first counter is nobody's: what is to be counted for no subject goes there.  Behind those by door, reason
 * and verdict are pairs, one counter for each door: what both doors allow is counted by both reasons, so
 * that whoever remembers the answers needs to remember one thing.
 */
#define STK_STATS_NOBODY 0
#define STK_STATS (1 + STOCKADE_DOORS * STOCKADE_REASONS * STK_VERDICTS)
#define STK_STATS_WORDS (STK_STATS + STOCKADE_REASONS * STOCKADE_REASONS * STOCKADE_DOORS)

static inline unsigned int stk_stats_index(u8 door, u8 reason, u8 verdict)
{
	return 1 + (door * STOCKADE_REASONS + reason) * STK_VERDICTS + verdict;
}

/* Of the pair's first. */
static inline unsigned int stk_stats_pair(u8 egress, u8 ingress)
{
	return STK_STATS + (egress * STOCKADE_REASONS + ingress) * STOCKADE_DOORS;
}

/* Packets of a door, reason and verdict. */
struct stk_stat {
	u8 door, reason, verdict;
	u64 packets;
};

u64 __percpu *stk_stats_alloc(void);
void stk_stats_free(u64 __percpu *stats);

/**
 * struct stk_kept - what both doors allowed, to be remembered
 * @serial: of the table they asked, which keeps alive what @counts point to; 0: nothing is kept
 * @counts: for each door which counter of its subject goes up, or STK_STATS_NOBODY's
 * @pair: which of the namespace's counters do, stk_stats_pair()
 */
struct stk_kept {
	u64 serial;
	u64 __percpu *counts[STOCKADE_DOORS];
	u16 pair;
};

/* Counts a packet whose answers were remembered; @pair: where they are, @counts: of its @door. */
static __always_inline void stk_stats_count_kept(u64 __percpu *pair, u64 __percpu *counts, int door)
{
	stk_counts_inc(pair, door);
	stk_counts_inc(counts, 0);
}

/* What is kept of the answers @v, by door, of table @serial; @stats: counters of the namespace. */
struct stk_kept stk_stats_keep(u64 __percpu *stats, u64 serial,
			       const struct stk_verdict v[STOCKADE_DOORS]);

/* Counts a packet for its namespace and, if it was judged for one, its subject. */
void stk_stats_count(u64 __percpu *stats, enum stockade_door door, const struct stk_verdict *v);

/* Packets of the index @i (1 .. STK_STATS - 1), judged or let through by what was remembered. */
void stk_stats_read(u64 __percpu *stats, unsigned int i, struct stk_stat *out);

#endif
