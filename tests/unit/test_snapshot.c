// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots against a naive table: random transactions on shared generations,
 * memory that runs out at any point, limits, counters, skewed hashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/ref_random.h"
#include "snapshot_priv.h"

#define GENERATIONS 4

struct generation {
	struct ref_table ref;
	struct stk_snapshot *snap;
};

static void drop(struct generation *g)
{
	if (!g->snap)
		return;
	ref_table_free(&g->ref);
	stk_snapshot_put(g->snap);
	g->snap = NULL;
}

static void verify(struct ref_world *w, const struct generation *g, u32 flows)
{
	struct stk_key key;

	ref_compare(&g->ref, g->snap);
	while (flows--) {
		ref_world_key(w, &key);
		ref_compare_flow(&g->ref, g->snap, &key);
	}
}

/* As the module does for each message: what it put is taken back as a whole, now and then. */
static void message(struct ref_world *w, struct generation *g, const struct stk_snapshot *inherit)
{
	struct stk_snapshot *before = stk_snapshot_clone(g->snap);
	struct ref_table ref;
	u32 n = 1 + ref_below(&w->rand, 12);

	ref_table_copy(&ref, &g->ref);
	while (n--)
		ref_world_op(w, &g->ref, g->snap, inherit);
	if (ref_below(&w->rand, 4)) {
		ref_table_free(&ref);
		stk_snapshot_put(before);
		return;
	}
	drop(g);
	g->ref = ref;
	g->ref.config.cidrs = g->ref.cidrs;
	g->ref.config.overlay_ports = g->ref.ports;
	g->snap = before;
}

static void begin(struct ref_world *w, struct generation *g, const struct generation *base)
{
	if (!base->snap || !ref_below(&w->rand, 8)) {
		ref_table_init(&g->ref);
		g->snap = stk_snapshot_alloc(&stk_limits_default, ref_below(&w->rand, 3) * 9000);
	} else {
		ref_table_copy(&g->ref, &base->ref);
		g->snap = stk_snapshot_clone(base->snap);
	}
	assert_non_null(g->snap);
}

/* One transaction on the youngest of @g; a sealed one pushes the oldest out. */
static void transaction(struct ref_world *w, struct generation *g, u64 number)
{
	struct generation next;
	u32 messages = 1 + ref_below(&w->rand, 8);
	stk_why why = NULL;
	int err;

	begin(w, &next, &g[0]);
	while (messages--)
		message(w, &next, g[0].snap);
	if (!ref_below(&w->rand, 8)) {
		drop(&next);
		return;
	}
	err = stk_snapshot_seal(next.snap, number, &why);
	assert_int_equal(err, ref_sealable(&next.ref));
	if (err) {
		assert_non_null(why);
		drop(&next);
		return;
	}
	drop(&g[GENERATIONS - 1]);
	memmove(&g[1], &g[0], (GENERATIONS - 1) * sizeof(*g));
	g[0] = next;
	for (u32 i = 0; i < GENERATIONS; i++) {
		g[i].ref.config.cidrs = g[i].ref.cidrs;
		g[i].ref.config.overlay_ports = g[i].ref.ports;
	}
}

/* Of the last generation alone, the count of bytes is what is allocated, to the byte. */
static void verify_memory(struct generation *g)
{
	struct stk_snapshot_stats stats;
	u32 i;

	for (i = 1; i < GENERATIONS; i++)
		drop(&g[i]);
	if (g[0].snap) {
		stk_snapshot_stats(g[0].snap, &stats);
		assert_int_equal(stats.memory, stk_mem_live);
	}
	drop(&g[0]);
	assert_int_equal(stk_mem_live, 0);
}

static void play(u64 seed, u32 ids, u32 addrs, u32 transactions)
{
	struct generation g[GENERATIONS] = { { .snap = NULL } };
	struct ref_world w;
	u32 i, n;

	ref_world_init(&w, seed, ids, 14, addrs);
	for (n = 1; n <= transactions; n++) {
		transaction(&w, g, n);
		for (i = 0; i < GENERATIONS; i++)
			if (g[i].snap)
				verify(&w, &g[i], 12);
	}
	verify_memory(g);
	ref_world_free(&w);
}

