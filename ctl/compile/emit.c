// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "emit.h"
#include "programs.h"

/* What a class is, in content: numbers of sets and profiles would depend on everything else. */
static uint64_t class_hash(const struct emit *e, const struct class *c)
{
	const struct words *set = &e->sets->v[c->set];
	uint64_t hash = mix_word(6, c->flags), sum = 0;

	for (uint32_t i = 0; i < set->n; i++)
		sum += mix_word(7, e->peers->info[set->v[i]].hash);
	hash = mix_word(hash, sum);
	hash = mix_word(hash, ports_hash(e->ports, c->ports));
	return mix_word(hash, perimeter_hash(e->perimeter, c->reach));
}

bool emit_identities(const struct emit *e)
{
	size_t n = e->classes->n_live;
	struct id_wish *w = mem_array(n, sizeof(*w));
	uint32_t *ids = mem_array(n, sizeof(*ids));
	bool kept = true;

	for (size_t i = 0; i < n; i++)
		w[i] = (struct id_wish){ class_hash(e, &e->classes->v[e->classes->live[i]]), &ids[i] };
	ids_assign(w, n, COMPILE_ID_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct class *c = &e->classes->v[e->classes->live[i]];

		kept &= !c->id || c->id == ids[i];
	}
	for (size_t i = 0; i < n && kept; i++)
		e->classes->v[e->classes->live[i]].id = ids[i];
	free(w);
	free(ids);
	return kept;
}

static int block_order(const void *a, const void *b)
{
	return cidr_cmp(&((const struct table_block *)a)->cidr, &((const struct table_block *)b)->cidr);
}

static void blocks(const struct emit *e, struct table *t)
{
	t->blocks = mem_array(e->ranges->n_prefixes, sizeof(*t->blocks));
	for (size_t i = 0; i < e->ranges->n_prefixes; i++) {
		const struct range_prefix *p = &e->ranges->prefixes[i];
		uint32_t class = classes_put(e->classes, p->set, 0, 0, 0);	/* it is alive, so it has an id */

		t->blocks[t->n_blocks++] = (struct table_block){
			.cidr = p->cidr,
			.identity = class ? e->classes->v[class].id : STOCKADE_IDENTITY_NONE,
		};
	}
	if (t->n_blocks)
		qsort(t->blocks, t->n_blocks, sizeof(*t->blocks), block_order);
}

uint32_t *emit_subject_ids(const struct policies *p)
{
	uint32_t *ids = mem_array(p->n_locals, sizeof(*ids));
	struct id_wish *w = mem_array(p->n_locals, sizeof(*w));

	for (size_t i = 0; i < p->n_locals; i++) {
		const struct meta *m = &p->locals[i].pod->meta;

		w[i] = (struct id_wish){ mix_string(mix_string(8, m->ns), m->name), &ids[i] };
	}
	ids_assign(w, p->n_locals, COMPILE_ID_MAX);
	free(w);
	return ids;
}

static int subject_cmp(const void *a, const void *b)
{
	uint32_t x = ((const struct table_subject *)a)->id, y = ((const struct table_subject *)b)->id;

	return (x > y) - (x < y);
}

static void subjects(const struct emit *e, const uint32_t *programs, struct table *t)
{
	size_t n = e->policies->n_locals;

	t->subjects = mem_array(n, sizeof(*t->subjects));
	for (size_t i = 0; i < n; i++) {
		const struct meta *m = &e->policies->locals[i].pod->meta;

		t->subjects[t->n_subjects++] = (struct table_subject){
			.id = e->subjects[i],
			.name = mem_printf("%s/%s", m->ns, m->name),
			.ingress = programs[verdicts_draft(e->verdicts, i, STOCKADE_DOOR_INGRESS)],
			.egress = programs[verdicts_draft(e->verdicts, i, STOCKADE_DOOR_EGRESS)],
		};
	}
	if (n)
		qsort(t->subjects, n, sizeof(*t->subjects), subject_cmp);
}

static int closed_cmp(const void *a, const void *b)
{
	const struct table_closed *x = a, *y = b;

	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	return (int)x->door - (int)y->door;
}

static void closed(const struct emit *e, struct table *t)
{
	size_t cap = 0;

	for (size_t i = 0; i < e->policies->n_locals; i++)
		for (int d = 0; d < STOCKADE_DOORS; d++) {
			struct table_closed shut = { e->subjects[i], d };

			if (!verdicts_shut(e->verdicts, i, d, &shut))
				continue;
			mem_grow(t->closed, t->n_closed, cap);
			t->closed[t->n_closed++] = shut;
		}
	if (t->n_closed)
		qsort(t->closed, t->n_closed, sizeof(*t->closed), closed_cmp);
}

static int cidr_order(const void *a, const void *b)
{
	return cidr_cmp(a, b);
}

static int port_order(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* CIDRs and ports in order and once each: the same configuration is the same table. */
static void config(const struct emit *e, struct table *t)
{
	const struct compile_options *o = e->options;
	const struct node *node = (const void *)model_get(e->model, KIND_NODE, "", o->node);
	size_t n = node ? node->n_pod_cidrs : 0;

	t->deny = o->deny;
	t->unknown = o->unknown;
	if (n > STOCKADE_CONFIG_CIDRS_MAX)
		n = STOCKADE_CONFIG_CIDRS_MAX;
	t->cidrs = mem_array(n, sizeof(*t->cidrs));
	if (n) {
		memcpy(t->cidrs, node->pod_cidrs, n * sizeof(*t->cidrs));
		qsort(t->cidrs, n, sizeof(*t->cidrs), cidr_order);
	}
	for (size_t i = 0; i < n; i++)
		if (!t->n_cidrs || cidr_cmp(&t->cidrs[t->n_cidrs - 1], &t->cidrs[i]))
			t->cidrs[t->n_cidrs++] = t->cidrs[i];
	memcpy(t->overlay_ports, o->overlay_ports, o->n_overlay_ports * sizeof(*t->overlay_ports));
	qsort(t->overlay_ports, o->n_overlay_ports, sizeof(*t->overlay_ports), port_order);
	for (size_t i = 0; i < o->n_overlay_ports; i++)
		if (!t->n_overlay_ports || t->overlay_ports[t->n_overlay_ports - 1] != t->overlay_ports[i])
			t->overlay_ports[t->n_overlay_ports++] = t->overlay_ports[i];
}

struct table *emit_table(const struct emit *e)
{
	struct table *t = mem_new(struct table);
	uint32_t *programs;

	programs = programs_emit(e->verdicts, t);
	subjects(e, programs, t);
	closed(e, t);
	blocks(e, t);
	config(e, t);
	free(programs);
	return t;
}
