/* SPDX-License-Identifier: GPL-2.0 */
/*
 * emit: from drafts, classes and handles to the table, with ids made of content.
 */
#ifndef COMPILE_EMIT_H
#define COMPILE_EMIT_H

#include "addresses.h"
#include "verdicts.h"

struct emit {
	const struct compile_options *options;
	const struct model *model;
	const struct policies *policies;
	const struct peers *peers;
	const struct ports *ports;
	const struct perimeter *perimeter;
	const struct ranges *ranges;
	const struct wordset *sets;
	struct classes *classes;
	const struct addresses *addresses;
	struct verdicts *verdicts;
	struct rules *rules;
};
struct table *emit_table(struct emit *e);

#endif
