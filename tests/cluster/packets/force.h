/* SPDX-License-Identifier: GPL-2.0 */
/*
 * force: whether the table in force on each node is the one that some objects come to, by its digest.
 */
#ifndef PACKETS_FORCE_H
#define PACKETS_FORCE_H

#include "compile/compile.h"
#include "topo.h"

/*
 * Waits until it is, on every node of @t; @meanwhile (may be NULL) is called again and again.  -1 with
 * @err, which names the node, if it never comes to be.
 */
int force_wait(struct topo *t, const struct model *m, const struct compile_options *o,
	       void (*meanwhile)(void *ctx), void *ctx, struct err *err);
/* The generation in force on @n, and its digest (NULL: not asked for); 0: none.  -1 with @err. */
int force_of(const struct topo_node *n, uint64_t *generation, uint64_t *digest, struct err *err);

#endif
