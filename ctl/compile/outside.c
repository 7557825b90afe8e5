// SPDX-License-Identifier: GPL-2.0
/* Who there is outside the cluster, as far as the policies tell. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "reach.h"

#define FEW_BITS 8	/* blocks wider than this are no particular place */

struct blocks {
	const struct policy_peer **v;
	size_t n, cap;
};

static void collect_rules(struct blocks *b, const struct policy_rule *rules, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < rules[i].n_peers; k++) {
			if (!rules[i].peers[k].is_block)
				continue;
			mem_grow(b->v, b->n, b->cap);
			b->v[b->n++] = &rules[i].peers[k];
		}
	}
}

static int by_cidr(const void *a, const void *b)
{
	const struct policy_peer *const *x = a, *const *y = b;

	return cidr_cmp(&(*x)->cidr, &(*y)->cidr);
}

static void collect(struct blocks *b, const struct model *m)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_NETWORKPOLICY, &n);

	for (size_t i = 0; i < n; i++) {
		const struct networkpolicy *np = (const void *)v[i];

		collect_rules(b, np->ingress, np->n_ingress);
		collect_rules(b, np->egress, np->n_egress);
	}
}

/* A block around pods, or inside their range, is about them, and they are drawn themselves. */
static bool about_pods(const struct model *m, const struct cidr *c)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = (const void *)v[i];

		for (unsigned k = 0; k < node->n_pod_cidrs; k++)
			if (cidr_covers(c, &node->pod_cidrs[k]) || cidr_covers(&node->pod_cidrs[k], c))
				return true;
	}
	return false;
}

static unsigned bits(const struct cidr *c)
{
	return c->prefix - (cidr_is4(c) ? 96 : 0);
}

static bool outside(const struct world *w, const struct ip *ip, struct end *out)
{
	char ref[IP_STRLEN + 3] = "ip/";

	ip_format(ip, ref + 3);
	return !world_end(w, ref, out, NULL) && out->kind == END_OUTSIDE;
}

static bool in_some_block(const struct blocks *b, const struct ip *ip)
{
	for (size_t i = 0; i < b->n; i++)
		if (bits(&b->v[i]->cidr) > FEW_BITS && cidr_contains(&b->v[i]->cidr, ip))
			return true;
	return false;
}

/* An address of each family that nobody mentions, from the ranges kept for documentation and a few others. */
static bool anyone(const struct world *w, const struct blocks *b, struct end *out)
{
	static const char *const candidates[] = {
		"192.0.2.1", "198.51.100.1", "203.0.113.1", "233.252.0.1", "8.8.8.8", "1.1.1.1",
		"2001:db8::1", "2001:db8:ffff::1", "3fff::1", "2606:4700::1111",
	};
	bool any = false;
	struct end e;
	struct ip ip;

	*out = (struct end){ .kind = END_OUTSIDE, .node = "" };
	for (size_t i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
		int v4;

		ip_parse(candidates[i], &ip);
		v4 = ip_is4(&ip);
		if (out->has[v4] || in_some_block(b, &ip) || !outside(w, &ip, &e))
			continue;
		out->has[v4] = true;
		out->ip[v4] = ip;
		any = true;
	}
	return any;
}

static bool excepted(const struct policy_peer *p, const struct ip *ip)
{
	for (unsigned i = 0; i < p->n_except; i++)
		if (cidr_contains(&p->except[i], ip))
			return true;
	return false;
}

/* Some address of the block that is outside; its first ones and its last. */
static bool of_block(const struct world *w, const struct policy_peer *p, struct end *out)
{
	for (int try = 0; try < 3; try++) {
		struct ip ip = p->cidr.ip;

		if (try == 0 && p->cidr.prefix < 127)
			ip.b[15] |= 1;
		for (int bit = p->cidr.prefix; try == 2 && bit < 127; bit++)
			ip.b[bit / 8] |= 0x80 >> bit % 8;
		if (!excepted(p, &ip) && outside(w, &ip, out))
			return true;
	}
	return false;
}

void reach_outside(const struct world *w, const struct model *m, const struct model *also,
		   void (*fn)(void *ctx, const char *label, const struct end *end), void *ctx)
{
	struct blocks b = {};
	char label[CIDR_STRLEN];
	struct end e;

	collect(&b, m);
	if (also)
		collect(&b, also);
	if (b.n)
		qsort(b.v, b.n, sizeof(*b.v), by_cidr);
	if (anyone(w, &b, &e))
		fn(ctx, "outside", &e);
	for (size_t i = 0; i < b.n; i++) {
		if (bits(&b.v[i]->cidr) <= FEW_BITS || (i && !by_cidr(&b.v[i - 1], &b.v[i])))
			continue;
		if (!about_pods(m, &b.v[i]->cidr) && of_block(w, b.v[i], &e))
			fn(ctx, cidr_format(&b.v[i]->cidr, label), &e);
	}
	free(b.v);
}
