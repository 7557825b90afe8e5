/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reader: a thread that asks the kernel over netlink while tables A and B (tables.h) take turns.  JUDGE must say of each
 * trial what both say; a dump, which is of one generation, must be all A or all B.
 */
#ifndef STRESS_READER_H
#define STRESS_READER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include "bed.h"
#include "nl/stnl.h"

struct reader {
	struct bed *bed;
	const struct table *table[2];
	struct stnl *nl;
	pthread_t thread;
	atomic_bool stop;
	uint64_t judged, misjudged, dumps, bad_dumps;
	struct err err;		/* what ended it early, "": nothing */
};

/* @a and @b must outlive it.  0, or -1 with @err. */
int reader_start(struct reader *r, struct bed *bed, const struct table *a, const struct table *b, struct err *err);
/* Its figures are final then; its socket stays for whoever wants to ask more. */
void reader_stop(struct reader *r);
void reader_free(struct reader *r);

#endif
