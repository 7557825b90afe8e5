// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "model/model.h"
#include "tables.h"

#define FIRST_PORT 7000

const struct trial_info trials[TRIALS] = {
	[PEER_DENIED] = { "identity and program, denied", ALICE, false },
	[PEER_ALLOWED] = { "identity and program, allowed", ALICE, true },
	[BLOCK_DENIED] = { "block and program, denied", STRANGER, false },
	[BLOCK_ALLOWED] = { "block and program, allowed", STRANGER, true },
	[DOORS_DENIED] = { "two doors, denied", ALICE, false },
	[SLOT_DENIED] = { "slot and subject, denied", ALICE, false },
	[SLOT_ALLOWED] = { "slot and subject, allowed", ALICE, true },
};

uint16_t tables_port(enum trial trial, unsigned lane)
{
	return FIRST_PORT + trial * TABLES_LANES + lane;
}

/* --- building; what is added comes in the order of its key --- */

struct steps {
	struct stockade_step v[2 * TRIALS + 2];
	unsigned n;
};

static void step(struct steps *s, uint32_t from, bool allow)
{
	uint32_t verdict = STOCKADE_STEP(allow ? STOCKADE_VERDICT_ALLOW : STOCKADE_VERDICT_DENY, 1);

	if (s->n && s->v[s->n - 1].from == from)
		s->n--;
	if (!s->n || s->v[s->n - 1].verdict != verdict)
		s->v[s->n++] = (struct stockade_step){ from, verdict };
}

/* All is as @others says but the trials, which are as their bits in @allowed say. */
static struct steps steps_of(unsigned allowed, bool others)
{
	struct steps s = {};

	step(&s, 0, others);
	for (int k = 0; k < TRIALS; k++)
		step(&s, STOCKADE_STEP_FROM(PROTO_UDP, tables_port(k, 0)), allowed & 1 << k);
	step(&s, STOCKADE_STEP_FROM(PROTO_UDP, tables_port(TRIALS, 0)), others);
	return s;
}

static void set_map(struct table_map *map, const uint32_t *identities, unsigned n, const struct steps *s)
{
	*map = (struct table_map){ .n_identities = n, .n_steps = s->n };
	map->identities = mem_array(n, sizeof(*identities));
	if (n)
		memcpy(map->identities, identities, n * sizeof(*identities));
	map->steps = mem_array(s->n, sizeof(*s->v));
	memcpy(map->steps, s->v, s->n * sizeof(*s->v));
}

static struct table_program *program(struct table *t, uint32_t id, unsigned n_maps)
{
	struct table_program *p = &t->programs[t->n_programs++];

	*p = (struct table_program){ .id = id, .maps = mem_array(n_maps, sizeof(*p->maps)), .n_maps = n_maps };
	return p;
}

/* A program that makes no difference between peers. */
static void plain_program(struct table *t, uint32_t id, unsigned allowed, bool others)
{
	struct steps s = steps_of(allowed, others);

	set_map(program(t, id, 1)->maps, NULL, 0, &s);
}

/* One that does: some identities are judged by @these, some by @those, the rest is denied. */
static void peers_program(struct table *t, uint32_t id, const uint32_t these[2], unsigned allowed_these,
			  const uint32_t those[2], unsigned allowed_those)
{
	struct table_program *p = program(t, id, 3);
	struct steps none = steps_of(0, false), a = steps_of(allowed_these, true), b = steps_of(allowed_those, true);

	set_map(&p->maps[0], NULL, 0, &none);
	set_map(&p->maps[1], these, 2, &a);
	set_map(&p->maps[2], those, 2, &b);
}

static void subject(struct table *t, uint32_t id, const char *name, uint32_t ingress, uint32_t egress)
{
	t->subjects[t->n_subjects++] = (struct table_subject){ id, mem_strdup(name), ingress, egress };
}

static void endpoint(struct table *t, const struct ip *ip, uint32_t identity, uint32_t subject)
{
	t->endpoints[t->n_endpoints++] = (struct table_endpoint){ *ip, identity, subject, 0 };
}

static void endpoints(struct table *t, int place, uint32_t identity, uint32_t subject)
{
	for (int f = 0; f < FAMILIES; f++) {
		struct ip ip = bed_ip(place, f);

		endpoint(t, &ip, identity, subject);
	}
}

static int by_address(const void *a, const void *b)
{
	return ip_cmp(&((const struct table_endpoint *)a)->addr, &((const struct table_endpoint *)b)->addr);
}

static int by_cidr(const void *a, const void *b)
{
	return cidr_cmp(&((const struct table_block *)a)->cidr, &((const struct table_block *)b)->cidr);
}

static struct table *empty(unsigned filler)
{
	struct table *t = mem_new(struct table);
	unsigned room = filler + 16;

	t->rules = mem_array(room, sizeof(*t->rules));
	t->programs = mem_array(room, sizeof(*t->programs));
	t->subjects = mem_array(room, sizeof(*t->subjects));
	t->endpoints = mem_array(room, sizeof(*t->endpoints));
	t->blocks = mem_array(room, sizeof(*t->blocks));
	t->rules[t->n_rules++] = (struct table_rule){ 1, STOCKADE_TIER_NETWORKPOLICY, mem_strdup("stress") };
	return t;
}

