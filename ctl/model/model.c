// SPDX-License-Identifier: GPL-2.0
/*
 * model: a store of each kind, the pool of strings, and who has which address.
 *
 * Readers take a const model; what they ask for is made when it is first asked for (the
 * sorted lists, the labels of namespaces without an object), which changes nothing anyone can see.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "claims.h"
#include "collect.h"
#include "pool.h"
#include "standin.h"
#include "store.h"

#define NAME_LABEL "kubernetes.io/metadata.name"

struct model {
	struct pool pool;
	struct store stores[KINDS];
	struct claims pods_by_ip;	/* of struct pod, live ones only */
	struct claims nodes_by_ip;	/* of struct node */
	struct hash slices;		/* of struct endpointslice, hashed by namespace and Service */
	struct hash implied;		/* of struct implied: namespaces that were asked for and have no object */
	struct model_watcher *watchers;
};

struct implied {
	const char *ns;
	struct labels labels;
};

static struct model *writable(const struct model *m)
{
	return (struct model *)(uintptr_t)m;
}

static bool has_ip(const struct ip *v, unsigned n, const struct ip *ip)
{
	for (unsigned i = 0; i < n; i++)
		if (!ip_cmp(&v[i], ip))
			return true;
	return false;
}

static bool pod_has_ip(const void *obj, const struct ip *ip)
{
	const struct pod *p = obj;

	return has_ip(p->ips, p->n_ips, ip);
}

static bool node_has_ip(const void *obj, const struct ip *ip)
{
	const struct node *n = obj;

	return has_ip(n->addresses, n->n_addresses, ip);
}

/*
 * Two live pods with one address are a moment between two events (the old pod's end
 * was not told yet) or a mistake.  The choice depends on the objects alone, not on the order they
 * came in: a scheduled pod before one that is not, a ready one before one that is
 * not, then the first by namespace and name.
 */
static bool pod_is_better(const void *x, const void *y)
{
	const struct pod *a = x, *b = y;
	int c;

	if (!*a->node != !*b->node)
		return *a->node;
	if (a->ready != b->ready)
		return a->ready;
	c = strcmp(a->meta.ns, b->meta.ns);
	return (c ? c : strcmp(a->meta.name, b->meta.name)) < 0;
}

static bool node_is_better(const void *x, const void *y)
{
	const struct node *a = x, *b = y;

	return strcmp(a->meta.name, b->meta.name) < 0;
}

struct model *model_new(void)
{
	struct model *m = mem_new(struct model);

	m->pods_by_ip = (struct claims){ .better = pod_is_better, .has = pod_has_ip };
	m->nodes_by_ip = (struct claims){ .better = node_is_better, .has = node_has_ip };
	return m;
}

const char *model_intern(struct model *m, const char *s, size_t len)
{
	return pool_intern(&m->pool, s, len);
}

struct labels model_intern_labels(struct model *m, const struct label *v, unsigned n)
{
	return pool_labels(&m->pool, v, n);
}

static void index_ips(struct claims *c, const struct ip *v, unsigned n, void *owner, bool add)
{
	for (unsigned i = 0; i < n; i++) {
		if (add)
			claims_add(c, &v[i], owner);
		else
			claims_del(c, &v[i], owner);
	}
}

static void index_slice(struct model *m, struct endpointslice *s, bool add)
{
	uint32_t hash = hash_pointers(s->meta.ns, s->service);

	if (add)
		hash_add(&m->slices, hash, s);
	else
		hash_del(&m->slices, hash, s);
}

static void index_object(struct model *m, struct meta *obj, bool add)
{
	struct pod *p = (struct pod *)obj;
	struct node *n = (struct node *)obj;

	if (obj->kind == KIND_POD && pod_is_live(p))
		index_ips(&m->pods_by_ip, p->ips, p->n_ips, p, add);
	else if (obj->kind == KIND_NODE)
		index_ips(&m->nodes_by_ip, n->addresses, n->n_addresses, n, add);
	else if (obj->kind == KIND_ENDPOINTSLICE)
		index_slice(m, (struct endpointslice *)obj, add);
}

void model_watch(struct model *m, struct model_watcher *w)
{
	w->next = m->watchers;
	m->watchers = w;
}

void model_unwatch(struct model *m, struct model_watcher *w)
{
	struct model_watcher **at = &m->watchers;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
}

static void tell(struct model *m, const struct meta *before, const struct meta *after)
{
	for (struct model_watcher *w = m->watchers; w; w = w->next)
		w->changed(w, before, after);
}

void model_put(struct model *m, struct meta *obj)
{
	struct meta *old = store_put(&m->stores[obj->kind], obj);

	if (old)
		index_object(m, old, false);
	index_object(m, obj, true);
	tell(m, old, obj);
	model_object_free(old);
}

static struct meta *find(const struct model *m, enum kind kind, const char *ns, const char *name)
{
	ns = pool_find(&m->pool, ns);
	name = pool_find(&m->pool, name);
	return ns && name ? store_get(&m->stores[kind], ns, name) : NULL;
}

const struct meta *model_get(const struct model *m, enum kind kind, const char *ns, const char *name)
{
	return find(m, kind, ns, name);
}

