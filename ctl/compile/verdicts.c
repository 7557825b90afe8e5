// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "blocks.h"
#include "names.h"
#include "verdicts.h"

struct input {
	uint32_t local;		/* the first pod that asks for it */
	enum stockade_door door;
	uint32_t draft;
	bool shut;
};

/* One door of one pod, while its draft is made. */
struct maker {
	struct verdicts *v;
	struct wordset *set;	/* where steps go, */
	uint64_t *n_steps;	/* and how many are there */
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
	struct answer {
		uint32_t steps;	/* that follow */
		uint32_t identities;	/* with this case */
	} *answers;		/* by case */
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
	size_t known = k->set->n;
	uint32_t number;

	k->paint.n = 0;
	for (uint32_t i = 2; i < n; i++)
		add_use(k, k->uses[c[i]], c[1]);
	portmap_paint(k->paint.v, k->paint.n, k->rest, &k->policy);
	if (c[0] != NO_GATE) {
		openings_steps(&k->v->perimeter->lists, c[0], shut(k), &k->gate);
		portmap_gate(&k->policy, &k->gate, &k->out);
		s = &k->out;
	}
	number = wordset_put(k->set, (const uint32_t *)s->v, s->n * 2);
	if (k->set->n > known)
		*k->n_steps += s->n;
	return number;
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

static struct answer *answer_of(struct maker *k, uint32_t at)
{
	while (k->n_answers <= at) {
		mem_grow(k->answers, k->n_answers, k->cap_answers);
		k->answers[k->n_answers++] = (struct answer){ UINT32_MAX, 0 };
	}
	if (k->answers[at].steps == UINT32_MAX)
		k->answers[at].steps = answer(k, k->cases.v[at].v, k->cases.v[at].n);
	return &k->answers[at];
}

/* False: there are more steps than there is room, and it was given up. */
static bool decide(struct maker *k, uint32_t *draft)
{
	const struct classes *classes = k->v->classes;
	uint32_t *scratch = mem_array(k->n_uses + 2, sizeof(*scratch)), exposed;
	bool fits = true;

	exposed = openings_paint(&k->v->perimeter->lists, openings_of(&k->v->perimeter->now.exposed, k->local->pod));
	for (size_t i = 0; i < classes->n_live && fits; i++) {
		const struct class *c = &classes->v[classes->live[i]];
		struct answer *a = answer_of(k, case_of(k, c, &k->v->sets->v[c->set], exposed, scratch));

		a->identities += class_identities(classes, i);
		draft[i] = a->steps;
		fits = *k->n_steps <= k->v->room;
	}
	free(scratch);
	return fits;
}

static int answer_cmp(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;

	return (x->steps > y->steps) - (x->steps < y->steps);
}

/* As the kernel counts: the steps, and all identities but the default's, which are the most that have the same. */
static uint64_t size_of(struct maker *k)
{
	uint64_t size = 0, most = 0, same = 0;

	/* The empty case is nobody's. */
	qsort(k->answers, k->n_answers, sizeof(*k->answers), answer_cmp);
	for (size_t i = 0; i < k->n_answers && k->answers[i].identities; i++) {
		const struct answer *a = &k->answers[i];

		if (!i || a->steps != a[-1].steps) {
			size += k->set->v[a->steps].n / 2;
			same = 0;
		}
		size += a->identities;
		same += a->identities;
		most = same > most ? same : most;
	}
	return size - most;
}

static uint64_t hash_of(const struct maker *k, const uint32_t *draft)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < k->v->classes->n_live; i++) {
		const struct words *w = &k->set->v[draft[i]];

		hash = mix_bytes(hash, w->v, w->n * sizeof(*w->v));
	}
	return hash;
}

/* What a pod asks for at a door. */
static struct maker maker_of(struct verdicts *v, uint32_t local, enum stockade_door door)
{
	return (struct maker){
		.v = v, .set = &v->steps, .n_steps = &v->n_steps, .local = &v->policies->locals[local], .door = door,
		.rest = STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, 0),
		.view = door == STOCKADE_DOOR_EGRESS ? v->perimeter->now.view_of[local] : 0,
		.mode = perimeter_mode(v->perimeter->model, v->perimeter->options, v->policies->locals[local].pod->meta.ns),
	};
}

static void maker_free(struct maker *k)
{
	wordset_free(&k->cases);
	free(k->uses);
	free(k->heads);
	free(k->next);
	free(k->any);
	free(k->answers);
	free(k->paint.v);
	free(k->policy.v);
	free(k->gate.v);
	free(k->out.v);
}

/* Fills @draft; false: given up. */
static bool make(struct maker *k, struct arena *arena, uint32_t *draft)
{
	wordset_init(&k->cases, arena);
	find_uses(k);
	thread_uses(k);
	return decide(k, draft);
}

static uint32_t keep(struct verdicts *v, const uint32_t *draft, uint64_t size)
{
	size_t known = v->drafts.n;
	uint32_t number = 0;

	for (size_t i = 0; i < v->classes->n_live && !number; i++)
		if (draft[i] != v->allow_all)
			number = wordset_put(&v->drafts, draft, v->classes->n_live);
	if (v->drafts.n > known)
		v->taken += size;
	return number;
}

/* False: no more drafts fit. */
static bool make_input(struct verdicts *v, struct input *in)
{
	struct maker k = maker_of(v, in->local, in->door);
	uint32_t *draft = mem_array(v->classes->n_live, sizeof(*draft));
	struct arena arena = {};
	bool made = make(&k, &arena, draft);

	if (made)
		in->draft = keep(v, draft, size_of(&k));
	maker_free(&k);
	arena_free(&arena);
	free(draft);
	return made && v->taken <= v->room;
}

