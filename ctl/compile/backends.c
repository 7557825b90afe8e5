// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "backends.h"

/* A namespace and a Service's name, both interned, as words. */
struct service_key {
	uint32_t v[2 * sizeof(uintptr_t) / sizeof(uint32_t)];
};
#define KEY_WORDS (sizeof(struct service_key) / sizeof(uint32_t))
#define IP_WORDS (sizeof(struct ip) / sizeof(uint32_t))

static struct service_key service_key(const char *ns, const char *service)
{
	uintptr_t p[2] = { (uintptr_t)ns, (uintptr_t)service };
	struct service_key key;

	memcpy(&key, p, sizeof(key));
	return key;
}

void asked_init(struct asked *a)
{
	*a = (struct asked){};
	wordset_init(&a->services, &a->arena);
	wordset_init(&a->ips, &a->arena);
}

void asked_free(struct asked *a)
{
	wordset_free(&a->services);
	wordset_free(&a->ips);
	arena_free(&a->arena);
}

bool asked_service(const struct asked *a, const char *ns, const char *service)
{
	struct service_key key = service_key(ns, service);

	return wordset_find(&a->services, key.v, KEY_WORDS) != INDEX_NONE;
}

bool asked_ip(const struct asked *a, const struct ip *ip)
{
	uint32_t key[IP_WORDS];

	memcpy(key, ip, sizeof(key));
	return wordset_find(&a->ips, key, IP_WORDS) != INDEX_NONE;
}

static void note_service(const struct backends *b, const char *ns, const char *service)
{
	struct service_key key = service_key(ns, service);

	if (b->asked)
		wordset_put(&b->asked->services, key.v, KEY_WORDS);
}

static void note_ip(const struct backends *b, const struct ip *ip)
{
	uint32_t key[IP_WORDS];

	memcpy(key, ip, sizeof(key));
	if (b->asked)
		wordset_put(&b->asked->ips, key, IP_WORDS);
}

static int slice_cmp(const void *a, const void *b)
{
	const struct endpointslice *x = *(const struct endpointslice *const *)a;
	const struct endpointslice *y = *(const struct endpointslice *const *)b;

	return strcmp(x->meta.name, y->meta.name);
}

/* In order of their names, whatever order the model has; to be freed. */
static const struct endpointslice **slices_of(const struct model *m, const char *ns, const char *service, size_t *n)
{
	const struct endpointslice **v = NULL, *s;
	size_t it = 0, cap = 0;

	*n = 0;
	while ((s = model_next_slice(m, ns, service, &it))) {
		mem_grow(v, *n, cap);
		v[(*n)++] = s;
	}
	if (*n > 1)
		qsort(v, *n, sizeof(*v), slice_cmp);
	return v;
}

/* The pod at one address of an endpoint; NULL if there is none it can stand for. */
static const struct pod *pod_at(const struct backends *b, const struct slice_endpoint *e, const struct ip *ip)
{
	const struct pod *p = model_pod_by_ip(b->model, ip);

	note_ip(b, ip);
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
	size_t n;
	const struct endpointslice **v = slices_of(b->model, ns, service, &n);

	note_service(b, ns, service);
	for (size_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < v[i]->n_ports; k++) {
			const struct slice_port *port = &v[i]->ports[k];

			if (!only || (port->proto == only->proto && !strcmp(port->name, only->name)))
				port_each(b, v[i], port, fn, ctx);
		}
	}
	free(v);
}
