// SPDX-License-Identifier: GPL-2.0
/* ref_random: random operations on the naive and the real table; see ref_random.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "ref_random.h"

static bool one_in(struct ref_world *w, u32 n)
{
	return !ref_below(&w->rand, n);
}

/* IPv4 and IPv6, close together if @near, now and then the ends of the address space. */
static struct stk_addr random_addr(u64 *rand, bool near)
{
	struct stk_addr addr = { .q = { 0, 0 } };
	u32 i, kind = ref_below(rand, 16);

	if (kind < 8) {
		addr.b[10] = addr.b[11] = 0xff;
		addr.b[12] = kind < 7 ? 10 : ref_below(rand, 256);
		for (i = 13; i < 16; i++)
			addr.b[i] = ref_below(rand, kind < 4 && near ? 4 : 256);
	} else if (kind < 14) {
		addr.b[0] = 0xfd;
		for (i = kind < 11 && near ? 13 : 1; i < 16; i++)
			addr.b[i] = ref_below(rand, kind < 11 && near ? 4 : 256);
	} else {
		memset(addr.b + (kind == 14 ? 12 : 0), ref_below(rand, 2) ? 0xff : 0,
		       kind == 14 ? 4 : 16);
		addr.b[10] = kind == 14 ? 0xff : addr.b[10];
		addr.b[11] = kind == 14 ? 0xff : addr.b[11];
	}
	return addr;
}

void ref_world_init(struct ref_world *w, u64 seed, u32 ids, u32 identities, u32 n_addrs)
{
	u32 i;

	w->rand = seed | 1;
	w->ids = ids;
	w->identities = identities;
	w->n_addrs = n_addrs;
	w->addrs = calloc(n_addrs, sizeof(*w->addrs));
	for (i = 0; i < n_addrs; i++)
		w->addrs[i] = random_addr(&w->rand, n_addrs < 1000);
}

void ref_world_free(struct ref_world *w)
{
	free(w->addrs);
}

static const struct stk_addr *any_addr(struct ref_world *w)
{
	return &w->addrs[ref_below(&w->rand, w->n_addrs)];
}

static u32 any_id(struct ref_world *w)
{
	return one_in(w, 40) ? 0 : 1 + ref_below(&w->rand, w->ids);
}

static u32 any_from(struct ref_world *w)
{
	static const u32 proto[] = { 1, 4, 6, 6, 6, 17, 17, 41, 47, 132, 255 };
	static const u32 port[] = { 0, 53, 79, 80, 81, 443, 4789, 8472, 65535 };

	if (one_in(w, 4))
		return ref_below(&w->rand, STOCKADE_STEP_FROM_MAX + 1);
	return proto[ref_below(&w->rand, 11)] << 16 | port[ref_below(&w->rand, 9)];
}

static int outcome(int got, int want, stk_why why)
{
	assert_int_equal(got, want);
	if (got)
		assert_non_null(why);
	return got;
}

/* What the real table says, unless it is for want of memory: then the naive one isn't asked. */
#define BOTH(real, naive) ({ \
	stk_why why = NULL; \
	int got_ = (real); \
	got_ == -ENOMEM ? got_ : outcome(got_, (naive), why); })

static int op_put_rule(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand)
{
	char name[32];
	struct stk_rule_def def = { any_id(w), ref_below(&w->rand, 20) % 4, name };

	if (one_in(w, 30))
		def.id = STOCKADE_RULE_ID_MAX + ref_below(&w->rand, 2);
	snprintf(name, sizeof(name), "rule %u", ref_below(&w->rand, 1000));
	return BOTH(stk_snapshot_put_rule(cand, &def, &why), ref_put_rule(t, &def));
}

#define MAPS 5
#define STEPS 12
#define IDENTITIES 6

static void random_steps(struct ref_world *w, struct stk_map_def *map, struct stockade_step *step)
{
	u32 i, n = 1 + ref_below(&w->rand, STEPS);

	for (i = 0; i < n; i++) {
		step[i].from = i ? any_from(w) : 0;
		step[i].verdict = STOCKADE_STEP(ref_below(&w->rand, 3), ref_below(&w->rand, 100));
		while (i && i < n && step[i].from <= step[i - 1].from && !one_in(w, 200))
			step[i].from = step[i - 1].from + 1 + ref_below(&w->rand, 3) * 0x10000;
	}
	if (one_in(w, 100))
		step[n - 1].verdict = 3U << 30;
	if (one_in(w, 100))
		step[0].from = 1;
	map->steps = step;
	map->n_steps = one_in(w, 200) ? 0 : n;
}

static int op_put_program(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand)
{
	struct stockade_step step[MAPS][STEPS + 1];
	u32 identity[MAPS][IDENTITIES];
	struct stk_map_def map[MAPS] = { { 0 } };
	struct stk_program_def def = { any_id(w), map, 1 + ref_below(&w->rand, MAPS) };
	u32 next = ref_below(&w->rand, 3), fallback = ref_below(&w->rand, def.n_maps);
	u32 m, i;

	for (m = 0; m < def.n_maps; m++) {
		random_steps(w, &map[m], step[m]);
		if (m == fallback && !one_in(w, 50))
			continue;
		map[m].identities = identity[m];
		map[m].n_identities = ref_below(&w->rand, 50) ? 1 + ref_below(&w->rand, IDENTITIES) : 0;
		for (i = 0; i < map[m].n_identities; i++) {
			identity[m][i] = one_in(w, 100) ? ref_below(&w->rand, next + 1) : next;
			next += 1 + one_in(w, 2) + ref_below(&w->rand, 200) / 199 * 0x12345;
		}
	}
	return BOTH(stk_snapshot_put_program(cand, &def, &why), ref_put_program(t, &def));
}

