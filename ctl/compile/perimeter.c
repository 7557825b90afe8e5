// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "perimeter.h"

#define MODE_LABEL "stockade.io/perimeter"

enum perimeter_mode perimeter_mode(const struct model *m, const struct compile_options *o, const char *ns)
{
	const char *mode = labels_get(model_namespace_labels(m, ns), MODE_LABEL);

	if (!mode)
		return o->perimeter;
	if (!strcmp(mode, "off"))
		return PERIMETER_OFF;
	if (!strcmp(mode, "audit"))
		return PERIMETER_AUDIT;
	if (!strcmp(mode, "enforce"))
		return PERIMETER_ENFORCE;
	/* A mistake in the label must not open anything. */
	return o->perimeter;
}

/* The IngressClasses whose gateway @pod is, into @out with room for all; how many. */
static size_t classes_of(const struct model *m, const struct pod *pod, uint32_t *out)
{
	size_t n, found = 0;
	const struct meta *const *v = model_list(m, KIND_INGRESSCLASS, &n);

	for (size_t i = 0; i < n; i++)
		if (gateway_is((const void *)v[i], pod))
			out[found++] = i;
	return found;
}

static void view_new(struct perimeter *p, struct words classes)
{
	size_t n;
	const struct meta *const *v = model_list(p->model, KIND_INGRESSCLASS, &n);
	struct view *view;

	mem_grow(p->views, p->n_views, p->cap_views);
	view = &p->views[p->n_views++];
	*view = (struct view){ .classes = classes };
	for (uint32_t i = 0; i < classes.n; i++)
		view->hash = mix_string(view->hash, v[classes.v[i]]->name);
	if (classes.n)
		gateway_collect(view, &p->backends, p->rules, p->options->now);
}

static void find_views(struct perimeter *p, const struct policies *policies, struct arena *arena)
{
	struct wordset sets;
	uint32_t *v = mem_array(model_count(p->model, KIND_INGRESSCLASS), sizeof(*v));

	wordset_init(&sets, arena);
	view_new(p, sets.v[0]);
	p->view_of = mem_array(policies->n_locals, sizeof(*p->view_of));
	for (size_t i = 0; i < policies->n_locals; i++) {
		const struct pod *pod = policies->locals[i].pod;

		if (perimeter_mode(p->model, p->options, pod->meta.ns) == PERIMETER_OFF)
			continue;
		p->view_of[i] = wordset_put(&sets, v, classes_of(p->model, pod, v));
		if (p->view_of[i] == p->n_views)
			view_new(p, sets.v[p->view_of[i]]);
	}
	free(v);
	wordset_free(&sets);
}

static bool asks_inside(const struct perimeter *p, const struct policies *policies)
{
	const char *ns = NULL;

	for (size_t i = 0; i < policies->n_locals; i++) {
		if (policies->locals[i].pod->meta.ns == ns)
			continue;
		ns = policies->locals[i].pod->meta.ns;
		if (perimeter_mode(p->model, p->options, ns) != PERIMETER_OFF)
			return true;
	}
	return false;
}

void perimeter_collect(struct perimeter *p, const struct model *m, const struct compile_options *o,
		       struct rules *rules, const struct policies *policies, struct arena *arena)
{
	*p = (struct perimeter){ .model = m, .options = o, .rules = rules };
	wordset_init(&p->lists, arena);
	wordset_init(&p->profiles, arena);
	backends_init(&p->backends, m);
	p->asks_inside = asks_inside(p, policies);
	if (p->asks_inside)
		exposure_collect(&p->exposed, &p->backends, rules, o->node);
	find_views(p, policies, arena);
}

void perimeter_free(struct perimeter *p)
{
	for (size_t i = 0; i < p->n_views; i++)
		openings_free(&p->views[i].reach);
	free(p->views);
	free(p->view_of);
	openings_free(&p->exposed);
	backends_free(&p->backends);
	wordset_free(&p->lists);
	wordset_free(&p->profiles);
}

uint32_t perimeter_profile(struct perimeter *p, const struct pod *pod)
{
	uint32_t *v, n = 0, profile;

	if (p->n_views < 2)
		return 0;
	v = mem_array(p->n_views * 2, sizeof(*v));
	for (size_t i = 1; i < p->n_views; i++) {
		uint32_t list = openings_paint(&p->lists, openings_of(&p->views[i].reach, pod));

		if (!list)
			continue;
		v[n++] = i;
		v[n++] = list;
	}
	profile = wordset_put(&p->profiles, v, n);
	free(v);
	return profile;
}

uint32_t perimeter_list(const struct perimeter *p, uint32_t profile, uint32_t view)
{
	const struct words *w = &p->profiles.v[profile];

	for (uint32_t i = 0; i < w->n; i += 2)
		if (w->v[i] == view)
			return w->v[i + 1];
	return 0;
}

static uint64_t list_hash(const struct perimeter *p, uint32_t list)
{
	const struct words *w = &p->lists.v[list];
	uint64_t hash = 4;

	for (uint32_t i = 0; i < w->n; i += 2) {
		const struct rule *r = &p->rules->v[STOCKADE_STEP_RULE(w->v[i + 1])];

		hash = mix_word(hash, (uint64_t)w->v[i] << 2 | STOCKADE_STEP_VERDICT(w->v[i + 1]));
		hash = mix_string(hash, r->name);
	}
	return hash;
}

uint64_t perimeter_hash(const struct perimeter *p, uint32_t profile)
{
	const struct words *w = &p->profiles.v[profile];
	uint64_t sum = 0;

	/* A sum, for views are numbered by which gateway is met first. */
	for (uint32_t i = 0; i < w->n; i += 2)
		sum += mix_word(p->views[w->v[i]].hash, list_hash(p, w->v[i + 1]));
	return sum;
}
