// SPDX-License-Identifier: GPL-2.0
/*
 * P2 and P3: what the gateways of a set of IngressClasses may reach.
 */
#include <string.h>
#include "perimeter.h"
#include "tls.h"

#define DNS_LABEL "k8s-app"
#define DNS_VALUE "kube-dns"

struct reaching {
	struct openings *out;
	uint32_t handle;
};

bool gateway_is(const struct ingressclass *c, const struct pod *pod)
{
	return c->gateway && c->gateway->ns == pod->meta.ns &&
	       selector_matches(&c->gateway->selector, &pod->meta.labels);
}

bool gateway_serves(const struct ingressclass *c, const struct ingress *in)
{
	return in->class_name ? in->class_name == c->meta.name : c->is_default;
}

static void reach(void *ctx, const struct pod *pod, const struct slice_port *port)
{
	struct reaching *r = ctx;

	openings_add_port(r->out, pod, port, r->handle);
}

static bool is_port(const struct ingress_backend *be, const struct service_port *p)
{
	return be->port_name ? !strcmp(be->port_name, p->name) : be->port == p->port;
}

/* What is collected of the Ingresses of a class: what they declare, or what they would if TLS covered it. */
struct collecting {
	const struct ingressclass *class;
	struct openings *out;
	const struct backends *b;
	struct rules *rules;
	time_t now;
	bool withheld;
};

/* One host's part of an Ingress: its rule, or the default backend (""). */
struct part {
	const struct ingress *in;
	const char *host;
	enum tls_verdict tls;
};

static uint32_t backend_rule(struct collecting *k, const struct part *p, const char *service, uint16_t port)
{
	const struct meta *m = &p->in->meta;

	if (!k->withheld)
		return rules_add(k->rules, STOCKADE_TIER_PERIMETER, "Ingress %s/%s backend %s port %u",
				 m->ns, m->name, service, port);
	return rules_add(k->rules, STOCKADE_TIER_PERIMETER, "Ingress %s/%s (host %s) backend %s port %u: %s",
			 m->ns, m->name, *p->host ? p->host : "*", service, port, tls_verdict_text(p->tls));
}

static void backend(struct collecting *k, const struct part *p, const struct ingress_backend *be)
{
	struct reaching r = { .out = k->out };
	const struct service *s;

	if (!be->service)
		return;
	s = (const void *)model_get(k->b->model, KIND_SERVICE, p->in->meta.ns, be->service);
	for (unsigned i = 0; s && i < s->n_ports; i++) {
		if (!is_port(be, &s->ports[i]))
			continue;
		r.handle = backend_rule(k, p, be->service, s->ports[i].port);
		backends_each(k->b, s->meta.ns, s->meta.name, &s->ports[i], reach, &r);
	}
}

static bool is_wanted(struct collecting *k, struct part *p)
{
	p->tls = k->class->require_tls ? tls_judge(k->b->model, p->in, p->host, k->now) : TLS_COVERED;
	return (p->tls != TLS_COVERED) == k->withheld;
}

static void ingress(struct collecting *k, const struct ingress *in)
{
	struct part p = { .in = in, .host = "" };

	if (in->default_backend.service && is_wanted(k, &p))
		backend(k, &p, &in->default_backend);
	for (unsigned i = 0; i < in->n_rules; i++) {
		const struct ingress_rule *r = &in->rules[i];

		p.host = r->host;
		if (!is_wanted(k, &p))
			continue;
		for (unsigned n = 0; n < r->n_paths; n++)
			backend(k, &p, &r->paths[n].backend);
	}
}

static void ingresses(struct collecting *k)
{
	size_t n;
	const struct meta *const *list = model_list(k->b->model, KIND_INGRESS, &n);

	for (size_t i = 0; i < n; i++)
		if (gateway_serves(k->class, (const void *)list[i]))
			ingress(k, (const void *)list[i]);
}

static void dns(struct openings *out, const struct backends *b, struct rules *rules)
{
	size_t n;
	const struct meta *const *list = model_list(b->model, KIND_SERVICE, &n);
	struct reaching r = { .out = out };

	for (size_t i = 0; i < n; i++) {
		const char *app = labels_get(&list[i]->labels, DNS_LABEL);

		if (!app || strcmp(app, DNS_VALUE))
			continue;
		r.handle = rules_add(rules, STOCKADE_TIER_PERIMETER, "Service %s/%s (%s: %s)",
				     list[i]->ns, list[i]->name, DNS_LABEL, DNS_VALUE);
		backends_each(b, list[i]->ns, list[i]->name, NULL, reach, &r);
	}
}

static void reach_list(struct openings *out, const struct ingressclass *c, const struct model *m,
		       struct rules *rules)
{
	uint32_t handle = rules_add(rules, STOCKADE_TIER_PERIMETER, "IngressClass %s gateway-reach", c->meta.name);

	for (unsigned i = 0; i < c->n_reach; i++) {
		size_t n;
		const struct meta *const *v = model_list_ns(m, KIND_POD, c->reach[i].ns, &n);

		for (size_t k = 0; k < n; k++)
			if (pod_is_live((const void *)v[k]) &&
			    selector_matches(&c->reach[i].selector, &v[k]->labels))
				openings_add_all(out, (const void *)v[k], handle);
	}
}

void gateway_collect(struct view *v, const struct backends *b, struct rules *rules, time_t now)
{
	size_t n;
	const struct meta *const *classes = model_list(b->model, KIND_INGRESSCLASS, &n);
	struct collecting k = { .out = &v->reach, .b = b, .rules = rules, .now = now };

	for (uint32_t i = 0; i < v->classes.n; i++) {
		k.class = (const void *)classes[v->classes.v[i]];
		ingresses(&k);
	}
	dns(&v->reach, b, rules);
	for (uint32_t i = 0; i < v->classes.n; i++)
		reach_list(&v->reach, (const void *)classes[v->classes.v[i]], b->model, rules);
}

void gateway_declared(struct openings *out, const struct ingressclass *c, const struct backends *b,
		      struct rules *rules, time_t now)
{
	struct collecting k = { .class = c, .out = out, .b = b, .rules = rules, .now = now };

	ingresses(&k);
}

void gateway_withheld(struct openings *out, const struct ingressclass *c, const struct backends *b,
		      struct rules *rules, time_t now)
{
	struct collecting k = {
		.class = c, .out = out, .b = b, .rules = rules, .now = now, .withheld = true,
	};

	if (c->require_tls)
		ingresses(&k);
}
