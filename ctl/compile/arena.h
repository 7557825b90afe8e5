/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arena: what lives as long as one compilation and is freed at once.
 */
#ifndef COMPILE_ARENA_H
#define COMPILE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_chunk *head;
};

/* Zeroed room for @n elements of @size (never NULL); aborts when memory is out. */
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
void arena_free(struct arena *a);

#define arena_new(a, type) ((type *)arena_array((a), 1, sizeof(type)))

#endif
