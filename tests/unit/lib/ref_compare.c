// SPDX-License-Identifier: GPL-2.0
/* ref_compare: the naive table and the real one side by side; see ref_table.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "digest.h"
#include "ref_table.h"
#include "snapshot_priv.h"

static int by_id(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static int by_block(const void *a, const void *b)
{
	const struct stk_block_def *x = a, *y = b;
	int d = memcmp(&x->addr, &y->addr, 16);

	return d ? d : x->prefix - y->prefix;
}

static int by_addr(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

static void order(void *array, u32 n, size_t size, int (*cmp)(const void *, const void *))
{
	if (n)
		qsort(array, n, size, cmp);
}

static void compare_rules(const struct ref_table *t, const struct stk_snapshot *snap)
{
	struct stk_rule_def def;
	u32 i;

	for (i = 0; i < t->n_rules; i++) {
		assert_true(stk_snapshot_nth_rule(snap, i, &def));
		assert_int_equal(def.id, t->rules[i].id);
		assert_int_equal(def.tier, t->rules[i].tier);
		assert_string_equal(def.name, t->rules[i].name);
		assert_true(stk_snapshot_find_rule(snap, def.id, &def));
	}
	assert_false(stk_snapshot_nth_rule(snap, i, &def));
}

static void compare_map(const struct stk_map_def *a, const struct stk_map_def *b)
{
	assert_int_equal(a->n_identities, b->n_identities);
	assert_int_equal(a->n_steps, b->n_steps);
	if (a->n_identities)
		assert_memory_equal(a->identities, b->identities, a->n_identities * sizeof(u32));
	assert_memory_equal(a->steps, b->steps, a->n_steps * sizeof(*a->steps));
}

static void compare_programs(const struct ref_table *t, const struct stk_snapshot *snap)
{
	struct stk_map_def map;
	u32 i, m, id, n;

	for (i = 0; i < t->n_programs; i++) {
		assert_true(stk_snapshot_nth_program(snap, i, &id, &n));
		assert_int_equal(id, t->programs[i].id);
		assert_int_equal(n, t->programs[i].n_maps);
		for (m = 0; m < n; m++) {
			assert_true(stk_snapshot_program_map(snap, i, m, &map));
			compare_map(&map, &t->programs[i].maps[m]);
		}
		assert_false(stk_snapshot_program_map(snap, i, m, &map));
	}
	assert_false(stk_snapshot_nth_program(snap, i, &id, &n));
}

static void compare_subjects(const struct ref_table *t, const struct stk_snapshot *snap)
{
	const struct stk_subject *subject;
	struct stk_subject_def def;
	u32 i;

	for (i = 0; i < t->n_subjects; i++) {
		assert_true(stk_snapshot_nth_subject(snap, i, &def, &subject));
		assert_int_equal(def.id, t->subjects[i].id);
		assert_int_equal(def.ingress, t->subjects[i].ingress);
		assert_int_equal(def.egress, t->subjects[i].egress);
		assert_string_equal(def.name, t->subjects[i].name);
		assert_ptr_equal(snap->slots->subject[subject->slot], subject);
	}
	assert_false(stk_snapshot_nth_subject(snap, i, &def, &subject));
}

static void compare_endpoints(const struct ref_table *t, const struct stk_snapshot *snap)
{
	struct stk_endpoint_def *dump = calloc(t->n_endpoints + 1, sizeof(*dump));
	u64 cursor = 0;
	u32 n = 0, i;

	while (n <= t->n_endpoints && stk_snapshot_next_endpoint(snap, &cursor, &dump[n]))
		n++;
	assert_int_equal(n, t->n_endpoints);
	order(dump, n, sizeof(*dump), by_addr);
	for (i = 0; i < n; i++) {
		assert_memory_equal(&dump[i].addr, &t->endpoints[i].addr, 16);
		assert_int_equal(dump[i].identity, t->endpoints[i].identity);
		assert_int_equal(dump[i].subject, t->endpoints[i].subject);
		assert_int_equal(dump[i].flags, t->endpoints[i].flags);
		assert_non_null(stk_endpoints_find(snap->endpoints, &t->endpoints[i].addr));
	}
	free(dump);
	assert_true(stk_endpoints_sane(snap->endpoints));
}

static void compare_blocks(const struct ref_table *t, const struct stk_snapshot *snap)
{
	struct stk_block_def def;
	u32 i;

	for (i = 0; i < t->n_blocks; i++) {
		assert_true(stk_snapshot_nth_block(snap, i, &def));
		assert_memory_equal(&def.addr, &t->blocks[i].addr, 16);
		assert_int_equal(def.prefix, t->blocks[i].prefix);
		assert_int_equal(def.identity, t->blocks[i].identity);
	}
	assert_false(stk_snapshot_nth_block(snap, i, &def));
}

static void compare_config(const struct ref_table *t, const struct stk_snapshot *snap)
{
	struct stk_config_def def;
	u32 i;

	stk_snapshot_config(snap, &def);
	assert_int_equal(stk_digest_config(&def), stk_digest_config(&t->config));
	assert_int_equal(def.n_cidrs, t->config.n_cidrs);
	assert_int_equal(def.n_overlay_ports, t->config.n_overlay_ports);
	assert_int_equal(def.deny, t->config.deny);
	assert_int_equal(def.unknown, t->config.unknown);
	for (i = 0; i < def.n_cidrs; i++)
		assert_memory_equal(&def.cidrs[i].addr, &t->cidrs[i].addr, 16);
}

static u32 sum_steps(const struct ref_table *t)
{
	u32 i, m, n = 0;

	for (i = 0; i < t->n_programs; i++)
		for (m = 0; m < t->programs[i].n_maps; m++)
			n += t->programs[i].maps[m].n_steps + t->programs[i].maps[m].n_identities;
	return n;
}

/* The reference in the order of dumps; only without deleted objects. */
static void sort_table(struct ref_table *t)
{
	order(t->rules, t->n_rules, sizeof(*t->rules), by_id);
	order(t->programs, t->n_programs, sizeof(*t->programs), by_id);
	order(t->subjects, t->n_subjects, sizeof(*t->subjects), by_id);
	order(t->endpoints, t->n_endpoints, sizeof(*t->endpoints), by_addr);
	order(t->blocks, t->n_blocks, sizeof(*t->blocks), by_block);
}

