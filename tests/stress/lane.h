/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lane: a thread on a processor of its own that sends packets for each trial (tables.h), of old flows and new
 * ones, and sees what arrives.
 */
#ifndef STRESS_LANE_H
#define STRESS_LANE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include "bed.h"
#include "tables.h"

/* What lanes have in common. */
struct lanes {
	struct bed *bed;
	atomic_bool stop;
	atomic_bool failed;	/* for want of sockets or the like; told */
};

struct lane {
	struct lanes *all;
	unsigned number;
	pthread_t thread;
	int sink[TRIALS][FAMILIES];
	int sender[TRIALS][FAMILIES];
	uint64_t sent[TRIALS], got[TRIALS];
	uint64_t rounds;
};

/* Each returns 0, or -1 with @err. */
int lane_start(struct lane *l, struct lanes *all, unsigned number, struct err *err);
/* After all->stop; its figures are final then. */
void lane_join(struct lane *l);

#endif
