// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "names.h"
#include "programs.h"

/* Step functions with ids of rules in place of handles. */
struct final {
	struct stockade_step *v;
	uint32_t n;
	uint64_t hash;
};

static int rule_cmp(const void *a, const void *b)
{
	uint32_t x = ((const struct table_rule *)a)->id, y = ((const struct table_rule *)b)->id;

	return (x > y) - (x < y);
}

/* The ids of the rules that some step names, by handle; their names go into the table. */
static uint32_t *emit_rules(const struct verdicts *v, struct table *t)
{
	uint32_t *ids = mem_array(v->rules->n, sizeof(*ids));
	bool *used = names_used(v);
	struct id_wish *w = mem_array(v->rules->n, sizeof(*w));
	size_t n = 0;

	for (size_t i = 1; i < v->rules->n; i++)
		if (used[i])
			w[n++] = (struct id_wish){ mix_string(9, v->rules->v[i].name), &ids[i] };
	ids_assign(w, n, STOCKADE_RULE_ID_MAX);
	t->rules = mem_array(n, sizeof(*t->rules));
	for (size_t i = 1; i < v->rules->n; i++)
		if (used[i])
			t->rules[t->n_rules++] = (struct table_rule){
				ids[i], v->rules->v[i].tier, mem_strdup(v->rules->v[i].name),
			};
	if (n)
		qsort(t->rules, n, sizeof(*t->rules), rule_cmp);
	free(used);
	free(w);
	return ids;
}

static struct final *finals(const struct verdicts *v, const uint32_t *ids, struct arena *arena)
{
	struct final *out = mem_array(v->steps.n, sizeof(*out));

	for (size_t i = 0; i < v->steps.n; i++) {
		const struct words *w = &v->steps.v[i];
		struct final *f = &out[i];

		f->v = arena_array(arena, w->n / 2, sizeof(*f->v));
		f->hash = 10;
		for (uint32_t k = 0; k < w->n; k += 2) {
			uint32_t said = w->v[k + 1];

			f->v[f->n++] = (struct stockade_step){
				w->v[k], STOCKADE_STEP(STOCKADE_STEP_VERDICT(said), ids[STOCKADE_STEP_RULE(said)]),
			};
			f->hash = mix_word(f->hash, (uint64_t)f->v[f->n - 1].from << 32 | f->v[f->n - 1].verdict);
		}
	}
	return out;
}

/* A draft being turned around: from steps by class to classes by steps. */
struct turn {
	const struct verdicts *v;
	const struct final *finals;
	const uint32_t *draft;	/* by live class */
	uint32_t *count;	/* by steps: how many identities have them */
	uint32_t *place;	/* by steps: their map */
};

/* What class_identities() counts. */
static uint32_t identities_of(const struct verdicts *v, size_t live, uint32_t out[2])
{
	const struct class *c = &v->classes->v[v->classes->live[live]];
	uint32_t n = 0;

	if (!live)
		out[n++] = STOCKADE_IDENTITY_NONE;
	if (live || c->refs)
		out[n++] = c->id;
	return n;
}

/* The steps most identities have are the default: the fewer are listed, and the less changes with them. */
static uint32_t commonest(struct turn *t)
{
	uint32_t best = t->draft[0], ids[2];

	for (size_t i = 0; i < t->v->classes->n_live; i++)
		t->count[t->draft[i]] = 0;
	for (size_t i = 0; i < t->v->classes->n_live; i++)
		t->count[t->draft[i]] += identities_of(t->v, i, ids);
	for (size_t i = 0; i < t->v->classes->n_live; i++) {
		uint32_t at = t->draft[i];

		if (t->count[at] > t->count[best] ||
		    (t->count[at] == t->count[best] && t->finals[at].hash < t->finals[best].hash))
			best = at;
	}
	return best;
}

static struct table_map *map_new(struct table_program *p, const struct final *f, uint32_t identities)
{
	struct table_map *m = &p->maps[p->n_maps++];

	m->identities = mem_array(identities, sizeof(*m->identities));
	m->steps = mem_array(f->n, sizeof(*m->steps));
	memcpy(m->steps, f->v, f->n * sizeof(*m->steps));
	m->n_steps = f->n;
	return m;
}

