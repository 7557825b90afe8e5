// SPDX-License-Identifier: GPL-2.0
/* Workloads, and what reaches what between them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../base/mem.h"
#include "../compile/perimeter.h"
#include "graph.h"

/*
 * Pods of one workload are alike to every rule, but may lie on several nodes and have ports of their
 * own names; the graph asks for the first two of each, which is the workload and itself.
 */
#define SAMPLES 2

struct place {		/* a node of the graph, and ends that stand for it */
	struct graph_node node;
	struct end end[SAMPLES];
	unsigned n_ends;
	const struct pod *first;
};

struct building {
	const struct model *m;
	struct world *world;
	struct place *v;
	size_t n, cap;
};

/* --- workloads ------------------------------------------------------------------- */

/* Kubernetes makes suffixes of these, so that they spell nothing. */
static bool is_generated(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("bcdfghjklmnpqrstvwxz2456789", s[i]))
			return false;
	return true;
}

static bool is_ordinal(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	return len > 0;
}

/* web-6d4cf56db6-x7k2p, web-x7k2p and web-0 are all of web. */
static size_t workload_len(const char *name)
{
	size_t len = strlen(name);
	const char *dash = memrchr(name, '-', len);
	size_t tail;

	if (!dash || dash == name)
		return len;
	tail = len - (dash - name) - 1;
	if (tail != 5 || !is_generated(dash + 1, tail))
		return is_ordinal(dash + 1, tail) ? (size_t)(dash - name) : len;
	len = dash - name;
	dash = memrchr(name, '-', len);
	if (!dash || dash == name)
		return len;
	tail = len - (dash - name) - 1;
	return tail >= 8 && tail <= 10 && is_generated(dash + 1, tail) ? (size_t)(dash - name) : len;
}

static bool is_generated_label(const char *key)
{
	return !strcmp(key, "pod-template-hash") || !strcmp(key, "controller-revision-hash") ||
	       !strcmp(key, "pod-template-generation") || !strcmp(key, "apps.kubernetes.io/pod-index") ||
	       !strcmp(key, "statefulset.kubernetes.io/pod-name") || !strcmp(key, "controller-uid");
}

static bool same_labels(const struct labels *a, const struct labels *b)
{
	unsigned i = 0, k = 0;

	for (;;) {
		while (i < a->n && is_generated_label(a->v[i].key))
			i++;
		while (k < b->n && is_generated_label(b->v[k].key))
			k++;
		if (i == a->n || k == b->n)
			return i == a->n && k == b->n;
		if (a->v[i].key != b->v[k].key || a->v[i].value != b->v[k].value)
			return false;
		i++, k++;
	}
}

static struct place *add_place(struct building *b, enum graph_kind kind, const char *group, const char *label, size_t len)
{
	mem_grow(b->v, b->n, b->cap);
	b->v[b->n] = (struct place){ .node = { .kind = kind, .group = mem_strdup(group),
					       .label = mem_strndup(label, len) } };
	return &b->v[b->n++];
}

static bool is_gateway(const struct building *b, const struct pod *p)
{
	size_t n;
	const struct meta *const *v = model_list(b->m, KIND_INGRESSCLASS, &n);

	for (size_t i = 0; i < n; i++)
		if (gateway_is((const void *)v[i], p))
			return true;
	return false;
}

static bool is_called(const struct place *pl, const char *name, size_t len)
{
	return strlen(pl->node.label) == len && !strncmp(pl->node.label, name, len);
}

/* The place of @p, new if need be; one whose name another has, with other labels, goes by the pod's. */
static struct place *place_of(struct building *b, const struct pod *p)
{
	size_t len = workload_len(p->meta.name);
	struct place *pl;

	for (size_t i = b->n; i-- && b->v[i].first && b->v[i].first->meta.ns == p->meta.ns;) {
		if (!is_called(&b->v[i], p->meta.name, workload_len(p->meta.name)))
			continue;
		if (same_labels(&b->v[i].first->meta.labels, &p->meta.labels))
			return &b->v[i];
		len = strlen(p->meta.name);
	}
	pl = add_place(b, is_gateway(b, p) ? GRAPH_GATEWAY : GRAPH_POD, p->meta.ns, p->meta.name, len);
	pl->first = p;
	return pl;
}

