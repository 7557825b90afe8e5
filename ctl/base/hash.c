// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "mem.h"

#define CAP_MIN 16

static void place(struct hash *h, uint32_t hash, void *p)
{
	size_t i = hash & (h->cap - 1);

	while (h->v[i].p)
		i = (i + 1) & (h->cap - 1);
	h->v[i] = (struct hash_slot){ .p = p, .hash = hash };
}

static void grow(struct hash *h)
{
	struct hash old = *h;

	h->cap = old.cap ? old.cap * 2 : CAP_MIN;
	h->v = mem_array(h->cap, sizeof(*h->v));
	for (size_t i = 0; i < old.cap; i++)
		if (old.v[i].p)
			place(h, old.v[i].hash, old.v[i].p);
	free(old.v);
}

void hash_add(struct hash *h, uint32_t hash, void *p)
{
	if ((h->n + 1) * 4 > h->cap * 3)
		grow(h);
	place(h, hash, p);
	h->n++;
}

/* Moves later slots of the run into the hole, as far as their probing may start before it. */
static void close_hole(struct hash *h, size_t hole)
{
	size_t mask = h->cap - 1;

	for (size_t i = (hole + 1) & mask; h->v[i].p; i = (i + 1) & mask) {
		size_t home = h->v[i].hash & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			h->v[hole] = h->v[i];
			hole = i;
		}
	}
	h->v[hole].p = NULL;
}

bool hash_del(struct hash *h, uint32_t hash, const void *p)
{
	size_t mask = h->cap - 1;

	if (!h->cap)
		return false;
	for (size_t i = hash & mask; h->v[i].p; i = (i + 1) & mask)
		if (h->v[i].p == p && h->v[i].hash == hash) {
			close_hole(h, i);
			h->n--;
			return true;
		}
	return false;
}

/* *@it counts the probes made. */
void *hash_next(const struct hash *h, uint32_t hash, size_t *it)
{
	size_t mask = h->cap - 1;

	if (!h->cap)
		return NULL;
	for (;;) {
		const struct hash_slot *s = &h->v[(hash + *it) & mask];

		if (!s->p)
			return NULL;
		++*it;
		if (s->hash == hash)
			return s->p;
	}
}

void hash_free(struct hash *h)
{
	free(h->v);
	*h = (struct hash){ 0 };
}

/* Spreads 64 bits over 32 so that the low ones depend on all. */
static uint32_t fold(uint64_t x)
{
	x ^= x >> 32;
	x *= 0x9e3779b97f4a7c15ULL;
	return x >> 32;
}

/* FNV-1a. */
uint32_t hash_bytes(const void *p, size_t len, uint32_t seed)
{
	uint64_t x = 0xcbf29ce484222325ULL ^ seed;

	for (const unsigned char *s = p, *end = s + len; s < end; s++)
		x = (x ^ *s) * 0x100000001b3ULL;
	return fold(x);
}

uint32_t hash_string(const char *s)
{
	return hash_bytes(s, strlen(s), 0);
}

uint32_t hash_pointers(const void *a, const void *b)
{
	return fold((uint64_t)(uintptr_t)a * 31 + (uintptr_t)b);
}