static void weigh_input(struct verdicts *v, const struct input *in, struct taker *out)
{
	struct maker k = maker_of(v, in->local, in->door);
	uint32_t *draft = mem_array(v->classes->n_live, sizeof(*draft));
	struct arena arena = {};
	struct wordset set;
	uint64_t n_steps = 0;

	wordset_init(&set, &arena);
	k.set = &set;
	k.n_steps = &n_steps;
	*out = (struct taker){ .size = UINT64_MAX };
	if (make(&k, &arena, draft))
		*out = (struct taker){ .hash = hash_of(&k, draft), .size = size_of(&k) };
	maker_free(&k);
	wordset_free(&set);
	arena_free(&arena);
	free(draft);
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
	number = wordset_put(&v->asked, w, n);
	free(w);
	return number;
}

/* What all pods ask for; input 0 is nobody's. */
static void ask(struct verdicts *v)
{
	size_t cap = 0, n = 0;

	wordset_init(&v->asked, &v->asked_arena);
	v->input = mem_array(v->policies->n_locals, sizeof(*v->input));
	mem_grow(v->inputs, n, cap);
	v->inputs[n++] = (struct input){};
	for (uint32_t i = 0; i < v->policies->n_locals; i++)
		for (int d = 0; d < STOCKADE_DOORS; d++) {
			struct maker k = maker_of(v, i, d);

			v->input[i][d] = input_of(v, &k);
			if (v->input[i][d] < n)
				continue;
			mem_grow(v->inputs, n, cap);
			v->inputs[n++] = (struct input){ .local = i, .door = d, .shut = blocks_miss(v->policies, i, d) };
		}
}

static uint32_t put_steps(struct verdicts *v, uint8_t verdict, uint32_t handle)
{
	struct stockade_step all = { 0, STOCKADE_STEP(verdict, handle) };

	return wordset_put(&v->steps, (const uint32_t *)&all, 2);
}

static void begin(struct verdicts *v)
{
	wordset_init(&v->steps, &v->arena);
	wordset_init(&v->drafts, &v->arena);
	v->n_steps = v->taken = 0;
	v->allow_all = put_steps(v, STOCKADE_VERDICT_ALLOW, 0);
}

static void end(struct verdicts *v)
{
	wordset_free(&v->steps);
	wordset_free(&v->drafts);
	arena_free(&v->arena);
}

/* A draft that denies everything, itself of size 1. */
static uint32_t shut_draft(struct verdicts *v)
{
	uint32_t handle = rules_add(v->rules, STOCKADE_TIER_NETWORKPOLICY, "Closed: its policies take more than the table has");
	uint32_t deny = put_steps(v, STOCKADE_VERDICT_DENY, handle), *draft = mem_array(v->classes->n_live, sizeof(*draft)), number;

	for (size_t i = 0; i < v->classes->n_live; i++)
		draft[i] = deny;
	number = keep(v, draft, 1);
	free(draft);
	return number;
}

static bool make_inputs(struct verdicts *v)
{
	uint32_t shut = 0;	/* not made yet */
	bool fit = true;

	for (size_t i = 1; i < v->asked.n && fit; i++) {
		if (!v->inputs[i].shut) {
			fit = make_input(v, &v->inputs[i]);
			continue;
		}
		if (!shut)
			shut = shut_draft(v);
		v->inputs[i].draft = shut;
	}
	return fit && v->taken <= v->room;
}

/* Those that are shut already want nothing. */
static void shut_largest(struct verdicts *v)
{
	v->takers = mem_array(v->asked.n, sizeof(*v->takers));
	for (size_t i = 1; i < v->asked.n; i++)
		if (!v->inputs[i].shut)
			weigh_input(v, &v->inputs[i], &v->takers[i]);
	room_shut(v->takers + 1, v->asked.n - 1, v->room ? v->room - 1 : 0);
	for (size_t i = 1; i < v->asked.n; i++)
		v->inputs[i].shut |= v->takers[i].shut;
}

static void share_names(struct verdicts *v)
{
	uint32_t *drafts = names_share(v);

	for (size_t i = 1; i < v->asked.n && drafts; i++)
		v->inputs[i].draft = drafts[v->inputs[i].draft];
	free(drafts);
}

void verdicts_make(struct verdicts *v)
{
	v->gate_handles[STOCKADE_DOOR_INGRESS] =
		rules_add(v->rules, STOCKADE_TIER_PERIMETER, "Perimeter: not an exposed port");
	v->gate_handles[STOCKADE_DOOR_EGRESS] =
		rules_add(v->rules, STOCKADE_TIER_PERIMETER, "Perimeter: not a declared backend");
	begin(v);
	ask(v);
	if (!make_inputs(v)) {
		end(v);
		shut_largest(v);
		begin(v);
		make_inputs(v);
	}
	share_names(v);
}

uint32_t verdicts_draft(const struct verdicts *v, uint32_t local, enum stockade_door door)
{
	return v->inputs[v->input[local][door]].draft;
}

bool verdicts_shut(const struct verdicts *v, uint32_t local, enum stockade_door door, struct table_closed *out)
{
	uint32_t at = v->input[local][door];
	bool steps = v->takers && v->takers[at].shut;

	if (!v->inputs[at].shut)
		return false;
	out->steps = steps ? v->takers[at].size : 0;
	out->blocks = steps ? 0 : blocks_count(v->policies, local, door);
	return true;
}

void verdicts_free(struct verdicts *v)
{
	end(v);
	wordset_free(&v->asked);
	arena_free(&v->asked_arena);
	free(v->input);
	free(v->inputs);
	free(v->takers);
}
