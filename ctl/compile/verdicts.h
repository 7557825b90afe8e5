/* SPDX-License-Identifier: GPL-2.0 */
/*
 * verdicts: what each local pod's doors say to each live class, as drafts of programs.  A draft
 * gives every class a step function; equal functions and equal drafts are one.
 *
 * The kernel's table is bounded.  Where all drafts would take more than it has, doors are shut, those of the largest
 * drafts first, until the others fit: whoever writes policies without measure pays for it, and nobody else.  So are those
 * whose peers are not all in the table (blocks.h).  Where steps name more rules than it has, some share a name (names.h).
 */
#ifndef COMPILE_VERDICTS_H
#define COMPILE_VERDICTS_H

#include "classes.h"
#include "room.h"

struct verdicts {
	const struct policies *policies;
	const struct ports *ports;
	struct perimeter *perimeter;
	const struct classes *classes;
	const struct wordset *sets;	/* of groups */
	struct rules *rules;
	uint32_t room;		/* of steps and listed identities, for all drafts */
	uint32_t max_names;	/* of rules, at least 2 */

	struct arena arena;	/* of what follows */
	struct wordset steps;	/* struct stockade_step as two words each; verdicts hold handles */
	uint64_t n_steps;	/* in all of these */
	struct wordset drafts;	/* by live class: number of its steps.  0, the empty one: no program, all allowed */
	uint64_t taken;		/* of the room, by these */
	uint32_t allow_all;	/* number of the steps that allow everything */
	uint32_t gate_handles[STOCKADE_DOORS];	/* names of the perimeter's denials */

	struct arena asked_arena;
	struct wordset asked;	/* what drafts are made from: pods of one workload ask for the same */
	uint32_t (*input)[STOCKADE_DOORS];	/* number of it, by local pod */
	struct input *inputs;	/* by number */
	struct taker *takers;	/* likewise; NULL: all drafts fit */
};
/* Makes all drafts; the first eight members are set. */
void verdicts_make(struct verdicts *v);
void verdicts_free(struct verdicts *v);
/* The draft of local pod @local at @door. */
uint32_t verdicts_draft(const struct verdicts *v, uint32_t local, enum stockade_door door);
/* Is that shut for want of room?  Then sets @out->steps and .blocks. */
bool verdicts_shut(const struct verdicts *v, uint32_t local, enum stockade_door door, struct table_closed *out);

#endif
