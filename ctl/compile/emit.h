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
	struct verdicts *verdicts;
	const uint32_t *subjects;	/* emit_subject_ids() */
};
/* The ids of the local pods, by their names; to be freed. */
uint32_t *emit_subject_ids(const struct policies *p);
/* Gives each live class its id; false: some class had another before, and all keep what they had. */
bool emit_identities(const struct emit *e);
/* The table without its endpoints; live classes have their ids. */
struct table *emit_table(const struct emit *e);

#endif
