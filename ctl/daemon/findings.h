/* SPDX-License-Identifier: GPL-2.0 */
/*
 * findings: what the audit says of the objects at hand, as metrics.
 *
 * An audit looks at every node's table, which in a large cluster takes minutes and more, and the daemon has one thread.
 * So it is made in a child process, of the objects as they were when it was forked: begun when somebody asks for metrics
 * and objects have changed, never for more than a twentieth of the time, with low priority, and given up when it
 * takes more than AUDIT_CPU_S or AUDIT_MB.  A small cluster's is there when it is asked for.
 */
#ifndef DAEMON_FINDINGS_H
#define DAEMON_FINDINGS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include "../audit/audit.h"
#include "loop.h"

#define AUDIT_CPU_S 30
#define AUDIT_MB 64		/* on top of what the daemon has */
#define AUDIT_WAIT_MS 5		/* how long whoever asks waits for it */

/* What the child sends. */
struct findings_result {
	unsigned count[AUDIT_RULES][SEVERITY_ERROR + 1], suppressed;
};

/* Begins as { 0 }. */
struct findings {
	struct findings_result result;
	bool made;		/* there is a result, of when .of was begun */
	double of;
	pid_t child;		/* at work; 0: none */
	int fd;			/* where its result comes from */
	uint64_t changes;	/* of the source, when the last child was begun */
	double begun, took;	/* seconds, CLOCK_MONOTONIC */
	unsigned failed;	/* children that came to no result */
};

/* Samples of stockade_audit_findings; none before a table is in force and an audit was made. */
void findings_put(struct findings *s, const struct loop *loop, FILE *f);
/* Ends the child, if there is one. */
void findings_end(struct findings *s);

#endif