void model_place(struct model *m, const struct pod *pod, const char *node, const struct ip *ip)
{
	struct pod *p = (struct pod *)find(m, KIND_POD, pod->meta.ns, pod->meta.name);

	index_object(m, &p->meta, false);
	p->node = node;
	p->ips = mem_resize(p->ips, 1, sizeof(*p->ips));
	p->ips[0] = *ip;
	p->n_ips = 1;
	p->stand_in = true;
	index_object(m, &p->meta, true);
}

bool model_delete(struct model *m, enum kind kind, const char *ns, const char *name)
{
	struct meta *obj = find(m, kind, ns, name);

	if (!obj)
		return false;
	store_delete(&m->stores[kind], obj);
	index_object(m, obj, false);
	tell(m, obj, NULL);
	model_object_free(obj);
	return true;
}

size_t model_count(const struct model *m, enum kind kind)
{
	return m->stores[kind].by_name.n;
}

const struct meta *const *model_list(const struct model *m, enum kind kind, size_t *n)
{
	*n = model_count(m, kind);
	return (const struct meta *const *)store_list(&writable(m)->stores[kind]);
}

const struct meta *const *model_list_ns(const struct model *m, enum kind kind, const char *ns, size_t *n)
{
	const struct store *s = &m->stores[kind];
	const struct meta *const *list = model_list(m, kind, n);
	size_t from = store_lower_bound(s, ns, ""), to = from;

	while (to < *n && !strcmp(list[to]->ns, ns))
		to++;
	*n = to - from;
	return list ? list + from : NULL;
}

const struct endpointslice *model_next_slice(const struct model *m, const char *ns, const char *service, size_t *it)
{
	const struct endpointslice *s;

	while ((s = hash_next(&m->slices, hash_pointers(ns, service), it)))
		if (s->meta.ns == ns && s->service == service)
			return s;
	return NULL;
}

const struct pod *model_pod_by_ip(const struct model *m, const struct ip *ip)
{
	return claims_get(&m->pods_by_ip, ip);
}

const struct node *model_node_by_ip(const struct model *m, const struct ip *ip)
{
	return claims_get(&m->nodes_by_ip, ip);
}

static struct implied *imply(struct model *m, const char *ns)
{
	struct implied *im = mem_new(struct implied);
	struct label name;

	im->ns = pool_intern(&m->pool, ns, strlen(ns));
	name.key = pool_intern(&m->pool, NAME_LABEL, strlen(NAME_LABEL));
	name.value = im->ns;
	im->labels = pool_labels(&m->pool, &name, 1);
	hash_add(&m->implied, hash_string(ns), im);
	return im;
}

const struct labels *model_namespace_labels(const struct model *m, const char *ns)
{
	const struct meta *obj = model_get(m, KIND_NAMESPACE, "", ns);
	struct implied *im;
	size_t it = 0;

	if (obj)
		return &obj->labels;
	while ((im = hash_next(&m->implied, hash_string(ns), &it)))
		if (!strcmp(im->ns, ns))
			return &im->labels;
	return &imply(writable(m), ns)->labels;
}

void model_namespaces(const struct model *m, void (*fn)(void *ctx, const char *ns, const struct labels *labels), void *ctx)
{
	const struct hash *h = &m->stores[KIND_NAMESPACE].by_name;

	for (size_t i = 0; i < h->cap; i++)
		if (h->v[i].p)
			fn(ctx, ((const struct meta *)h->v[i].p)->name, &((const struct meta *)h->v[i].p)->labels);
	for (size_t i = 0; i < m->implied.cap; i++) {
		const struct implied *im = m->implied.v[i].p;

		if (im && !model_get(m, KIND_NAMESPACE, "", im->ns))
			fn(ctx, im->ns, &im->labels);
	}
}

/* What was implied once may be asked for again, and its labels be held. */
static void mark_implied(struct model *m)
{
	for (size_t i = 0; i < m->implied.cap; i++) {
		struct implied *im = m->implied.v[i].p;

		if (!im)
			continue;
		pool_mark(&m->pool, im->ns);
		pool_mark_labels(&m->pool, &im->labels);
	}
}

void model_collect(struct model *m)
{
	pool_mark_start(&m->pool);
	for (int k = 0; k < KINDS; k++) {
		const struct hash *h = &m->stores[k].by_name;

		for (size_t i = 0; i < h->cap; i++)
			if (h->v[i].p)
				collect_mark(&m->pool, h->v[i].p);
	}
	mark_implied(m);
	pool_sweep(&m->pool);
	for (struct model_watcher *w = m->watchers; w; w = w->next)
		w->collected(w);
}

size_t model_strings(const struct model *m)
{
	return m->pool.strings.n;
}

static void free_implied(struct model *m)
{
	for (size_t i = 0; i < m->implied.cap; i++)
		free(m->implied.v[i].p);
	hash_free(&m->implied);
}

void model_free(struct model *m)
{
	if (!m)
		return;
	for (int k = 0; k < KINDS; k++) {
		struct store *s = &m->stores[k];

		for (size_t i = 0; i < s->by_name.cap; i++)
			model_object_free(s->by_name.v[i].p);
		hash_free(&s->by_name);
		free(s->list);
	}
	free_implied(m);
	hash_free(&m->slices);
	claims_free(&m->pods_by_ip);
	claims_free(&m->nodes_by_ip);
	pool_free(&m->pool);
	free(m);
}
