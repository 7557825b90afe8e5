/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lines: the tab separated files of a case.
 */
#ifndef NETNS_LINES_H
#define NETNS_LINES_H

#include "scene.h"

enum lines_kind {
	LINES_PROBES,	/* expect.tsv: the case format, no more */
	LINES_EXTRA,	/* extra.tsv: other protocols, other dresses, the verdict refuse */
	LINES_FLOWS,	/* flows.tsv: pass or cut */
};

/* Adds the lines of @path, if it is there, to @out; @name is what messages and lines call it. */
int lines_read(struct lines *out, const char *path, const char *name, enum lines_kind kind, struct err *err);
void lines_free(struct lines *l);

#endif
