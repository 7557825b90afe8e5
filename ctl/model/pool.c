// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "pool.h"

/* What stands before an interned string: the collection that last saw it used. */
struct pool_string {
	uint32_t epoch;
	char s[];
};
struct pool_labels {
	uint32_t epoch;
	uint32_t n;
	struct label v[];
};

#define string_of(str) ((struct pool_string *)((char *)(uintptr_t)(str) - offsetof(struct pool_string, s)))
#define labels_of(l) ((struct pool_labels *)((char *)(uintptr_t)(l)->v - offsetof(struct pool_labels, v)))

static struct pool_string *find(const struct pool *p, const char *s, size_t len, uint32_t hash)
{
	struct pool_string *ps;
	size_t it = 0;

	while ((ps = hash_next(&p->strings, hash, &it)))
		if (!strncmp(ps->s, s, len) && !ps->s[len])
			return ps;
	return NULL;
}

const char *pool_intern(struct pool *p, const char *s, size_t len)
{
	uint32_t hash = hash_bytes(s, len, 0);
	struct pool_string *ps = find(p, s, len, hash);

	if (!ps) {
		ps = mem_resize(NULL, 1, sizeof(*ps) + len + 1);
		ps->epoch = p->epoch;
		memcpy(ps->s, s, len);
		ps->s[len] = 0;
		hash_add(&p->strings, hash, ps);
	}
	return ps->s;
}

const char *pool_find(const struct pool *p, const char *s)
{
	size_t len = strlen(s);
	struct pool_string *ps = find(p, s, len, hash_bytes(s, len, 0));

	return ps ? ps->s : NULL;
}

struct labels pool_labels(struct pool *p, const struct label *v, unsigned n)
{
	size_t bytes = n * sizeof(*v), it = 0;
	struct pool_labels *pl;
	uint32_t hash;

	if (!n)
		return (struct labels){ 0 };
	hash = hash_bytes(v, bytes, 0);
	while ((pl = hash_next(&p->label_sets, hash, &it)))
		if (pl->n == n && !memcmp(pl->v, v, bytes))
			break;
	if (!pl) {
		pl = mem_resize(NULL, 1, sizeof(*pl) + bytes);
		pl->epoch = p->epoch;
		pl->n = n;
		memcpy(pl->v, v, bytes);
		hash_add(&p->label_sets, hash, pl);
	}
	return (struct labels){ .v = pl->v, .n = n };
}

void pool_mark_start(struct pool *p)
{
	p->epoch++;
}

void pool_mark(struct pool *p, const char *s)
{
	if (s)
		string_of(s)->epoch = p->epoch;
}

void pool_mark_labels(struct pool *p, const struct labels *l)
{
	struct pool_labels *pl;

	if (!l->n)
		return;
	pl = labels_of(l);
	if (pl->epoch == p->epoch)
		return;
	pl->epoch = p->epoch;
	for (unsigned i = 0; i < l->n; i++) {
		pool_mark(p, l->v[i].key);
		pool_mark(p, l->v[i].value);
	}
}

/* Both structs begin with their epoch. */
static void sweep(struct hash *h, uint32_t epoch)
{
	struct hash kept = { 0 };

	for (size_t i = 0; i < h->cap; i++) {
		uint32_t *seen = h->v[i].p;

		if (!seen)
			continue;
		if (*seen == epoch)
			hash_add(&kept, h->v[i].hash, seen);
		else
			free(seen);
	}
	hash_free(h);
	*h = kept;
}

void pool_sweep(struct pool *p)
{
	sweep(&p->label_sets, p->epoch);
	sweep(&p->strings, p->epoch);
}

void pool_free(struct pool *p)
{
	pool_mark_start(p);
	pool_sweep(p);
	hash_free(&p->strings);
	hash_free(&p->label_sets);
}
