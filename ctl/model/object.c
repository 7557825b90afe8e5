// SPDX-License-Identifier: GPL-2.0
/*
 * object: what can be asked of an object by itself.
 */
#include <stdlib.h>
#include <string.h>
#include "model.h"

static const struct {
	const char *name;
	bool namespaced;
} kinds[KINDS] = {
	[KIND_NAMESPACE] = { "Namespace", false },
	[KIND_NODE] = { "Node", false },
	[KIND_POD] = { "Pod", true },
	[KIND_NETWORKPOLICY] = { "NetworkPolicy", true },
	[KIND_SERVICE] = { "Service", true },
	[KIND_ENDPOINTSLICE] = { "EndpointSlice", true },
	[KIND_INGRESS] = { "Ingress", true },
	[KIND_INGRESSCLASS] = { "IngressClass", false },
	[KIND_SECRET] = { "Secret", true },
};

const char *kind_name(enum kind k)
{
	return kinds[k].name;
}

bool kind_parse(const char *name, enum kind *out)
{
	for (int k = 0; k < KINDS; k++)
		if (!strcmp(kinds[k].name, name)) {
			*out = k;
			return true;
		}
	return false;
}

bool kind_namespaced(enum kind k)
{
	return kinds[k].namespaced;
}

const char *labels_get(const struct labels *l, const char *key)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->v[i].key == key || !strcmp(l->v[i].key, key))
			return l->v[i].value;
	return NULL;
}

bool namespace_mode_is_known(const char *mode)
{
	return !strcmp(mode, "off") || !strcmp(mode, "audit") || !strcmp(mode, "enforce");
}

static bool has_value(const struct requirement *r, const char *value)
{
	for (unsigned i = 0; i < r->n_values; i++)
		if (r->values[i] == value || !strcmp(r->values[i], value))
			return true;
	return false;
}

static bool holds(const struct requirement *r, const struct labels *l)
{
	const char *value = labels_get(l, r->key);

	switch (r->op) {
	case SELECTOR_IN:
		return value && has_value(r, value);
	case SELECTOR_NOT_IN:
		return !value || !has_value(r, value);
	case SELECTOR_EXISTS:
		return value;
	case SELECTOR_DOES_NOT_EXIST:
		return !value;
	}
	return false;
}

bool selector_matches(const struct selector *s, const struct labels *l)
{
	for (unsigned i = 0; i < s->n; i++)
		if (!holds(&s->v[i], l))
			return false;
	return true;
}

bool pod_is_live(const struct pod *p)
{
	return p->n_ips && !p->host_network && !p->finished;
}

void selector_clear(struct selector *s)
{
	for (unsigned i = 0; i < s->n; i++)
		free(s->v[i].values);
	free(s->v);
	*s = (struct selector){ 0 };
}

static void selector_free(struct selector *s)
{
	if (s)
		selector_clear(s);
	free(s);
}

void policy_rule_clear(struct policy_rule *r)
{
	for (unsigned i = 0; i < r->n_peers; i++) {
		free(r->peers[i].except);
		selector_free(r->peers[i].pod_selector);
		selector_free(r->peers[i].namespace_selector);
	}
	free(r->peers);
	free(r->ports);
	*r = (struct policy_rule){ 0 };
}

static void free_rules(struct policy_rule *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		policy_rule_clear(&v[i]);
	free(v);
}

static void free_networkpolicy(struct networkpolicy *p)
{
	selector_clear(&p->pod_selector);
	free_rules(p->ingress, p->n_ingress);
	free_rules(p->egress, p->n_egress);
}

static void free_service(struct service *s)
{
	selector_free(s->selector);
	free(s->ports);
	free(s->cluster_ips);
	free(s->external_ips);
	free(s->load_balancer_ips);
}

static void free_endpointslice(struct endpointslice *s)
{
	for (unsigned i = 0; i < s->n_endpoints; i++)
		free(s->endpoints[i].ips);
	free(s->endpoints);
	free(s->ports);
}

static void free_ingress(struct ingress *in)
{
	for (unsigned i = 0; i < in->n_rules; i++)
		free(in->rules[i].paths);
	for (unsigned i = 0; i < in->n_tls; i++)
		free(in->tls[i].hosts);
	free(in->rules);
	free(in->tls);
}

static void free_ingressclass(struct ingressclass *c)
{
	if (c->gateway)
		selector_clear(&c->gateway->selector);
	for (unsigned i = 0; i < c->n_reach; i++)
		selector_clear(&c->reach[i].selector);
	free(c->gateway);
	free(c->reach);
}

/* Labels and strings are the pool's. */
static void free_content(struct meta *obj)
{
	switch (obj->kind) {
	case KIND_NODE:
		free(((struct node *)obj)->addresses);
		free(((struct node *)obj)->pod_cidrs);
		break;
	case KIND_POD:
		free(((struct pod *)obj)->ips);
		free(((struct pod *)obj)->ports);
		break;
	case KIND_NETWORKPOLICY:
		free_networkpolicy((struct networkpolicy *)obj);
		break;
	case KIND_SERVICE:
		free_service((struct service *)obj);
		break;
	case KIND_ENDPOINTSLICE:
		free_endpointslice((struct endpointslice *)obj);
		break;
	case KIND_INGRESS:
		free_ingress((struct ingress *)obj);
		break;
	case KIND_INGRESSCLASS:
		free_ingressclass((struct ingressclass *)obj);
		break;
	case KIND_SECRET:
		free(((struct secret *)obj)->crt);
		free(((struct secret *)obj)->key);
		break;
	default:
		break;
	}
}

void model_object_free(struct meta *obj)
{
	if (!obj)
		return;
	free_content(obj);
	free(obj);
}
