// SPDX-License-Identifier: GPL-2.0
/* stats: packets judged in a namespace, by door, reason and verdict. */
#include "stats.h"

u64 __percpu *stk_stats_alloc(void)
{
	return stk_counts_alloc(STK_STATS_WORDS);
}

void stk_stats_free(u64 __percpu *stats)
{
	stk_counts_free(stats, STK_STATS_WORDS);
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
	struct stk_kept kept = {
		.serial = serial,
		.pair = stk_stats_pair(v[STOCKADE_DOOR_EGRESS].reason, v[STOCKADE_DOOR_INGRESS].reason),
	};
	int door;

	BUILD_BUG_ON(STK_STATS_WORDS > U16_MAX);
	for (door = 0; door < STOCKADE_DOORS; door++) {
		const struct stk_subject *subject = v[door].subject;

		kept.counts[door] = subject ?
				    stk_subject_counter(subject, door, v[door].verdict) :
				    stats + STK_STATS_NOBODY;
	}
	return kept;
}

/* What was let through for this reason, whatever the other door's. */
static u64 sum_pairs(u64 __percpu *stats, u8 door, u8 reason)
{
	u8 other;
	u64 sum = 0;

	for (other = 0; other < STOCKADE_REASONS; other++)
		sum += stk_counts_sum(stats + (door == STOCKADE_DOOR_EGRESS ?
					       stk_stats_pair(reason, other) :
					       stk_stats_pair(other, reason)), door);
	return sum;
}

void stk_stats_read(u64 __percpu *stats, unsigned int i, struct stk_stat *out)
{
	out->packets = stk_counts_sum(stats, i);
	i--;
	out->verdict = i % STK_VERDICTS;
	out->reason = i / STK_VERDICTS % STOCKADE_REASONS;
	out->door = i / STK_VERDICTS / STOCKADE_REASONS;
	if (out->verdict == STOCKADE_VERDICT_ALLOW)
		out->packets += sum_pairs(stats, out->door, out->reason);
}
