// SPDX-License-Identifier: GPL-2.0
/* The perimeter's part of why: what opens the way, or that nothing does. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "perimeter.h"
#include "why.h"

/* The names of those intervals that hold the flow's port, each once. */
static void add_holding(struct lines *out, const struct intervals *open, const struct rules *rules, uint32_t at)
{
	for (size_t i = 0; open && i < open->n; i++) {
		const char *name = rules->v[STOCKADE_STEP_RULE(open->v[i].verdict)].name;
		bool known = false;

		if (at < open->v[i].from || at > open->v[i].to)
			continue;
		for (size_t k = 0; k < out->n && !known; k++)
			known = !strcmp(out->v[k], name);
		if (!known)
			lines_add(out, "%s", name);
	}
}

static bool is_same(const struct interval *a, const struct interval *b)
{
	return a->from == b->from && a->to == b->to && a->verdict == b->verdict;
}

/* "8080/tcp by Service shop/web port 443", each once: two slices, one a family, say the same. */
static void add_others(struct lines *out, const struct intervals *open, const struct rules *rules, const char *what)
{
	for (size_t i = 0; open && i < open->n; i++) {
		const struct interval *v = &open->v[i];
		const char *name = rules->v[STOCKADE_STEP_RULE(v->verdict)].name;
		char buf[WHY_PORT_STRLEN];
		size_t k = 0;

		while (k < i && !is_same(&open->v[k], v))
			k++;
		if (k < i)
			continue;
		if (v->from == v->to)
			lines_add(out, "%s is %s by %s", why_port_text(v->from >> 16, v->from & 0xffff, buf), what, name);
		else
			lines_add(out, "all %s is %s by %s", why_proto_text(v->from >> 16), what, name);
	}
}

static const struct pod *first_gateway(const struct model *m, const struct ingressclass *c)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_POD, &n);

	for (size_t i = 0; i < n; i++)
		if (gateway_is(c, (const void *)v[i]) && !((const struct pod *)v[i])->finished)
			return (const void *)v[i];
	return NULL;
}

/* An Ingress leads to the port: not from outside, but through a gateway. */
static void add_published(struct why *w, const struct asking *a, const struct backends *b, struct rules *rules)
{
	size_t n;
	const struct meta *const *v = model_list(a->model, KIND_INGRESSCLASS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct ingressclass *c = (const void *)v[i];
		const struct pod *gateway = first_gateway(a->model, c);
		struct openings declared = {};
		struct lines names = {};

		gateway_declared(&declared, c, b, rules, a->options->now);
		add_holding(&names, openings_of(&declared, w->subject), rules, STOCKADE_STEP_FROM(a->proto, a->port));
		for (size_t k = 0; k < names.n; k++)
			lines_add(&w->shut, "%s publishes it through the gateway of IngressClass %s%s%s%s%s", names.v[k],
				  c->meta.name, gateway ? ", " : "", gateway ? gateway->meta.ns : "", gateway ? "/" : "",
				  gateway ? gateway->meta.name : "");
		lines_free(&names);
		openings_free(&declared);
	}
}

static void look_at_exposure(struct why *w, const struct asking *a, const struct backends *b, struct rules *rules)
{
	struct openings exposed = {};
	const struct intervals *open;

	w->gate = !model_pod_by_ip(a->model, &a->peer) && !model_node_by_ip(a->model, &a->peer);
	if (!w->gate)
		return;
	exposure_collect(&exposed, b, rules, a->options->node, &w->subject, 1);
	open = openings_of(&exposed, w->subject);
	add_holding(&w->opening, open, rules, STOCKADE_STEP_FROM(a->proto, a->port));
	if (!w->opening.n) {
		add_published(w, a, b, rules);
		add_others(&w->shut, open, rules, "exposed");
	}
	if (!w->opening.n && !w->shut.n)
		lines_add(&w->shut, "no Service of type NodePort or LoadBalancer or with externalIPs, "
			  "and no hostPort, exposes any port of %s/%s", w->subject->meta.ns, w->subject->meta.name);
	openings_free(&exposed);
}

/* The IngressClasses the subject is a gateway of. */
static struct words classes_of(const struct asking *a, const struct pod *pod)
{
	size_t n;
	const struct meta *const *v = model_list(a->model, KIND_INGRESSCLASS, &n);
	uint32_t *found = mem_array(n, sizeof(*found)), m = 0;

	for (size_t i = 0; i < n; i++)
		if (gateway_is((const void *)v[i], pod))
			found[m++] = i;
	return (struct words){ found, m };
}

static void look_at_withheld(struct why *w, const struct asking *a, const struct words *classes,
			     const struct backends *b, struct rules *rules)
{
	size_t n;
	const struct meta *const *v = model_list(a->model, KIND_INGRESSCLASS, &n);

	for (uint32_t i = 0; i < classes->n; i++) {
		struct openings withheld = {};

		gateway_withheld(&withheld, (const void *)v[classes->v[i]], b, rules, a->options->now);
		add_holding(&w->shut, openings_of(&withheld, a->peer_pod), rules,
			    STOCKADE_STEP_FROM(a->proto, a->port));
		openings_free(&withheld);
	}
}

static void look_at_gateway(struct why *w, const struct asking *a, const struct backends *b, struct rules *rules)
{
	struct view view = { .classes = classes_of(a, w->subject) };
	const struct intervals *open;

	w->gate = view.classes.n && a->peer_pod && a->peer_pod != w->subject;
	if (w->gate) {
		gateway_collect(&view, b, rules, a->options->now);
		open = openings_of(&view.reach, a->peer_pod);
		add_holding(&w->opening, open, rules, STOCKADE_STEP_FROM(a->proto, a->port));
		if (!w->opening.n) {
			look_at_withheld(w, a, &view.classes, b, rules);
			add_others(&w->shut, open, rules, "declared");
		}
		if (!w->opening.n && !w->shut.n)
			lines_add(&w->shut, "no Ingress of the gateway's classes has a backend that is %s/%s",
				  a->peer_pod->meta.ns, a->peer_pod->meta.name);
		openings_free(&view.reach);
	}
	free((void *)view.classes.v);
}

void why_gate(struct why *w, const struct asking *a)
{
	struct arena arena = {};
	struct rules rules;
	struct backends b = { .model = a->model };

	rules_init(&rules, &arena);
	if (a->door == STOCKADE_DOOR_INGRESS)
		look_at_exposure(w, a, &b, &rules);
	else
		look_at_gateway(w, a, &b, &rules);
	rules_free(&rules);
	arena_free(&arena);
}
