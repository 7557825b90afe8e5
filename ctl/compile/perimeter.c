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

static const char *view_names(const struct perimeter *p, struct words classes, struct arena *arena)
{
	size_t n, len = 0;
	const struct meta *const *v = model_list(p->model, KIND_INGRESSCLASS, &n);
	char *names, *end;

	for (uint32_t i = 0; i < classes.n; i++)
		len += strlen(v[classes.v[i]]->name) + 1;
	names = end = arena_array(arena, len + 1, 1);
	for (uint32_t i = 0; i < classes.n; i++)
		end = stpcpy(stpcpy(end, v[classes.v[i]]->name), ",");
	return names;
}

static void view_new(struct perimeter *p, struct words classes, struct arena *arena)
{
	struct backends backends = { p->model, &p->now.asked };
	size_t n;
	const struct meta *const *v = model_list(p->model, KIND_INGRESSCLASS, &n);
	struct view *view;

	mem_grow(p->now.views, p->now.n_views, p->now.cap_views);
	view = &p->now.views[p->now.n_views++];
	*view = (struct view){ .classes = classes, .names = view_names(p, classes, arena) };
	for (uint32_t i = 0; i < classes.n; i++) {
		view->hash = mix_string(view->hash, v[classes.v[i]]->name);
		p->now.asks_time |= ((const struct ingressclass *)v[classes.v[i]])->require_tls;
	}
	if (classes.n)
		gateway_collect(view, &backends, p->rules, p->options->now);
}

static void find_views(struct perimeter *p, const struct policies *policies)
{
	struct declared *d = &p->now;
	struct wordset sets;
	uint32_t *v = mem_array(model_count(p->model, KIND_INGRESSCLASS), sizeof(*v));

	wordset_init(&sets, policies->arena);
	view_new(p, sets.v[0], policies->arena);
	d->view_of = mem_array(policies->n_locals, sizeof(*d->view_of));
	for (size_t i = 0; i < policies->n_locals; i++) {
		const struct pod *pod = policies->locals[i].pod;

		if (perimeter_mode(p->model, p->options, pod->meta.ns) == PERIMETER_OFF)
			continue;
		d->view_of[i] = wordset_put(&sets, v, classes_of(p->model, pod, v));
		if (d->view_of[i] == d->n_views)
			view_new(p, sets.v[d->view_of[i]], policies->arena);
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

static void find_exposed(struct perimeter *p, const struct policies *policies)
{
	const struct pod **pods = mem_array(policies->n_locals, sizeof(*pods));
	struct backends backends = { p->model };

	for (size_t i = 0; i < policies->n_locals; i++)
		pods[i] = policies->locals[i].pod;
	exposure_collect(&p->now.exposed, &backends, p->rules, p->options->node, pods, policies->n_locals);
	free(pods);
}

void perimeter_init(struct perimeter *p, const struct model *m, const struct compile_options *o,
		    struct rules *rules, struct arena *arena)
{
	*p = (struct perimeter){ .model = m, .options = o, .rules = rules };
	wordset_init(&p->lists, arena);
	wordset_init(&p->profiles, arena);
}

void perimeter_collect(struct perimeter *p, const struct policies *policies)
{
	asked_init(&p->now.asked);
	p->now.asks_inside = asks_inside(p, policies);
	if (p->now.asks_inside)
		find_exposed(p, policies);
	find_views(p, policies);
}

void declared_free(struct declared *d)
{
	for (size_t i = 0; i < d->n_views; i++)
		openings_free(&d->views[i].reach);
	free(d->views);
	free(d->view_of);
	openings_free(&d->exposed);
	asked_free(&d->asked);
	*d = (struct declared){};
}

void perimeter_free(struct perimeter *p)
{
	declared_free(&p->now);
	wordset_free(&p->lists);
	wordset_free(&p->profiles);
}

uint32_t perimeter_profile(struct perimeter *p, const struct pod *pod)
{
	uint32_t *v, n = 0, profile;

	if (p->now.n_views < 2)
		return 0;
	v = mem_array(p->now.n_views * 2, sizeof(*v));
	for (size_t i = 1; i < p->now.n_views; i++) {
		uint32_t list = openings_paint(&p->lists, openings_of(&p->now.views[i].reach, pod));

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
		sum += mix_word(p->now.views[w->v[i]].hash, list_hash(p, w->v[i + 1]));
	return sum;
}