static void sort(struct table *t)
{
	qsort(t->endpoints, t->n_endpoints, sizeof(*t->endpoints), by_address);
	qsort(t->blocks, t->n_blocks, sizeof(*t->blocks), by_cidr);
}

/* --- A and B --- */

#define ALL ((1U << TRIALS) - 1)
#define BIT(k) (1U << (k))

/* What the peer's identity of one's own table, and that of the other's, is allowed by the target's program. */
#define OWN_ALLOWED (BIT(PEER_ALLOWED) | BIT(BLOCK_ALLOWED) | BIT(SLOT_ALLOWED))
#define OTHER_ALLOWED (BIT(PEER_DENIED) | BIT(BLOCK_DENIED) | BIT(DOORS_DENIED))

/*
 * Ids 1 .. : programs.  1 and 2: Bob's, of A and of B, and of him alone; 3: Alice's; 4: of the one who has the
 * slot that is Bob's in the other table.
 */
static void add_programs(struct table *t, bool b, unsigned filler)
{
	static const uint32_t peers[2][2] = { { 100, 300 }, { 200, 400 } };
	unsigned doors = BIT(DOORS_DENIED);

	peers_program(t, 1 + b, peers[b], OWN_ALLOWED | (b ? doors : 0), peers[!b], OTHER_ALLOWED);
	/* Immutable under its id: what differs has another. */
	plain_program(t, 3 + b, b ? ALL & ~doors : ALL, true);
	plain_program(t, 5, OTHER_ALLOWED | BIT(SLOT_DENIED), false);
	for (unsigned i = 0; i < filler; i++)
		plain_program(t, 10 + 2 * i + b, i, i & 1);
}

/*
 * Bob has the first slot in A and the last in B, where somebody else is in the other table: slots are given in the
 * order of ids.  Alice is the same throughout.
 */
static void add_subjects(struct table *t, bool b, unsigned filler)
{
	char name[64];

	if (!b)
		subject(t, 1, "stress/bob", 1, 0);
	else
		subject(t, 2, "stress/other", 5, 0);
	subject(t, 3, "stress/alice", 0, 3 + b);
	for (unsigned i = 0; i < filler; i++) {
		snprintf(name, sizeof(name), "stress/%u", i);
		subject(t, 10 + i, name, 5, 10 + 2 * i + b);
	}
	if (b)
		subject(t, 100000, "stress/bob", 2, 0);
	else
		subject(t, 100001, "stress/other", 5, 0);
}

static void add_addresses(struct table *t, bool b, unsigned filler)
{
	struct ip ip = bed_ip(BOB, V4);
	struct cidr cidr;
	char text[64];

	endpoints(t, ALICE, b ? 200 : 100, 3);
	endpoints(t, BOB, 500 + b, b ? 100000 : 1);
	for (unsigned i = 0; i < filler; i++) {
		ip.b[13] = 77;
		ip.b[14] = i >> 8;
		ip.b[15] = i;
		endpoint(t, &ip, 1000 + 2 * i + b, i & 3 ? 0 : 10 + i);
		snprintf(text, sizeof(text), "172.16.%u.0/%u", i & 255, 24 + (b && i & 1));
		cidr_parse(text, &cidr);
		if (i < 256)
			t->blocks[t->n_blocks++] = (struct table_block){ cidr, 5000 + b };
	}
	cidr_parse("198.51.100.0/24", &cidr);
	t->blocks[t->n_blocks++] = (struct table_block){ cidr, b ? 400 : 300 };
	cidr_parse("2001:db8::/32", &cidr);
	t->blocks[t->n_blocks++] = (struct table_block){ cidr, b ? 400 : 300 };
}

struct table *tables_new(bool b, unsigned filler)
{
	struct table *t = empty(filler);

	add_programs(t, b, filler);
	add_subjects(t, b, filler);
	add_addresses(t, b, filler);
	sort(t);
	return t;
}

struct table *tables_revocation(enum revocation r)
{
	struct table *t = empty(0);

	plain_program(t, 1, ALL, true);
	plain_program(t, 2, ALL & ~BIT(PEER_DENIED), true);
	plain_program(t, 3, 0, false);
	subject(t, 1, "stress/bob", r == REVOKED_IN ? 2 : 1, r == PERMITTED ? 3 : 0);
	subject(t, 3, "stress/alice", 0, r == REVOKED_OUT ? 2 : 1);
	endpoints(t, ALICE, 100, 3);
	endpoints(t, BOB, 500, 1);
	sort(t);
	return t;
}

#define HEAVY_STEPS 8000

struct table *tables_heavy(unsigned programs)
{
	struct table *t = empty(programs);

	for (unsigned i = 0; i < programs; i++) {
		struct table_map *map = program(t, 1 + i, 1)->maps;

		*map = (struct table_map){ .n_steps = HEAVY_STEPS };
		map->steps = mem_array(HEAVY_STEPS, sizeof(*map->steps));
		for (uint32_t k = 0; k < HEAVY_STEPS; k++)
			map->steps[k] = (struct stockade_step){ k, k & 1 };
	}
	return t;
}
