// SPDX-License-Identifier: GPL-2.0
/*
 * diff: from one table to another.  Both are sorted by key, so a merge finds what is new,
 * changed and gone.
 */
#include <string.h>
#include "table.h"

static int u32_cmp(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int rule_key(const void *a, const void *b)
{
	return u32_cmp(((const struct table_rule *)a)->id, ((const struct table_rule *)b)->id);
}

static bool rule_same(const void *a, const void *b)
{
	const struct table_rule *x = a, *y = b;

	return x->tier == y->tier && !strcmp(x->name, y->name);
}

static int program_key(const void *a, const void *b)
{
	return u32_cmp(((const struct table_program *)a)->id, ((const struct table_program *)b)->id);
}

static bool map_same(const struct table_map *x, const struct table_map *y)
{
	return x->n_identities == y->n_identities && x->n_steps == y->n_steps &&
	       (!x->n_identities || !memcmp(x->identities, y->identities, x->n_identities * sizeof(*x->identities))) &&
	       !memcmp(x->steps, y->steps, x->n_steps * sizeof(*x->steps));
}

static bool program_same(const void *a, const void *b)
{
	const struct table_program *x = a, *y = b;

	if (x->n_maps != y->n_maps)
		return false;
	for (uint32_t i = 0; i < x->n_maps; i++)
		if (!map_same(&x->maps[i], &y->maps[i]))
			return false;
	return true;
}

static int subject_key(const void *a, const void *b)
{
	return u32_cmp(((const struct table_subject *)a)->id, ((const struct table_subject *)b)->id);
}

static bool subject_same(const void *a, const void *b)
{
	const struct table_subject *x = a, *y = b;

	return x->ingress == y->ingress && x->egress == y->egress && !strcmp(x->name, y->name);
}

static int endpoint_key(const void *a, const void *b)
{
	return ip_cmp(&((const struct table_endpoint *)a)->addr, &((const struct table_endpoint *)b)->addr);
}

static bool endpoint_same(const void *a, const void *b)
{
	const struct table_endpoint *x = a, *y = b;

	return x->identity == y->identity && x->subject == y->subject && x->flags == y->flags;
}

static int block_key(const void *a, const void *b)
{
	return cidr_cmp(&((const struct table_block *)a)->cidr, &((const struct table_block *)b)->cidr);
}

static bool block_same(const void *a, const void *b)
{
	return ((const struct table_block *)a)->identity == ((const struct table_block *)b)->identity;
}

/* One kind of object, and where a table keeps its array and count. */
struct kind_ops {
	size_t array, count, size;
	int (*key)(const void *a, const void *b);
	bool (*same)(const void *a, const void *b);
};
#define KIND(field, type) .array = offsetof(struct table, field), .count = offsetof(struct table, n_##field), \
	.size = sizeof(struct type)
static const struct kind_ops kinds[] = {
	[TABLE_RULE] = { KIND(rules, table_rule), rule_key, rule_same },
	[TABLE_PROGRAM] = { KIND(programs, table_program), program_key, program_same },
	[TABLE_SUBJECT] = { KIND(subjects, table_subject), subject_key, subject_same },
	[TABLE_ENDPOINT] = { KIND(endpoints, table_endpoint), endpoint_key, endpoint_same },
	[TABLE_BLOCK] = { KIND(blocks, table_block), block_key, block_same },
};

static const char *array_of(const struct table *t, const struct kind_ops *k)
{
	return t ? *(const char *const *)((const char *)t + k->array) : NULL;
}

static size_t count_of(const struct table *t, const struct kind_ops *k)
{
	return t ? *(const size_t *)((const char *)t + k->count) : 0;
}

struct differ {
	table_op op;
	void *ctx;
};

/*
 * A program's id is 32 bits of its content: that another content has it is next to impossible, but
 * programs are immutable, so then the old one has to go first.
 */
static int replace(const struct differ *d, enum table_object what, const void *old, const void *new)
{
	int rc = what == TABLE_PROGRAM ? d->op(d->ctx, false, what, old) : 0;

	return rc ? rc : d->op(d->ctx, true, what, new);
}

static int puts_of(const struct differ *d, enum table_object what, const struct table *from, const struct table *to)
{
	const struct kind_ops *k = &kinds[what];
	const char *a = array_of(from, k), *b = array_of(to, k);
	const char *a_end = a + count_of(from, k) * k->size, *b_end = b + count_of(to, k) * k->size;
	int rc = 0;

	for (; b < b_end && !rc; b += k->size) {
		while (a < a_end && k->key(a, b) < 0)
			a += k->size;
		if (a == a_end || k->key(a, b))
			rc = d->op(d->ctx, true, what, b);
		else if (!k->same(a, b))
			rc = replace(d, what, a, b);
	}
	return rc;
}

static int deletes_of(const struct differ *d, enum table_object what, const struct table *from, const struct table *to)
{
	const struct kind_ops *k = &kinds[what];
	const char *a = array_of(from, k), *b = array_of(to, k);
	const char *a_end = a + count_of(from, k) * k->size, *b_end = b + count_of(to, k) * k->size;
	int rc = 0;

	for (; a < a_end && !rc; a += k->size) {
		while (b < b_end && k->key(b, a) < 0)
			b += k->size;
		if (b == b_end || k->key(b, a))
			rc = d->op(d->ctx, false, what, a);
	}
	return rc;
}

static bool config_same(const struct table *x, const struct table *y)
{
	if (x->n_cidrs != y->n_cidrs || x->n_overlay_ports != y->n_overlay_ports ||
	    x->deny != y->deny || x->unknown != y->unknown)
		return false;
	for (size_t i = 0; i < x->n_cidrs; i++)
		if (cidr_cmp(&x->cidrs[i], &y->cidrs[i]))
			return false;
	return !memcmp(x->overlay_ports, y->overlay_ports, x->n_overlay_ports * sizeof(*x->overlay_ports));
}

int table_diff(const struct table *from, const struct table *to, table_op op, void *ctx)
{
	struct differ d = { op, ctx };
	int rc = 0;

	for (int what = TABLE_RULE; what <= TABLE_BLOCK && !rc; what++)
		rc = puts_of(&d, what, from, to);
	if (!rc && (!from || !config_same(from, to)))
		rc = op(ctx, true, TABLE_CONFIG, to);
	for (int what = TABLE_BLOCK; what >= TABLE_RULE && !rc; what--)
		rc = deletes_of(&d, what, from, to);
	return rc;
}
