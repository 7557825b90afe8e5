/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rules: the names verdicts come from.  While a table is being compiled a rule is a
 * handle, its place in this list; its id is decided once all are known.
 */
#ifndef COMPILE_RULES_H
#define COMPILE_RULES_H

#include "intern.h"

struct rules {
	struct arena *arena;
	struct rule {
		const char *name;
		uint8_t tier;	/* enum stockade_tier */
	} *v;
	size_t n, cap;
	struct index index;
};
void rules_init(struct rules *r, struct arena *arena);
void rules_free(struct rules *r);
/* The handle, 1 .., of the rule of this name; a name too long for the ABI is cut. */
uint32_t rules_add(struct rules *r, uint8_t tier, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
