// SPDX-License-Identifier: GPL-2.0
/* parts: a program that comes in several messages, kept until its last part is here, and maps in pieces. */
#include <linux/overflow.h>
#include "parts.h"

/**
 * struct part - what one PROGRAM attribute brought
 * @node: in stk_parts.list or .done
 * @fresh: by the message at hand
 * @n_maps: length of @maps
 * @maps: their arrays follow the last of them
 */
struct part {
	struct list_head node;
	bool fresh;
	u32 n_maps;
	struct stk_map_def maps[];
};

void stk_parts_init(struct stk_parts *p)
{
	*p = (struct stk_parts){};
	INIT_LIST_HEAD(&p->list);
	INIT_LIST_HEAD(&p->done);
}

static void part_free(struct part *part)
{
	list_del(&part->node);
	kvfree(part);
}

static void free_all(struct list_head *list)
{
	struct part *part, *next;

	list_for_each_entry_safe(part, next, list, node)
		part_free(part);
}

void stk_parts_clear(struct stk_parts *p)
{
	free_all(&p->list);
	free_all(&p->done);
	stk_parts_init(p);
}

void stk_parts_begin(struct stk_parts *p)
{
	p->kept_id = p->id;
	p->kept_weight = p->weight;
}

void stk_parts_keep(struct stk_parts *p)
{
	struct part *part;

	free_all(&p->done);
	list_for_each_entry(part, &p->list, node)
		part->fresh = false;
}

void stk_parts_rollback(struct stk_parts *p)
{
	struct part *part, *next;

	list_for_each_entry_safe(part, next, &p->list, node)
		if (part->fresh)
			part_free(part);
	/* If there is anything in done, nothing but fresh parts was in list. */
	list_splice_init(&p->done, &p->list);
	p->id = p->kept_id;
	p->weight = p->kept_weight;
}

static u64 weight_of(const struct stk_program_def *def)
{
	u64 weight = def->n_maps;	/* a piece may be empty, what it takes to keep it is not */
	u32 i;

	for (i = 0; i < def->n_maps; i++)
		weight += (u64)def->maps[i].n_steps + def->maps[i].n_identities;
	return weight;
}

/* Copies an array to where *to stands, and moves that on. */
static const void *put_array(void **to, const void *from, size_t bytes)
{
	void *at = *to;

	memcpy(at, from, bytes);
	*to += bytes;
	return at;
}

static struct part *part_copy(const struct stk_program_def *def)
{
	size_t bytes = 0;
	struct part *part;
	void *to;
	u32 i;

	for (i = 0; i < def->n_maps; i++)
		bytes += def->maps[i].n_steps * sizeof(*def->maps[i].steps) +
			 def->maps[i].n_identities * sizeof(*def->maps[i].identities);
	part = kvmalloc(size_add(struct_size(part, maps, def->n_maps), bytes), STK_GFP);
	if (!part)
		return NULL;
	part->fresh = true;
	part->n_maps = def->n_maps;
	to = part->maps + def->n_maps;
	for (i = 0; i < def->n_maps; i++) {
		struct stk_map_def *map = &part->maps[i];

		*map = def->maps[i];
		map->steps = put_array(&to, map->steps, map->n_steps * sizeof(*map->steps));
		map->identities = put_array(&to, map->identities,
					    map->n_identities * sizeof(*map->identities));
	}
	return part;
}

/* May a PROGRAM with this id come now? */
static int check_id(const struct stk_parts *p, u32 id, stk_why *why)
{
	if (!p->id || p->id == id)
		return 0;
	*why = "PROGRAM_ID: another program is waiting for its last part";
	return -EINVAL;
}

int stk_parts_add(struct stk_parts *p, const struct stk_program_def *def, u32 limit, stk_why *why)
{
	u64 weight = p->weight + weight_of(def);
	struct part *part;
	int err;

	err = check_id(p, def->id, why);
	if (err)
		return err;
	if (weight > limit) {
		*why = "PROGRAM_MAP: the limit max_steps would be passed";
		return -ENOSPC;
	}
	part = part_copy(def);
	if (!part)
		return -ENOMEM;
	list_add_tail(&part->node, &p->list);
	p->id = def->id;
	p->weight = weight;
	return 0;
}

