// SPDX-License-Identifier: GPL-2.0
/* Backends that policies keep the gateway from: asked of the compiled tables themselves. */
#include <stdlib.h>
#include <string.h>

#include "../compile/perimeter.h"
#include "fix.h"

struct reaching {
	struct audit_ctx *c;
	const struct ingress *in;
	const struct service *service;
	const struct pod *gateway;
	bool told;
};

static const char *rule_name(struct audit_ctx *c, const struct meeting *at)
{
	const struct table *t = world_table(c->world, at->node, NULL);

	for (size_t i = 0; t && i < t->n_rules; i++) {
		if (t->rules[i].id == at->verdict.rule)
			return t->rules[i].name;
	}
	return "no rule allows it";
}

static void tell(struct reaching *r, const struct pod *pod, const struct slice_port *port, const struct walk *w)
{
	const struct meeting *at = w->v;

	while (at < w->v + w->n && at->verdict.verdict != STOCKADE_VERDICT_DENY)
		at++;
	if (at == w->v + w->n)
		return;
	r->told = true;
	audit_add(r->c, AUDIT_BACKEND_UNREACHABLE, &r->in->meta,
		  fix_allow(r->gateway, pod, port, at->door == STOCKADE_DOOR_EGRESS),
		  "gateway %s/%s can't reach %s/%s port %u behind Service %s: the %s door of node %s denies it (%s).",
		  r->gateway->meta.ns, r->gateway->meta.name, pod->meta.ns, pod->meta.name, port->port,
		  r->service->meta.name, at->door == STOCKADE_DOOR_EGRESS ? "egress" : "ingress", at->node,
		  rule_name(r->c, at));
}

static void try(void *ctx, const struct pod *pod, const struct slice_port *port)
{
	struct reaching *r = ctx;
	struct end from, to;

	if (r->told || port->any || pod == r->gateway)
		return;
	world_end_pod(r->c->world, r->gateway, &from);
	world_end_pod(r->c->world, pod, &to);
	for (int v4 = 0; v4 < 2 && !r->told; v4++) {
		struct flow f = { &from, &to, v4, port->proto, port->port };
		struct walk w;

		if (from.has[v4] && to.has[v4] && !world_walk(r->c->world, &f, &w, NULL) && w.denied)
			tell(r, pod, port, &w);
	}
}

static void from_gateways_of(struct audit_ctx *c, const struct ingressclass *ic, struct reaching *r,
			     const struct service_port *port)
{
	const struct pod *p;

	if (!ic->gateway)
		return;
	for_each_ns(c->m, KIND_POD, ic->gateway->ns, p) {
		if (p->finished || !gateway_is(ic, p) || r->told)
			continue;
		r->gateway = p;
		backends_each(&c->backends, r->service->meta.ns, r->service->meta.name, port, try, r);
	}
}

void audit_reach_backend(struct audit_ctx *c, const struct ingress *in, const struct service *s,
			 const struct service_port *port)
{
	struct reaching r = { .c = c, .in = in, .service = s };
	const struct ingressclass *ic;

	if (!port)
		return;
	for_each(c->m, KIND_INGRESSCLASS, ic) {
		if (gateway_serves(ic, in))
			from_gateways_of(c, ic, &r, port);
	}
}
