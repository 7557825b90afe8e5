// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "backends.h"

static int key_cmp(const struct endpointslice *s, const char *ns, const char *service)
{
	int c = strcmp(s->meta.ns, ns);

	return c ? c : strcmp(s->service, service);
}

static int slice_cmp(const void *a, const void *b)
{
	const struct endpointslice *x = *(const struct endpointslice *const *)a;
	const struct endpointslice *y = *(const struct endpointslice *const *)b;
	int c = key_cmp(x, y->meta.ns, y->service);

	return c ? c : strcmp(x->meta.name, y->meta.name);
}

void backends_init(struct backends *b, const struct model *m)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_ENDPOINTSLICE, &n);

	*b = (struct backends){ .model = m, .slices = mem_array(n, sizeof(*b->slices)) };
	for (size_t i = 0; i < n; i++) {
		const struct endpointslice *s = (const void *)v[i];

		if (*s->service)
			b->slices[b->n++] = s;
	}
	if (b->n)
		qsort(b->slices, b->n, sizeof(*b->slices), slice_cmp);
}

void backends_free(struct backends *b)
{
	free(b->slices);
}

static size_t first_slice(const struct backends *b, const char *ns, const char *service)
{
	size_t lo = 0, hi = b->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (key_cmp(b->slices[mid], ns, service) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The pod at one address of an endpoint; NULL if there is none it can stand for. */
static const struct pod *pod_at(const struct backends *b, const struct slice_endpoint *e, const struct ip *ip)
{
	const struct pod *p = model_pod_by_ip(b->model, ip);

	if (!p || !e->target_pod)
		return p;
	if (strcmp(p->meta.name, e->target_pod) || (e->target_ns && strcmp(p->meta.ns, e->target_ns)))
		return NULL;
	return p;
}

static void port_each(const struct backends *b, const struct endpointslice *s, const struct slice_port *port,
		      backend_fn fn, void *ctx)
{
	for (unsigned i = 0; i < s->n_endpoints; i++) {
		const struct slice_endpoint *e = &s->endpoints[i];

		for (unsigned k = 0; k < e->n_ips && !e->unready; k++) {
			const struct pod *p = pod_at(b, e, &e->ips[k]);

			if (p)
				fn(ctx, p, port);
		}
	}
}

void backends_each(const struct backends *b, const char *ns, const char *service,
		   const struct service_port *only, backend_fn fn, void *ctx)
{
	for (size_t i = first_slice(b, ns, service); i < b->n && !key_cmp(b->slices[i], ns, service); i++) {
		const struct endpointslice *s = b->slices[i];

		for (unsigned k = 0; k < s->n_ports; k++) {
			const struct slice_port *port = &s->ports[k];

			if (!only || (port->proto == only->proto && !strcmp(port->name, only->name)))
				port_each(b, s, port, fn, ctx);
		}
	}
}
