// SPDX-License-Identifier: GPL-2.0
/* snapshot: candidates, what generations share, limits, and running out of memory. */
#include "fixture.h"

static void counts_what_it_holds(struct kunit *test)
{
	struct stk_snapshot *snap = fix_table(test, false);
	struct stk_snapshot_stats is;

	fix_seal(test, snap, 42);
	stk_snapshot_stats(snap, &is);
	KUNIT_EXPECT_EQ(test, is.generation, 42ULL);
	KUNIT_EXPECT_EQ(test, is.rules, 2U);
	KUNIT_EXPECT_EQ(test, is.programs, 2U);
	KUNIT_EXPECT_EQ(test, is.subjects, 2U);
	KUNIT_EXPECT_EQ(test, is.endpoints, 3U);
	KUNIT_EXPECT_EQ(test, is.blocks, 3U);
	KUNIT_EXPECT_EQ(test, is.steps, 8U);	/* 1 + (3 and 3 identities) + 1 */
	KUNIT_EXPECT_GT(test, is.memory, (u64)PAGE_SIZE);
}

static void digest_knows_no_order(struct kunit *test)
{
	struct stk_snapshot_stats one;

	stk_snapshot_stats(fix_table(test, false), &one);
	fix_expect_same(test, &one, fix_table(test, true));
}

/* How to change a table a little, and what brings it back. */
enum object { RULE, PROGRAM, SUBJECT, ENDPOINT, BLOCK };

static int put(struct kunit *test, struct stk_snapshot *cand, enum object what, stk_why *why)
{
	const struct stk_rule_def rule = { 77, STOCKADE_TIER_PERIMETER, "new" };
	const struct stk_program_def program = { 77, fix_maps, ARRAY_SIZE(fix_maps) };
	const struct stk_subject_def subject = { 77, "new/subject", 1, 2 };
	const struct stk_endpoint_def endpoint = { fix_addr(test, "10.0.0.77"), 77, 1, 0 };
	const struct stk_block_def block = fix_block(test, "172.16.0.0/12", 77);

	switch (what) {
	case RULE:
		return stk_snapshot_put_rule(cand, &rule, why);
	case PROGRAM:
		return stk_snapshot_put_program(cand, &program, why);
	case SUBJECT:
		return stk_snapshot_put_subject(cand, &subject, NULL, why);
	case ENDPOINT:
		return stk_snapshot_put_endpoint(cand, &endpoint, why);
	case BLOCK:
		return stk_snapshot_put_block(cand, &block, why);
	}
	return -EINVAL;
}

static int del(struct kunit *test, struct stk_snapshot *cand, enum object what, stk_why *why)
{
	const struct stk_addr addr = fix_addr(test, "10.0.0.77");
	const struct stk_block_def block = fix_block(test, "172.16.0.0/12", 77);

	switch (what) {
	case RULE:
		return stk_snapshot_del_rule(cand, 77, why);
	case PROGRAM:
		return stk_snapshot_del_program(cand, 77, why);
	case SUBJECT:
		return stk_snapshot_del_subject(cand, 77, why);
	case ENDPOINT:
		return stk_snapshot_del_endpoint(cand, &addr, why);
	case BLOCK:
		return stk_snapshot_del_block(cand, &block.addr, block.prefix, why);
	}
	return -EINVAL;
}

static const struct kind { const char *name; enum object what; } kinds[] = {
	{ "rule", RULE }, { "program", PROGRAM }, { "subject", SUBJECT },
	{ "endpoint", ENDPOINT }, { "block", BLOCK },
};

