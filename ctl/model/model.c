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
#include "pool.h"
#include "store.h"

#define NAME_LABEL "kubernetes.io/metadata.name"

struct model {
	struct pool pool;
	struct store stores[KINDS];
	struct hash pods_by_ip;		/* of struct pod, live ones only */
	struct hash nodes_by_ip;	/* of struct node */
	struct hash implied;		/* of struct implied: namespaces that were asked for and have no object */
};

struct implied {
	const char *ns;
	struct labels labels;
};

static struct model *writable(const struct model *m)
{
	return (struct model *)(uintptr_t)m;
}

struct model *model_new(void)
{
	return mem_new(struct model);
}

const char *model_intern(struct model *m, const char *s, size_t len)
{
	return pool_intern(&m->pool, s, len);
}

struct labels model_intern_labels(struct model *m, const struct label *v, unsigned n)
{
	return pool_labels(&m->pool, v, n);
}

static uint32_t ip_hash(const struct ip *ip)
{
	return hash_bytes(ip->b, sizeof(ip->b), 0);
}

static void index_ips(struct hash *h, const struct ip *v, unsigned n, void *owner, bool add)
{
	for (unsigned i = 0; i < n; i++) {
		if (add)
			hash_add(h, ip_hash(&v[i]), owner);
		else
			hash_del(h, ip_hash(&v[i]), owner);
	}
}

static void index_object(struct model *m, struct meta *obj, bool add)
{
	struct pod *p = (struct pod *)obj;
	struct node *n = (struct node *)obj;

	if (obj->kind == KIND_POD && pod_is_live(p))
		index_ips(&m->pods_by_ip, p->ips, p->n_ips, p, add);
	else if (obj->kind == KIND_NODE)
		index_ips(&m->nodes_by_ip, n->addresses, n->n_addresses, n, add);
}

void model_put(struct model *m, struct meta *obj)
{
	struct meta *old = store_put(&m->stores[obj->kind], obj);

	if (old) {
		index_object(m, old, false);
		model_object_free(old);
	}
	index_object(m, obj, true);
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

bool model_delete(struct model *m, enum kind kind, const char *ns, const char *name)
{
	struct meta *obj = find(m, kind, ns, name);

	if (!obj)
		return false;
	store_delete(&m->stores[kind], obj);
	index_object(m, obj, false);
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

static bool has_ip(const struct ip *v, unsigned n, const struct ip *ip)
{
	for (unsigned i = 0; i < n; i++)
		if (!ip_cmp(&v[i], ip))
			return true;
	return false;
}

/*
 * Two live pods with one address are a moment between two events (the old pod's end
 * was not told yet) or a mistake.  The choice depends on the objects alone, not on the order they
 * came in: a scheduled pod before one that is not, a ready one before one that is
 * not, then the first by namespace and name.
 */
static bool claims_better(const struct pod *a, const struct pod *b)
{
	int c;

	if (!*a->node != !*b->node)
		return *a->node;
	if (a->ready != b->ready)
		return a->ready;
	c = strcmp(a->meta.ns, b->meta.ns);
	return (c ? c : strcmp(a->meta.name, b->meta.name)) < 0;
}

const struct pod *model_pod_by_ip(const struct model *m, const struct ip *ip)
{
	const struct pod *best = NULL, *p;
	size_t it = 0;

	while ((p = hash_next(&m->pods_by_ip, ip_hash(ip), &it)))
		if (has_ip(p->ips, p->n_ips, ip) && (!best || claims_better(p, best)))
			best = p;
	return best;
}

const struct node *model_node_by_ip(const struct model *m, const struct ip *ip)
{
	const struct node *best = NULL, *n;
	size_t it = 0;

	while ((n = hash_next(&m->nodes_by_ip, ip_hash(ip), &it)))
		if (has_ip(n->addresses, n->n_addresses, ip) &&
		    (!best || strcmp(n->meta.name, best->meta.name) < 0))
			best = n;
	return best;
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
	hash_free(&m->pods_by_ip);
	hash_free(&m->nodes_by_ip);
	pool_free(&m->pool);
	free(m);
}
