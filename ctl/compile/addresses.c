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

static bool is_own_node(const struct addresses *a, const struct ip *ip)
{
	for (unsigned i = 0; a->own && i < a->own->n_addresses; i++)
		if (!ip_cmp(&a->own->addresses[i], ip))
			return true;
	return false;
}

/* In this node's pod CIDRs addresses that have no entry are dropped as unknown. */
static bool is_expected(const struct addresses *a, const struct ip *ip)
{
	for (unsigned i = 0; a->own && i < a->own->n_pod_cidrs; i++)
		if (cidr_contains(&a->own->pod_cidrs[i], ip))
			return true;
	return false;
}

static uint32_t subject_of(const struct addresses *a, const struct pod *pod)
{
	for (size_t i = 0; i < a->policies->n_locals; i++)
		if (a->policies->locals[i].pod == pod)
			return (*a->subjects)[i];
	return 0;
}

static const struct pod_view *view_of(struct addresses *a, const struct pod *pod)
{
	struct pod_view *p = &a->last;

	if (p->pod != pod)
		*p = (struct pod_view){
			pod, members_set(&a->members, pod), perimeter_profile(a->perimeter, pod),
			strcmp(pod->node, a->node) ? 0 : subject_of(a, pod),
		};
	return p;
}

static uint32_t pod_class(struct addresses *a, const struct pod_view *p, uint32_t block_set)
{
	uint32_t set = join(a, p->set, block_set), flags = 0;

	if (a->perimeter->now.asks_inside)
		flags |= CLASS_INSIDE;
	if (a->perimeter->now.n_views > 1)
		flags |= CLASS_POD;
	return classes_put(a->classes, set, ports_profile(a->ports, p->pod, &a->sets->v[set]), p->reach, flags);
}

static bool pod_address(struct addresses *a, const struct pod *pod, const struct ip *ip, struct address *out)
{
	const struct pod_view *p = view_of(a, pod);
	uint32_t block_set = ranges_set(a->ranges, ip);

	*out = (struct address){ *ip, pod_class(a, p, block_set), p->subject };
	if (model_node_by_ip(a->model, ip))
		out->flags = STOCKADE_ENDPOINT_F_NODE;
	return p->subject || out->flags || is_expected(a, ip) ||
	       out->class != classes_put(a->classes, block_set, 0, 0, 0);
}

static void node_address(struct addresses *a, const struct ip *ip, uint32_t flags, struct address *out)
{
	*out = (struct address){
		.ip = *ip,
		.class = classes_put(a->classes, ranges_set(a->ranges, ip), 0, 0,
				     a->perimeter->now.asks_inside ? CLASS_INSIDE : 0),
		.flags = STOCKADE_ENDPOINT_F_NODE | flags,
	};
}

bool addresses_find(struct addresses *a, const struct ip *ip, struct address *out)
{
	const struct pod *pod;

	if (is_own_node(a, ip)) {
		node_address(a, ip, STOCKADE_ENDPOINT_F_OWN_NODE, out);
		return true;
	}
	pod = model_pod_by_ip(a->model, ip);
	if (pod)
		return pod_address(a, pod, ip, out);
	if (!model_node_by_ip(a->model, ip))
		return false;
	node_address(a, ip, 0, out);
	return true;
}

void addresses_look_again(struct addresses *a)
{
	a->own = (const void *)model_get(a->model, KIND_NODE, "", a->node);
	a->last = (struct pod_view){};
	members_renew(&a->members);
}

void addresses_renew(struct addresses *a)
{
	members_free(&a->members);
	members_init(&a->members, a->model, a->policies->peers, a->sets);
	addresses_look_again(a);
}

void addresses_init(struct addresses *a)
{
	wordset_init(&a->unions, &a->memo_arena);
}

void addresses_free(struct addresses *a)
{
	members_free(&a->members);
	free(a->joined);
	wordset_free(&a->unions);
	arena_free(&a->memo_arena);
}
