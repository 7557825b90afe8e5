/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hash: a bag of pointers found by a 32 bit hash; what is equal is the caller's business.
 * Linear probing without tombstones, at most three quarters full.  Starts as { 0 }.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_slot {
	void *p;	/* NULL: free */
	uint32_t hash;
};
struct hash {
	struct hash_slot *v;
	size_t cap;	/* 0 or a power of two */
	size_t n;
};

void hash_add(struct hash *h, uint32_t hash, void *p);
/* Takes @p itself out, once. */
bool hash_del(struct hash *h, uint32_t hash, const void *p);
/* All of one hash: *@it starts at 0; NULL ends.  The table must not change meanwhile. */
void *hash_next(const struct hash *h, uint32_t hash, size_t *it);
void hash_free(struct hash *h);

uint32_t hash_bytes(const void *p, size_t len, uint32_t seed);
uint32_t hash_string(const char *s);
/* Two pointers, for keys of interned strings. */
uint32_t hash_pointers(const void *a, const void *b);

#endif
