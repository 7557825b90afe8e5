// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "blocks.h"
#include "room.h"

struct fitting {
	struct ranges *ranges;
	const struct policies *policies;
	struct wordset *sets;
	uint32_t max;
	struct taker *doors;	/* door_of() */
	bool *free;		/* by group: in use, and without blocks */
};

static struct taker *door_of(const struct fitting *f, uint32_t local, enum stockade_door door)
{
	return &f->doors[local * STOCKADE_DOORS + door];
}

/* The groups that rules of a door have, each once; @out is to be freed. */
static size_t groups_of(const struct policies *p, uint32_t local, enum stockade_door door, uint32_t **out)
{
	const struct words *w = &p->locals[local].policies;
	size_t n = 0, cap = 0;

	*out = NULL;
	for (uint32_t i = 0; i < w->n; i++) {
		const struct policy_door *d = &p->v[w->v[i]].doors[door];

		for (unsigned r = 0; r < d->n; r++) {
			if (d->uses[r].group == GROUP_ANY)
				continue;
			mem_grow(*out, n, cap);
			(*out)[n++] = d->uses[r].group;
		}
	}
	return words_sort(*out, n);
}

bool blocks_miss(const struct policies *p, uint32_t local, enum stockade_door door)
{
	const struct words *w = &p->locals[local].policies;

	for (uint32_t i = 0; i < w->n; i++) {
		const struct policy_door *d = &p->v[w->v[i]].doors[door];

		for (unsigned r = 0; r < d->n; r++)
			if (d->uses[r].group != GROUP_ANY && !p->peers->info[d->uses[r].group].used)
				return true;
	}
	return false;
}

static uint64_t count(const struct peers *p, const uint32_t *groups, size_t n)
{
	bool *counted = mem_array(p->n_atoms, sizeof(*counted));
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct words *atoms = &p->groups.v[groups[i]];

		for (uint32_t k = 0; k < atoms->n; k++) {
			sum += counted[atoms->v[k]] ? 0 : policy_peer_prefixes(p->atoms[atoms->v[k]].peer);
			counted[atoms->v[k]] = true;
		}
	}
	free(counted);
	return sum;
}

uint64_t blocks_count(const struct policies *p, uint32_t local, enum stockade_door door)
{
	uint32_t *groups;
	size_t n = groups_of(p, local, door, &groups);
	uint64_t sum = count(p->peers, groups, n);

	free(groups);
	return sum;
}

/* Doors with the same groups are one thing. */
static void weigh_doors(const struct fitting *f)
{
	const struct policies *p = f->policies;
	uint32_t *groups;

	for (uint32_t i = 0; i < p->n_locals; i++)
		for (int d = 0; d < STOCKADE_DOORS; d++) {
			size_t n = groups_of(p, i, d, &groups);

			*door_of(f, i, d) = (struct taker){
				.size = count(p->peers, groups, n), .hash = mix_bytes(12, groups, n * sizeof(*groups)),
			};
			free(groups);
		}
}

static bool has_blocks(const struct peers *p, uint32_t group)
{
	const struct words *atoms = &p->groups.v[group];
	bool has = false;

	for (uint32_t i = 0; i < atoms->n && !has; i++)
		has = policy_peer_prefixes(p->atoms[atoms->v[i]].peer);
	return has;
}

static void find_free(const struct fitting *f)
{
	const struct peers *p = f->policies->peers;

	for (uint32_t g = 0; g < p->groups.n; g++)
		f->free[g] = p->info[g].used && !has_blocks(p, g);
}

static void mark(const struct policies *p, uint32_t local, enum stockade_door door, bool *kept)
{
	uint32_t *groups;
	size_t n = groups_of(p, local, door, &groups);

	for (size_t i = 0; i < n; i++)
		kept[groups[i]] = true;
	free(groups);
}

/* With the groups of open doors, and those that take nothing. */
static bool fits(void *ctx)
{
	const struct fitting *f = ctx;
	struct peers *peers = f->policies->peers;
	bool *kept = mem_array(peers->groups.n, sizeof(*kept));

	for (size_t g = 0; g < peers->groups.n; g++)
		kept[g] = f->free[g];
	for (uint32_t i = 0; i < f->policies->n_locals; i++)
		for (int d = 0; d < STOCKADE_DOORS; d++)
			if (!door_of(f, i, d)->shut)
				mark(f->policies, i, d, kept);
	peers_keep(peers, kept);
	free(kept);
	ranges_free(f->ranges);
	ranges_build(f->ranges, peers, f->sets);
	return f->ranges->n_prefixes <= f->max;
}

void blocks_build(struct ranges *r, const struct policies *p, struct wordset *sets, uint32_t max)
{
	struct fitting f = { r, p, sets, max };
	size_t n = p->n_locals * STOCKADE_DOORS;

	ranges_build(r, p->peers, sets);
	if (r->n_prefixes <= max)
		return;
	f.doors = mem_array(n, sizeof(*f.doors));
	f.free = mem_array(p->peers->groups.n, sizeof(*f.free));
	weigh_doors(&f);
	find_free(&f);
	room_shut_until(f.doors, n, fits, &f);
	free(f.doors);
	free(f.free);
}