static void test_random_transactions(void **state)
{
	u64 seed = ref_seed();
	u32 i, n = ref_rounds(150);

	for (i = 0; i < n; i++) {
		stk_test_seed = seed * 77 + i;
		play(seed + i, 3 + i % 12, 6 + i % 60, 25);
	}
}

/* Thousands of endpoints come and go: pages split, the directory doubles, buddies merge. */
static void test_many_endpoints(void **state)
{
	u64 seed = ref_seed();
	struct generation g = { .snap = stk_snapshot_alloc(&stk_limits_default, 0) };
	struct stk_snapshot *next;
	struct ref_world w;
	struct stk_subject_def subject = { 1, "ns/a", 0, 0 };
	u32 i, round, most = 0;

	ref_table_init(&g.ref);
	ref_world_init(&w, seed, 1, 1000, 4000);
	assert_int_equal(stk_snapshot_put_subject(g.snap, &subject, NULL, NULL), 0);
	assert_int_equal(ref_put_subject(&g.ref, &subject), 0);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 800; i++)
			ref_world_endpoint(&w, &g.ref, g.snap);
		most = g.snap->endpoints->pages > most ? g.snap->endpoints->pages : most;
		ref_compare(&g.ref, g.snap);
		next = stk_snapshot_clone(g.snap);
		stk_snapshot_put(g.snap);
		g.snap = next;
	}
	assert_true(most > 16);
	for (i = 0; i < w.n_addrs; i++)
		if (!stk_snapshot_del_endpoint(g.snap, &w.addrs[i], NULL))
			assert_int_equal(ref_del_endpoint(&g.ref, &w.addrs[i]), 0);
	ref_compare(&g.ref, g.snap);
	assert_int_equal(g.snap->endpoints->n, 0);
	assert_true(g.snap->endpoints->pages <= 2);
	drop(&g);
	ref_world_free(&w);
	assert_int_equal(stk_mem_live, 0);
}

/* The address whose hash is @hash: each round of stk_endpoints_hash() has an inverse. */
static u64 inverse(u64 odd)
{
	u64 x = odd;
	int i;

	for (i = 0; i < 6; i++)
		x *= 2 - odd * x;
	return x;
}

static struct stk_addr address_of_hash(u64 seed, u64 hash, u64 high)
{
	struct stk_addr addr = { .q = { high, 0 } };
	u64 first = (high ^ seed) * 0x9e3779b97f4a7c15ULL;
	u64 h = hash ^ (hash >> 32);

	h *= inverse(0x94d049bb133111ebULL);
	h ^= h >> 32;
	h *= inverse(0xbf58476d1ce4e5b9ULL);
	addr.q[1] = h ^ first ^ (first >> 32);
	assert_int_equal(stk_endpoints_hash(seed, &addr), hash);
	return addr;
}

/*
 * Keys that agree in their first bits, so that one branch of the directory is
 * far deeper than all others, and other pages span many nodes.
 */
static void skewed(u32 common_bits, u32 n, int want)
{
	struct stk_snapshot *snap = stk_snapshot_alloc(&stk_limits_default, 0);
	struct generation g = { .snap = snap };
	u64 seed = snap->endpoints->seed, rand = 42 + common_bits;
	struct stk_endpoint_def def = { .identity = 7 };
	int err = 0;
	u32 i;

	ref_table_init(&g.ref);
	for (i = 0; i < n && !err; i++) {
		struct stk_snapshot *old = i % 7 ? NULL : stk_snapshot_clone(g.snap);
		u64 hash = ref_rand(&rand) >> common_bits;
		stk_why why = NULL;

		if (i % 3 == 2)
			hash = ref_rand(&rand);
		def.addr = address_of_hash(seed, hash, i % 5);
		err = stk_snapshot_put_endpoint(g.snap, &def, &why);
		if (!err)
			ref_put_endpoint(&g.ref, &def);
		stk_snapshot_put(old);
	}
	assert_int_equal(err, want);
	ref_compare(&g.ref, g.snap);
	for (i = g.ref.n_endpoints; i-- > 0;) {
		struct stk_snapshot *old = i % 5 ? NULL : stk_snapshot_clone(g.snap);

		assert_int_equal(stk_snapshot_del_endpoint(g.snap, &g.ref.endpoints[i].addr, NULL), 0);
		stk_snapshot_put(old);
	}
	assert_true(stk_endpoints_sane(g.snap->endpoints));
	assert_int_equal(g.snap->endpoints->n, 0);
	drop(&g);
	assert_int_equal(stk_mem_live, 0);
}

