// SPDX-License-Identifier: GPL-2.0
/*
 * difference: the table that is, and what changed since it was settled.
 *
 * Endpoints are by far the most there is of a table, so only those that changed are remembered, with
 * what they were; of all the rest both tables are kept.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "compiler.h"
#include "defs.h"

/* In edits: there was no endpoint. */
#define NOTHING UINT32_MAX

struct table_endpoint compiler_endpoint(const struct compiler *c, const struct address *a)
{
	return (struct table_endpoint){ a->ip, c->classes.v[a->class].id, a->subject, a->flags };
}

void compiler_edit(struct compiler *c, const struct ip *ip, const struct table_endpoint *was)
{
	struct address a = { .ip = *ip, .flags = NOTHING };

	if (!c->base || addrmap_get(&c->edits, ip))
		return;
	if (was)
		a = (struct address){ *ip, was->identity, was->subject, was->flags };
	addrmap_put(&c->edits, &a);
}

static int endpoint_cmp(const void *a, const void *b)
{
	return ip_cmp(&((const struct table_endpoint *)a)->addr, &((const struct table_endpoint *)b)->addr);
}

static void sort(struct table_endpoint *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), endpoint_cmp);
}

struct table_endpoint *compiler_endpoints(const struct compiler *c)
{
	struct table_endpoint *v = mem_array(c->map.n, sizeof(*v));
	const struct address *a;
	size_t at = 0, n = 0;

	while ((a = addrmap_next(&c->map, &at)))
		v[n++] = compiler_endpoint(c, a);
	sort(v, n);
	return v;
}

/* Of the table that is and was there remains the configuration, which a difference always compares. */
static struct table without_objects(const struct table *t)
{
	struct table out = *t;

	out.n_rules = out.n_programs = out.n_subjects = out.n_blocks = 0;
	return out;
}

static void edited(const struct compiler *c, struct table *from, struct table *to)
{
	const struct address *was, *is;
	size_t at = 0;

	from->endpoints = mem_array(c->edits.n, sizeof(*from->endpoints));
	to->endpoints = mem_array(c->edits.n, sizeof(*to->endpoints));
	while ((was = addrmap_next(&c->edits, &at))) {
		if (was->flags != NOTHING)
			from->endpoints[from->n_endpoints++] =
				(struct table_endpoint){ was->ip, was->class, was->subject, was->flags };
		is = addrmap_get(&c->map, &was->ip);
		if (is)
			to->endpoints[to->n_endpoints++] = compiler_endpoint(c, is);
	}
	sort(from->endpoints, from->n_endpoints);
	sort(to->endpoints, to->n_endpoints);
}

bool compiler_difference(const struct compiler *c, struct table_pair *out)
{
	if (!c->base)
		return false;
	*out = (struct table_pair){ *c->base, *c->table };
	if (c->base == c->table)
		out->from = out->to = without_objects(c->table);
	edited(c, &out->from, &out->to);
	return true;
}

void compiler_whole(const struct compiler *c, struct table_pair *out)
{
	*out = (struct table_pair){ .to = *c->table };
	out->to.endpoints = compiler_endpoints(c);
	out->to.n_endpoints = c->map.n;
}

void table_pair_free(struct table_pair *p)
{
	free(p->from.endpoints);
	free(p->to.endpoints);
}

void compiler_forget(struct compiler *c)
{
	if (c->base != c->table)
		table_free(c->base);
	c->base = NULL;
	addrmap_free(&c->edits);
}

void compiler_settle(struct compiler *c)
{
	compiler_forget(c);
	c->base = c->table;
}

uint64_t compiler_digest(const struct compiler *c)
{
	return c->digest + c->sum;
}

struct table compiler_counts(const struct compiler *c)
{
	struct table t = *c->table;

	t.n_endpoints = c->map.n;
	return t;
}

struct compiler_stats compiler_stats(const struct compiler *c)
{
	return c->stats;
}

const struct compile_options *compiler_options(const struct compiler *c)
{
	return &c->options;
}
