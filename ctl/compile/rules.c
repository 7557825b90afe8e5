// SPDX-License-Identifier: GPL-2.0
#include <linux/stockade.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "rules.h"

static bool name_equal(const void *ctx, uint32_t value, const void *key)
{
	return !strcmp(((const struct rules *)ctx)->v[value].name, key);
}

uint32_t rules_add(struct rules *r, uint8_t tier, const char *fmt, ...)
{
	char name[STOCKADE_RULE_NAME_MAX + 1];
	uint32_t found;
	uint64_t hash;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	hash = mix_string(0, name);
	found = index_find(&r->index, hash, name_equal, r, name);
	if (found != INDEX_NONE)
		return found;
	mem_grow(r->v, r->n, r->cap);
	r->v[r->n] = (struct rule){ .name = arena_strdup(r->arena, name), .tier = tier };
	index_add(&r->index, hash, r->n);
	return r->n++;
}

void rules_init(struct rules *r, struct arena *arena)
{
	*r = (struct rules){ .arena = arena };
	/* Handle 0 is no rule. */
	mem_grow(r->v, r->n, r->cap);
	r->v[r->n++] = (struct rule){ .name = "" };
}

void rules_free(struct rules *r)
{
	index_free(&r->index);
	free(r->v);
}
