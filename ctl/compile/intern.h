/* SPDX-License-Identifier: GPL-2.0 */
/*
 * intern: equal content gets one number.  A hash index over numbers whose content the
 * caller holds, and on it, interned arrays of u32: sets, profiles, keys.
 */
#ifndef COMPILE_INTERN_H
#define COMPILE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "arena.h"

/* The finalizer of splitmix64 over a running sum: the one mixing step of all hashes here. */
static inline uint64_t mix_word(uint64_t h, uint64_t w)
{
	h += w + 0x9e3779b97f4a7c15ULL;
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
	return h ^ (h >> 31);
}
uint64_t mix_bytes(uint64_t h, const void *p, size_t len);
uint64_t mix_string(uint64_t h, const char *s);

/* Number of things with a hash; which thing a number is, only the caller knows. */
struct index {
	struct index_slot {
		uint64_t hash;
		uint32_t value;	/* number + 1; 0: free */
	} *slots;
	size_t mask, n;
};
#define INDEX_NONE UINT32_MAX
typedef bool (*index_equal)(const void *ctx, uint32_t value, const void *key);

/* The number whose hash is @hash and that @equal says is @key; INDEX_NONE if there is none. */
uint32_t index_find(const struct index *x, uint64_t hash, index_equal equal, const void *ctx, const void *key);
void index_add(struct index *x, uint64_t hash, uint32_t value);
void index_free(struct index *x);

/* Arrays of u32; array 0 is the empty one.  The arrays live in the arena. */
struct words {
	const uint32_t *v;
	uint32_t n;
};
struct wordset {
	struct arena *arena;
	struct words *v;
	size_t n, cap;
	struct index index;
};
void wordset_init(struct wordset *s, struct arena *arena);
void wordset_free(struct wordset *s);
/* The number of the array @v of @n words, which is copied if it is new. */
uint32_t wordset_put(struct wordset *s, const uint32_t *v, size_t n);
/* INDEX_NONE if it is not there. */
uint32_t wordset_find(const struct wordset *s, const uint32_t *v, size_t n);

/* Sorts @v and drops repetitions; returns how many are left. */
size_t words_sort(uint32_t *v, size_t n);

#endif