static u32 live_subjects(const struct ref_table *t)
{
	u32 i, n = 0;

	for (i = 0; i < t->n_subjects; i++)
		n += !t->subjects[i].deleted;
	return n;
}

void ref_compare(const struct ref_table *ref, const struct stk_snapshot *snap)
{
	struct stk_snapshot_stats stats;
	struct ref_table t;

	stk_snapshot_stats(snap, &stats);
	assert_int_equal(stats.digest, ref_digest(ref));
	assert_int_equal(stats.rules, ref->n_rules);
	assert_int_equal(stats.endpoints, ref->n_endpoints);
	assert_int_equal(stats.blocks, ref->n_blocks);
	assert_int_equal(stats.subjects, live_subjects(ref));
	if (ref_sealable(ref))
		return;
	assert_int_equal(stats.programs, ref->n_programs);
	assert_int_equal(stats.steps, sum_steps(ref));
	ref_table_copy(&t, ref);
	sort_table(&t);
	compare_rules(&t, snap);
	compare_programs(&t, snap);
	compare_subjects(&t, snap);
	compare_endpoints(&t, snap);
	compare_blocks(&t, snap);
	compare_config(&t, snap);
	ref_table_free(&t);
}

static void compare_verdict(const struct stk_verdict *got, const struct stk_verdict *want,
			    u32 subject)
{
	assert_int_equal(got->verdict, want->verdict);
	assert_int_equal(got->reason, want->reason);
	assert_int_equal(got->rule, want->rule);
	assert_int_equal(got->peer_identity, want->peer_identity);
	assert_int_equal(got->subject ? got->subject->object.id : 0, subject);
}

/* If finding out more about the ends changes the verdict, wants_here must have said so. */
static void compare_wants(const struct ref_table *t, const struct stk_snapshot *snap,
			  const struct stk_key *key, enum stockade_door door,
			  const struct stk_verdict *v)
{
	bool changes = false;
	u8 more;

	for (more = 0; more < 4; more++) {
		struct stk_key all = *key;
		struct stk_verdict w;
		u32 subject;

		all.flags |= more;
		w = ref_match(t, &all, door, &subject);
		changes |= w.verdict != v->verdict;
	}
	if (stk_match_wants_here(snap, key, door, v) == changes)
		return;
	/* A tunnel that its rule denies anyway may be asked about for its reason's sake. */
	assert_true(!changes && v->subject && door == STOCKADE_DOOR_EGRESS);
}

void ref_compare_flow(const struct ref_table *t, const struct stk_snapshot *snap,
		      const struct stk_key *key)
{
	struct stk_verdict both[STOCKADE_DOORS];
	int door;

	stk_match_both(snap, key, both);
	for (door = 0; door < STOCKADE_DOORS; door++) {
		u32 subject;
		struct stk_verdict want = ref_match(t, key, door, &subject);
		struct stk_verdict got = stk_match(snap, key, door);

		compare_verdict(&got, &want, subject);
		compare_verdict(&both[door], &want, subject);
		compare_wants(t, snap, key, door, &got);
	}
}
