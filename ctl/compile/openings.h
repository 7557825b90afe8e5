/* SPDX-License-Identifier: GPL-2.0 */
/*
 * openings: which ports of which pods something declares open.
 */
#ifndef COMPILE_OPENINGS_H
#define COMPILE_OPENINGS_H

#include "../model/model.h"
#include "portmap.h"

struct openings {
	struct opening {
		const char *ns, *name;	/* of the pod, interned: the pod itself may be replaced */
		struct intervals open;	/* verdicts name the rule that declares */
	} *v;
	size_t n, cap;
	struct index index;
};
void openings_free(struct openings *o);
/* A port of @pod, or every one of its protocol, is open; rule @handle says so. */
void openings_add_port(struct openings *o, const struct pod *pod, const struct slice_port *port, uint32_t handle);
/* Everything of @pod is. */
void openings_add_all(struct openings *o, const struct pod *pod, uint32_t handle);
/* What is open of @pod; NULL: nothing. */
const struct intervals *openings_of(const struct openings *o, const struct pod *pod);

/*
 * Openings as step functions: allow with the rule that declares, and OPENING_SHUT elsewhere, which whoever uses
 * them replaces by what being shut means to it.  Interned, so that equal ones are one number; 0: nothing is open.
 */
#define OPENING_SHUT STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0)
uint32_t openings_paint(struct wordset *lists, const struct intervals *open);
/* The steps of list @number, with @shut for OPENING_SHUT. */
void openings_steps(const struct wordset *lists, uint32_t number, uint32_t shut, struct steps *out);

#endif
