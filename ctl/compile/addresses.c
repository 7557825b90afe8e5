// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "addresses.h"

static uint32_t join_now(struct addresses *a, uint32_t x, uint32_t y)
{
	const struct words *s = &a->sets->v[x], *t = &a->sets->v[y];
	uint32_t *v = mem_array(s->n + t->n, sizeof(*v)), set;

	memcpy(v, s->v, s->n * sizeof(*v));
	memcpy(v + s->n, t->v, t->n * sizeof(*v));
	set = wordset_put(a->sets, v, words_sort(v, s->n + t->n));
	free(v);
	return set;
}

/* The union of two sets of groups. */
static uint32_t join(struct addresses *a, uint32_t x, uint32_t y)
{
	uint32_t pair[] = { x, y }, at;

	if (!x || !y || x == y)
		return x ? x : y;
	at = wordset_put(&a->unions, pair, 2);
	while (a->n_joined <= at) {
		mem_grow(a->joined, a->n_joined, a->cap_joined);
		a->joined[a->n_joined++] = UINT32_MAX;
	}
	if (a->joined[at] == UINT32_MAX)
		a->joined[at] = join_now(a, x, y);
	return a->joined[at];
}

static void enter(struct addresses *a, const struct ip *ip, uint32_t class, uint32_t local, uint32_t flags)
{
	mem_grow(a->v, a->n, a->cap);
	a->v[a->n++] = (struct address){ *ip, class, local, flags };
}

static bool is_own_node(const struct addresses *a, const struct ip *ip)
{
	const struct node *n = (const void *)model_get(a->model, KIND_NODE, "", a->node);

	for (unsigned i = 0; n && i < n->n_addresses; i++)
		if (!ip_cmp(&n->addresses[i], ip))
			return true;
	return false;
}

/* In this node's pod CIDRs addresses that have no entry are dropped as unknown. */
static bool is_expected(const struct addresses *a, const struct ip *ip)
{
	const struct node *n = (const void *)model_get(a->model, KIND_NODE, "", a->node);

	for (unsigned i = 0; n && i < n->n_pod_cidrs; i++)
		if (cidr_contains(&n->pod_cidrs[i], ip))
			return true;
	return false;
}

/* What a pod is whatever its address: what is asked of it by labels and ports. */
struct pod_view {
	const struct pod *pod;
	uint32_t set, reach;
	uint32_t local;
};

static uint32_t pod_class(struct addresses *a, const struct pod_view *p, uint32_t block_set)
{
	uint32_t set = join(a, p->set, block_set), flags = 0;

	if (a->perimeter->asks_inside)
		flags |= CLASS_INSIDE;
	if (a->perimeter->n_views > 1)
		flags |= CLASS_POD;
	return classes_put(a->classes, set, ports_profile(a->ports, p->pod, &a->sets->v[set]), p->reach, flags);
}

static void pod_address(struct addresses *a, const struct pod_view *p, const struct ip *ip)
{
	uint32_t block_set, class, flags = 0;

	if (model_pod_by_ip(a->model, ip) != p->pod || is_own_node(a, ip))
		return;
	if (model_node_by_ip(a->model, ip))
		flags = STOCKADE_ENDPOINT_F_NODE;
	block_set = ranges_set(a->ranges, ip);
	class = pod_class(a, p, block_set);
	if (p->local || flags || class != classes_put(a->classes, block_set, 0, 0, 0) || is_expected(a, ip))
		enter(a, ip, class, p->local, flags);
}

static void pods(struct addresses *a)
{
	struct members members;
	size_t n, local = 0;
	const struct meta *const *v = model_list(a->model, KIND_POD, &n);

	members_init(&members, a->model, a->policies->peers, a->sets);
	for (size_t i = 0; i < n; i++) {
		struct pod_view p = { .pod = (const void *)v[i] };

		if (!pod_is_live(p.pod))
			continue;
		if (local < a->policies->n_locals && a->policies->locals[local].pod == p.pod)
			p.local = ++local;
		p.set = members_set(&members, p.pod);
		p.reach = perimeter_profile(a->perimeter, p.pod);
		for (unsigned k = 0; k < p.pod->n_ips; k++)
			pod_address(a, &p, &p.pod->ips[k]);
	}
	members_free(&members);
}

static void node_address(struct addresses *a, const struct ip *ip)
{
	bool own = is_own_node(a, ip);
	uint32_t flags = own ? STOCKADE_ENDPOINT_F_NODE | STOCKADE_ENDPOINT_F_OWN_NODE : STOCKADE_ENDPOINT_F_NODE;

	if (!own && model_pod_by_ip(a->model, ip))
		return;
	enter(a, ip, classes_put(a->classes, ranges_set(a->ranges, ip), 0, 0,
				 a->perimeter->asks_inside ? CLASS_INSIDE : 0), 0, flags);
}

static void nodes(struct addresses *a)
{
	size_t n;
	const struct meta *const *v = model_list(a->model, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = (const void *)v[i];

		for (unsigned k = 0; k < node->n_addresses; k++)
			node_address(a, &node->addresses[k]);
	}
}

static int address_cmp(const void *x, const void *y)
{
	return ip_cmp(&((const struct address *)x)->ip, &((const struct address *)y)->ip);
}

/* Two Nodes may give the same address; what is entered for it does not depend on which. */
static void sort(struct addresses *a)
{
	size_t kept = 0;

	if (!a->n)
		return;
	qsort(a->v, a->n, sizeof(*a->v), address_cmp);
	for (size_t i = 1; i < a->n; i++)
		if (ip_cmp(&a->v[i].ip, &a->v[kept].ip))
			a->v[++kept] = a->v[i];
	a->n = kept + 1;
}

void addresses_collect(struct addresses *a)
{
	wordset_init(&a->unions, &a->memo_arena);
	/* The blocks' own classes first: the table needs them all. */
	for (size_t i = 0; i < a->ranges->n_prefixes; i++)
		classes_put(a->classes, a->ranges->prefixes[i].set, 0, 0, 0);
	nodes(a);
	pods(a);
	sort(a);
	for (size_t i = 0; i < a->n; i++)
		a->classes->v[a->v[i].class].entered = true;
}

void addresses_free(struct addresses *a)
{
	free(a->v);
	free(a->joined);
	wordset_free(&a->unions);
	arena_free(&a->memo_arena);
}
