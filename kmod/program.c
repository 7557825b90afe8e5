// SPDX-License-Identifier: GPL-2.0
/* program: checking and building what program.h describes. */
#include "digest.h"
#include "program.h"
#include "snapshot.h"

static int check_steps(const struct stk_map_def *map, const char **why)
{
	u32 i;

	if (!map->n_steps) {
		*why = "MAP_STEPS is missing";
		return -EINVAL;
	}
	if (map->steps[0].from) {
		*why = "MAP_STEPS: the first step must be from 0";
		return -EINVAL;
	}
	for (i = 0; i < map->n_steps; i++) {
		if (i && map->steps[i].from <= map->steps[i - 1].from) {
			*why = "MAP_STEPS: not in strictly ascending order";
			return -EINVAL;
		}
		if (map->steps[i].from > STOCKADE_STEP_FROM_MAX) {
			*why = "MAP_STEPS: a step is from beyond protocol 255, port 65535";
			return -EINVAL;
		}
		if (STOCKADE_STEP_VERDICT(map->steps[i].verdict) > STOCKADE_VERDICT_WOULD_DENY) {
			*why = "MAP_STEPS: no such verdict";
			return -EINVAL;
		}
	}
	return 0;
}

u64 stk_program_def_size(const struct stk_program_def *def)
{
	u64 size = 0;
	u32 m;

	for (m = 0; m < def->n_maps; m++)
		size += (u64)def->maps[m].n_steps + def->maps[m].n_identities;
	return size;
}

static int check_def(const struct stk_program_def *def, const char **why)
{
	u32 defaults = 0;
	u32 m;
	int err;

	if (!def->id) {
		*why = "PROGRAM_ID: must not be 0";
		return -EINVAL;
	}
	for (m = 0; m < def->n_maps; m++) {
		err = check_steps(&def->maps[m], why);
		if (err)
			return err;
		defaults += !def->maps[m].n_identities;
	}
	if (defaults != 1) {
		*why = "PROGRAM_MAP: exactly one map must be without identities, the default";
		return -EINVAL;
	}
	if (stk_program_def_size(def) > STK_PROGRAM_SIZE_MAX) {
		*why = "PROGRAM_MAP: larger than any program may be";
		return -ENOSPC;
	}
	return 0;
}

/* How much of everything a program has. */
struct sizes {
	u32 ids, steps, maps, hash_log;
	size_t bytes;
};

static struct sizes measure(const struct stk_program_def *def)
{
	struct sizes s = { .maps = def->n_maps, .hash_log = 1 };
	u32 m;

	for (m = 0; m < def->n_maps; m++) {
		s.ids += def->maps[m].n_identities;
		s.steps += def->maps[m].n_steps;
	}
	while ((1U << s.hash_log) < 2 * s.ids)
		s.hash_log++;
	s.bytes = sizeof(struct stk_program) +
		  ((size_t)1 << s.hash_log) * sizeof(struct stk_program_slot) +
		  ((size_t)s.steps + s.maps) * sizeof(struct stockade_step) +
		  (size_t)s.maps * sizeof(struct stk_program_map) +
		  (size_t)s.ids * sizeof(u32);
	return s;
}

static void program_release(struct stk_object *object)
{
	stk_free(container_of(object, struct stk_program, object), object->bytes);
}

static struct stk_program *program_alloc(const struct stk_program_def *def, const struct sizes *s)
{
	struct stk_program *program = stk_zalloc(s->bytes);

	if (!program)
		return NULL;
	refcount_set(&program->object.refs, 1);
	program->object.id = def->id;
	program->object.digest = stk_digest_program(def);
	program->object.bytes = s->bytes;
	program->object.release = program_release;
	program->hash_shift = 32 - s->hash_log;
	program->hash_mask = (1U << s->hash_log) - 1;
	program->n_maps = s->maps;
	program->size = s->ids + s->steps;
	program->steps = (struct stockade_step *)(program->hash + program->hash_mask + 1);
	program->maps = (struct stk_program_map *)(program->steps + s->steps + s->maps);
	program->ids = (u32 *)(program->maps + s->maps);
	return program;
}

/* False if @identity is there already. */
static bool hash_identity(struct stk_program *program, u32 identity, u32 map)
{
	u32 i = stk_program_hash(identity, program->hash_shift);

	while (program->hash[i].map) {
		if (program->hash[i].identity == identity)
			return false;
		i = (i + 1) & program->hash_mask;
	}
	program->hash[i].identity = identity;
	program->hash[i].map = map;
	return true;
}

/* Lays down one map at @steps and its identities at @ids; both move on. */
static bool place_map(struct stk_program *program, u32 m, const struct stk_map_def *def,
		      u32 *steps, u32 *ids)
{
	struct stockade_step *step = (struct stockade_step *)&program->steps[*steps];
	struct stk_program_map *map = (struct stk_program_map *)&program->maps[m];
	u32 i;

	map->steps = *steps;
	map->first_id = *ids;
	map->n_ids = def->n_identities;
	step->from = def->n_steps;
	memcpy(step + 1, def->steps, def->n_steps * sizeof(*step));
	if (def->n_identities)
		memcpy((u32 *)&program->ids[*ids], def->identities,
		       def->n_identities * sizeof(u32));
	for (i = 0; i < def->n_identities; i++)
		if (!hash_identity(program, def->identities[i], *steps))
			return false;
	*steps += 1 + def->n_steps;
	*ids += def->n_identities;
	return true;
}

/* The default map's steps go first, whatever its place in the definition. */
static bool fill(struct stk_program *program, const struct stk_program_def *def)
{
	u32 steps = 0, ids = 0;
	u32 m;

	for (m = 0; m < def->n_maps; m++)
		if (!def->maps[m].n_identities)
			place_map(program, m, &def->maps[m], &steps, &ids);
	for (m = 0; m < def->n_maps; m++)
		if (def->maps[m].n_identities &&
		    !place_map(program, m, &def->maps[m], &steps, &ids))
			return false;
	return true;
}

int stk_program_build(const struct stk_program_def *def, struct stk_program **out,
		      const char **why)
{
	struct stk_program *program;
	struct sizes s;
	int err = check_def(def, why);

	if (err)
		return err;
	s = measure(def);
	program = program_alloc(def, &s);
	if (!program)
		return -ENOMEM;
	if (!fill(program, def)) {
		*why = "MAP_IDENTITIES: an identity stands twice in the program";
		stk_object_put(&program->object);
		return -EINVAL;
	}
	*out = program;
	return 0;
}

bool stk_program_map_def(const struct stk_program *program, u32 map, struct stk_map_def *out)
{
	const struct stk_program_map *m;

	if (map >= program->n_maps)
		return false;
	m = &program->maps[map];
	out->identities = m->n_ids ? &program->ids[m->first_id] : NULL;
	out->n_identities = m->n_ids;
	out->steps = &program->steps[m->steps + 1];
	out->n_steps = program->steps[m->steps].from;
	out->more = false;
	return true;
}
