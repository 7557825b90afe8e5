// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "names.h"

struct name {
	struct rule rule;
	uint32_t handle;
};

bool *names_used(const struct verdicts *v)
{
	bool *used = mem_array(v->rules->n, sizeof(*used));

	for (size_t i = 0; i < v->steps.n; i++)
		for (uint32_t k = 1; k < v->steps.v[i].n; k += 2)
			used[STOCKADE_STEP_RULE(v->steps.v[i].v[k])] = true;
	return used;
}

static int name_cmp(const void *a, const void *b)
{
	const struct rule *x = &((const struct name *)a)->rule, *y = &((const struct name *)b)->rule;

	return x->tier != y->tier ? (int)y->tier - (int)x->tier : strcmp(x->name, y->name);
}

/* In order; to be freed. */
static struct name *named(const struct verdicts *v, size_t *n)
{
	struct name *names = mem_array(v->rules->n, sizeof(*names));
	bool *used = names_used(v);

	*n = 0;
	for (uint32_t i = 1; i < v->rules->n; i++)
		if (used[i])
			names[(*n)++] = (struct name){ v->rules->v[i], i };
	free(used);
	if (*n)
		qsort(names, *n, sizeof(*names), name_cmp);
	return names;
}

/* By handle: the one that is named in its place. */
static uint32_t *share(struct rules *r, const struct name *names, size_t n, size_t max)
{
	const uint32_t shared[] = {
		[STOCKADE_TIER_NETWORKPOLICY] = rules_add(r, STOCKADE_TIER_NETWORKPOLICY,
							  "NetworkPolicy: more rules than the table can name"),
		[STOCKADE_TIER_PERIMETER] = rules_add(r, STOCKADE_TIER_PERIMETER,
						      "Perimeter: more rules than the table can name"),
	};
	uint32_t *called = mem_array(r->n, sizeof(*called));

	/* Each tier may need its own. */
	for (size_t i = 0; i < n; i++)
		called[names[i].handle] = i + 2 < max ? names[i].handle : shared[names[i].rule.tier];
	return called;
}

/* The new steps' numbers by the old ones'. */
static uint32_t *rename_steps(struct verdicts *v, const uint32_t *called)
{
	struct wordset old = v->steps;
	uint32_t *numbers = mem_array(old.n, sizeof(*numbers));
	struct steps s = {};

	wordset_init(&v->steps, &v->arena);
	for (size_t i = 0; i < old.n; i++) {
		const struct words *w = &old.v[i];

		s.n = 0;
		for (uint32_t k = 0; k < w->n; k += 2)
			steps_push(&s, w->v[k], STOCKADE_STEP(STOCKADE_STEP_VERDICT(w->v[k + 1]),
							      called[STOCKADE_STEP_RULE(w->v[k + 1])]));
		numbers[i] = wordset_put(&v->steps, (const uint32_t *)s.v, s.n * 2);
	}
	free(s.v);
	wordset_free(&old);
	return numbers;
}

static uint32_t *renumber_drafts(struct verdicts *v, const uint32_t *steps)
{
	struct wordset old = v->drafts;
	uint32_t *numbers = mem_array(old.n, sizeof(*numbers));
	uint32_t *draft = mem_array(v->classes->n_live, sizeof(*draft));

	wordset_init(&v->drafts, &v->arena);
	for (size_t i = 0; i < old.n; i++) {
		for (uint32_t k = 0; k < old.v[i].n; k++)
			draft[k] = steps[old.v[i].v[k]];
		numbers[i] = wordset_put(&v->drafts, draft, old.v[i].n);
	}
	free(draft);
	wordset_free(&old);
	return numbers;
}

uint32_t *names_share(struct verdicts *v)
{
	size_t n;
	struct name *names;
	uint32_t *called, *steps, *drafts = NULL;

	if (v->rules->n - 1 <= v->max_names)	/* whoever is named */
		return NULL;
	names = named(v, &n);
	if (n > v->max_names) {
		called = share(v->rules, names, n, v->max_names);
		steps = rename_steps(v, called);
		drafts = renumber_drafts(v, steps);
		v->allow_all = steps[v->allow_all];
		free(called);
		free(steps);
	}
	free(names);
	return drafts;
}
