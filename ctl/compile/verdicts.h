/* SPDX-License-Identifier: GPL-2.0 */
/*
 * verdicts: what each local pod's doors say to each live class, as drafts of programs.  A draft
 * gives every class a step function; equal functions and equal drafts are one.
 */
#ifndef COMPILE_VERDICTS_H
#define COMPILE_VERDICTS_H

#include "classes.h"

struct verdicts {
	const struct policies *policies;
	const struct ports *ports;
	struct perimeter *perimeter;
	const struct classes *classes;
	const struct wordset *sets;	/* of groups */
	struct rules *rules;
	struct arena *arena;
	struct wordset steps;	/* struct stockade_step as two words each; verdicts hold handles */
	struct wordset drafts;	/* by live class: number of its steps.  0, the empty one: no program, all allowed */
	struct wordset inputs;	/* what a draft was made from, */
	uint32_t *made;		/* and the draft: pods of one workload ask for the same */
	size_t n_made, cap_made;
	uint32_t allow_all;	/* number of the steps that allow everything */
	uint32_t gate_handles[STOCKADE_DOORS];	/* names of the perimeter's denials */
};
/* The first seven members are set. */
void verdicts_init(struct verdicts *v);
void verdicts_free(struct verdicts *v);
/* The draft of local pod @local at @door. */
uint32_t verdicts_draft(struct verdicts *v, uint32_t local, enum stockade_door door);

#endif
