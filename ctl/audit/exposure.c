// SPDX-License-Identifier: GPL-2.0
/* Exposure: what the outside reaches without passing a gateway. */
#include <stdlib.h>
#include <string.h>

#include "../compile/perimeter.h"
#include "ctx.h"

static int by_pointer(const void *a, const void *b)
{
	const struct pod *x = *(const struct pod *const *)a, *y = *(const struct pod *const *)b;

	return (x > y) - (x < y);
}

static void add_pod(void *ctx, const struct pod *pod, const struct slice_port *port)
{
	struct pod_set *s = ctx;

	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->v = realloc(s->v, s->room * sizeof(*s->v));
		if (!s->v)
			abort();
	}
	s->v[s->n++] = pod;
}

static bool has_host_port(const struct pod *p)
{
	for (unsigned i = 0; i < p->n_ports; i++) {
		if (p->ports[i].host_port)
			return true;
	}
	return false;
}

void audit_exposure_collect(struct audit_ctx *c)
{
	const struct service *s;
	const struct pod *p;

	for_each(c->m, KIND_SERVICE, s) {
		if (service_is_exposed(s))
			backends_each(&c->backends, s->meta.ns, s->meta.name, NULL, add_pod, &c->exposed);
	}
	for_each(c->m, KIND_POD, p) {
		if (pod_is_live(p) && has_host_port(p))
			add_pod(&c->exposed, p, NULL);
	}
	if (c->exposed.n)
		qsort(c->exposed.v, c->exposed.n, sizeof(*c->exposed.v), by_pointer);
}

bool audit_is_exposed(const struct audit_ctx *c, const struct pod *p)
{
	return c->exposed.n && bsearch(&p, c->exposed.v, c->exposed.n, sizeof(*c->exposed.v), by_pointer);
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
		if (p->ports[i].host_port)
			audit_add(c, AUDIT_HOST_PORT, &p->meta, NULL,
				  "%s %s/%s publishes its port %u as port %u of every address of its node.",
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
			audit_add(c, AUDIT_EXPOSED_NOT_ISOLATED, &p->meta, NULL,
				  "%s %s/%s is reachable from outside and no NetworkPolicy isolates it for ingress.",
				  audit_kind_word(&p->meta), p->meta.ns, p->meta.name);
	}
}
