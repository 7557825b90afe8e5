// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "arena.h"

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(16) char room[];
};

#define CHUNK_MIN ((size_t)1 << 10)
#define CHUNK_MAX ((size_t)64 << 10)

/* Each chunk twice the last one's size: small arenas stay small, large ones have few chunks. */
static size_t chunk_size(const struct arena *a)
{
#ifdef __SANITIZE_ADDRESS__
	return 0;	/* each array its own allocation, so that a stray index is seen */
#else
	if (!a->head)
		return CHUNK_MIN;
	return a->head->size < CHUNK_MAX / 2 ? a->head->size * 2 : CHUNK_MAX;
#endif
}

static struct arena_chunk *grow(struct arena *a, size_t size)
{
	size_t room = chunk_size(a);
	struct arena_chunk *c;

	if (room < size)
		room = size;
	c = mem_array(1, sizeof(*c) + room);
	c->size = room;
	c->next = a->head;
	a->head = c;
	return c;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	struct arena_chunk *c = a->head;
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		abort();
	bytes = (bytes + 15) & ~(size_t)15;
	if (!c || c->size - c->used < bytes)
		c = grow(a, bytes);
	p = c->room + c->used;
	c->used += bytes;
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(arena_array(a, n, 1), s, n);
}

void arena_free(struct arena *a)
{
	struct arena_chunk *c;

	while ((c = a->head)) {
		a->head = c->next;
		free(c);
	}
}
