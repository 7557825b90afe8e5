/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pace: when changes are applied.  One that comes alone is, nearly at once; of a stream, as many as come
 * in between together.  What an application takes, a few times as long passes before the next, so that no stream takes
 * more than a part of a processor; but no change waits longer than PACE_MAX_MS for that.
 */
#ifndef DAEMON_PACE_H
#define DAEMON_PACE_H

#include <stdint.h>

#define PACE_GATHER_MS 2	/* what comes together, often comes in pieces */
#define PACE_SPACE_MS 8		/* between two applications: each is a new generation to every flow */
#define PACE_REST 3		/* times as long as the last one took */
#define PACE_MAX_MS 100

/* Begins as { 0 }.  Times are milliseconds of one clock. */
struct pace {
	int64_t not_before;
};

/* When a change of @now is to be applied, if none before it waits already. */
int64_t pace_next(const struct pace *p, int64_t now);
/* An application that took @took_ms has ended. */
void pace_applied(struct pace *p, int64_t now, int64_t took_ms);

#endif
