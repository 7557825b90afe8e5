/* SPDX-License-Identifier: GPL-2.0 */
/*
 * program: one direction's policy of one or more pods, ready to be looked up.
 *
 * Question: peer identity, protocol and port -> the step that says what happens.
 * It must cost the same for a program of one rule and one of ten thousand, and
 * touch few cache lines.
 *
 * One allocation holds everything, immutable once built:
 *
 *   header
 *   hash     2^n slots {identity, map}, open addressing, at most half full
 *   steps    the port maps one behind another, each led by a count
 *   maps     for dumps: where each map's steps and identities begin
 *   ids      for dumps: the identities of each map as they were given
 *
 * The default map comes first, so its place is 0; an empty hash slot holds
 * map 0, and a probe that ends there has found what an identity without a map
 * of its own gets.  There is no test for "not found" anywhere.
 *
 * Worked example: identities 5 and 9 may come to TCP 80, nobody else to anything
 * (rule 3 allows):
 *
 *   steps   [0] count 1  [1] {0, deny}
 *           [2] count 3  [3] {0, deny} [4] {tcp 80, allow 3} [5] {tcp 81, deny}
 *   hash    {5, 2} {-, 0} {9, 2} {-, 0}
 *
 *   9, TCP 80: the hash gives 2, steps[2] says three steps follow, the last one
 *   with from <= 6 << 16 | 80 is [4].  12, anything: an empty slot, map 0, [1].
 *
 * RCU: readers reach a program through the subjects of a generation, each of
 * which holds a reference; the last one goes after that generation's grace period.
 */
#ifndef STK_PROGRAM_H
#define STK_PROGRAM_H

#include <linux/stockade.h>
#include "index.h"

struct stk_program_def;
struct stk_map_def;

struct stk_program_slot {
	u32 identity;
	u32 map;	/* index of the map's count in steps; 0: default, or an empty slot */
};

struct stk_program_map {
	u32 steps;	/* index of the map's count in steps */
	u32 first_id;
	u32 n_ids;
};

/**
 * struct stk_program - a program, built
 * @object: id, references
 * @hash_shift: 32 - log2 of the hash's size
 * @hash_mask: the hash's size - 1
 * @steps: all port maps; .from of a map's first element is its number of steps
 * @n_maps: port maps
 * @size: what the table's limit on steps counts: steps and identities
 * @maps: the maps in the order they were given
 * @ids: all identities, by map
 * @hash: where each identity's map begins
 */
struct stk_program {
	struct stk_object object;
	u32 hash_shift;
	u32 hash_mask;
	const struct stockade_step *steps;
	u32 n_maps;
	u32 size;
	const struct stk_program_map *maps;
	const u32 *ids;
	struct stk_program_slot hash[];
};

/* The most identities, steps and maps one program may have: bounds its allocation. */
#define STK_PROGRAM_SIZE_MAX 0x01000000U

/**
 * stk_program_build() - check a definition and build it
 * @def: what was given; nothing of it is trusted
 * @out: set to the program with one reference
 * @why: set unless the error is -ENOMEM
 * Return: 0, -EINVAL, -ENOSPC (larger than any program may be), -ENOMEM
 */
int stk_program_build(const struct stk_program_def *def, struct stk_program **out,
		      const char **why);

/* Steps and identities in @def: what it will count against the limit on steps. */
u64 stk_program_def_size(const struct stk_program_def *def);

/* One map as it was given; false past the last. */
bool stk_program_map_def(const struct stk_program *program, u32 map, struct stk_map_def *out);

static __always_inline u32 stk_program_hash(u32 identity, u32 shift)
{
	return (identity * 0x9e3779b1U) >> shift;
}

/**
 * stk_program_find() - what holds for a peer
 * @program: the program
 * @identity: the peer's
 * @from: protocol << 16 | port
 * Return: the step's .verdict (enum stockade_verdict and rule id)
 *
 * Pure and bounded: the hash has an empty slot, a map has a first step at 0.
 */
static __always_inline u32 stk_program_find(const struct stk_program *program, u32 identity,
					    u32 from)
{
	u32 i = stk_program_hash(identity, program->hash_shift);
	const struct stk_program_slot *slot = &program->hash[i];
	const struct stockade_step *step;
	u32 n, half;

	while (slot->identity != identity && slot->map)
		slot = &program->hash[++i & program->hash_mask];
	step = &program->steps[slot->map];
	n = step++->from;
	while (n > 1) {
		half = n / 2;
		step = step[half].from <= from ? step + half : step;
		n -= half;
	}
	return step->verdict;
}

#endif
