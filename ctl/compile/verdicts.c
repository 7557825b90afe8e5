// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "verdicts.h"

/* One door of one pod, while its draft is made. */
struct maker {
	struct verdicts *v;
	const struct local *local;
	enum stockade_door door;
	bool isolated;
	uint32_t rest;		/* what policy says where no rule allows */
	const struct policy_use **uses;	/* rules of the policies that isolate it, in order */
	uint32_t n_uses;
	uint32_t *heads, *next;	/* by group: its first use; by use: the next of the same group; n_uses ends */
	uint32_t *any;		/* uses without peers */
	uint32_t n_any;
	bool names;		/* some use has a named port */
	uint32_t view;		/* of the gateway; egress only */
	enum perimeter_mode mode;
	struct wordset cases;	/* what classes differ by, */
	uint32_t *answers;	/* and the steps that follow */
	size_t n_answers, cap_answers;
	struct intervals paint;	/* scratch */
	struct steps policy, gate, out;
};

/* A class's list of openings, or none: the gate does not ask about it. */
#define NO_GATE UINT32_MAX

static uint32_t gate_of(const struct maker *k, const struct class *c, uint32_t exposed)
{
	if (k->mode == PERIMETER_OFF)
		return NO_GATE;
	if (k->door == STOCKADE_DOOR_INGRESS)
		return c->flags & CLASS_INSIDE ? NO_GATE : exposed;
	if (!k->view || !(c->flags & CLASS_POD))
		return NO_GATE;
	return perimeter_list(k->v->perimeter, c->reach, k->view);
}

static void find_uses(struct maker *k)
{
	const struct policies *p = k->v->policies;
	uint32_t n = 0;

	for (uint32_t i = 0; i < k->local->policies.n; i++)
		n += p->v[k->local->policies.v[i]].doors[k->door].n;
	k->uses = mem_array(n, sizeof(*k->uses));
	for (uint32_t i = 0; i < k->local->policies.n; i++) {
		const struct policy_door *d = &p->v[k->local->policies.v[i]].doors[k->door];

		if (d->isolates && !k->isolated) {
			k->isolated = true;
			k->rest = STOCKADE_STEP(STOCKADE_VERDICT_DENY, d->handle);
		}
		for (unsigned r = 0; r < d->n; r++)
			k->uses[k->n_uses++] = &d->uses[r];
	}
}

static bool has_names(const struct policy_rule *r)
{
	for (unsigned i = 0; i < r->n_ports; i++)
		if (r->ports[i].name)
			return true;
	return false;
}

/* Threads the uses of each group, backwards so that each list is in order. */
static void thread_uses(struct maker *k)
{
	size_t groups = k->v->policies->peers->groups.n;

	k->heads = mem_array(groups, sizeof(*k->heads));
	k->next = mem_array(k->n_uses, sizeof(*k->next));
	k->any = mem_array(k->n_uses, sizeof(*k->any));
	for (size_t g = 0; g < groups; g++)
		k->heads[g] = k->n_uses;
	for (uint32_t u = k->n_uses; u-- > 0;) {
		uint32_t g = k->uses[u]->group;

		k->names |= has_names(k->uses[u]->rule);
		if (g == GROUP_ANY) {
			k->any[k->n_any++] = u;
			continue;
		}
		k->next[u] = k->heads[g];
		k->heads[g] = u;
	}
}

static void add_named(struct maker *k, const struct policy_port *port, uint32_t profile, uint32_t verdict)
{
	const struct pod *pod = k->local->pod;

	if (k->door == STOCKADE_DOOR_EGRESS) {
		const struct words *w = &k->v->ports->profiles.v[profile];
		uint32_t name = ports_name(k->v->ports, port->name, port->proto);

		for (uint32_t i = 0; i < w->n; i += 2) {
			uint32_t at = STOCKADE_STEP_FROM(port->proto, w->v[i + 1]);

			if (w->v[i] == name)
				intervals_add(&k->paint, at, at, verdict);
		}
		return;
	}
	for (unsigned i = 0; i < pod->n_ports; i++) {
		uint32_t at = STOCKADE_STEP_FROM(port->proto, pod->ports[i].port);

		if (pod->ports[i].name == port->name && pod->ports[i].proto == port->proto)
			intervals_add(&k->paint, at, at, verdict);
	}
}

