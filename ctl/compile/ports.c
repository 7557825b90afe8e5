// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "ports.h"

void ports_init(struct ports *p, struct arena *arena)
{
	*p = (struct ports){};
	wordset_init(&p->profiles, arena);
}

void ports_renew(struct ports *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].was.groups);
		p->v[i].was = p->v[i].now;
		p->v[i].now = (struct named_use){};
	}
}

/* Those of @a that @b has not; both ascending. */
static void groups_missing(const struct named_use *a, const struct named_use *b,
			   void (*fn)(void *ctx, uint32_t group), void *ctx)
{
	size_t k = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (k < b->n && b->groups[k] < a->groups[i])
			k++;
		if (k == b->n || b->groups[k] != a->groups[i])
			fn(ctx, a->groups[i]);
	}
}

bool ports_changed(const struct ports *p, void (*fn)(void *ctx, uint32_t group), void *ctx)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		any |= p->v[i].now.any != p->v[i].was.any;
		groups_missing(&p->v[i].now, &p->v[i].was, fn, ctx);
		groups_missing(&p->v[i].was, &p->v[i].now, fn, ctx);
	}
	return any;
}

void ports_free(struct ports *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].now.groups);
		free(p->v[i].was.groups);
	}
	free(p->v);
	wordset_free(&p->profiles);
}

uint32_t ports_name(const struct ports *p, const char *name, uint8_t proto)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].name == name && p->v[i].proto == proto)
			return i;
	return INDEX_NONE;
}

static struct named *named(struct ports *p, const char *name, uint8_t proto)
{
	uint32_t i = ports_name(p, name, proto);

	if (i != INDEX_NONE)
		return &p->v[i];
	mem_grow(p->v, p->n, p->cap);
	p->v[p->n] = (struct named){ .name = name, .proto = proto };
	return &p->v[p->n++];
}

void ports_use(struct ports *p, const struct policy_rule *r, uint32_t group)
{
	for (unsigned i = 0; i < r->n_ports; i++) {
		struct named_use *q;

		if (!r->ports[i].name)
			continue;
		q = &named(p, r->ports[i].name, r->ports[i].proto)->now;
		if (group == GROUP_ANY) {
			q->any = true;
			continue;
		}
		mem_grow(q->groups, q->n, q->cap);
		q->groups[q->n++] = group;
	}
}

void ports_seal(struct ports *p)
{
	for (size_t i = 0; i < p->n; i++)
		p->v[i].now.n = words_sort(p->v[i].now.groups, p->v[i].now.n);
}

static bool concerns(const struct named_use *q, const struct words *set)
{
	size_t i = 0, k = 0;

	if (q->any)
		return true;
	while (i < q->n && k < set->n) {
		if (q->groups[i] == set->v[k])
			return true;
		if (q->groups[i] < set->v[k])
			i++;
		else
			k++;
	}
	return false;
}

/* The numbers pod @pod gives the name @q, ascending, into @out with room for all its ports. */
static size_t numbers(const struct named *q, const struct pod *pod, uint32_t *out)
{
	size_t n = 0;

	for (unsigned k = 0; k < pod->n_ports; k++)
		if (pod->ports[k].name == q->name && pod->ports[k].proto == q->proto)
			out[n++] = pod->ports[k].port;
	return words_sort(out, n);
}

uint32_t ports_profile(struct ports *p, const struct pod *pod, const struct words *set)
{
	uint32_t *v = NULL, *found, profile;
	size_t n = 0, cap = 0;

	if (!p->n || !pod->n_ports)
		return 0;
	found = mem_array(pod->n_ports, sizeof(*found));
	for (size_t i = 0; i < p->n; i++) {
		size_t m = concerns(&p->v[i].now, set) ? numbers(&p->v[i], pod, found) : 0;

		for (size_t k = 0; k < m; k++) {
			mem_grow(v, n, cap);
			v[n++] = i;
			mem_grow(v, n, cap);
			v[n++] = found[k];
		}
	}
	profile = wordset_put(&p->profiles, v, n);
	free(found);
	free(v);
	return profile;
}

uint64_t ports_hash(const struct ports *p, uint32_t profile)
{
	const struct words *w = &p->profiles.v[profile];
	uint64_t sum = 0;

	/* A sum, for the names' order depends on what else there is. */
	for (size_t i = 0; i < w->n; i += 2) {
		const struct named *q = &p->v[w->v[i]];

		sum += mix_string(mix_word(mix_word(2, q->proto), w->v[i + 1]), q->name);
	}
	return sum;
}
