// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "room.h"

static int cmp(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_thing(const void *a, const void *b)
{
	const struct taker *x = *(struct taker *const *)a, *y = *(struct taker *const *)b;
	int by_size = cmp(y->size, x->size), by_hash = cmp(x->hash, y->hash);

	return by_size ? by_size : by_hash ? by_hash : cmp((uintptr_t)x, (uintptr_t)y);
}

static int by_turn(const void *a, const void *b)
{
	const struct taker *x = *(struct taker *const *)a, *y = *(struct taker *const *)b;
	int by_size = cmp(y->size, x->size);

	return by_size ? by_size : cmp(x->first, y->first);
}

/* The first of each thing, in the order in which they must go, at the beginning of @order; how many. */
static size_t find_things(struct taker *v, size_t n, struct taker **order)
{
	size_t things = 0;

	for (size_t i = 0; i < n; i++)
		order[i] = &v[i];
	if (n)
		qsort(order, n, sizeof(*order), by_thing);
	for (size_t i = 0; i < n; i++) {
		struct taker *t = order[i], *last = things ? order[things - 1] : NULL;

		if (last && last->size == t->size && last->hash == t->hash) {
			t->first = last->first;
			continue;
		}
		t->first = t - v;
		order[things++] = t;
	}
	if (things)
		qsort(order, things, sizeof(*order), by_turn);
	return things;
}

/* The first @gone in @order go. */
static void shut_first(struct taker *v, size_t n, struct taker **order, size_t things, size_t gone)
{
	for (size_t i = 0; i < things; i++)
		order[i]->shut = i < gone;
	for (size_t i = 0; i < n; i++)
		v[i].shut = v[v[i].first].shut;
}

void room_shut(struct taker *v, size_t n, uint64_t room)
{
	struct taker **order = mem_array(n, sizeof(*order));
	size_t things = find_things(v, n, order), kept = things;

	/* From the least on, as long as there is room. */
	while (kept && order[kept - 1]->size <= room)
		room -= order[--kept]->size;
	shut_first(v, n, order, things, kept);
	free(order);
}

void room_shut_until(struct taker *v, size_t n, bool (*fits)(void *ctx), void *ctx)
{
	struct taker **order = mem_array(n, sizeof(*order));
	size_t things = find_things(v, n, order), too_few = 0, enough = things;

	/* That fewer than @too_few go does not do. */
	while (too_few < enough) {
		size_t gone = too_few + (enough - too_few) / 2;

		shut_first(v, n, order, things, gone);
		if (fits(ctx))
			enough = gone;
		else
			too_few = gone + 1;
	}
	shut_first(v, n, order, things, enough);
	fits(ctx);
	free(order);
}
