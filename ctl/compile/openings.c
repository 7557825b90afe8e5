// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "openings.h"

static uint64_t pod_hash(const struct pod *pod)
{
	return mix_word(mix_word(3, (uintptr_t)pod->meta.ns), (uintptr_t)pod->meta.name);
}

static bool pod_equal(const void *ctx, uint32_t value, const void *key)
{
	const struct opening *o = &((const struct openings *)ctx)->v[value];
	const struct pod *pod = key;

	return o->ns == pod->meta.ns && o->name == pod->meta.name;
}

static struct intervals *at(struct openings *o, const struct pod *pod)
{
	uint32_t found = index_find(&o->index, pod_hash(pod), pod_equal, o, pod);

	if (found != INDEX_NONE)
		return &o->v[found].open;
	mem_grow(o->v, o->n, o->cap);
	o->v[o->n] = (struct opening){ .ns = pod->meta.ns, .name = pod->meta.name };
	index_add(&o->index, pod_hash(pod), o->n);
	return &o->v[o->n++].open;
}

void openings_add_port(struct openings *o, const struct pod *pod, const struct slice_port *port, uint32_t handle)
{
	uint32_t one = STOCKADE_STEP_FROM(port->proto, port->port);

	if (port->any)
		intervals_add_proto(at(o, pod), port->proto, STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, handle));
	else
		intervals_add(at(o, pod), one, one, STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, handle));
}

void openings_add_all(struct openings *o, const struct pod *pod, uint32_t handle)
{
	intervals_add(at(o, pod), 0, PORTS_ALL_TO, STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, handle));
}

const struct intervals *openings_of(const struct openings *o, const struct pod *pod)
{
	uint32_t found;

	if (!o->n)
		return NULL;
	found = index_find(&o->index, pod_hash(pod), pod_equal, o, pod);
	return found == INDEX_NONE ? NULL : &o->v[found].open;
}

void openings_free(struct openings *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->v[i].open.v);
	free(o->v);
	index_free(&o->index);
}

uint32_t openings_paint(struct wordset *lists, const struct intervals *open)
{
	struct steps s = {};
	uint32_t number;

	if (!open || !open->n)
		return 0;
	portmap_paint(open->v, open->n, OPENING_SHUT, &s);
	number = wordset_put(lists, (const uint32_t *)s.v, s.n * 2);
	free(s.v);
	return number;
}

void openings_steps(const struct wordset *lists, uint32_t number, uint32_t shut, struct steps *out)
{
	const struct words *w = &lists->v[number];

	out->n = 0;
	if (!w->n)
		steps_push(out, 0, shut);
	for (size_t i = 0; i < w->n; i += 2)
		steps_push(out, w->v[i], w->v[i + 1] == OPENING_SHUT ? shut : w->v[i + 1]);
}
