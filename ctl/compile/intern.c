// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "intern.h"

uint64_t mix_bytes(uint64_t h, const void *p, size_t len)
{
	const unsigned char *b = p;

	h = mix_word(h, len);
	while (len) {
		size_t n = len < 8 ? len : 8;
		uint64_t w = 0;

		for (size_t i = 0; i < n; i++)
			w |= (uint64_t)b[i] << (8 * i);
		h = mix_word(h, w);
		b += n;
		len -= n;
	}
	return h;
}

uint64_t mix_string(uint64_t h, const char *s)
{
	return mix_bytes(h, s, strlen(s));
}

uint32_t index_find(const struct index *x, uint64_t hash, index_equal equal, const void *ctx, const void *key)
{
	if (!x->slots)
		return INDEX_NONE;
	for (size_t i = hash & x->mask; x->slots[i].value; i = (i + 1) & x->mask)
		if (x->slots[i].hash == hash && equal(ctx, x->slots[i].value - 1, key))
			return x->slots[i].value - 1;
	return INDEX_NONE;
}

static void place(struct index *x, struct index_slot slot)
{
	size_t i = slot.hash & x->mask;

	while (x->slots[i].value)
		i = (i + 1) & x->mask;
	x->slots[i] = slot;
}

static void enlarge(struct index *x)
{
	struct index_slot *old = x->slots;
	size_t n = old ? x->mask + 1 : 0;

	x->mask = n ? n * 2 - 1 : 15;
	x->slots = mem_array(x->mask + 1, sizeof(*x->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].value)
			place(x, old[i]);
	free(old);
}

void index_add(struct index *x, uint64_t hash, uint32_t value)
{
	if (!x->slots || x->n * 2 > x->mask)
		enlarge(x);
	place(x, (struct index_slot){ .hash = hash, .value = value + 1 });
	x->n++;
}

void index_free(struct index *x)
{
	free(x->slots);
	*x = (struct index){};
}

static bool words_equal(const void *ctx, uint32_t value, const void *key)
{
	const struct words *a = &((const struct wordset *)ctx)->v[value], *b = key;

	return a->n == b->n && !memcmp(a->v, b->v, a->n * sizeof(*a->v));
}

static uint64_t words_hash(const uint32_t *v, size_t n)
{
	uint64_t hash = mix_word(0, n);

	for (size_t i = 0; i < n; i++)
		hash = mix_word(hash, v[i]);
	return hash;
}

uint32_t wordset_find(const struct wordset *s, const uint32_t *v, size_t n)
{
	struct words key = { .v = v, .n = n };

	return index_find(&s->index, words_hash(v, n), words_equal, s, &key);
}

uint32_t wordset_put(struct wordset *s, const uint32_t *v, size_t n)
{
	struct words key = { .v = v ? v : (const uint32_t[]){ 0 }, .n = n };
	uint64_t hash = words_hash(v, n);
	uint32_t found, *copy;

	found = index_find(&s->index, hash, words_equal, s, &key);
	if (found != INDEX_NONE)
		return found;
	copy = arena_array(s->arena, n ? n : 1, sizeof(*copy));
	memcpy(copy, key.v, n * sizeof(*copy));
	mem_grow(s->v, s->n, s->cap);
	s->v[s->n] = (struct words){ .v = copy, .n = n };
	index_add(&s->index, hash, s->n);
	return s->n++;
}

void wordset_init(struct wordset *s, struct arena *arena)
{
	*s = (struct wordset){ .arena = arena };
	wordset_put(s, NULL, 0);
}

void wordset_free(struct wordset *s)
{
	index_free(&s->index);
	free(s->v);
}

static int word_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

size_t words_sort(uint32_t *v, size_t n)
{
	size_t kept = 0;

	if (n < 2)
		return n;
	qsort(v, n, sizeof(*v), word_cmp);
	for (size_t i = 1; i < n; i++)
		if (v[i] != v[kept])
			v[++kept] = v[i];
	return kept + 1;
}