static void test_skewed_hashes(void **state)
{
	skewed(4, 1500, 0);
	skewed(9, 1500, 0);
	skewed(13, 900, 0);
	skewed(15, 400, 0);
	skewed(40, 400, -ENOSPC);
}

/* Probing wraps around the end of a page; deletion shifts back across it. */
static void test_probe_wraps(void **state)
{
	struct stk_endpoints *ep = stk_endpoints_alloc(0);
	struct stk_endpoint e[60], old;
	u32 i, j, order;

	for (order = 0; order < 40; order++) {
		for (i = 0; i < 60; i++) {
			e[i] = (struct stk_endpoint) {
				.addr = address_of_hash(ep->seed, 0xffffffffULL - (i % 20) * 0x1800000,
							i),
				.identity = i + 1,
			};
			assert_int_equal(stk_endpoints_put_key(&ep, &e[i], &old), 0);
			assert_int_equal(old.identity, 0);
		}
		for (i = 0; i < 60; i++) {
			j = (i * (2 * order + 1) * 7 + order) % 60;
			while (!e[j].identity)
				j = (j + 1) % 60;
			assert_int_equal(stk_endpoints_del_key(&ep, &e[j].addr, &old), 0);
			assert_int_equal(old.identity, e[j].identity);
			e[j].identity = 0;
			assert_true(stk_endpoints_sane(ep));
		}
	}
	stk_endpoints_put(ep);
	assert_int_equal(stk_mem_live, 0);
}

/*
 * The @fail-th allocation of a commit fails, that one alone.  What failed has
 * changed nothing, and done again it succeeds.  Returns false if nothing failed any more.
 */
static bool commit_failing(const struct generation *base, struct ref_world w, u32 ops, s64 fail)
{
	struct generation g = { .snap = NULL };
	u32 failures = 0, again;
	u64 rand;
	int err;

	ref_table_copy(&g.ref, &base->ref);
	stk_mem_fail_after = fail;
	g.snap = stk_snapshot_clone(base->snap);
	if (!g.snap) {
		failures++;
		g.snap = stk_snapshot_clone(base->snap);
	}
	while (ops--) {
		for (again = 0; again < 2; again++) {
			rand = w.rand;
			if (ref_world_op(&w, &g.ref, g.snap, base->snap) != -ENOMEM)
				break;
			failures++;
			w.rand = rand;
			ref_compare(&g.ref, g.snap);
		}
		assert_true(again < 2);
	}
	if (!ref_sealable(&g.ref)) {
		err = stk_snapshot_seal(g.snap, 9, NULL);
		if (err == -ENOMEM) {
			failures++;
			err = stk_snapshot_seal(g.snap, 9, NULL);
		}
		assert_int_equal(err, 0);
		verify(&w, &g, 3);
	}
	assert_true(failures <= 1);
	err = stk_mem_fail_after >= 0;
	stk_mem_fail_after = -1;
	drop(&g);
	return !err;
}

static void test_memory_runs_out(void **state)
{
	u64 seed = ref_seed();
	u32 rounds = ref_rounds(15), round, i;

	for (round = 0; round < rounds; round++) {
		struct generation base = { .snap = stk_snapshot_alloc(&stk_limits_default, 0) };
		struct ref_world w;
		s64 live, fail = 0;

		ref_table_init(&base.ref);
		ref_world_init(&w, seed + round, 6, 14, 300);
		for (i = 0; i < 1500 || ref_sealable(&base.ref); i++)
			ref_world_op(&w, &base.ref, base.snap, NULL);
		assert_int_equal(stk_snapshot_seal(base.snap, 8, NULL), 0);
		live = stk_mem_live;
		while (commit_failing(&base, w, 60, fail++)) {
			assert_int_equal(stk_mem_live, live);
			verify(&w, &base, 1);
		}
		assert_true(fail > 5);
		drop(&base);
		ref_world_free(&w);
		assert_int_equal(stk_mem_live, 0);
	}
}

