/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compile: the cluster's objects to one node's policy table.  Pure and
 * deterministic: no I/O, no clock (the time certificates are judged at is an option).
 */
#ifndef COMPILE_COMPILE_H
#define COMPILE_COMPILE_H

#include <time.h>
#include "../base/err.h"
#include "../model/model.h"
#include "table.h"

enum perimeter_mode { PERIMETER_OFF, PERIMETER_AUDIT, PERIMETER_ENFORCE };

struct compile_options {
	const char *node;		/* --node; need not exist in the model */
	enum perimeter_mode perimeter;	/* default; a namespace's label stockade.io/perimeter overrides */
	uint16_t overlay_ports[STOCKADE_CONFIG_OVERLAY_PORTS_MAX];
	size_t n_overlay_ports;
	uint8_t deny;			/* enum stockade_deny_mode */
	uint8_t unknown;		/* enum stockade_unknown_mode */
	time_t now;			/* for P3 */
};
/* 4789, 6081, 8472; audit; drop; drop. */
void compile_options_init(struct compile_options *o);

/* The table of @o->node; the caller frees it.  Cannot fail on any model that decoded. */
struct table *compile_table(const struct model *m, const struct compile_options *o);

#endif
