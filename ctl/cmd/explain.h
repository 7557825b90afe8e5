/* SPDX-License-Identifier: GPL-2.0 */
/*
 * explain: what the verb's parts share.
 */
#ifndef CMD_EXPLAIN_H
#define CMD_EXPLAIN_H

#include "../compile/why.h"
#include "options.h"
#include "probes.h"

struct explain {
	struct paths paths;	/* none: the live table */
	const char *from, *to;	/* as asked */
	struct probe_proto proto;
	uint16_t port;
	enum output output;
	struct compile_options options;
};

/* One family's walk and what is behind each of its doors. */
struct explained {
	bool v4;
	bool stand_in;		/* some address is made up (model_stand_in()) */
	struct ip opener, target;
	struct walk walk;
	struct why why[2 * STOCKADE_DOORS];
};

/* @n: one or two families.  The text of one of them is left out where it says the same. */
void explain_text(const struct explain *x, const struct explained *v, size_t n);
void explain_json(const struct explain *x, const struct explained *v, size_t n);
/* Ask the kernel's table; CMD_*. */
int explain_live(const struct explain *x);

#endif
