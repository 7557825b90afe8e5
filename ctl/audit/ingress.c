// SPDX-License-Identifier: GPL-2.0
/* Ingress: classes, hosts and paths, and whether what they name is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../compile/perimeter.h"
#include "ctx.h"

/* --- classes --------------------------------------------------------------- */

static bool served(const struct audit_ctx *c, const struct ingress *in)
{
	const struct ingressclass *ic;

	for_each(c->m, KIND_INGRESSCLASS, ic) {
		if (gateway_serves(ic, in))
			return true;
	}
	return false;
}

/* A checkout leaves the classes to whoever runs the gateways. */
static enum severity unknown_class(const struct audit_ctx *c)
{
	if (model_count(c->m, KIND_INGRESSCLASS))
		return SEVERITY_ERROR;
	return c->checkout ? SEVERITY_INFO : SEVERITY_WARNING;
}

static void check_class(struct audit_ctx *c, const struct ingress *in)
{
	if (served(c, in))
		return;
	if (!in->class_name) {
		audit_add(c, AUDIT_INGRESSCLASS_MISSING, &in->meta, NULL,
			  "%s/%s names no IngressClass and none is marked as the default: no gateway serves it.",
			  in->meta.ns, in->meta.name);
		return;
	}
	audit_add_as(c, AUDIT_INGRESSCLASS_UNKNOWN, unknown_class(c), &in->meta, NULL,
		     "%s/%s is of IngressClass %s, which is not there: no gateway serves it.",
		     in->meta.ns, in->meta.name, in->class_name);
}

static bool in_use(const struct audit_ctx *c, const struct ingressclass *ic)
{
	const struct ingress *in;

	for_each(c->m, KIND_INGRESS, in) {
		if (gateway_serves(ic, in))
			return true;
	}
	return false;
}

static unsigned gateway_pods(const struct audit_ctx *c, const struct ingressclass *ic, bool *host_network)
{
	const struct pod *p;
	unsigned n = 0;

	*host_network = false;
	for_each_ns(c->m, KIND_POD, ic->gateway->ns, p) {
		if (!gateway_is(ic, p) || p->finished)
			continue;
		n++;
		*host_network |= p->host_network;
	}
	return n;
}

static void check_gateway(struct audit_ctx *c, const struct ingressclass *ic)
{
	bool host_network;

	if (!ic->gateway) {
		if (in_use(c, ic))
			audit_add(c, AUDIT_GATEWAY_UNKNOWN, &ic->meta, NULL,
				  "IngressClass %s does not say which pods are its gateway: a gateway taken over is held by NetworkPolicies alone.",
				  ic->meta.name);
		return;
	}
	if (!gateway_pods(c, ic, &host_network))
		audit_add_as(c, AUDIT_GATEWAY_UNKNOWN, SEVERITY_WARNING, &ic->meta, NULL,
			     "stockade.io/gateway of IngressClass %s selects no pod.", ic->meta.name);
	else if (host_network)
		audit_add_as(c, AUDIT_GATEWAY_UNKNOWN, SEVERITY_WARNING, &ic->meta, NULL,
			     "a gateway pod of IngressClass %s is hostNetwork: it is its node, and nothing holds it to what is declared.",
			     ic->meta.name);
}

/* --- hosts and paths --------------------------------------------------------- */

struct claim {
	const struct ingress *in;
	const char *class, *host, *path, *type;
};

static const char *class_of(const struct audit_ctx *c, const struct ingress *in)
{
	const struct ingressclass *ic;

	if (in->class_name)
		return in->class_name;
	for_each(c->m, KIND_INGRESSCLASS, ic) {
		if (ic->is_default)
			return ic->meta.name;
	}
	return "";
}

/* To a path of type Prefix a slash at the end is nothing. */
static size_t path_len(const struct claim *c)
{
	size_t len = strlen(c->path);

	return !strcmp(c->type, "Prefix") && len && c->path[len - 1] == '/' ? len - 1 : len;
}

static int by_path(const struct claim *x, const struct claim *y)
{
	size_t nx = path_len(x), ny = path_len(y);
	int d = memcmp(x->path, y->path, nx < ny ? nx : ny);

	return d ? d : (nx > ny) - (nx < ny);
}

static int by_claim(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int d;

	if ((d = strcmp(x->class, y->class)) || (d = strcasecmp(x->host, y->host)) || (d = by_path(x, y)))
		return d;
	return strcmp(x->type, y->type);
}

static int by_claimant(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int d = by_claim(a, b);

	if (d || (d = strcmp(x->in->meta.ns, y->in->meta.ns)))
		return d;
	return strcmp(x->in->meta.name, y->in->meta.name);
}

static size_t claims_of(const struct audit_ctx *c, struct claim *out)
{
	const struct ingress *in;
	size_t n = 0;

	for_each(c->m, KIND_INGRESS, in) {
		for (unsigned i = 0; i < in->n_rules; i++) {
			for (unsigned k = 0; k < in->rules[i].n_paths; k++, n++) {
				const struct ingress_path *p = &in->rules[i].paths[k];

				if (out)
					out[n] = (struct claim){ in, class_of(c, in), in->rules[i].host, p->path, p->path_type };
			}
		}
	}
	return n;
}

static void check_claims(struct audit_ctx *c)
{
	size_t n = claims_of(c, NULL);
	struct claim *v = calloc(n + 1, sizeof(*v));

	if (!v)
		abort();
	claims_of(c, v);
	qsort(v, n, sizeof(*v), by_claimant);
	for (size_t i = 1; i < n; i++) {
		const struct meta *first = &v[i - 1].in->meta, *second = &v[i].in->meta;

		if (by_claim(&v[i - 1], &v[i]))
			continue;
		audit_add(c, AUDIT_PATH_CLAIMED_TWICE, second, NULL,
			  "%s%s is claimed by %s/%s and by %s/%s.", *v[i].host ? v[i].host : "*",
			  *v[i].path ? v[i].path : "/", first->ns, first->name, second->ns, second->name);
	}
	free(v);
}