/* An empty table, too, may fail at each of its allocations. */
static void test_alloc_fails(void **state)
{
	struct stk_snapshot *snap = NULL;
	s64 fail;

	for (fail = 0; !snap; fail++) {
		assert_int_equal(stk_mem_live, 0);
		stk_mem_fail_after = fail;
		snap = stk_snapshot_alloc(&stk_limits_default, 100000);
	}
	stk_mem_fail_after = -1;
	assert_true(fail > 5);
	stk_snapshot_put(snap);
	assert_int_equal(stk_mem_live, 0);
}

/* An IPv4 address, for tables written by hand. */
static struct stk_addr ip4(u32 addr)
{
	return (struct stk_addr) { .w = { 0, 0, cpu_to_be32(0xffff), cpu_to_be32(addr) } };
}

static const struct stockade_step allow_all[] = { { 0, 0 } };
static const struct stk_map_def allow_map = { .steps = allow_all, .n_steps = 1 };

static void test_limits(void **state)
{
	const struct stk_limits limits = {
		.rules = 1, .programs = 2, .subjects = 1, .endpoints = 2, .blocks = 1, .steps = 2,
	};
	struct stk_snapshot *snap = stk_snapshot_alloc(&limits, 1U << 31);
	struct stk_rule_def rule = { 1, 1, "a" };
	struct stk_program_def program = { 1, &allow_map, 1 };
	struct stk_subject_def subject = { 1, "a/a", 1, 0 };
	struct stk_endpoint_def endpoint = { ip4(1), 1, 1, 0 };
	struct stk_block_def block = { ip4(0), 96, 1 };
	stk_why why;
	u32 i;

	/* The same again replaces, and is no more than there is room for. */
	for (i = 0; i < 2; i++) {
		assert_int_equal(stk_snapshot_put_rule(snap, &rule, &why), 0);
		assert_int_equal(stk_snapshot_put_program(snap, &program, &why), i ? -EEXIST : 0);
		assert_int_equal(stk_snapshot_put_subject(snap, &subject, NULL, &why), 0);
		assert_int_equal(stk_snapshot_put_endpoint(snap, &endpoint, &why), 0);
		assert_int_equal(stk_snapshot_put_block(snap, &block, &why), 0);
	}
	rule.id = program.id = subject.id = 2;
	assert_int_equal(stk_snapshot_put_rule(snap, &rule, &why), -ENOSPC);
	assert_int_equal(stk_snapshot_put_program(snap, &program, &why), 0);
	assert_int_equal(stk_snapshot_put_subject(snap, &subject, NULL, &why), -ENOSPC);
	endpoint.addr = ip4(2);
	assert_int_equal(stk_snapshot_put_endpoint(snap, &endpoint, &why), 0);
	endpoint.addr = ip4(3);
	assert_int_equal(stk_snapshot_put_endpoint(snap, &endpoint, &why), -ENOSPC);
	block.prefix = 97;
	assert_int_equal(stk_snapshot_put_block(snap, &block, &why), -ENOSPC);
	program.id = 3;
	assert_int_equal(stk_snapshot_put_program(snap, &program, &why), -ENOSPC);
	stk_snapshot_put(snap);
	assert_int_equal(stk_mem_live, 0);
}

static void test_steps_limit(void **state)
{
	const struct stk_limits limits = { .programs = 10, .steps = 3 };
	struct stk_snapshot *snap = stk_snapshot_alloc(&limits, 0);
	const u32 identity[2] = { 5, 6 };
	const struct stk_map_def maps[2] = { allow_map, {
		.identities = identity, .n_identities = 2, .steps = allow_all, .n_steps = 1,
	} };
	struct stk_program_def small = { 1, maps, 1 }, large = { 2, maps, 2 };
	stk_why why;

	assert_int_equal(stk_snapshot_put_program(snap, &large, &why), -ENOSPC);
	assert_int_equal(stk_snapshot_put_program(snap, &small, &why), 0);
	small.id = 3;
	assert_int_equal(stk_snapshot_put_program(snap, &small, &why), 0);
	assert_int_equal(stk_snapshot_del_program(snap, 1, &why), 0);
	small.id = 4;
	assert_int_equal(stk_snapshot_put_program(snap, &small, &why), 0);
	stk_snapshot_put(snap);
	assert_int_equal(stk_mem_live, 0);
}