static void add_pod(struct building *b, const struct pod *p)
{
	struct place *pl = place_of(b, p);
	struct graph_node *gn = &pl->node;

	gn->pods = mem_resize(gn->pods, gn->n_pods + 1, sizeof(*gn->pods));
	gn->pods[gn->n_pods++] = mem_strdup(p->meta.name);
	if (pl->n_ends < SAMPLES)
		world_end_pod(b->world, p, &pl->end[pl->n_ends++]);
}

static void add_outside(void *ctx, const char *label, const struct end *end)
{
	struct place *pl = add_place(ctx, GRAPH_OUTSIDE, "outside", label, strlen(label));

	pl->end[pl->n_ends++] = *end;
}

static void add_places(struct building *b, const struct model *also)
{
	size_t n;
	const struct meta *const *v;

	reach_outside(b->world, b->m, also, add_outside, b);
	v = model_list(b->m, KIND_POD, &n);
	for (size_t i = 0; i < n; i++)
		if (pod_is_live((const void *)v[i]))
			add_pod(b, (const void *)v[i]);
}

/* --- edges ------------------------------------------------------------------------ */

static void add_reach(struct building *b, const struct end *from, const struct end *to, struct reach *sum)
{
	for (int v4 = 0; v4 < 2; v4++) {
		struct reach one, both;

		if (!from->has[v4] || !to->has[v4] || reach_find(b->world, from, to, v4, &one, NULL))
			continue;
		reach_union(sum, &one, &both);
		reach_free(sum);
		reach_free(&one);
		*sum = both;
	}
}

/* A pod and itself are no news: the second sample stands for the others of its workload. */
static struct reach between(struct building *b, const struct place *from, const struct place *to)
{
	struct reach sum = {};

	if (from != to)
		add_reach(b, &from->end[0], &to->end[0], &sum);
	else if (from->n_ends > 1)
		add_reach(b, &from->end[0], &from->end[1], &sum);
	return sum;
}

static bool all_would_deny(const struct reach *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->v[i].would_deny)
			return false;
	return true;
}

static void add_edges(struct building *b, struct graph *g)
{
	unsigned cap = 0;

	for (unsigned i = 0; i < b->n; i++) {
		for (unsigned k = 0; k < b->n; k++) {
			bool out_i = b->v[i].node.kind == GRAPH_OUTSIDE, out_k = b->v[k].node.kind == GRAPH_OUTSIDE;
			struct reach r;

			if (out_i && out_k)
				continue;
			r = between(b, &b->v[i], &b->v[k]);
			if (!r.n)
				continue;
			mem_grow(g->edges, g->n_edges, cap);
			g->edges[g->n_edges++] = (struct graph_edge){ i, k, r, out_i || out_k, all_would_deny(&r) };
		}
	}
}

struct graph *graph_build(const struct model *m, const struct model *also, const struct compile_options *o)
{
	struct building b = { .m = m, .world = world_new(m, o, NULL) };
	struct graph *g = mem_new(struct graph);

	add_places(&b, also);
	add_edges(&b, g);
	g->nodes = mem_array(b.n, sizeof(*g->nodes));
	g->n_nodes = b.n;
	for (size_t i = 0; i < b.n; i++)
		g->nodes[i] = b.v[i].node;
	free(b.v);
	world_free(b.world);
	return g;
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	for (unsigned i = 0; i < g->n_nodes; i++) {
		free(g->nodes[i].group);
		free(g->nodes[i].label);
		for (unsigned k = 0; k < g->nodes[i].n_pods; k++)
			free(g->nodes[i].pods[k]);
		free(g->nodes[i].pods);
	}
	for (unsigned i = 0; i < g->n_edges; i++)
		reach_free(&g->edges[i].reach);
	free(g->nodes);
	free(g->edges);
	free(g);
}
