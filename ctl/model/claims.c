// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "claims.h"

struct group {
	struct ip ip;
	size_t n, cap;
	void **v;	/* the best first, the others in no order */
};

static struct group *group_of(void *slot)
{
	return (uintptr_t)slot & 1 ? (struct group *)((uintptr_t)slot - 1) : NULL;
}

static void *slot_of(struct group *g)
{
	return (void *)((uintptr_t)g + 1);
}

static uint32_t ip_hash(const struct ip *ip)
{
	return hash_bytes(ip->b, sizeof(ip->b), 0);
}

/*
 * The slot of @ip.  Addresses of one object whose hashes are equal give two slots that look the
 * same, so a group, which knows its address, goes first.
 */
static void *find(const struct claims *c, const struct ip *ip)
{
	void *slot, *found = NULL;
	size_t it = 0;

	while ((slot = hash_next(&c->by_ip, ip_hash(ip), &it))) {
		struct group *g = group_of(slot);

		if (g && !ip_cmp(&g->ip, ip))
			return slot;
		if (!g && c->has(slot, ip))
			found = slot;
	}
	return found;
}

static void replace(struct claims *c, const struct ip *ip, void *old, void *new)
{
	hash_del(&c->by_ip, ip_hash(ip), old);
	hash_add(&c->by_ip, ip_hash(ip), new);
}

static void group_add(struct claims *c, struct group *g, void *obj)
{
	mem_grow(g->v, g->n, g->cap);
	g->v[g->n++] = obj;
	if (c->better(obj, g->v[0])) {
		g->v[g->n - 1] = g->v[0];
		g->v[0] = obj;
	}
}

void claims_add(struct claims *c, const struct ip *ip, void *obj)
{
	void *slot = find(c, ip);
	struct group *g;

	if (!slot) {
		hash_add(&c->by_ip, ip_hash(ip), obj);
		return;
	}
	g = group_of(slot);
	if (!g) {
		g = mem_new(struct group);
		g->ip = *ip;
		group_add(c, g, slot);
		replace(c, ip, slot, slot_of(g));
	}
	group_add(c, g, obj);
}

static void best_first(struct claims *c, struct group *g)
{
	for (size_t i = 1; i < g->n; i++)
		if (c->better(g->v[i], g->v[0])) {
			void *best = g->v[i];

			g->v[i] = g->v[0];
			g->v[0] = best;
		}
}

static void group_free(struct group *g)
{
	free(g->v);
	free(g);
}

static void group_del(struct claims *c, struct group *g, void *obj)
{
	size_t i = 0;

	while (i < g->n && g->v[i] != obj)
		i++;
	if (i == g->n)
		return;
	g->v[i] = g->v[--g->n];
	if (g->n > 1) {
		if (!i)
			best_first(c, g);
		return;
	}
	replace(c, &g->ip, slot_of(g), g->v[0]);
	group_free(g);
}

void claims_del(struct claims *c, const struct ip *ip, void *obj)
{
	void *slot = find(c, ip);

	if (slot && group_of(slot))
		group_del(c, group_of(slot), obj);
	else
		hash_del(&c->by_ip, ip_hash(ip), obj);
}

void *claims_get(const struct claims *c, const struct ip *ip)
{
	void *slot = find(c, ip);

	return slot && group_of(slot) ? group_of(slot)->v[0] : slot;
}

void claims_free(struct claims *c)
{
	for (size_t i = 0; i < c->by_ip.cap; i++)
		if (group_of(c->by_ip.v[i].p))
			group_free(group_of(c->by_ip.v[i].p));
	hash_free(&c->by_ip);
}
