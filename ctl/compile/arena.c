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

/* Under AddressSanitizer each array is its own allocation, so that a stray index is seen. */
#ifdef __SANITIZE_ADDRESS__
#define CHUNK_MIN 0
#else
#define CHUNK_MIN ((size_t)64 << 10)
#endif

static struct arena_chunk *grow(struct arena *a, size_t size)
{
	size_t room = size > CHUNK_MIN ? size : CHUNK_MIN;
	struct arena_chunk *c = mem_array(1, sizeof(*c) + room);

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