static const struct stk_subject *subject_at(const struct stk_snapshot *snap, u32 n)
{
	const struct stk_subject *subject = NULL;
	struct stk_subject_def def;

	assert_true(stk_snapshot_nth_subject(snap, n, &def, &subject));
	return subject;
}

static u64 counted(const struct stk_snapshot *snap)
{
	return stk_subject_counted(subject_at(snap, 0), STOCKADE_DOOR_INGRESS,
				   STOCKADE_VERDICT_DENY);
}

/* Counters go on through commits, replaced or whole, as long as id and name stay. */
static void test_counters_are_inherited(void **state)
{
	struct stk_subject_def def = { 5, "shop/api", 0, 0 };
	struct stk_snapshot *first = stk_snapshot_alloc(&stk_limits_default, 0);
	struct stk_snapshot *change, *whole, *other;
	stk_why why;

	assert_int_equal(stk_snapshot_put_subject(first, &def, NULL, &why), 0);
	stk_snapshot_seal(first, 1, &why);
	stk_subject_count(subject_at(first, 0), STOCKADE_DOOR_INGRESS, STOCKADE_VERDICT_DENY);
	change = stk_snapshot_clone(first);
	assert_int_equal(stk_snapshot_put_subject(change, &def, first, &why), 0);
	whole = stk_snapshot_alloc(&stk_limits_default, 0);
	assert_int_equal(stk_snapshot_put_subject(whole, &def, first, &why), 0);
	other = stk_snapshot_clone(first);
	def.name = "shop/web";
	assert_int_equal(stk_snapshot_put_subject(other, &def, first, &why), 0);
	/* A packet that is still judged by the old generation counts for the new. */
	stk_subject_count(subject_at(first, 0), STOCKADE_DOOR_INGRESS, STOCKADE_VERDICT_DENY);
	stk_snapshot_put(first);
	assert_int_equal(counted(change), 2);
	assert_int_equal(counted(whole), 2);
	assert_int_equal(counted(other), 0);
	stk_snapshot_put(change);
	stk_snapshot_put(whole);
	stk_snapshot_put(other);
	assert_int_equal(stk_mem_live, 0);
}

/* A slot outlives what its subject is, and is not given away while an endpoint holds it. */
static void test_slots(void **state)
{
	struct stk_subject_def a = { 1, "ns/a", 0, 0 }, b = { 2, "ns/b", 0, 0 };
	struct stk_endpoint_def e = { ip4(1), 1, 1, 0 };
	struct stk_snapshot *snap = stk_snapshot_alloc(&stk_limits_default, 0);
	stk_why why = NULL;
	u16 slot;

	stk_snapshot_put_subject(snap, &a, NULL, &why);
	assert_int_equal(stk_snapshot_put_endpoint(snap, &e, &why), 0);
	slot = subject_at(snap, 0)->slot;
	a.name = "ns/a2";
	stk_snapshot_put_subject(snap, &a, NULL, &why);
	assert_int_equal(subject_at(snap, 0)->slot, slot);
	stk_snapshot_del_subject(snap, 1, &why);
	stk_snapshot_put_subject(snap, &b, NULL, &why);
	assert_int_not_equal(snap->slots->subject[slot]->object.id, 2);
	assert_int_equal(stk_snapshot_seal(snap, 1, &why), -ENOENT);
	assert_non_null(strstr(why, "SUBJECT"));
	stk_snapshot_del_endpoint(snap, &e.addr, &why);
	stk_snapshot_put_subject(snap, &a, NULL, &why);
	assert_int_equal(subject_at(snap, 0)->slot, slot);
	assert_int_equal(stk_snapshot_seal(snap, 1, &why), 0);
	stk_snapshot_put(snap);
	assert_int_equal(stk_mem_live, 0);
}