/* The program is done: what this message brought of it can go, what earlier ones brought waits. */
static void retire(struct stk_parts *p)
{
	struct part *part, *next;

	list_for_each_entry_safe(part, next, &p->list, node)
		if (part->fresh)
			part_free(part);
		else
			list_move_tail(&part->node, &p->done);
	p->id = 0;
	p->weight = 0;
}

static bool in_pieces(const struct stk_map_def *maps, u32 i)
{
	return maps[i].more || (i && maps[i - 1].more);
}

/* Bytes of the arrays of those of @n maps that come in pieces. */
static size_t piece_bytes(const struct stk_map_def *maps, u32 n)
{
	size_t bytes = 0;
	u32 i;

	for (i = 0; i < n; i++)
		if (in_pieces(maps, i))
			bytes += maps[i].n_steps * sizeof(*maps->steps) +
				 maps[i].n_identities * sizeof(*maps->identities);
	return bytes;
}

/* The map that @n pieces are, its arrays at *to. */
static struct stk_map_def join(const struct stk_map_def *piece, u32 n, void **to)
{
	struct stk_map_def map = { .steps = *to };
	u32 i;

	for (i = 0; i < n; i++) {
		put_array(to, piece[i].steps, piece[i].n_steps * sizeof(*map.steps));
		map.n_steps += piece[i].n_steps;
	}
	map.identities = *to;
	for (i = 0; i < n; i++) {
		put_array(to, piece[i].identities, piece[i].n_identities * sizeof(*map.identities));
		map.n_identities += piece[i].n_identities;
	}
	return map;
}

/* Makes whole maps of pieces, in place.  @buf: what they point into, the caller's to free. */
static int join_pieces(struct stk_map_def *maps, u32 *n, void **buf, stk_why *why)
{
	u32 i, pieces, whole = 0;
	void *to;

	if (*n && maps[*n - 1].more) {
		*why = "MAP_MORE: the program ends before the map does";
		return -EINVAL;
	}
	to = kvmalloc(piece_bytes(maps, *n), STK_GFP);
	if (!to)
		return -ENOMEM;
	*buf = to;
	for (i = 0; i < *n; i += pieces) {
		for (pieces = 1; maps[i + pieces - 1].more; pieces++)
			;
		maps[whole++] = pieces == 1 ? maps[i] : join(&maps[i], pieces, &to);
	}
	*n = whole;
	return 0;
}

/* All maps of a program, one behind another. */
static struct stk_map_def *gather(const struct stk_parts *p, const struct stk_program_def *last,
				  u32 *n_maps)
{
	struct stk_map_def *maps;
	struct part *part;
	u32 n = last->n_maps;

	list_for_each_entry(part, &p->list, node)
		n += part->n_maps;
	maps = kvmalloc_array(n, sizeof(*maps), STK_GFP);
	if (!maps)
		return NULL;
	n = 0;
	list_for_each_entry(part, &p->list, node) {
		memcpy(maps + n, part->maps, part->n_maps * sizeof(*maps));
		n += part->n_maps;
	}
	memcpy(maps + n, last->maps, last->n_maps * sizeof(*maps));
	*n_maps = n + last->n_maps;
	return maps;
}

int stk_parts_finish(struct stk_parts *p, const struct stk_program_def *last,
		     struct stk_snapshot *cand, stk_why *why)
{
	struct stk_program_def def = { .id = last->id };
	struct stk_map_def *maps;
	void *buf = NULL;
	int err;

	err = check_id(p, last->id, why);
	if (err)
		return err;
	maps = gather(p, last, &def.n_maps);
	if (!maps)
		return -ENOMEM;
	err = join_pieces(maps, &def.n_maps, &buf, why);
	def.maps = maps;
	if (!err)
		err = stk_snapshot_put_program(cand, &def, why);
	kvfree(buf);
	kvfree(maps);
	if (!err)
		retire(p);
	return err;
}
