// SPDX-License-Identifier: GPL-2.0
/*
 * P1: the ports that outsiders may reach.
 */
#include <string.h>
#include "perimeter.h"

struct exposing {
	struct openings *out;
	struct rules *rules;
	const char *node;
	const struct service *service;
};

bool service_is_exposed(const struct service *s)
{
	return s->type == SERVICE_NODE_PORT || s->type == SERVICE_LOAD_BALANCER || s->n_external_ips;
}

static const struct service_port *port_of(const struct service *s, const struct slice_port *port)
{
	for (unsigned i = 0; i < s->n_ports; i++)
		if (s->ports[i].proto == port->proto && !strcmp(s->ports[i].name, port->name))
			return &s->ports[i];
	return NULL;
}

/* Named by the Service's port, which is what outsiders see, where the slice's can be traced to it. */
static uint32_t service_rule(struct rules *rules, const struct service *s, const struct slice_port *port)
{
	const struct service_port *sp = port_of(s, port);

	if (sp)
		return rules_add(rules, STOCKADE_TIER_PERIMETER, "Service %s/%s port %u",
				 s->meta.ns, s->meta.name, sp->port);
	return rules_add(rules, STOCKADE_TIER_PERIMETER, "Service %s/%s endpoint port %u",
			 s->meta.ns, s->meta.name, port->port);
}

static void expose(void *ctx, const struct pod *pod, const struct slice_port *port)
{
	struct exposing *x = ctx;

	if (!strcmp(pod->node, x->node))
		openings_add_port(x->out, pod, port, service_rule(x->rules, x->service, port));
}

static void services(struct exposing *x, const struct backends *b)
{
	size_t n;
	const struct meta *const *v = model_list(b->model, KIND_SERVICE, &n);

	for (size_t i = 0; i < n; i++) {
		x->service = (const void *)v[i];
		if (service_is_exposed(x->service))
			backends_each(b, x->service->meta.ns, x->service->meta.name, NULL, expose, x);
	}
}

static void host_ports(struct exposing *x, const struct pod *pod)
{
	for (unsigned i = 0; i < pod->n_ports; i++) {
		const struct container_port *c = &pod->ports[i];
		struct slice_port port = { .name = "", .proto = c->proto, .port = c->port };

		if (c->host_port)
			openings_add_port(x->out, pod, &port,
					  rules_add(x->rules, STOCKADE_TIER_PERIMETER, "Pod %s/%s hostPort %u",
						    pod->meta.ns, pod->meta.name, c->host_port));
	}
}

void exposure_collect(struct openings *out, const struct backends *b, struct rules *rules, const char *node,
		      const struct pod *const *pods, size_t n)
{
	struct exposing x = { .out = out, .rules = rules, .node = node };

	services(&x, b);
	for (size_t i = 0; i < n; i++)
		host_ports(&x, pods[i]);
}
