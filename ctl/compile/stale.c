// SPDX-License-Identifier: GPL-2.0
/*
 * stale: what a change of the model leaves to be looked at again.  Nothing is compiled here: changes
 * come in bursts, and most are nobody's business.
 */
#include <string.h>
#include "../base/mem.h"
#include "compiler.h"

void stale_ip(struct compiler *c, const struct ip *ip)
{
	struct stale *s = &c->stale;

	if (s->all)
		return;
	if (s->n >= STALE_MAX + model_count(c->model, KIND_POD) / 4) {
		s->all = true;
		return;
	}
	mem_grow(s->ips, s->n, s->cap);
	s->ips[s->n++] = *ip;
}

void stale_pod(struct compiler *c, const struct pod *p)
{
	for (unsigned i = 0; pod_is_live(p) && i < p->n_ips; i++)
		stale_ip(c, &p->ips[i]);
}

void stale_namespace(struct compiler *c, const char *ns)
{
	size_t n;
	const struct meta *const *v = model_list_ns(c->model, KIND_POD, ns, &n);

	for (size_t i = 0; i < n && !c->stale.all; i++)
		stale_pod(c, (const void *)v[i]);
}

static bool has_gateways(const struct compiler *c)
{
	return c->perimeter.now.n_views > 1;
}

/* Does a gateway-reach of some view's class look into namespace @ns? */
static bool reaches_into(const struct compiler *c, const char *ns)
{
	const struct declared *d = &c->perimeter.now;
	size_t n;
	const struct meta *const *v = model_list(c->model, KIND_INGRESSCLASS, &n);

	for (size_t i = 1; i < d->n_views; i++)
		for (uint32_t k = 0; k < d->views[i].classes.n; k++) {
			const struct ingressclass *class = (const void *)v[d->views[i].classes.v[k]];

			for (unsigned r = 0; r < class->n_reach; r++)
				if (class->reach[r].ns == ns)
					return true;
		}
	return false;
}

/*
 * A pod elsewhere is looked at by the frame only where a local pod claims its address too, and by views: as
 * somebody's backend, or by its labels.
 */
static bool concerns_frame(const struct compiler *c, const struct pod *p)
{
	if (!p || !pod_is_live(p))
		return false;
	for (unsigned i = 0; i < p->n_ips; i++)
		if (locals_have_ip(c, &p->ips[i]) ||
		    (has_gateways(c) && asked_ip(&c->perimeter.now.asked, &p->ips[i])))
			return true;
	return has_gateways(c) && reaches_into(c, p->meta.ns);
}

static void pod(struct compiler *c, const struct pod *before, const struct pod *after)
{
	c->stale.frame |= locals_replace(c, before, after);
	if (!c->stale.frame)
		c->stale.frame = concerns_frame(c, before) || concerns_frame(c, after);
	if (before)
		stale_pod(c, before);
	if (!after || !pod_is_live(after))
		return;
	stale_pod(c, after);
	/* So that model_namespaces() knows of it. */
	model_namespace_labels(c->model, after->meta.ns);
}

static bool same_addresses(const struct node *a, const struct node *b)
{
	if (a->n_addresses != b->n_addresses || a->n_pod_cidrs != b->n_pod_cidrs)
		return false;
	for (unsigned i = 0; i < a->n_addresses; i++)
		if (ip_cmp(&a->addresses[i], &b->addresses[i]))
			return false;
	for (unsigned i = 0; i < a->n_pod_cidrs; i++)
		if (cidr_cmp(&a->pod_cidrs[i], &b->pod_cidrs[i]))
			return false;
	return true;
}

static void node(struct compiler *c, const struct node *before, const struct node *after)
{
	const struct meta *m = before ? &before->meta : &after->meta;

	if (before && after && same_addresses(before, after))
		return;
	if (!strcmp(m->name, c->options.node)) {
		c->stale.all = true;
		return;
	}
	for (unsigned i = 0; before && i < before->n_addresses; i++)
		stale_ip(c, &before->addresses[i]);
	for (unsigned i = 0; after && i < after->n_addresses; i++)
		stale_ip(c, &after->addresses[i]);
}

static void namespace(struct compiler *c, const struct meta *before, const struct meta *after)
{
	const char *ns = before ? before->name : after->name;

	if (before && after && before->labels.v == after->labels.v && before->labels.n == after->labels.n)
		return;
	c->stale.frame |= locals_are_in(c, ns);
	stale_namespace(c, ns);
}

static bool is_exposed(const struct meta *service)
{
	return service && service_is_exposed((const void *)service);
}

/* Slices without a local pod's address expose nothing here. */
static bool concerns_slice(const struct compiler *c, const struct endpointslice *s)
{
	if (!s)
		return false;
	if (has_gateways(c) && asked_service(&c->perimeter.now.asked, s->meta.ns, s->service))
		return true;
	if (!c->perimeter.now.asks_inside || !is_exposed(model_get(c->model, KIND_SERVICE, s->meta.ns, s->service)))
		return false;
	for (unsigned i = 0; i < s->n_endpoints; i++)
		for (unsigned k = 0; k < s->endpoints[i].n_ips; k++)
			if (locals_have_ip(c, &s->endpoints[i].ips[k]))
				return true;
	return false;
}

static bool concerns(const struct compiler *c, const struct meta *before, const struct meta *after)
{
	const struct meta *m = before ? before : after;

	switch (m->kind) {
	case KIND_NETWORKPOLICY:
		return locals_are_in(c, m->ns);
	case KIND_SERVICE:
		return has_gateways(c) || (c->perimeter.now.asks_inside && (is_exposed(before) || is_exposed(after)));
	case KIND_ENDPOINTSLICE:
		return concerns_slice(c, (const void *)before) || concerns_slice(c, (const void *)after);
	case KIND_INGRESS:
	case KIND_SECRET:
		return has_gateways(c);
	default:
		return true;
	}
}

static void changed(struct model_watcher *w, const struct meta *before, const struct meta *after)
{
	struct compiler *c = (struct compiler *)w;

	if (c->stale.all)
		return;
	switch (before ? before->kind : after->kind) {
	case KIND_POD:
		pod(c, (const void *)before, (const void *)after);
		break;
	case KIND_NODE:
		node(c, (const void *)before, (const void *)after);
		break;
	case KIND_NAMESPACE:
		namespace(c, before, after);
		break;
	default:
		if (!c->stale.frame)
			c->stale.frame = concerns(c, before, after);
	}
}

/* Interned strings are held everywhere, and some may be gone. */
static void collected(struct model_watcher *w)
{
	((struct compiler *)w)->stale.all = true;
}

void stale_watch(struct compiler *c, struct model *m)
{
	c->watcher = (struct model_watcher){ .changed = changed, .collected = collected };
	c->followed = m;
	model_watch(m, &c->watcher);
}
