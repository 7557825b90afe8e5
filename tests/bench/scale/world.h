/* SPDX-License-Identifier: GPL-2.0 */
/*
 * world: a large cluster that exists only as numbers; each object's JSON is made when it is asked for.
 */
#ifndef SCALE_WORLD_H
#define SCALE_WORLD_H

#include <stddef.h>
#include "model/model.h"

struct world {
	unsigned nodes, pods, namespaces, policies;
	unsigned *generation;	/* of each pod: how often it was replaced */
	unsigned *label;	/* of each pod: how often its label changed */
};

#define WORLD_JSON_MAX 16384

void world_init(struct world *w, unsigned nodes, unsigned pods, unsigned namespaces, unsigned policies);
void world_free(struct world *w);
size_t world_count(const struct world *w, enum kind kind);
/* Object @i of @kind at @rv; returns its length. */
size_t world_json(const struct world *w, enum kind kind, size_t i, unsigned long rv, char buf[static WORLD_JSON_MAX]);

#endif