static int map_cmp(const void *a, const void *b)
{
	const struct table_map *x = a, *y = b;

	return (x->identities[0] > y->identities[0]) - (x->identities[0] < y->identities[0]);
}

static void turn(struct turn *t, struct table_program *p)
{
	uint32_t rest = commonest(t), ids[2], maps = 1;

	for (size_t i = 0; i < t->v->classes->n_live; i++)
		t->place[t->draft[i]] = UINT32_MAX;
	for (size_t i = 0; i < t->v->classes->n_live; i++)
		if (t->draft[i] != rest && t->place[t->draft[i]]) {
			t->place[t->draft[i]] = 0;
			maps++;
		}
	p->maps = mem_array(maps, sizeof(*p->maps));
	map_new(p, &t->finals[rest], 0);
	for (size_t i = 0; i < t->v->classes->n_live; i++) {
		uint32_t at = t->draft[i], n = identities_of(t->v, i, ids);
		struct table_map *m;

		if (at == rest)
			continue;
		if (!t->place[at]) {
			t->place[at] = p->n_maps;
			map_new(p, &t->finals[at], t->count[at]);
		}
		m = &p->maps[t->place[at]];
		memcpy(m->identities + m->n_identities, ids, n * sizeof(*ids));
		m->n_identities += n;
	}
	for (uint32_t i = 1; i < p->n_maps; i++)
		words_sort(p->maps[i].identities, p->maps[i].n_identities);
	qsort(p->maps + 1, p->n_maps - 1, sizeof(*p->maps), map_cmp);
}

static uint64_t program_hash(const struct table_program *p)
{
	uint64_t hash = 11;

	for (uint32_t i = 0; i < p->n_maps; i++) {
		hash = mix_word(hash, p->maps[i].n_identities);
		for (uint32_t k = 0; k < p->maps[i].n_identities; k++)
			hash = mix_word(hash, p->maps[i].identities[k]);
		hash = mix_word(hash, p->maps[i].n_steps);
		for (uint32_t k = 0; k < p->maps[i].n_steps; k++)
			hash = mix_word(hash, (uint64_t)p->maps[i].steps[k].from << 32 | p->maps[i].steps[k].verdict);
	}
	return hash;
}

static int program_cmp(const void *a, const void *b)
{
	uint32_t x = ((const struct table_program *)a)->id, y = ((const struct table_program *)b)->id;

	return (x > y) - (x < y);
}

/* Turns each draft but the empty one; ids by draft are wished for in @w. */
static void turn_all(const struct verdicts *v, const struct final *f, struct table *t, struct id_wish *w, uint32_t *ids)
{
	struct turn turned = { .v = v, .finals = f };

	turned.count = mem_array(v->steps.n, sizeof(*turned.count));
	turned.place = mem_array(v->steps.n, sizeof(*turned.place));
	for (size_t i = 1; i < v->drafts.n; i++) {
		struct table_program *p = &t->programs[t->n_programs++];

		turned.draft = v->drafts.v[i].v;
		turn(&turned, p);
		w[i - 1] = (struct id_wish){ program_hash(p), &ids[i] };
	}
	free(turned.count);
	free(turned.place);
}

uint32_t *programs_emit(const struct verdicts *v, struct table *t)
{
	struct arena arena = {};
	uint32_t *rule_ids = emit_rules(v, t), *ids = mem_array(v->drafts.n, sizeof(*ids));
	struct final *f = finals(v, rule_ids, &arena);
	struct id_wish *w = mem_array(v->drafts.n, sizeof(*w));

	t->programs = mem_array(v->drafts.n - 1, sizeof(*t->programs));
	turn_all(v, f, t, w, ids);
	ids_assign(w, t->n_programs, UINT32_MAX - 1);
	for (size_t i = 1; i < v->drafts.n; i++)
		t->programs[i - 1].id = ids[i];
	if (t->n_programs)
		qsort(t->programs, t->n_programs, sizeof(*t->programs), program_cmp);
	free(w);
	free(f);
	free(rule_ids);
	arena_free(&arena);
	return ids;
}
