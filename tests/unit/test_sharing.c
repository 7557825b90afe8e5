// SPDX-License-Identifier: GPL-2.0
/*
 * Generations shared between threads: readers judge by the table in force while a writer
 * builds the next one out of its parts, and whoever is last frees the old one.
 * The address sanitizer sees a part freed or written too early; built with
 * -fsanitize=thread instead, this test sees every access that is not ordered.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/ref_random.h"
#include "snapshot_priv.h"

#define READERS 3
#define PODS 20
#define ADDRESSES 3000

/* In the place of RCU: a reference taken under a lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stk_snapshot *in_force;
static bool stop;
static u64 disorder;

static struct stk_addr any_addr(u64 *rand)
{
	u32 addr = 0x0a000000 + ref_below(rand, ADDRESSES);

	return (struct stk_addr) { .w = { 0, 0, cpu_to_be32(0xffff), cpu_to_be32(addr) } };
}

static struct stk_snapshot *read_lock(void)
{
	struct stk_snapshot *snap;

	pthread_mutex_lock(&lock);
	snap = stk_snapshot_get(in_force);
	pthread_mutex_unlock(&lock);
	return snap;
}

static void publish(struct stk_snapshot *next)
{
	struct stk_snapshot *old;

	pthread_mutex_lock(&lock);
	old = in_force;
	in_force = next;
	pthread_mutex_unlock(&lock);
	stk_snapshot_put(old);
}

/* In every generation identity 1 + n belongs to pod n: a mixture of two would show. */
static void judge_some(const struct stk_snapshot *snap, u64 *rand)
{
	struct stk_verdict v[STOCKADE_DOORS];
	u32 i, door;

	for (i = 0; i < 200; i++) {
		struct stk_key key = { .opener = any_addr(rand), .target = any_addr(rand),
				       .proto = 6, .port = 80 };
		const struct stk_endpoint *e = stk_endpoints_find(snap->endpoints, &key.opener);

		stk_match_both(snap, &key, v);
		for (door = 0; door < STOCKADE_DOORS; door++)
			if (v[door].subject)
				stk_subject_count(v[door].subject, door, v[door].verdict);
		if (e && e->slot && v[STOCKADE_DOOR_EGRESS].subject->object.id != e->identity - 1)
			__atomic_add_fetch(&disorder, 1, __ATOMIC_RELAXED);
	}
}

static void *reader(void *number)
{
	u64 rand = 77 + (uintptr_t)number;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct stk_snapshot *snap = read_lock();

		judge_some(snap, &rand);
		stk_snapshot_put(snap);
	}
	return NULL;
}

static void put_subject(struct stk_snapshot *cand, u64 *rand, u32 id)
{
	struct stk_subject_def def = { id, ref_below(rand, 2) ? "ns/a" : "ns/b",
				       ref_below(rand, 2), 1 };

	assert_int_equal(stk_snapshot_put_subject(cand, &def, in_force, NULL), 0);
}

static void change(struct stk_snapshot *cand, u64 *rand)
{
	struct stk_endpoint_def def = { any_addr(rand), 0, ref_below(rand, PODS), 0 };
	struct stk_block_def block = { any_addr(rand), 128, 3 };

	def.identity = 1 + def.subject;
	switch (ref_below(rand, 10)) {
	case 0:
		put_subject(cand, rand, 1 + ref_below(rand, PODS - 1));
		break;
	case 1:
		assert_int_equal(stk_snapshot_put_block(cand, &block, NULL), 0);
		break;
	case 2: case 3: case 4:
		stk_snapshot_del_endpoint(cand, &def.addr, NULL);
		break;
	default:
		assert_int_equal(stk_snapshot_put_endpoint(cand, &def, NULL), 0);
	}
}

static struct stk_snapshot *first_table(u64 *rand)
{
	static const struct stockade_step all[] = { { 0, 0 } };
	static const struct stk_map_def map = { .steps = all, .n_steps = 1 };
	struct stk_program_def program = { 1, &map, 1 };
	struct stk_snapshot *snap = stk_snapshot_alloc(&stk_limits_default, 0);
	u32 i;

	assert_int_equal(stk_snapshot_put_program(snap, &program, NULL), 0);
	for (i = 1; i < PODS; i++)
		put_subject(snap, rand, i);
	assert_int_equal(stk_snapshot_seal(snap, 1, NULL), 0);
	return snap;
}

/* A transaction of several messages, each with a savepoint, one of which is taken back. */
static void commit(u64 *rand, u64 generation)
{
	struct stk_snapshot *cand = stk_snapshot_clone(in_force), *savepoint;
	u32 message, i;

	for (message = 0; message < 3; message++) {
		savepoint = stk_snapshot_clone(cand);
		for (i = 0; i < 20; i++)
			change(cand, rand);
		stk_snapshot_put(message == 1 ? cand : savepoint);
		cand = message == 1 ? savepoint : cand;
	}
	assert_int_equal(stk_snapshot_seal(cand, generation, NULL), 0);
	publish(cand);
}

static void test_readers_and_a_writer(void **state)
{
	u64 rand = ref_seed() | 1, generation;
	struct stk_snapshot_stats stats;
	pthread_t thread[READERS];
	uintptr_t i;

	in_force = first_table(&rand);
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, reader, (void *)i), 0);
	for (generation = 2; generation < ref_rounds(1000); generation++)
		commit(&rand, generation);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(disorder, 0);
	stk_snapshot_stats(in_force, &stats);
	assert_int_equal(stats.memory, stk_mem_live);
	stk_snapshot_put(in_force);
	assert_int_equal(stk_mem_live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers_and_a_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
