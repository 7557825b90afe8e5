/* SPDX-License-Identifier: GPL-2.0 */
/*
 * traffic: packets that flow all the time, in a process of their own, between pairs of which it is known that
 * they may, or may not, whatever else happens.
 *
 * In each round every pair asks one question, by UDP from a port of its own and from one never used before, and every
 * pair that may also on a TCP connection that stays open.  What may must be answered; where it
 * may not, nothing must even arrive.  The network loses nothing, so a single exception is a wrong verdict.
 */
#ifndef PACKETS_TRAFFIC_H
#define PACKETS_TRAFFIC_H

#include "topo.h"

#define TRAFFIC_PORT 5000

struct traffic;

struct traffic_pair {
	const char *from, *to;	/* as topo_find() takes them; borrowed */
	bool may;
};

/* Counted from the start on. */
struct traffic_seen {
	uint64_t rounds, answered;
	uint64_t unanswered, leaked;	/* what was judged wrongly */
	char first[128];		/* the first of these */
};

/* The ends must stay as they are.  NULL with @err. */
struct traffic *traffic_start(struct topo *t, const struct traffic_pair *v, size_t n, struct err *err);
struct traffic_seen traffic_look(const struct traffic *t);
/* Waits for @n rounds begun after the call.  -1 with @err if they do not come. */
int traffic_wait(struct traffic *t, uint64_t n, struct err *err);
void traffic_stop(struct traffic *t);

#endif
