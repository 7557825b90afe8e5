/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pool: each distinct string once, and each distinct set of labels once (pods of one
 * workload share theirs).  Private to model/.
 */
#ifndef MODEL_POOL_H
#define MODEL_POOL_H

#include "../base/hash.h"
#include "model.h"

struct pool {
	struct hash strings;		/* of struct pool_string */
	struct hash label_sets;		/* of struct pool_labels */
	uint32_t epoch;			/* of the last collection */
};

const char *pool_intern(struct pool *p, const char *s, size_t len);
/* NULL if the pool does not hold it. */
const char *pool_find(const struct pool *p, const char *s);
/* @v: interned strings in order of their keys, copied. */
struct labels pool_labels(struct pool *p, const struct label *v, unsigned n);

/* Collection: start, mark everything in use, sweep. */
void pool_mark_start(struct pool *p);
void pool_mark(struct pool *p, const char *s);
void pool_mark_labels(struct pool *p, const struct labels *l);
void pool_sweep(struct pool *p);
void pool_free(struct pool *p);

#endif
