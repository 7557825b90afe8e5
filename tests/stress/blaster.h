/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blaster: a thread that sends packets for every trial (tables.h) as fast as it can, whatever becomes of them.
 */
#ifndef STRESS_BLASTER_H
#define STRESS_BLASTER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include "bed.h"
#include "tables.h"

struct blaster {
	pthread_t thread;
	atomic_bool stop;
	int fd[TRIALS][FAMILIES];
	uint64_t sent;
};

/* In @bed, which may go while packets are still sent.  0, or -1 with @err. */
int blaster_start(struct blaster *b, struct bed *bed, struct err *err);
void blaster_stop(struct blaster *b);

#endif
