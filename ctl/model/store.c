// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "store.h"

/*
 * A change moves on average half the list, 600 kB at 150,000 pods; past this many
 * between two readers one sort is cheaper.
 */
#define CHANGES_MAX 512

static uint32_t name_hash(const char *ns, const char *name)
{
	return hash_pointers(ns, name);
}

static int compare(const char *ns_a, const char *name_a, const char *ns_b, const char *name_b)
{
	int c = ns_a == ns_b ? 0 : strcmp(ns_a, ns_b);

	return c ? c : strcmp(name_a, name_b);
}

static int compare_objects(const void *a, const void *b)
{
	const struct meta *x = *(struct meta *const *)a, *y = *(struct meta *const *)b;

	return compare(x->ns, x->name, y->ns, y->name);
}

struct meta *store_get(const struct store *s, const char *ns, const char *name)
{
	struct meta *obj;
	size_t it = 0;

	while ((obj = hash_next(&s->by_name, name_hash(ns, name), &it)))
		if (obj->ns == ns && obj->name == name)
			return obj;
	return NULL;
}

size_t store_lower_bound(const struct store *s, const char *ns, const char *name)
{
	size_t lo = 0, hi = s->n_list;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare(s->list[mid]->ns, s->list[mid]->name, ns, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* True if the list is to be kept up with one more change. */
static bool list_follows(struct store *s)
{
	if (!s->stale && ++s->changes > CHANGES_MAX)
		s->stale = true;
	return !s->stale;
}

static void list_insert(struct store *s, struct meta *obj)
{
	size_t i = store_lower_bound(s, obj->ns, obj->name);

	mem_grow(s->list, s->n_list, s->cap_list);
	memmove(&s->list[i + 1], &s->list[i], (s->n_list - i) * sizeof(*s->list));
	s->list[i] = obj;
	s->n_list++;
}

struct meta *store_put(struct store *s, struct meta *obj)
{
	struct meta *old = store_get(s, obj->ns, obj->name);

	if (old)
		hash_del(&s->by_name, name_hash(old->ns, old->name), old);
	hash_add(&s->by_name, name_hash(obj->ns, obj->name), obj);
	if (!list_follows(s))
		return old;
	if (old)
		s->list[store_lower_bound(s, obj->ns, obj->name)] = obj;
	else
		list_insert(s, obj);
	return old;
}

void store_delete(struct store *s, struct meta *obj)
{
	size_t i;

	hash_del(&s->by_name, name_hash(obj->ns, obj->name), obj);
	if (!list_follows(s))
		return;
	i = store_lower_bound(s, obj->ns, obj->name);
	s->n_list--;
	memmove(&s->list[i], &s->list[i + 1], (s->n_list - i) * sizeof(*s->list));
}

static void list_rebuild(struct store *s)
{
	const struct hash *h = &s->by_name;

	s->n_list = 0;
	s->cap_list = h->n;
	s->list = mem_resize(s->list, h->n, sizeof(*s->list));
	for (size_t i = 0; i < h->cap; i++)
		if (h->v[i].p)
			s->list[s->n_list++] = h->v[i].p;
	if (s->n_list)
		qsort(s->list, s->n_list, sizeof(*s->list), compare_objects);
	s->stale = false;
}

struct meta **store_list(struct store *s)
{
	if (s->stale)
		list_rebuild(s);
	s->changes = 0;
	return s->list;
}
