/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loop: one thread that waits for the source, signals and time, and applies what changed.
 */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include "../model/model.h"
#include "../source.h"
#include "enforce.h"

/* Something else that wants to be polled: the status server. */
struct loop_guest {
	int fd;
	void (*run)(void *ctx);		/* called when fd is readable or the time asked for has come */
	int (*timeout_ms)(void *ctx);	/* -1: none */
	void *ctx;
};

struct loop_stats {
	uint64_t changed, broken;	/* what the source told */
};

struct loop {
	struct source *source;
	struct model *model;
	struct enforce *enforce;
	bool once;			/* leave after the first commit, or the first failure */
	const struct loop_guest *guest;	/* NULL: none */
	struct loop_stats stats;
	/* Called after each compilation whose result is in force; NULL: not wanted. */
	void (*applied)(void *ctx, const struct enforce_result *r);
	void *applied_ctx;
};

/*
 * Runs until SIGTERM or SIGINT (or as .once says).  0 on a signal or after the one commit; -1 with
 * @err if it could not start or the one commit failed.  The table stays in force.
 */
int loop_run(struct loop *l, struct err *err);

#endif
