/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store: the objects of one kind, by (namespace, name) and in that order.  Private to model/.
 */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include "../base/hash.h"
#include "model.h"

struct store {
	struct hash by_name;	/* of struct meta, hashed by its interned ns and name */
	struct meta **list;	/* in order, unless stale */
	size_t n_list, cap_list;
	bool stale;		/* the list is not kept up: made anew when asked for */
	unsigned changes;	/* to the list since it was last asked for */
};

/* @ns and @name interned. */
struct meta *store_get(const struct store *s, const char *ns, const char *name);
/* Returns the object replaced, NULL if there was none. */
struct meta *store_put(struct store *s, struct meta *obj);
void store_delete(struct store *s, struct meta *obj);
struct meta **store_list(struct store *s);
/* Index of the first of @ns at or behind which (@ns, @name) belongs; the list is in order. */
size_t store_lower_bound(const struct store *s, const char *ns, const char *name);

#endif
