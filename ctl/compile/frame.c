// SPDX-License-Identifier: GPL-2.0
/* frame: what follows from the pods of this node, and what another frame means for addresses. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "blocks.h"
#include "compiler.h"

/* The blocks' own classes live whether or not an address has them: the table needs them all. */
static void keep_blocks(struct compiler *c)
{
	for (size_t i = 0; i < c->classes.n; i++)
		c->classes.v[i].block = false;
	for (size_t i = 0; i < c->frame.ranges.n_prefixes; i++) {
		uint32_t class = classes_put(&c->classes, c->frame.ranges.prefixes[i].set, 0, 0, 0);

		c->classes.v[class].block = true;
	}
}

void frame_build(struct compiler *c)
{
	struct frame *f = &c->frame;

	f->policies = (struct policies){ &f->arena, &c->rules, &c->peers, &c->ports };
	policies_collect(&f->policies, c->model, c->locals, c->n_locals);
	f->subjects = emit_subject_ids(&f->policies);
	blocks_build(&f->ranges, &f->policies, &c->sets, c->options.max.blocks);
	keep_blocks(c);
	perimeter_collect(&c->perimeter, &f->policies);
	addresses_renew(&c->addresses);
}

void frame_free(struct frame *f)
{
	policies_free(&f->policies);
	ranges_free(&f->ranges);
	free(f->subjects);
	arena_free(&f->arena);
	*f = (struct frame){};
}

struct selecting {
	struct compiler *c;
	const struct selector *selector;
};

static void namespace_of_selector(void *ctx, const char *ns, const struct labels *labels)
{
	const struct selecting *s = ctx;

	if (selector_matches(s->selector, labels))
		stale_namespace(s->c, ns);
}

/* The pods an atom may select. */
static void stale_atom(struct compiler *c, const struct peer_atom *a)
{
	struct selecting s = { c, a->peer->namespace_selector };

	if (a->ns)
		stale_namespace(c, a->ns);
	else
		model_namespaces(c->model, namespace_of_selector, &s);
}

static void stale_group(struct compiler *c, uint32_t group, bool *blocks)
{
	const struct words *w = &c->peers.groups.v[group];

	for (uint32_t i = 0; i < w->n && !c->stale.all; i++) {
		const struct peer_atom *a = &c->peers.atoms[w->v[i]];

		if (a->peer->is_block)
			*blocks = true;
		else
			stale_atom(c, a);
	}
}

/* Who is in a block of a group that uses other named ports is not looked for. */
static void stale_ports(void *ctx, uint32_t group)
{
	struct compiler *c = ctx;

	stale_group(c, group, &c->stale.all);
}

static void compare_groups(struct compiler *c)
{
	bool blocks = false;	/* the ranges tell */

	for (size_t g = 0; g < c->peers.groups.n; g++)
		if (c->peers.info[g].used != c->peers.info[g].was)
			stale_group(c, g, &blocks);
	if (ports_changed(&c->ports, stale_ports, c))
		c->stale.all = true;
}

static void compare_ranges_at(struct compiler *c, const struct ranges *old, const struct ip *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (ranges_set(old, &v[i]) != ranges_set(&c->frame.ranges, &v[i]))
			stale_ip(c, &v[i]);
}

static void compare_ranges(struct compiler *c, const struct ranges *old)
{
	size_t n;
	const struct meta *const *v;

	if (ranges_equal(old, &c->frame.ranges))
		return;
	v = model_list(c->model, KIND_NODE, &n);
	for (size_t i = 0; i < n && !c->stale.all; i++)
		compare_ranges_at(c, old, ((const struct node *)v[i])->addresses, ((const struct node *)v[i])->n_addresses);
	v = model_list(c->model, KIND_POD, &n);
	for (size_t i = 0; i < n && !c->stale.all; i++)
		if (pod_is_live((const void *)v[i]))
			compare_ranges_at(c, old, ((const struct pod *)v[i])->ips, ((const struct pod *)v[i])->n_ips);
}

/* Pods of which @a has an opening that @b has not, or another. */
static void compare_openings(struct compiler *c, const struct openings *a, const struct openings *b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct pod *p = (const void *)model_get(c->model, KIND_POD, a->v[i].ns, a->v[i].name);

		/* One that is gone was told of. */
		if (p && openings_paint(&c->perimeter.lists, &a->v[i].open) !=
			 openings_paint(&c->perimeter.lists, openings_of(b, p)))
			stale_pod(c, p);
	}
}

static bool same_questions(const struct declared *a, const struct declared *b)
{
	if (a->asks_inside != b->asks_inside || a->n_views != b->n_views)
		return false;
	for (size_t i = 0; i < a->n_views; i++)
		if (strcmp(a->views[i].names, b->views[i].names))
			return false;
	return true;
}

static void compare_declared(struct compiler *c, const struct declared *old)
{
	const struct declared *new = &c->perimeter.now;

	if (!same_questions(old, new)) {
		c->stale.all = true;
		return;
	}
	for (size_t i = 1; i < new->n_views; i++) {
		compare_openings(c, &old->views[i].reach, &new->views[i].reach);
		compare_openings(c, &new->views[i].reach, &old->views[i].reach);
	}
}

void frame_renew(struct compiler *c)
{
	struct frame old = c->frame;
	struct declared declared = c->perimeter.now;

	c->frame = (struct frame){};
	c->perimeter.now = (struct declared){};
	peers_renew(&c->peers);
	ports_renew(&c->ports);
	frame_build(c);
	compare_groups(c);
	compare_ranges(c, &old.ranges);
	compare_declared(c, &declared);
	for (size_t i = 0; i < c->n_locals; i++)
		stale_pod(c, c->locals[i]);
	declared_free(&declared);
	frame_free(&old);
}
