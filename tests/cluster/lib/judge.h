/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge: whether two models come to the same tables, node by node.
 */
#ifndef CLUSTER_JUDGE_H
#define CLUSTER_JUDGE_H

#include "compile/compile.h"
#include "model/model.h"

/* The digest of @node's table, as the kernel would come to it. */
uint64_t judge_digest(const struct model *m, struct compile_options o, const char *node);
/* Adds to @m, or replaces, what a file of manifests says; fails the test on any mistake in it. */
void judge_load(struct model *m, const char *path);
/* The first node whose tables differ (a name of one of the models); NULL: none. */
const char *judge_differs(const struct model *a, const struct model *b, const struct compile_options *o);
/* A case's flags file, if there is one, into @o. */
void judge_read_flags(const char *path, struct compile_options *o);

#endif