static void describe_kind(const struct kind *k, char *desc)
{
	strscpy(desc, k->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kinds, kinds, describe_kind);

static void comes_and_goes(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct stk_snapshot *cand = fix_table(test, false);
	struct stk_snapshot_stats was, with;
	stk_why why = NULL;

	stk_snapshot_stats(cand, &was);
	KUNIT_EXPECT_EQ(test, del(test, cand, k->what, &why), -ENOENT);
	KUNIT_EXPECT_NOT_NULL(test, why);
	KUNIT_ASSERT_EQ(test, put(test, cand, k->what, &why), 0);
	stk_snapshot_stats(cand, &with);
	KUNIT_EXPECT_NE(test, with.digest, was.digest);
	KUNIT_ASSERT_EQ(test, del(test, cand, k->what, &why), 0);
	fix_expect_same(test, &was, cand);
	fix_seal(test, cand, 1);
}

/* A change to a clone is seen by nobody else, whichever of the two goes first. */
static void clones_do_not_mix(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct stk_snapshot *base = fix_table(test, false);
	struct stk_snapshot_stats was, with;
	struct stk_snapshot *clone;

	fix_seal(test, base, 1);
	stk_snapshot_stats(base, &was);
	clone = fix_clone(test, base);
	fix_expect_same(test, &was, clone);
	KUNIT_ASSERT_EQ(test, put(test, clone, k->what, NULL), 0);
	fix_expect_same(test, &was, base);
	stk_snapshot_stats(clone, &with);
	KUNIT_EXPECT_NE(test, with.digest, was.digest);
	fix_seal(test, clone, 2);
	KUNIT_EXPECT_EQ(test, del(test, base, k->what, NULL), -ENOENT);
}

typedef int (*change_t)(struct kunit *, struct stk_snapshot *, enum object, stk_why *);

/*
 * The n-th allocation of a put or delete fails, for every n there is.  Each time it says so and
 * nothing has changed; or it succeeds, where it was not one of ours that failed (a debugging
 * kernel allocates on the side).
 */
static void expect_survives(struct kunit *test, const struct stk_snapshot *base, enum object what,
			    change_t change)
{
	unsigned int n, refused = 0;
	struct stk_snapshot_stats was;
	struct stk_snapshot *clone;
	bool reached = true;
	int err = 0;

	stk_snapshot_stats(base, &was);
	for (n = 1; n < 1000 && reached; n++) {
		clone = fix_clone(test, base);
		fix_fault(n);
		err = change(test, clone, what, NULL);
		reached = !fix_fault_pending();
		fix_fault(0);
		if (!err)
			continue;
		refused++;
		KUNIT_ASSERT_EQ_MSG(test, err, -ENOMEM, "allocation %u failed", n);
		fix_expect_same(test, &was, clone);
	}
	KUNIT_EXPECT_FALSE(test, reached);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT_MSG(test, refused, 0U, "nothing was refused: nothing was tested");
	fix_expect_same(test, &was, base);
}

static void out_of_memory_changes_nothing(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct stk_snapshot *base = fix_table(test, false), *with;

	KUNIT_ASSERT_TRUE(test, fix_faults_work());
	fix_seal(test, base, 1);
	expect_survives(test, base, k->what, put);
	with = fix_clone(test, base);
	KUNIT_ASSERT_EQ(test, put(test, with, k->what, NULL), 0);
	fix_seal(test, with, 2);
	expect_survives(test, with, k->what, del);
}

static void no_memory_no_snapshot(struct kunit *test)
{
	unsigned int n, refused = 0;
	struct stk_snapshot *snap;
	bool reached = true;

	KUNIT_ASSERT_TRUE(test, fix_faults_work());
	for (n = 1; n < 1000 && reached; n++) {
		fix_fault(n);
		snap = stk_snapshot_alloc(&stk_limits_default, 10000);
		reached = !fix_fault_pending();
		fix_fault(0);
		refused += !snap;
		KUNIT_EXPECT_TRUE(test, snap || reached);
		stk_snapshot_put(snap);
	}
	KUNIT_EXPECT_FALSE(test, reached);
	KUNIT_EXPECT_GT(test, refused, 2U);
}

static void no_memory_no_seal(struct kunit *test)
{
	struct stk_snapshot_stats was;
	unsigned int n, refused = 0;
	bool reached = true;
	int err = 0;

	KUNIT_ASSERT_TRUE(test, fix_faults_work());
	for (n = 1; n < 1000 && reached; n++) {
		struct stk_snapshot *cand = fix_table(test, false);

		stk_snapshot_stats(cand, &was);
		fix_fault(n);
		err = stk_snapshot_seal(cand, 5, NULL);
		reached = !fix_fault_pending();
		fix_fault(0);
		if (!err)
			continue;
		refused++;
		KUNIT_ASSERT_EQ(test, err, -ENOMEM);
		fix_expect_same(test, &was, cand);
	}
	KUNIT_EXPECT_FALSE(test, reached);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT(test, refused, 0U);
}

static void limits_hold(struct kunit *test)
{
	const struct kind *k = test->param_value;
	const struct stk_limits full = {
		.rules = 2, .programs = 2, .subjects = 2, .endpoints = 3, .blocks = 3,
		.steps = 8,	/* programs 1 and 2 have 7 and 1 */
	};
	struct stk_snapshot *small = stk_snapshot_alloc(&full, 3);
	struct stk_snapshot_stats was;
	stk_why why = NULL;

	KUNIT_ASSERT_NOT_NULL(test, small);
	fix_rule(test, small, 1, "one");
	fix_rule(test, small, 2, "two");
	fix_program(test, small, 1, fix_maps, ARRAY_SIZE(fix_maps));
	fix_program(test, small, 2, fix_maps, 1);
	fix_subject(test, small, 1, "a/b", 1, 2);
	fix_subject(test, small, 2, "a/c", 1, 2);
	fix_endpoint(test, small, "10.0.0.1", 7, 1, 0);
	fix_endpoint(test, small, "10.0.0.2", 7, 2, 0);
	fix_endpoint(test, small, "10.0.0.3", 7, 0, 0);
	fix_put_block(test, small, "10.1.0.0/16", 1);
	fix_put_block(test, small, "10.2.0.0/16", 1);
	fix_put_block(test, small, "10.3.0.0/16", 1);
	stk_snapshot_stats(small, &was);
	KUNIT_EXPECT_EQ(test, put(test, small, k->what, &why), -ENOSPC);
	KUNIT_EXPECT_NOT_NULL(test, why);
	fix_expect_same(test, &was, small);
	/* What is there already may still be replaced. */
	fix_rule(test, small, 2, "two, again");
	fix_subject(test, small, 2, "a/d", 2, 0);
	fix_endpoint(test, small, "10.0.0.3", 8, 1, 0);
	fix_put_block(test, small, "10.3.0.0/16", 2);
	stk_snapshot_put(small);
}

static void reads_back_what_was_put(struct kunit *test)
{
	struct stk_snapshot *snap = fix_table(test, false);
	struct stk_subject_def subject;
	struct stk_config_def config;
	struct stk_block_def block;
	struct stk_rule_def rule;
	struct stk_map_def map;
	u32 id, n_maps;

	fix_seal(test, snap, 1);
	KUNIT_ASSERT_TRUE(test, stk_snapshot_nth_rule(snap, 1, &rule));
	KUNIT_EXPECT_STREQ(test, rule.name, "NetworkPolicy shop/db");
	KUNIT_EXPECT_FALSE(test, stk_snapshot_nth_rule(snap, 2, &rule));
	KUNIT_ASSERT_TRUE(test, stk_snapshot_find_rule(snap, 1, &rule));
	KUNIT_EXPECT_STREQ(test, rule.name, "NetworkPolicy shop/api ingress[0]");
	KUNIT_ASSERT_TRUE(test, stk_snapshot_nth_subject(snap, 0, &subject, NULL));
	KUNIT_EXPECT_STREQ(test, subject.name, "shop/api");
	KUNIT_EXPECT_EQ(test, subject.ingress, 1U);
	KUNIT_EXPECT_EQ(test, subject.egress, 2U);
	KUNIT_ASSERT_TRUE(test, stk_snapshot_nth_block(snap, 0, &block));
	KUNIT_EXPECT_FALSE(test, stk_snapshot_nth_block(snap, 3, &block));
	KUNIT_ASSERT_TRUE(test, stk_snapshot_nth_program(snap, 0, &id, &n_maps));
	KUNIT_EXPECT_EQ(test, n_maps, 2U);
	KUNIT_ASSERT_TRUE(test, stk_snapshot_program_map(snap, 0, 1, &map));
	KUNIT_ASSERT_EQ(test, map.n_identities, (u32)ARRAY_SIZE(fix_ids_of_80));
	KUNIT_ASSERT_EQ(test, map.n_steps, (u32)ARRAY_SIZE(fix_tcp_80));
	KUNIT_EXPECT_EQ(test, memcmp(map.steps, fix_tcp_80, sizeof(fix_tcp_80)), 0);
	KUNIT_EXPECT_FALSE(test, stk_snapshot_program_map(snap, 0, 2, &map));
	stk_snapshot_config(snap, &config);
	KUNIT_EXPECT_EQ(test, config.n_cidrs, 2U);
	KUNIT_ASSERT_EQ(test, config.n_overlay_ports, 1U);
	KUNIT_EXPECT_EQ(test, config.overlay_ports[0], (u16)4789);
}

/* Many endpoints: each is found, walked once, and gone when it is deleted. */
#define MANY 20000

static struct stk_addr many_addr(u32 i)
{
	struct stk_addr addr = { .b = { [10] = 0xff, [11] = 0xff, [12] = 10 } };

	if (i & 1) {	/* every other one IPv6 */
		memset(&addr, 0, sizeof(addr));
		addr.b[0] = 0xfd;
	}
	addr.b[13] = i >> 16;
	addr.b[14] = i >> 8;
	addr.b[15] = i;
	return addr;
}

static void put_many(struct kunit *test, struct stk_snapshot *cand)
{
	struct stk_endpoint_def def = {};
	u32 i;

	for (i = 0; i < MANY; i++) {
		def.addr = many_addr(i);
		def.identity = i + 1;
		KUNIT_ASSERT_EQ(test, stk_snapshot_put_endpoint(cand, &def, NULL), 0);
	}
}

static void many_endpoints(struct kunit *test)
{
	struct stk_snapshot *cand = fix_candidate(test);
	struct stk_snapshot_stats was, is;
	struct stk_endpoint_def def;
	u64 cursor = 0, sum = 0;
	u32 i, seen = 0;

	stk_snapshot_stats(cand, &was);
	put_many(test, cand);
	while (stk_snapshot_next_endpoint(cand, &cursor, &def)) {
		const struct stk_addr addr = many_addr(def.identity - 1);

		KUNIT_ASSERT_EQ(test, memcmp(&def.addr, &addr, sizeof(addr)), 0);
		sum += def.identity;
		seen++;
	}
	KUNIT_EXPECT_EQ(test, seen, (u32)MANY);
	KUNIT_EXPECT_EQ(test, sum, (u64)MANY * (MANY + 1) / 2);
	for (i = 0; i < MANY; i++) {
		const struct stk_addr addr = many_addr(i);

		KUNIT_ASSERT_EQ(test, stk_snapshot_del_endpoint(cand, &addr, NULL), 0);
	}
	stk_snapshot_stats(cand, &is);
	KUNIT_EXPECT_EQ(test, is.endpoints, 0U);
	KUNIT_EXPECT_EQ(test, is.digest, was.digest);
}

static void a_change_costs_what_it_changes(struct kunit *test)
{
	struct stk_snapshot *base = fix_candidate(test), *clone;
	struct stk_snapshot_stats all, change;
	int i;

	put_many(test, base);
	fix_seal(test, base, 1);
	stk_snapshot_stats(base, &all);
	/* 100 generations that each held a table of their own would need 100 times the memory. */
	for (i = 0; i < 100; i++) {
		clone = fix_clone(test, base);
		fix_endpoint(test, clone, "192.0.2.1", i + 1, 0, 0);
		fix_seal(test, clone, i + 2);
		base = clone;
	}
	stk_snapshot_stats(base, &change);
	KUNIT_EXPECT_EQ(test, change.endpoints, all.endpoints + 1);
	KUNIT_EXPECT_LT(test, change.memory, all.memory + 3 * PAGE_SIZE);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(counts_what_it_holds),
	KUNIT_CASE(digest_knows_no_order),
	KUNIT_CASE_PARAM(comes_and_goes, kinds_gen_params),
	KUNIT_CASE_PARAM(clones_do_not_mix, kinds_gen_params),
	KUNIT_CASE_PARAM(out_of_memory_changes_nothing, kinds_gen_params),
	KUNIT_CASE(no_memory_no_snapshot),
	KUNIT_CASE(no_memory_no_seal),
	KUNIT_CASE_PARAM(limits_hold, kinds_gen_params),
	KUNIT_CASE(reads_back_what_was_put),
	KUNIT_CASE(many_endpoints),
	KUNIT_CASE(a_change_costs_what_it_changes),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-snapshot",
	.test_cases = cases,
};

kunit_test_suite(suite);
