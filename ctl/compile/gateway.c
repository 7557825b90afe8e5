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

static void backend(struct openings *out, const struct backends *b, struct rules *rules,
		    const struct ingress *in, const struct ingress_backend *be)
{
	struct reaching r = { .out = out };
	const struct service *s;

	if (!be->service)
		return;
	s = (const void *)model_get(b->model, KIND_SERVICE, in->meta.ns, be->service);
	for (unsigned i = 0; s && i < s->n_ports; i++) {
		if (!is_port(be, &s->ports[i]))
			continue;
		r.handle = rules_add(rules, STOCKADE_TIER_PERIMETER, "Ingress %s/%s backend %s port %u",
				     in->meta.ns, in->meta.name, be->service, s->ports[i].port);
		backends_each(b, s->meta.ns, s->meta.name, &s->ports[i], reach, &r);
	}
}

static bool declares(const struct ingressclass *c, const struct ingress *in, const char *host,
		     const struct model *m, time_t now)
{
	return !c->require_tls || tls_judge(m, in, host, now) == TLS_COVERED;
}

static void ingress(struct view *v, const struct ingressclass *c, const struct ingress *in,
		    const struct backends *b, struct rules *rules, time_t now)
{
	if (in->default_backend.service && declares(c, in, "", b->model, now))
		backend(&v->reach, b, rules, in, &in->default_backend);
	for (unsigned i = 0; i < in->n_rules; i++) {
		const struct ingress_rule *r = &in->rules[i];

		if (!declares(c, in, r->host, b->model, now))
			continue;
		for (unsigned k = 0; k < r->n_paths; k++)
			backend(&v->reach, b, rules, in, &r->paths[k].backend);
	}
}

static void ingresses(struct view *v, const struct ingressclass *c, const struct backends *b,
		      struct rules *rules, time_t now)
{
	size_t n;
	const struct meta *const *list = model_list(b->model, KIND_INGRESS, &n);

	for (size_t i = 0; i < n; i++)
		if (gateway_serves(c, (const void *)list[i]))
			ingress(v, c, (const void *)list[i], b, rules, now);
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

	for (uint32_t i = 0; i < v->classes.n; i++)
		ingresses(v, (const void *)classes[v->classes.v[i]], b, rules, now);
	dns(&v->reach, b, rules);
	for (uint32_t i = 0; i < v->classes.n; i++)
		reach_list(&v->reach, (const void *)classes[v->classes.v[i]], b->model, rules);
}