static void add_use(struct maker *k, const struct policy_use *u, uint32_t profile)
{
	uint32_t verdict = STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, u->handle);

	if (!u->rule->n_ports)
		intervals_add(&k->paint, 0, PORTS_ALL_TO, verdict);
	for (unsigned i = 0; i < u->rule->n_ports; i++) {
		const struct policy_port *p = &u->rule->ports[i];

		if (p->any)
			intervals_add_proto(&k->paint, p->proto, verdict);
		else if (p->name)
			add_named(k, p, profile, verdict);
		else
			intervals_add(&k->paint, STOCKADE_STEP_FROM(p->proto, p->port),
				      STOCKADE_STEP_FROM(p->proto, p->end_port), verdict);
	}
}

static uint32_t shut(const struct maker *k)
{
	uint32_t handle = k->v->gate_handles[k->door];

	return STOCKADE_STEP(k->mode == PERIMETER_AUDIT ? STOCKADE_VERDICT_WOULD_DENY : STOCKADE_VERDICT_DENY,
			     handle);
}

/* The steps for classes of one case: gate, profile, and the uses that hold for them. */
static uint32_t answer(struct maker *k, const uint32_t *c, uint32_t n)
{
	const struct steps *s = &k->policy;

	k->paint.n = 0;
	for (uint32_t i = 2; i < n; i++)
		add_use(k, k->uses[c[i]], c[1]);
	portmap_paint(k->paint.v, k->paint.n, k->rest, &k->policy);
	if (c[0] != NO_GATE) {
		openings_steps(&k->v->perimeter->lists, c[0], shut(k), &k->gate);
		portmap_gate(&k->policy, &k->gate, &k->out);
		s = &k->out;
	}
	return wordset_put(&k->v->steps, (const uint32_t *)s->v, s->n * 2);
}

/* What decides about class @c: its case. */
static uint32_t case_of(struct maker *k, const struct class *c, const struct words *set, uint32_t exposed,
			uint32_t *scratch)
{
	uint32_t n = 0;

	scratch[n++] = gate_of(k, c, exposed);
	scratch[n++] = k->names && k->door == STOCKADE_DOOR_EGRESS ? c->ports : 0;
	for (uint32_t i = 0; i < k->n_any; i++)
		scratch[n++] = k->any[i];
	for (uint32_t i = 0; i < set->n; i++)
		for (uint32_t u = k->heads[set->v[i]]; u < k->n_uses; u = k->next[u])
			scratch[n++] = u;
	n = 2 + words_sort(scratch + 2, n - 2);
	return wordset_put(&k->cases, scratch, n);
}

static void decide(struct maker *k, uint32_t *draft)
{
	const struct classes *classes = k->v->classes;
	uint32_t *scratch = mem_array(k->n_uses + 2, sizeof(*scratch)), exposed;

	exposed = openings_paint(&k->v->perimeter->lists, openings_of(&k->v->perimeter->now.exposed, k->local->pod));
	for (size_t i = 0; i < classes->n_live; i++) {
		const struct class *c = &classes->v[classes->live[i]];
		uint32_t at = case_of(k, c, &k->v->sets->v[c->set], exposed, scratch);

		while (k->n_answers <= at) {
			mem_grow(k->answers, k->n_answers, k->cap_answers);
			k->answers[k->n_answers++] = UINT32_MAX;
		}
		if (k->answers[at] == UINT32_MAX)
			k->answers[at] = answer(k, k->cases.v[at].v, k->cases.v[at].n);
		draft[i] = k->answers[at];
	}
	free(scratch);
}

