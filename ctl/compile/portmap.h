/* SPDX-License-Identifier: GPL-2.0 */
/*
 * portmap: step functions over (protocol << 16 | port), as the ABI has them.  Verdict
 * words hold the handles of rules (rules.h) until the table is written.
 */
#ifndef COMPILE_PORTMAP_H
#define COMPILE_PORTMAP_H

#include <linux/stockade.h>
#include "intern.h"

#define PORTS_ALL_TO STOCKADE_STEP_FROM_MAX	/* 0 .. this: every protocol and port */

struct interval {
	uint32_t from, to;	/* inclusive */
	uint32_t verdict;
};
struct intervals {
	struct interval *v;
	size_t n, cap;
};
struct steps {
	struct stockade_step *v;
	size_t n, cap;
};

/* From @from on, to the next step, @verdict; called in ascending order.  A step that changes nothing is left out. */
void steps_push(struct steps *s, uint32_t from, uint32_t verdict);
void intervals_add(struct intervals *s, uint32_t from, uint32_t to, uint32_t verdict);
/* Every port of @proto. */
void intervals_add_proto(struct intervals *s, uint8_t proto, uint32_t verdict);

/* @out: the verdict of the first of the intervals that holds a port, @rest where none does. */
void portmap_paint(const struct interval *v, size_t n, uint32_t rest, struct steps *out);
/*
 * @out: two tiers that must both allow.  What @policy denies stays denied by it; what it allows, the
 * @gate may deny (or would).  Where both allow, the policy's rule is named, the gate's where that has none.
 */
void portmap_gate(const struct steps *policy, const struct steps *gate, struct steps *out);
/* The verdict word for @at. */
uint32_t portmap_at(const struct stockade_step *v, size_t n, uint32_t at);

#endif
