/* SPDX-License-Identifier: GPL-2.0 */
/*
 * event: denials told on a multicast group, no faster than a token bucket allows.
 */
#ifndef STK_EVENT_H
#define STK_EVENT_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include "key.h"
#include "match.h"

struct stk_net;
struct stk_table;

/**
 * struct stk_events - a namespace's token bucket
 * @lock: protects @tokens and @filled; only ever tried, so a flood of denials does not queue for it
 * @tokens: events that may be told at once
 * @filled: jiffies when @tokens was last topped up
 * @lost: events not told since the namespace was born
 * @lost_told: how many of them the last event spoke of; @lock
 */
struct stk_events {
	spinlock_t lock;	/* see above */
	u32 tokens;
	unsigned long filled;
	atomic64_t lost;
	u64 lost_told;
};

/**
 * struct stk_event - a packet that was denied, or would have been
 * @table: that judged it, NULL if there was none
 * @key: its flow; all zero if none could be read
 * @verdict: with the subject of @table
 * @door: enum stockade_door
 * @origin: see there
 */
struct stk_event {
	const struct stk_table *table;
	const struct stk_key *key;
	const struct stk_verdict *verdict;
	u8 door;
	struct stk_origin origin;
};

void stk_events_init(struct stk_events *e);

/* Would an event be heard?  Any context. */
bool stk_events_wanted(const struct stk_net *sn);

/* Tells it, or counts it as lost.  RCU read side and softirqs off; never sleeps. */
void stk_event_tell(struct stk_net *sn, const struct stk_event *event);

/* Module parameters. */
extern unsigned int stk_events_per_second;
extern unsigned int stk_events_burst;

#endif
