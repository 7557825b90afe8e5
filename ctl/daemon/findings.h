/* SPDX-License-Identifier: GPL-2.0 */
/*
 * findings: what the audit says of the objects at hand, as metrics.
 *
 * An audit of a large cluster takes a while, in the one thread there is: it is made when somebody asks for
 * metrics and objects have changed, and never takes more than a twentieth of the time.
 */
#ifndef DAEMON_FINDINGS_H
#define DAEMON_FINDINGS_H

#include <stdbool.h>
#include <stdio.h>
#include "../audit/audit.h"
#include "loop.h"

struct findings {
	bool made;
	uint64_t changes;	/* of the source, when it was made */
	double at, took;	/* seconds, CLOCK_MONOTONIC */
	unsigned count[AUDIT_RULES][SEVERITY_ERROR + 1], suppressed;
};

/* Samples of stockade_audit_findings; none before a table is in force. */
void findings_put(struct findings *s, const struct loop *loop, FILE *f);

#endif
