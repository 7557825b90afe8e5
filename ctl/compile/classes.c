// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "classes.h"

uint32_t classes_put(struct classes *c, uint32_t set, uint32_t ports, uint32_t reach, uint32_t flags)
{
	uint32_t key[] = { set, ports, reach, flags };
	uint32_t number = set || ports || reach || flags ? wordset_put(&c->keys, key, 4) : 0;

	if (number < c->n)
		return number;
	mem_grow(c->v, c->n, c->cap);
	c->v[c->n++] = (struct class){ .set = set, .ports = ports, .reach = reach, .flags = flags };
	return number;
}

void classes_count(struct classes *c)
{
	free(c->live);
	c->live = mem_array(c->n, sizeof(*c->live));
	c->n_live = 0;
	for (size_t i = 0; i < c->n; i++)
		if (!i || c->v[i].block || c->v[i].refs)
			c->live[c->n_live++] = i;
}

void classes_init(struct classes *c, struct arena *arena)
{
	*c = (struct classes){};
	wordset_init(&c->keys, arena);
	classes_put(c, 0, 0, 0, 0);
}

void classes_free(struct classes *c)
{
	free(c->v);
	free(c->live);
	wordset_free(&c->keys);
}

static int wish_cmp(const void *a, const void *b)
{
	const struct id_wish *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

static bool taken_equal(const void *ctx, uint32_t value, const void *key)
{
	return value == *(const uint32_t *)key;
}

/* Who wishes what another has takes the next that is free; in order of the hashes, so always the same. */
void ids_assign(struct id_wish *v, size_t n, uint32_t max)
{
	struct index taken = {};

	if (n)
		qsort(v, n, sizeof(*v), wish_cmp);
	for (size_t i = 0; i < n; i++) {
		uint32_t id = v[i].hash % max + 1;

		while (index_find(&taken, mix_word(5, id), taken_equal, NULL, &id) != INDEX_NONE)
			id = id % max + 1;
		index_add(&taken, mix_word(5, id), id);
		*v[i].id = id;
	}
	index_free(&taken);
}
