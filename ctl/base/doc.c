// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "doc_build.h"
#include "mem.h"

struct doc *doc_new(enum doc_type type, unsigned line)
{
	struct doc *d = mem_new(struct doc);

	d->type = type;
	d->line = line;
	return d;
}

struct doc *doc_new_string(const char *s, size_t len, unsigned line)
{
	struct doc *d = doc_new(DOC_STRING, line);

	d->string.s = mem_strndup(s, len);
	d->string.len = len;
	return d;
}

static bool full(size_t n)
{
	return !(n & (n - 1));
}

void doc_push(struct doc *seq, struct doc *value)
{
	size_t n = seq->seq.n;

	if (full(n))
		seq->seq.v = mem_resize(seq->seq.v, n ? n * 2 : 1, sizeof(*seq->seq.v));
	seq->seq.v[seq->seq.n++] = value;
}

void doc_put(struct doc *map, char *key, unsigned line, struct doc *value)
{
	size_t n = map->map.n;

	if (full(n))
		map->map.v = mem_resize(map->map.v, n ? n * 2 : 1, sizeof(*map->map.v));
	map->map.v[map->map.n++] = (struct doc_pair){ .key = key, .line = line, .value = value };
}

void doc_trim(struct doc *d)
{
	if (d->type == DOC_SEQ)
		d->seq.v = mem_resize(d->seq.v, d->seq.n, sizeof(*d->seq.v));
	else if (d->type == DOC_MAP)
		d->map.v = mem_resize(d->map.v, d->map.n, sizeof(*d->map.v));
}

static bool has_text(const struct doc *d)
{
	return d->type == DOC_STRING || d->type == DOC_FLOAT;
}

void doc_free(struct doc *d)
{
	if (!d)
		return;
	if (has_text(d)) {
		free(d->string.s);
	} else if (d->type == DOC_SEQ) {
		for (size_t i = 0; i < d->seq.n; i++)
			doc_free(d->seq.v[i]);
		free(d->seq.v);
	} else if (d->type == DOC_MAP) {
		for (size_t i = 0; i < d->map.n; i++) {
			free(d->map.v[i].key);
			doc_free(d->map.v[i].value);
		}
		free(d->map.v);
	}
	free(d);
}

const struct doc *doc_get(const struct doc *d, const char *key)
{
	if (!d || d->type != DOC_MAP)
		return NULL;
	for (size_t i = 0; i < d->map.n; i++)
		if (!strcmp(d->map.v[i].key, key))
			return d->map.v[i].value->type == DOC_NULL ? NULL : d->map.v[i].value;
	return NULL;
}

static bool spend(size_t *budget, size_t bytes)
{
	if (bytes > *budget)
		return false;
	*budget -= bytes;
	return true;
}

static bool copy_seq(struct doc *to, const struct doc *from, unsigned depth, size_t *budget)
{
	for (size_t i = 0; i < from->seq.n; i++) {
		struct doc *c = doc_copy(from->seq.v[i], depth - 1, budget);

		if (!c)
			return false;
		doc_push(to, c);
	}
	return true;
}

static bool copy_map(struct doc *to, const struct doc *from, unsigned depth, size_t *budget)
{
	for (size_t i = 0; i < from->map.n; i++) {
		const struct doc_pair *p = &from->map.v[i];
		struct doc *c;

		if (!spend(budget, strlen(p->key)))
			return false;
		c = doc_copy(p->value, depth - 1, budget);
		if (!c)
			return false;
		doc_put(to, mem_strdup(p->key), p->line, c);
	}
	return true;
}

struct doc *doc_copy(const struct doc *d, unsigned depth, size_t *budget)
{
	bool nested = d->type == DOC_SEQ || d->type == DOC_MAP, ok = true;
	struct doc *c;

	if ((nested && !depth) || !spend(budget, sizeof(*d) + (has_text(d) ? d->string.len : 0)))
		return NULL;
	if (!nested && !has_text(d)) {
		c = doc_new(d->type, d->line);
		*c = *d;
		return c;
	}
	if (has_text(d)) {
		c = doc_new_string(d->string.s, d->string.len, d->line);
		c->type = d->type;
		return c;
	}
	c = doc_new(d->type, d->line);
	ok = d->type == DOC_SEQ ? copy_seq(c, d, depth, budget) : copy_map(c, d, depth, budget);
	if (!ok) {
		doc_free(c);
		return NULL;
	}
	doc_trim(c);
	return c;
}
