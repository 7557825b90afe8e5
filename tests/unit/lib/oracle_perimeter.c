// SPDX-License-Identifier: GPL-2.0
/* The oracle's perimeter: P1, P2 and P3 as they are written. */
#include <string.h>
#include <strings.h>
#include "oracle_priv.h"

/* Is (pod, proto, port) behind the Service, through the port of this name and protocol (NULL: any)? */
static bool behind(const struct oracle *o, const struct meta *service, const struct service_port *only,
		   const struct pod *pod, uint8_t proto, uint16_t port)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_ENDPOINTSLICE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct endpointslice *s = (const void *)v[i];
		bool has_port = false;

		if (strcmp(s->meta.ns, service->ns) || strcmp(s->service, service->name))
			continue;
		for (unsigned k = 0; k < s->n_ports; k++) {
			const struct slice_port *q = &s->ports[k];

			if (only && (strcmp(q->name, only->name) || q->proto != only->proto))
				continue;
			has_port |= q->proto == proto && (q->any || q->port == port);
		}
		for (unsigned k = 0; has_port && k < s->n_endpoints; k++) {
			const struct slice_endpoint *e = &s->endpoints[k];

			/* An endpoint that speaks of another pod is out of date. */
			if (e->unready || (e->target_pod && (strcmp(e->target_pod, pod->meta.name) ||
							     strcmp(e->target_ns, pod->meta.ns))))
				continue;
			for (unsigned a = 0; a < e->n_ips; a++)
				if (oracle_pod_at(o, &e->ips[a]) == pod)
					return true;
		}
	}
	return false;
}

static bool exposed(const struct oracle *o, const struct pod *pod, const struct oracle_flow *f)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_SERVICE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct service *s = (const void *)v[i];

		if ((s->type == SERVICE_NODE_PORT || s->type == SERVICE_LOAD_BALANCER || s->n_external_ips) &&
		    behind(o, &s->meta, NULL, pod, f->proto, f->port))
			return true;
	}
	for (unsigned i = 0; i < pod->n_ports; i++)
		if (pod->ports[i].host_port && pod->ports[i].proto == f->proto && pod->ports[i].port == f->port)
			return true;
	return false;
}

/* One label more in front of what follows the star. */
static bool wildcard(const char *pattern, const char *host)
{
	const char *rest = strchr(host, '.');

	return pattern[0] == '*' && pattern[1] == '.' && host[0] != '*' && rest && rest > host &&
	       !strcasecmp(rest + 1, pattern + 2);
}

static bool names(const char *pattern, const char *host)
{
	return !strcasecmp(pattern, host) || wildcard(pattern, host);
}

static bool certificate_covers(const struct oracle *o, const struct ingress *in, const char *secret, const char *host)
{
	const struct meta *meta = *secret ? model_get(o->model, KIND_SECRET, in->meta.ns, secret) : NULL;

	for (const struct oracle_secret *s = o->secrets; meta && s->name; s++) {
		if (strcmp(s->name, secret) || !s->sound)
			continue;
		if (!*host)
			return true;
		for (int i = 0; s->hosts[i]; i++)
			if (names(s->hosts[i], host))
				return true;
	}
	return false;
}

static bool covered(const struct oracle *o, const struct ingress *in, const char *host)
{
	for (unsigned i = 0; i < in->n_tls; i++) {
		const struct ingress_tls *t = &in->tls[i];
		bool listed = !t->n_hosts;

		for (unsigned k = 0; k < t->n_hosts; k++)
			listed |= *host && names(t->hosts[k], host);
		if (listed && certificate_covers(o, in, t->secret, host))
			return true;
	}
	return false;
}

static bool backend_is(const struct oracle *o, const struct ingress *in, const struct ingress_backend *b,
		       const struct pod *pod, const struct oracle_flow *f)
{
	const struct service *s = b->service ?
		(const void *)model_get(o->model, KIND_SERVICE, in->meta.ns, b->service) : NULL;

	for (unsigned i = 0; s && i < s->n_ports; i++) {
		bool this = b->port_name ? !strcmp(s->ports[i].name, b->port_name) : s->ports[i].port == b->port;

		if (this && behind(o, &s->meta, &s->ports[i], pod, f->proto, f->port))
			return true;
	}
	return false;
}

static bool ingress_declares(const struct oracle *o, const struct ingressclass *c, const struct ingress *in,
			     const struct pod *pod, const struct oracle_flow *f)
{
	if (in->class_name ? strcmp(in->class_name, c->meta.name) : !c->is_default)
		return false;
	if ((!c->require_tls || covered(o, in, "")) && backend_is(o, in, &in->default_backend, pod, f))
		return true;
	for (unsigned i = 0; i < in->n_rules; i++) {
		if (c->require_tls && !covered(o, in, in->rules[i].host))
			continue;
		for (unsigned k = 0; k < in->rules[i].n_paths; k++)
			if (backend_is(o, in, &in->rules[i].paths[k].backend, pod, f))
				return true;
	}
	return false;
}

static bool selected(const struct pod_ref_selector *r, const struct pod *p)
{
	return !strcmp(r->ns, p->meta.ns) && oracle_selects(&r->selector, &p->meta.labels);
}

static bool class_declares(const struct oracle *o, const struct ingressclass *c, const struct pod *pod,
			   const struct oracle_flow *f)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_INGRESS, &n);

	for (unsigned i = 0; i < c->n_reach; i++)
		if (selected(&c->reach[i], pod))
			return true;
	for (size_t i = 0; i < n; i++)
		if (ingress_declares(o, c, (const void *)v[i], pod, f))
			return true;
	return false;
}

static bool dns(const struct oracle *o, const struct pod *pod, const struct oracle_flow *f)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_SERVICE, &n);

	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < v[i]->labels.n; k++)
			if (!strcmp(v[i]->labels.v[k].key, "k8s-app") && !strcmp(v[i]->labels.v[k].value, "kube-dns") &&
			    behind(o, v[i], NULL, pod, f->proto, f->port))
				return true;
	return false;
}

static bool gateway_may(const struct oracle *o, const struct pod *gateway, const struct pod *pod,
			const struct oracle_flow *f, bool *asked)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_INGRESSCLASS, &n);
	bool may = false;

	for (size_t i = 0; i < n; i++) {
		const struct ingressclass *c = (const void *)v[i];

		if (!c->gateway || !selected(c->gateway, gateway))
			continue;
		*asked = true;
		may |= class_declares(o, c, pod, f);
	}
	return !*asked || may || dns(o, pod, f);
}

bool oracle_perimeter_open(const struct oracle *o, const struct pod *subject, const struct oracle_flow *f,
			   enum stockade_door door, bool *asked)
{
	const struct pod *pod;

	*asked = false;
	if (door == STOCKADE_DOOR_INGRESS) {
		*asked = !oracle_inside(o, &f->opener);
		return !*asked || exposed(o, subject, f);
	}
	pod = oracle_peer_pod(o, &f->target);
	return !pod || gateway_may(o, subject, pod, f, asked);
}