static uint32_t keep(struct verdicts *v, const uint32_t *draft)
{
	for (size_t i = 0; i < v->classes->n_live; i++)
		if (draft[i] != v->allow_all)
			return wordset_put(&v->drafts, draft, v->classes->n_live);
	return 0;
}

static uint32_t make(struct maker *k)
{
	struct arena arena = {};
	uint32_t *draft = mem_array(k->v->classes->n_live, sizeof(*draft)), number;

	wordset_init(&k->cases, &arena);
	find_uses(k);
	thread_uses(k);
	decide(k, draft);
	number = keep(k->v, draft);
	wordset_free(&k->cases);
	arena_free(&arena);
	free(draft);
	free(k->uses);
	free(k->heads);
	free(k->next);
	free(k->any);
	free(k->answers);
	free(k->paint.v);
	free(k->policy.v);
	free(k->gate.v);
	free(k->out.v);
	return number;
}

/* Everything of a pod that its draft is made from. */
static uint32_t input_of(struct verdicts *v, const struct maker *k)
{
	const struct pod *pod = k->local->pod;
	uint32_t *w = mem_array(4 + 5 * pod->n_ports + k->local->policies.n, sizeof(*w)), n = 0, number;
	const struct intervals *open = openings_of(&v->perimeter->now.exposed, pod);

	w[n++] = k->door;
	w[n++] = k->mode;
	w[n++] = k->view;
	w[n++] = openings_paint(&v->perimeter->lists, open);
	for (unsigned i = 0; i < pod->n_ports && k->door == STOCKADE_DOOR_INGRESS; i++) {
		uintptr_t name = (uintptr_t)pod->ports[i].name;

		w[n++] = UINT32_MAX;
		w[n++] = (uint32_t)name;
		w[n++] = (uint32_t)((uint64_t)name >> 32);
		w[n++] = pod->ports[i].proto;
		w[n++] = pod->ports[i].port;
	}
	for (uint32_t i = 0; i < k->local->policies.n; i++)
		w[n++] = k->local->policies.v[i];
	number = wordset_put(&v->inputs, w, n);
	free(w);
	return number;
}

uint32_t verdicts_draft(struct verdicts *v, uint32_t local, enum stockade_door door)
{
	struct maker k = {
		.v = v, .local = &v->policies->locals[local], .door = door, .rest = STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, 0),
		.view = door == STOCKADE_DOOR_EGRESS ? v->perimeter->now.view_of[local] : 0,
	};
	uint32_t input;

	k.mode = perimeter_mode(v->perimeter->model, v->perimeter->options, k.local->pod->meta.ns);
	input = input_of(v, &k);
	while (v->n_made <= input) {
		mem_grow(v->made, v->n_made, v->cap_made);
		v->made[v->n_made++] = UINT32_MAX;
	}
	if (v->made[input] == UINT32_MAX)
		v->made[input] = make(&k);
	return v->made[input];
}

void verdicts_init(struct verdicts *v)
{
	static const struct stockade_step all = { 0, STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, 0) };

	wordset_init(&v->steps, v->arena);
	wordset_init(&v->drafts, v->arena);
	wordset_init(&v->inputs, v->arena);
	v->allow_all = wordset_put(&v->steps, (const uint32_t *)&all, 2);
	v->gate_handles[STOCKADE_DOOR_INGRESS] =
		rules_add(v->rules, STOCKADE_TIER_PERIMETER, "Perimeter: not an exposed port");
	v->gate_handles[STOCKADE_DOOR_EGRESS] =
		rules_add(v->rules, STOCKADE_TIER_PERIMETER, "Perimeter: not a declared backend");
}

void verdicts_free(struct verdicts *v)
{
	wordset_free(&v->steps);
	wordset_free(&v->drafts);
	wordset_free(&v->inputs);
	free(v->made);
}
