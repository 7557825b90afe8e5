/* SPDX-License-Identifier: GPL-2.0 */
/*
 * graph: who may talk to whom, collapsed to workloads, for drawing.
 *
 * A workload is the pods of a namespace that one controller made, told by their name without the
 * generated suffixes (web-6d4cf56db6-x7k2p -> web) and by having the same labels otherwise.
 * An edge says that some pod of one may open flows to some pod of the other on those ports.
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdio.h>
#include "../compile/reach.h"

enum graph_kind { GRAPH_POD, GRAPH_GATEWAY, GRAPH_OUTSIDE };

struct graph_node {
	enum graph_kind kind;
	char *group;		/* namespace; "outside" for the outside */
	char *label;
	char **pods;		/* names of the pods it stands for */
	unsigned n_pods;
};
struct graph_edge {
	unsigned from, to;	/* indices of nodes */
	struct reach reach;	/* what may be opened, both families together */
	bool crosses;		/* the perimeter: one end is outside */
	bool audit;		/* the perimeter would deny it, if enforced */
};
struct graph {
	struct graph_node *nodes;
	unsigned n_nodes;
	struct graph_edge *edges;
	unsigned n_edges;
};

/* Aborts on out of memory.  The caller frees it.  @also: see reach_outside(). */
struct graph *graph_build(const struct model *m, const struct model *also, const struct compile_options *o);
void graph_free(struct graph *g);

void graph_dot(const struct graph *g, FILE *f);
/* One self-contained page. */
void graph_html(const struct graph *g, FILE *f);

#endif
