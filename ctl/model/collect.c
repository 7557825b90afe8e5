// SPDX-License-Identifier: GPL-2.0
#include "collect.h"

static void mark_selector(struct pool *p, const struct selector *s)
{
	for (unsigned i = 0; s && i < s->n; i++) {
		pool_mark(p, s->v[i].key);
		for (unsigned j = 0; j < s->v[i].n_values; j++)
			pool_mark(p, s->v[i].values[j]);
	}
}

static void mark_pod(struct pool *p, const struct pod *pod)
{
	pool_mark(p, pod->node);
	pool_mark(p, pod->workload);
	for (unsigned i = 0; i < pod->n_ports; i++)
		pool_mark(p, pod->ports[i].name);
}

static void mark_rules(struct pool *p, const struct policy_rule *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		for (unsigned j = 0; j < v[i].n_peers; j++) {
			mark_selector(p, v[i].peers[j].pod_selector);
			mark_selector(p, v[i].peers[j].namespace_selector);
		}
		for (unsigned j = 0; j < v[i].n_ports; j++)
			pool_mark(p, v[i].ports[j].name);
	}
}

static void mark_networkpolicy(struct pool *p, const struct networkpolicy *np)
{
	pool_mark(p, np->uid);
	mark_selector(p, &np->pod_selector);
	mark_rules(p, np->ingress, np->n_ingress);
	mark_rules(p, np->egress, np->n_egress);
}

static void mark_service(struct pool *p, const struct service *s)
{
	mark_selector(p, s->selector);
	for (unsigned i = 0; i < s->n_ports; i++) {
		pool_mark(p, s->ports[i].name);
		pool_mark(p, s->ports[i].target_name);
	}
}

static void mark_endpointslice(struct pool *p, const struct endpointslice *s)
{
	pool_mark(p, s->service);
	for (unsigned i = 0; i < s->n_ports; i++)
		pool_mark(p, s->ports[i].name);
	for (unsigned i = 0; i < s->n_endpoints; i++) {
		pool_mark(p, s->endpoints[i].target_ns);
		pool_mark(p, s->endpoints[i].target_pod);
	}
}

static void mark_backend(struct pool *p, const struct ingress_backend *b)
{
	pool_mark(p, b->service);
	pool_mark(p, b->port_name);
}

static void mark_ingress_rule(struct pool *p, const struct ingress_rule *r)
{
	pool_mark(p, r->host);
	for (unsigned i = 0; i < r->n_paths; i++) {
		pool_mark(p, r->paths[i].path);
		pool_mark(p, r->paths[i].path_type);
		mark_backend(p, &r->paths[i].backend);
	}
}

static void mark_ingress(struct pool *p, const struct ingress *in)
{
	pool_mark(p, in->class_name);
	mark_backend(p, &in->default_backend);
	for (unsigned i = 0; i < in->n_rules; i++)
		mark_ingress_rule(p, &in->rules[i]);
	for (unsigned i = 0; i < in->n_tls; i++) {
		pool_mark(p, in->tls[i].secret);
		for (unsigned j = 0; j < in->tls[i].n_hosts; j++)
			pool_mark(p, in->tls[i].hosts[j]);
	}
}

static void mark_pod_ref(struct pool *p, const struct pod_ref_selector *r)
{
	pool_mark(p, r->ns);
	mark_selector(p, &r->selector);
}

static void mark_ingressclass(struct pool *p, const struct ingressclass *c)
{
	pool_mark(p, c->controller);
	if (c->gateway)
		mark_pod_ref(p, c->gateway);
	for (unsigned i = 0; i < c->n_reach; i++)
		mark_pod_ref(p, &c->reach[i]);
}

static void mark_meta(struct pool *p, const struct meta *obj)
{
	pool_mark(p, obj->ns);
	pool_mark(p, obj->name);
	pool_mark(p, obj->origin.file);
	pool_mark_labels(p, &obj->labels);
	pool_mark_labels(p, &obj->annotations);
}

void collect_mark(struct pool *p, const struct meta *obj)
{
	mark_meta(p, obj);
	switch (obj->kind) {
	case KIND_POD:
		mark_pod(p, (const struct pod *)obj);
		break;
	case KIND_NETWORKPOLICY:
		mark_networkpolicy(p, (const struct networkpolicy *)obj);
		break;
	case KIND_SERVICE:
		mark_service(p, (const struct service *)obj);
		break;
	case KIND_ENDPOINTSLICE:
		mark_endpointslice(p, (const struct endpointslice *)obj);
		break;
	case KIND_INGRESS:
		mark_ingress(p, (const struct ingress *)obj);
		break;
	case KIND_INGRESSCLASS:
		mark_ingressclass(p, (const struct ingressclass *)obj);
		break;
	default:
		break;
	}
}