/* A program that a subject refers to, deleted: refused at the seal, and curable. */
static void test_deleted_program(void **state)
{
	struct stk_snapshot *snap = stk_snapshot_alloc(&stk_limits_default, 0);
	struct stk_program_def program = { 1, &allow_map, 1 };
	struct stk_subject_def subject = { 1, "ns/a", 1, 1 };
	stk_why why = NULL;

	assert_int_equal(stk_snapshot_put_subject(snap, &subject, NULL, &why), -ENOENT);
	stk_snapshot_put_program(snap, &program, &why);
	assert_int_equal(stk_snapshot_put_subject(snap, &subject, NULL, &why), 0);
	assert_int_equal(stk_snapshot_del_program(snap, 1, &why), 0);
	assert_int_equal(stk_snapshot_del_program(snap, 1, &why), -ENOENT);
	assert_int_equal(stk_snapshot_put_program(snap, &program, &why), -EEXIST);
	assert_int_equal(stk_snapshot_seal(snap, 1, &why), -ENOENT);
	assert_non_null(strstr(why, "PROGRAM"));
	assert_int_equal(stk_snapshot_put_subject(snap, &subject, NULL, &why), -ENOENT);
	subject.ingress = subject.egress = 0;
	assert_int_equal(stk_snapshot_put_subject(snap, &subject, NULL, &why), 0);
	assert_int_equal(stk_snapshot_put_program(snap, &program, &why), 0);
	assert_int_equal(stk_snapshot_seal(snap, 1, &why), 0);
	stk_snapshot_put(snap);
	assert_int_equal(stk_mem_live, 0);
}

/* The last user of a subject deleted in an earlier message goes, and that is taken back. */
static void test_deleted_subject_and_savepoint(void **state)
{
	struct stk_snapshot *cand = stk_snapshot_alloc(&stk_limits_default, 0), *savepoint;
	struct stk_program_def program = { 1, &allow_map, 1 };
	struct stk_subject_def subject = { 1, "ns/a", 1, 0 };
	struct stk_endpoint_def e = { ip4(1), 1, 1, 0 };
	u16 slot;

	stk_snapshot_put_program(cand, &program, NULL);
	stk_snapshot_put_subject(cand, &subject, NULL, NULL);
	assert_int_equal(stk_snapshot_put_endpoint(cand, &e, NULL), 0);
	slot = subject_at(cand, 0)->slot;
	assert_int_equal(stk_snapshot_del_subject(cand, 1, NULL), 0);
	savepoint = stk_snapshot_clone(cand);
	assert_int_equal(stk_snapshot_del_endpoint(cand, &e.addr, NULL), 0);
	assert_null(cand->slots->subject[slot]);
	assert_int_equal(stk_snapshot_del_program(cand, 1, NULL), 0);
	assert_int_equal(stk_snapshot_seal(cand, 1, NULL), 0);
	stk_snapshot_put(cand);
	assert_non_null(savepoint->slots->subject[slot]);
	assert_int_equal(stk_snapshot_seal(savepoint, 1, NULL), -ENOENT);
	assert_int_equal(stk_snapshot_del_program(savepoint, 1, NULL), 0);
	assert_int_equal(stk_snapshot_del_endpoint(savepoint, &e.addr, NULL), 0);
	assert_int_equal(stk_snapshot_seal(savepoint, 1, NULL), 0);
	stk_snapshot_put(savepoint);
	assert_int_equal(stk_mem_live, 0);
}

/* A test that failed leaves memory behind, which is no concern of the next one's. */
static int setup(void **state)
{
	stk_mem_live = 0;
	stk_mem_fail_after = -1;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_random_transactions, setup),
		cmocka_unit_test_setup(test_many_endpoints, setup),
		cmocka_unit_test_setup(test_skewed_hashes, setup),
		cmocka_unit_test_setup(test_probe_wraps, setup),
		cmocka_unit_test_setup(test_memory_runs_out, setup),
		cmocka_unit_test_setup(test_alloc_fails, setup),
		cmocka_unit_test_setup(test_limits, setup),
		cmocka_unit_test_setup(test_steps_limit, setup),
		cmocka_unit_test_setup(test_counters_are_inherited, setup),
		cmocka_unit_test_setup(test_slots, setup),
		cmocka_unit_test_setup(test_deleted_program, setup),
		cmocka_unit_test_setup(test_deleted_subject_and_savepoint, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
