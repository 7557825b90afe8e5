/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reach: everything one end may open to another, not only one port of it.  The judge is
 * asked once for each stretch of ports that the programs on the way do not tell apart.
 */
#ifndef COMPILE_REACH_H
#define COMPILE_REACH_H

#include "world.h"

/* Allowed stretches over (protocol << 16 | port), ascending, with gaps between them. */
struct reach {
	struct reach_range {
		uint32_t from, to;	/* inclusive */
		bool would_deny;	/* the perimeter would deny it, if enforced */
	} *v;
	size_t n, cap;
};

/* What @from may open to @to in one family (both must have it).  0, or -1 as world_walk(). */
int reach_find(struct world *w, const struct end *from, const struct end *to, bool v4,
	       struct reach *out, struct err *err);
void reach_free(struct reach *r);
/* @out: what @a has and @b has not. */
void reach_minus(const struct reach *a, const struct reach *b, struct reach *out);
/* @out: what either has. */
void reach_union(const struct reach *a, const struct reach *b, struct reach *out);
/* "all", "80/tcp, 8000-8100/udp", "tcp, other" (what has no ports); "nothing"; malloc'ed. */
char *reach_format(const struct reach *r);

/*
 * The ends the policies of @m know of outside the cluster: one for every address nobody mentions, and one for each
 * ipBlock that lies outside.  @label: "outside" or the CIDR.  Calls @fn for each.  @also (or NULL): another
 * model whose policies' blocks count as well, so that two clusters can be compared.
 */
void reach_outside(const struct world *w, const struct model *m, const struct model *also,
		   void (*fn)(void *ctx, const char *label, const struct end *end), void *ctx);

#endif
