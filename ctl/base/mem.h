/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mem: allocation that aborts when memory is out, as all of userspace does, and
 * the one growing array.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Zeroed room for @n elements of @size; NULL only for n == 0. */
void *mem_array(size_t n, size_t size);
void *mem_resize(void *p, size_t n, size_t size);
char *mem_strndup(const char *s, size_t len);
char *mem_strdup(const char *s);
/* Like asprintf; malloc'ed. */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define mem_new(type) ((type *)mem_array(1, sizeof(type)))

/* Makes room for one more element behind @n of the array @v with room for @cap. */
#define mem_grow(v, n, cap) do { \
	if ((n) == (cap)) { \
		(cap) = (cap) ? (cap) * 2 : 8; \
		(v) = mem_resize((v), (cap), sizeof(*(v))); \
	} \
} while (0)

#endif
