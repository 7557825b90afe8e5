// SPDX-License-Identifier: GPL-2.0
/* stats: packets judged in a namespace, by door, reason and verdict. */
#include "stats.h"

u64 __percpu *stk_stats_alloc(void)
{
	return stk_counts_alloc(STK_STATS);
}

void stk_stats_free(u64 __percpu *stats)
{
	stk_counts_free(stats, STK_STATS);
}

void stk_stats_count(u64 __percpu *stats, enum stockade_door door, const struct stk_verdict *v)
{
	stk_counts_inc(stats, stk_stats_index(door, v->reason, v->verdict));
	if (v->subject)
		stk_subject_count(v->subject, door, v->verdict);
}

struct stk_kept stk_stats_keep(u64 __percpu *stats, u64 serial,
			       const struct stk_verdict v[STOCKADE_DOORS])
{
	struct stk_kept kept = { .serial = serial };
	int door;

	BUILD_BUG_ON(STK_STATS > U8_MAX);
	for (door = 0; door < STOCKADE_DOORS; door++) {
		const struct stk_subject *subject = v[door].subject;

		kept.stat[door] = stk_stats_index(door, v[door].reason, v[door].verdict);
		kept.counts[door] = subject ?
				    stk_subject_counter(subject, door, v[door].verdict) :
				    stats + STK_STATS_NOBODY;
	}
	return kept;
}

void stk_stats_read(u64 __percpu *stats, unsigned int i, struct stk_stat *out)
{
	out->packets = stk_counts_sum(stats, i);
	i--;
	out->verdict = i % STK_VERDICTS;
	out->reason = i / STK_VERDICTS % STOCKADE_REASONS;
	out->door = i / STK_VERDICTS / STOCKADE_REASONS;
}