static int op_put_subject(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand,
			  const struct stk_snapshot *inherit)
{
	char name[32];
	struct stk_subject_def def = { any_id(w), name, 0, 0 };

	if (!one_in(w, 4))
		def.ingress = any_id(w);
	if (!one_in(w, 4))
		def.egress = any_id(w);
	snprintf(name, sizeof(name), one_in(w, 50) ? "" : "ns/pod-%u", ref_below(&w->rand, 3));
	return BOTH(stk_snapshot_put_subject(cand, &def, inherit, &why), ref_put_subject(t, &def));
}

int ref_world_endpoint(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand)
{
	struct stk_endpoint_def def = { *any_addr(w), ref_below(&w->rand, w->identities + 1), 0, 0 };

	if (one_in(w, 3))
		return BOTH(stk_snapshot_del_endpoint(cand, &def.addr, &why),
			    ref_del_endpoint(t, &def.addr));
	if (one_in(w, 2))
		def.subject = any_id(w);
	if (one_in(w, 6))
		def.flags = one_in(w, 20) ? 4 : ref_below(&w->rand, 4);
	return BOTH(stk_snapshot_put_endpoint(cand, &def, &why), ref_put_endpoint(t, &def));
}

static void cut_block(struct ref_world *w, struct stk_block_def *block)
{
	bool is4;
	u32 i;

	block->addr = *any_addr(w);
	is4 = !block->addr.q[0] && block->addr.w[2] == cpu_to_be32(0xffff);
	block->prefix = is4 ? 96 + ref_below(&w->rand, 33) : ref_below(&w->rand, 129);
	for (i = block->prefix; i < 128; i++)
		block->addr.b[i / 8] &= ~(0x80 >> i % 8);
	block->identity = ref_below(&w->rand, w->identities + 1);
	if (one_in(w, 50))
		block->addr.b[15] |= 1;
}

static int op_put_block(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand)
{
	struct stk_block_def def;

	cut_block(w, &def);
	return BOTH(stk_snapshot_put_block(cand, &def, &why), ref_put_block(t, &def));
}

static int op_put_config(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand)
{
	struct stk_block_def cidr[5];
	u16 port[3] = { 4789, 8472, ref_below(&w->rand, 65536) };
	struct stk_config_def def = {
		cidr, ref_below(&w->rand, 6), port, ref_below(&w->rand, 4),
		ref_below(&w->rand, 2) + one_in(w, 30), ref_below(&w->rand, 2) + one_in(w, 30),
	};
	u32 i;

	for (i = 0; i < def.n_cidrs; i++)
		cut_block(w, &cidr[i]);
	return BOTH(stk_snapshot_put_config(cand, &def, &why), ref_put_config(t, &def));
}

static int op_del(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand)
{
	u32 id = any_id(w), i;
	struct stk_block_def block;

	switch (ref_below(&w->rand, 5)) {
	case 0:
		return BOTH(stk_snapshot_del_rule(cand, id, &why), ref_del_rule(t, id));
	case 1:
		return BOTH(stk_snapshot_del_program(cand, id, &why), ref_del_program(t, id));
	case 2:
		return BOTH(stk_snapshot_del_subject(cand, id, &why), ref_del_subject(t, id));
	default:
		cut_block(w, &block);
		i = ref_below(&w->rand, t->n_blocks + 1);
		if (i < t->n_blocks)
			block = t->blocks[i];
		return BOTH(stk_snapshot_del_block(cand, &block.addr, block.prefix, &why),
			    ref_del_block(t, &block.addr, block.prefix));
	}
}

int ref_world_op(struct ref_world *w, struct ref_table *t, struct stk_snapshot *cand,
		 const struct stk_snapshot *inherit)
{
	switch (ref_below(&w->rand, 16)) {
	case 0:
		return op_put_rule(w, t, cand);
	case 1: case 2: case 3:
		return op_put_program(w, t, cand);
	case 4: case 5: case 6:
		return op_put_subject(w, t, cand, inherit);
	case 7: case 8:
		return op_put_block(w, t, cand);
	case 9:
		return op_put_config(w, t, cand);
	case 10: case 11:
		return op_del(w, t, cand);
	default:
		return ref_world_endpoint(w, t, cand);
	}
}

void ref_world_key(struct ref_world *w, struct stk_key *key)
{
	u32 from = any_from(w);

	key->opener = one_in(w, 8) ? random_addr(&w->rand, true) : *any_addr(w);
	key->target = one_in(w, 8) ? random_addr(&w->rand, true) : *any_addr(w);
	key->proto = from >> 16;
	key->port = from;
	key->flags = one_in(w, 4) ? ref_below(&w->rand, 8) : 0;
}

u64 ref_seed(void)
{
	const char *env = getenv("TEST_SEED");
	u64 seed = env ? strtoull(env, NULL, 0) : (u64)time(NULL);

	print_message("# TEST_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

u32 ref_rounds(u32 rounds)
{
	const char *env = getenv("TEST_ROUNDS");

	return env ? strtoul(env, NULL, 0) : rounds;
}
