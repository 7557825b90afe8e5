/* SPDX-License-Identifier: GPL-2.0 */
/*
 * generator: serves a world as the API server does: pages, streaming lists, watches, and from a
 * signal on a steady stream of pod changes.
 */
#ifndef SCALE_GENERATOR_H
#define SCALE_GENERATOR_H

#include <stdatomic.h>
#include <stdint.h>
#include "world.h"

#define CHANGES_MAX 200000

/* Between the generator's process and the one that measures. */
struct scale_shared {
	atomic_int port;
	atomic_uint rate;		/* changes a second; 0: none */
	atomic_uint sent;		/* pod events sent so far */
	uint64_t sent_ns[CHANGES_MAX];	/* CLOCK_MONOTONIC, of each */
};

/* Never returns. */
void generator_run(struct world *w, struct scale_shared *shared) __attribute__((noreturn));

#endif