static void check_hosts(struct audit_ctx *c, const struct ingress *in)
{
	for (unsigned i = 0; i < in->n_rules; i++) {
		const char *host = in->rules[i].host;

		if (*host && *host != '*')
			continue;
		audit_add(c, AUDIT_WILDCARD_HOST, &in->meta, NULL, "rules[%u] of %s/%s serves %s%s.", i,
			  in->meta.ns, in->meta.name, *host ? "every name under " : "every host",
			  *host ? host + 1 : "");
		return;
	}
}

/* --- backends ---------------------------------------------------------------- */

static const struct service_port *backend_port(const struct service *s, const struct ingress_backend *be)
{
	for (unsigned i = 0; i < s->n_ports; i++) {
		const struct service_port *p = &s->ports[i];

		if (be->port_name ? !strcmp(be->port_name, p->name) : be->port == p->port)
			return p;
	}
	return NULL;
}

/* Endpoints need not be pods: a selector-less Service may lead out of the cluster. */
static bool slice_is_ready(const struct endpointslice *s, const struct service_port *port)
{
	bool has_port = false, ready = false;

	for (unsigned i = 0; i < s->n_ports; i++)
		has_port |= s->ports[i].proto == port->proto && !strcmp(s->ports[i].name, port->name);
	for (unsigned i = 0; i < s->n_endpoints; i++)
		ready |= s->endpoints[i].n_ips && !s->endpoints[i].unready;
	return has_port && ready;
}

static bool is_ready(const struct audit_ctx *c, const struct service *s, const struct service_port *port)
{
	const struct endpointslice *e;

	if (s->type == SERVICE_EXTERNAL_NAME)
		return true;
	for_each_ns(c->m, KIND_ENDPOINTSLICE, s->meta.ns, e) {
		if (e->service == s->meta.name && slice_is_ready(e, port))
			return true;
	}
	return false;
}

static void check_service(struct audit_ctx *c, const struct ingress *in, const struct service *s,
			  const struct ingress_backend *be)
{
	const struct service_port *port = backend_port(s, be);

	if (service_is_exposed(s))
		audit_add(c, AUDIT_NODEPORT_ON_BACKEND, &s->meta, NULL,
			  "Service %s/%s is a backend of Ingress %s/%s and also published past the gateway (%s).",
			  s->meta.ns, s->meta.name, in->meta.ns, in->meta.name,
			  s->type == SERVICE_NODE_PORT ? "NodePort" :
			  s->type == SERVICE_LOAD_BALANCER ? "LoadBalancer" : "externalIPs");
	if (!port) {
		char number[8];

		snprintf(number, sizeof(number), "%u", be->port);
		audit_add(c, AUDIT_BACKEND_PORT_MISSING, &in->meta, NULL,
			  "%s/%s sends to port %s of Service %s, which has no such port.", in->meta.ns,
			  in->meta.name, be->port_name ? be->port_name : number, be->service);
		return;
	}
	if (!is_ready(c, s, port))
		audit_add(c, AUDIT_BACKEND_NOT_READY, &in->meta, NULL,
			  "%s/%s sends to Service %s, which has no ready endpoint for port %u.",
			  in->meta.ns, in->meta.name, be->service, port->port);
}

static void check_backend(struct audit_ctx *c, const struct ingress *in, const struct ingress_backend *be)
{
	const struct service *s;

	if (!be->service)
		return;
	s = (const void *)model_get(c->m, KIND_SERVICE, in->meta.ns, be->service);
	if (s) {
		check_service(c, in, s, be);
		audit_reach_backend(c, in, s, backend_port(s, be));
		return;
	}
	audit_add(c, AUDIT_BACKEND_SERVICE_MISSING, &in->meta, NULL,
		  "%s/%s sends to Service %s/%s, which is not there.", in->meta.ns, in->meta.name,
		  in->meta.ns, be->service);
}

static bool same_backend(const struct ingress_backend *a, const struct ingress_backend *b)
{
	return a->service == b->service && a->port_name == b->port_name && a->port == b->port;
}

/* The @n-th backend of @in: the default one, then those of the paths in order; NULL past the end. */
static const struct ingress_backend *nth_backend(const struct ingress *in, unsigned n)
{
	if (!n--)
		return &in->default_backend;
	for (unsigned i = 0; i < in->n_rules; i++) {
		if (n < in->rules[i].n_paths)
			return &in->rules[i].paths[n].backend;
		n -= in->rules[i].n_paths;
	}
	return NULL;
}

/* Each once, though many paths may lead to it. */
static void check_backends(struct audit_ctx *c, const struct ingress *in)
{
	const struct ingress_backend *be;

	for (unsigned i = 0; (be = nth_backend(in, i)); i++) {
		unsigned k = 0;

		while (k < i && !same_backend(nth_backend(in, k), be))
			k++;
		if (k == i)
			check_backend(c, in, be);
	}
}

void audit_ingresses(struct audit_ctx *c)
{
	const struct ingressclass *ic;
	const struct ingress *in;

	for_each(c->m, KIND_INGRESSCLASS, ic)
		check_gateway(c, ic);
	for_each(c->m, KIND_INGRESS, in) {
		check_class(c, in);
		check_hosts(c, in);
		check_backends(c, in);
	}
	check_claims(c);
}
