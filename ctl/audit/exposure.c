// SPDX-License-Identifier: GPL-2.0
/* Exposure: what the outside reaches without passing a gateway. */
#include <stdlib.h>
#include <string.h>

#include "../compile/perimeter.h"
#include "fix.h"

static int by_pointer(const void *a, const void *b)
{
	const struct exposure *x = a, *y = b;

	return (x->pod > y->pod) - (x->pod < y->pod);
}

static void add_port(void *ctx, const struct pod *pod, const struct slice_port *port)
{
	struct exposures *s = ctx;

	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->v = realloc(s->v, s->room * sizeof(*s->v));
		if (!s->v)
			abort();
	}
	s->v[s->n++] = (struct exposure){ pod, port->proto, port->any, port->port };
}

static void add_host_ports(struct exposures *s, const struct pod *p)
{
	for (unsigned i = 0; i < p->n_ports; i++) {
		struct slice_port port = { .proto = p->ports[i].proto, .port = p->ports[i].port };

		if (p->ports[i].host_port)
			add_port(s, p, &port);
	}
}

void audit_exposure_collect(struct audit_ctx *c)
{
	const struct service *s;
	const struct pod *p;

	for_each(c->m, KIND_SERVICE, s) {
		if (service_is_exposed(s))
			backends_each(&c->backends, s->meta.ns, s->meta.name, NULL, add_port, &c->exposed);
	}
	for_each(c->m, KIND_POD, p) {
		if (pod_is_live(p))
			add_host_ports(&c->exposed, p);
	}
	if (c->exposed.n)
		qsort(c->exposed.v, c->exposed.n, sizeof(*c->exposed.v), by_pointer);
}

bool audit_is_exposed(const struct audit_ctx *c, const struct pod *p)
{
	struct exposure like = { .pod = p };

	return c->exposed.n && bsearch(&like, c->exposed.v, c->exposed.n, sizeof(like), by_pointer);
}

static bool exposes_number(const struct audit_ctx *c, const struct pod *p, uint8_t proto, uint16_t number)
{
	for (size_t i = 0; i < c->exposed.n; i++) {
		const struct exposure *e = &c->exposed.v[i];

		if (e->pod == p && e->proto == proto && (e->any || e->port == number))
			return true;
	}
	return false;
}

bool audit_exposes(const struct audit_ctx *c, const struct pod *p, const struct policy_port *port)
{
	if (port->any)
		return false;
	for (unsigned i = 0; port->name && i < p->n_ports; i++)
		if (p->ports[i].name == port->name && p->ports[i].proto == port->proto &&
		    !exposes_number(c, p, port->proto, p->ports[i].port))
			return false;
	for (unsigned n = port->port; !port->name && n <= port->end_port; n++)
		if (!exposes_number(c, p, port->proto, n))
			return false;
	return true;
}

static bool isolated_for_ingress(const struct audit_ctx *c, const struct pod *p)
{
	const struct networkpolicy *np;

	for_each_ns(c->m, KIND_NETWORKPOLICY, p->meta.ns, np) {
		if (np->isolates_ingress && audit_policy_selects(np, p))
			return true;
	}
	return false;
}

static void check_host_ports(struct audit_ctx *c, const struct pod *p)
{
	for (unsigned i = 0; i < p->n_ports; i++) {
		/* A gateway's ports are meant to be published, this way or another. */
		if (p->ports[i].host_port)
			audit_add_as(c, AUDIT_HOST_PORT, audit_is_gateway(c, p) ? SEVERITY_INFO : SEVERITY_WARNING,
				     &p->meta, NULL, "%s %s/%s publishes its port %u as port %u of every address of its node.",
				  audit_kind_word(&p->meta), p->meta.ns, p->meta.name, p->ports[i].port, p->ports[i].host_port);
	}
}

void audit_exposure(struct audit_ctx *c)
{
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		if (!pod_is_live(p))
			continue;
		check_host_ports(c, p);
		if (audit_is_exposed(c, p) && !isolated_for_ingress(c, p))
			audit_add(c, AUDIT_EXPOSED_NOT_ISOLATED, &p->meta, fix_isolate(c, p),
				  "%s %s/%s is reachable from outside and no NetworkPolicy isolates it for ingress.",
				  audit_kind_word(&p->meta), p->meta.ns, p->meta.name);
	}
}
