// SPDX-License-Identifier: GPL-2.0
/* transactions over netlink: who may have one, what ends it, and what is in force then. */
#include <linux/in.h>
#include "digest.h"
#include "genl.h"
#include "snapshot.h"

static int begin_on(struct genl *g, u64 base)
{
	const struct item items[] = { U64(0, A_BASE, base), {} };

	return genl_call(g, STOCKADE_CMD_BEGIN, items);
}

/* A socket, and the base table in force. */
static struct genl *with_base(struct kunit *test, struct genl_table *is)
{
	struct genl *g = genl_open(test);

	KUNIT_ASSERT_EQ(test, genl_begin(g), 0);
	KUNIT_ASSERT_EQ_MSG(test, genl_put_base(g), 0, "%s", g->why);
	KUNIT_ASSERT_EQ_MSG(test, genl_commit(g, genl_base_digest()), 0, "%s", g->why);
	genl_status(g, is);
	return g;
}

static void expect_in_force(struct genl *g, const struct genl_table *was)
{
	struct genl_table is;

	genl_status(g, &is);
	KUNIT_EXPECT_EQ(g->test, is.generation, was->generation);
	KUNIT_EXPECT_EQ(g->test, is.digest, was->digest);
	KUNIT_EXPECT_EQ(g->test, is.endpoints, was->endpoints);
	KUNIT_EXPECT_EQ(g->test, is.state, was->state);
}

static void a_commit_is_in_force(struct kunit *test)
{
	struct genl_table is;
	struct genl *g = with_base(test, &is);

	KUNIT_EXPECT_GT(test, is.generation, 0ULL);
	KUNIT_EXPECT_EQ(test, is.digest, genl_base_digest());
	KUNIT_EXPECT_EQ(test, is.rules, 1U);
	KUNIT_EXPECT_EQ(test, is.programs, 1U);
	KUNIT_EXPECT_EQ(test, is.subjects, 1U);
	KUNIT_EXPECT_EQ(test, is.endpoints, 1U);
	KUNIT_EXPECT_EQ(test, is.blocks, 1U);
	KUNIT_EXPECT_EQ(test, is.state, STOCKADE_STATE_OWN);
	KUNIT_EXPECT_FALSE(test, is.txn_open);
	KUNIT_EXPECT_EQ(test, genl_commit(g, is.digest), -ENOENT);
}

static void teardown_leaves_nothing(struct kunit *test)
{
	struct genl_table was, is;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, genl_call(g, STOCKADE_CMD_TEARDOWN, NULL), 0);
	genl_status(g, &is);
	KUNIT_EXPECT_EQ(test, is.generation, 0ULL);
	KUNIT_EXPECT_EQ(test, is.endpoints, 0U);
	KUNIT_EXPECT_EQ(test, is.state, STOCKADE_STATE_NONE);
	/* A generation is never given twice. */
	with_base(test, &is);
	KUNIT_EXPECT_GT(test, is.generation, was.generation + 1);
}

static void no_teardown_under_a_transaction(struct kunit *test)
{
	struct genl_table was;
	struct genl *g = with_base(test, &was), *other = genl_open(test);

	KUNIT_ASSERT_EQ(test, genl_begin(g), 0);
	KUNIT_EXPECT_EQ(test, genl_call(other, STOCKADE_CMD_TEARDOWN, NULL), -EBUSY);
	KUNIT_EXPECT_NOT_NULL(test, other->why);
	expect_in_force(other, &was);
}

static void one_at_a_time(struct kunit *test)
{
	struct genl *g = genl_open(test), *other = genl_open(test);

	KUNIT_ASSERT_EQ(test, genl_begin(g), 0);
	KUNIT_EXPECT_EQ(test, genl_begin(g), -EBUSY);
	KUNIT_EXPECT_EQ(test, genl_begin(other), -EBUSY);
	KUNIT_EXPECT_NOT_NULL(test, other->why);
	KUNIT_EXPECT_EQ(test, genl_put_endpoint(other, 5, 5), -ENOENT);
	KUNIT_EXPECT_EQ(test, genl_del_endpoint(other, 5), -ENOENT);
	KUNIT_EXPECT_EQ(test, genl_commit(other, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, genl_call(other, STOCKADE_CMD_ABORT, NULL), -ENOENT);
	/* Nobody's attempts did the first one any harm. */
	KUNIT_ASSERT_EQ_MSG(test, genl_put_base(g), 0, "%s", g->why);
	KUNIT_EXPECT_EQ(test, genl_commit(g, genl_base_digest()), 0);
	KUNIT_EXPECT_EQ(test, genl_begin(other), 0);
}

static void closing_forgets(struct kunit *test)
{
	struct genl_table was, is;
	struct genl *g = with_base(test, &was), *other = genl_open(test);

	KUNIT_ASSERT_EQ(test, genl_begin(other), 0);
	KUNIT_ASSERT_EQ(test, genl_put_endpoint(other, 5, 5), 0);
	genl_status(g, &is);
	KUNIT_EXPECT_TRUE(test, is.txn_open);
	genl_close(other);
	expect_in_force(g, &was);
	KUNIT_EXPECT_EQ(test, genl_begin(g), 0);
}

static void aborting_forgets(struct kunit *test)
{
	struct genl_table was, is;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, genl_begin(g), 0);
	KUNIT_ASSERT_EQ(test, genl_put_endpoint(g, 5, 5), 0);
	KUNIT_ASSERT_EQ(test, genl_call(g, STOCKADE_CMD_ABORT, NULL), 0);
	KUNIT_EXPECT_EQ(test, genl_put_endpoint(g, 5, 5), -ENOENT);
	KUNIT_EXPECT_EQ(test, genl_call(g, STOCKADE_CMD_ABORT, NULL), -ENOENT);
	expect_in_force(g, &was);
	genl_status(g, &is);
	KUNIT_EXPECT_FALSE(test, is.txn_open);
}

static void a_wrong_base_is_stale(struct kunit *test)
{
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_EXPECT_EQ(test, begin_on(g, was.generation + 1), -ESTALE);
	KUNIT_ASSERT_NOT_NULL(test, g->bad);
	KUNIT_EXPECT_EQ(test, nla_type(g->bad), STOCKADE_A_BASE);
	KUNIT_EXPECT_EQ(test, begin_on(g, 0), -ESTALE);
	KUNIT_EXPECT_EQ(test, genl_put_endpoint(g, 5, 5), -ENOENT);
	KUNIT_ASSERT_EQ(test, genl_call(g, STOCKADE_CMD_TEARDOWN, NULL), 0);
	KUNIT_EXPECT_EQ(test, begin_on(g, was.generation), -ESTALE);
}

static void a_wrong_digest_ends_it(struct kunit *test)
{
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_ASSERT_EQ(test, genl_put_endpoint(g, 5, 5), 0);
	KUNIT_EXPECT_EQ(test, genl_commit(g, was.digest), -EBADMSG);
	KUNIT_ASSERT_NOT_NULL(test, g->bad);
	KUNIT_EXPECT_EQ(test, nla_type(g->bad), STOCKADE_A_DIGEST);
	expect_in_force(g, &was);
	KUNIT_EXPECT_EQ(test, genl_put_endpoint(g, 5, 5), -ENOENT);
}

static void a_commit_needs_a_digest(struct kunit *test)
{
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_EXPECT_EQ(test, genl_call(g, STOCKADE_CMD_COMMIT, NULL), -EINVAL);
	KUNIT_ASSERT_NOT_NULL(test, g->why);
	KUNIT_EXPECT_NOT_NULL(test, strstr(g->why, "DIGEST"));
	expect_in_force(g, &was);
}

static void a_change_changes_what_it_says(struct kunit *test)
{
	struct genl_table was, is;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_ASSERT_EQ(test, genl_put_endpoint(g, 5, 5), 0);
	KUNIT_ASSERT_EQ(test, genl_del_endpoint(g, 5), 0);
	KUNIT_ASSERT_EQ(test, genl_commit(g, was.digest), 0);
	genl_status(g, &is);
	KUNIT_EXPECT_EQ(test, is.generation, was.generation + 1);
	KUNIT_EXPECT_EQ(test, is.digest, was.digest);
	KUNIT_EXPECT_EQ(test, is.endpoints, was.endpoints);
}

static void a_whole_table_replaces(struct kunit *test)
{
	struct genl_table was, is;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_ASSERT_EQ(test, genl_put_endpoint(g, 5, 5), 0);
	KUNIT_ASSERT_EQ(test, genl_call(g, STOCKADE_CMD_ABORT, NULL), 0);
	g = with_base(test, &is);
	KUNIT_EXPECT_EQ(test, is.endpoints, 1U);
	KUNIT_EXPECT_EQ(test, is.digest, was.digest);
	KUNIT_EXPECT_EQ(test, is.generation, was.generation + 1);
}

/* The third of three objects is refused: the first two are not there either. */
static void a_message_is_all_or_nothing(struct kunit *test)
{
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_EXPECT_EQ(test, GENL_PUT(g,
		NEST(0, A_ENDPOINT), V4(1, ENDPOINT_ADDR, "\x0a\1\0\5"), U32(1, ENDPOINT_IDENTITY, 5),
		NEST(0, A_BLOCK), V4(1, BLOCK_ADDR, "\xac\x10\0\0"), U8(1, BLOCK_PREFIX, 12),
			U32(1, BLOCK_IDENTITY, 5),
		NEST(0, A_ENDPOINT), V4(1, ENDPOINT_ADDR, "\x0a\1\0\6"), U32(1, ENDPOINT_IDENTITY, 5),
			U32(1, ENDPOINT_SUBJECT, 99)), -ENOENT);
	KUNIT_EXPECT_EQ(test, genl_commit(g, was.digest), 0);
}

static void a_program_in_parts(struct kunit *test)
{
	static const struct stockade_step deny[] = { { 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) } };
	static const u32 id[] = { 7 };
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_ASSERT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2), FLAG(1, PROGRAM_MORE),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_STEPS, deny, sizeof(deny))), 0);
	/* Not there before its last part is. */
	KUNIT_EXPECT_EQ(test, GENL_PUT(g, NEST(0, A_SUBJECT), U32(1, SUBJECT_ID, 2),
		TEXT(1, SUBJECT_NAME, "shop/db"), U32(1, SUBJECT_INGRESS, 2)), -ENOENT);
	KUNIT_ASSERT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_STEPS, deny, sizeof(deny)),
			BYTES(2, MAP_IDENTITIES, id, sizeof(id))), 0);
	KUNIT_EXPECT_EQ(test, GENL_PUT(g, NEST(0, A_SUBJECT), U32(1, SUBJECT_ID, 2),
		TEXT(1, SUBJECT_NAME, "shop/db"), U32(1, SUBJECT_INGRESS, 2)), 0);
}

/* A map's pieces may be of any size, and lie in one part or in several. */
static void a_map_in_pieces(struct kunit *test)
{
	static const struct stockade_step whole[] = {
		{ 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) },
		{ STOCKADE_STEP_FROM(IPPROTO_TCP, 80), STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, 3) },
		{ STOCKADE_STEP_FROM(IPPROTO_TCP, 81), STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) },
	};
	static const u32 ids[] = { 7, 9 };
	const struct stk_map_def maps[] = {
		{ .steps = whole, .n_steps = 3 },
		{ .steps = whole, .n_steps = 3, .identities = ids, .n_identities = 2 },
	};
	const struct stk_program_def def = { .id = 2, .maps = maps, .n_maps = 2 };
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_ASSERT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2), FLAG(1, PROGRAM_MORE),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_STEPS, whole, sizeof(*whole)), FLAG(2, MAP_MORE),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_STEPS, whole + 1, 2 * sizeof(*whole)),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_IDENTITIES, ids, sizeof(u32)), FLAG(2, MAP_MORE)), 0);
	KUNIT_ASSERT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2), FLAG(1, PROGRAM_MORE),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_STEPS, whole, sizeof(*whole)), FLAG(2, MAP_MORE)), 0);
	KUNIT_ASSERT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_IDENTITIES, ids + 1, sizeof(u32)),
			BYTES(2, MAP_STEPS, whole + 1, 2 * sizeof(*whole))), 0);
	KUNIT_EXPECT_EQ(test, genl_commit(g, was.digest + stk_digest_program(&def)), 0);
}

static void no_map_without_its_last_piece(struct kunit *test)
{
	static const struct stockade_step deny[] = { { 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) } };
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_EXPECT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2), NEST(1, PROGRAM_MAP),
		BYTES(2, MAP_STEPS, deny, sizeof(deny)), FLAG(2, MAP_MORE)), -EINVAL);
	KUNIT_EXPECT_STREQ(test, g->why, "MAP_MORE: the program ends before the map does");
	/* Pieces without anything are pieces, and count. */
	KUNIT_EXPECT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2), NEST(1, PROGRAM_MAP),
		FLAG(2, MAP_MORE), NEST(1, PROGRAM_MAP)), -EINVAL);
	KUNIT_EXPECT_STREQ(test, g->why, "MAP_STEPS is missing");
	KUNIT_EXPECT_EQ(test, genl_commit(g, was.digest), 0);
}

static void no_commit_of_half_a_program(struct kunit *test)
{
	static const struct stockade_step deny[] = { { 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) } };
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, begin_on(g, was.generation), 0);
	KUNIT_ASSERT_EQ(test, GENL_PUT(g, NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 2), FLAG(1, PROGRAM_MORE),
		NEST(1, PROGRAM_MAP), BYTES(2, MAP_STEPS, deny, sizeof(deny))), 0);
	KUNIT_EXPECT_EQ(test, genl_commit(g, was.digest), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, g->why);
	expect_in_force(g, &was);
}

#define MANY 1500	/* more than one buffer takes */

static u64 with_many(struct genl *g, u64 base)
{
	u64 digest = genl_base_digest();
	int i;

	KUNIT_ASSERT_EQ(g->test, begin_on(g, base), 0);
	for (i = 0; i < MANY; i++) {
		KUNIT_ASSERT_EQ(g->test, genl_put_endpoint(g, i, i + 1), 0);
		digest += genl_endpoint_digest(i, i + 1);
	}
	KUNIT_ASSERT_EQ(g->test, genl_commit(g, digest), 0);
	return base + 1;
}

/* A dump that began goes on with the table it began with, whatever is committed meanwhile. */
static void a_dump_is_of_one_generation(struct kunit *test)
{
	struct nlattr *tb[STOCKADE_A_MAX + 1];
	struct genl_table was;
	struct genl *g = with_base(test, &was), *reader = genl_open(test);
	u64 generation = with_many(g, was.generation);
	int i, more, parts = 0;

	genl_dump_start(reader, STOCKADE_CMD_GET_ENDPOINTS);
	do {
		more = genl_dump_more(reader);
		with_base(test, &was);
		parts++;
	} while (more > 0);
	KUNIT_ASSERT_EQ(test, more, 0);
	KUNIT_EXPECT_GT(test, parts, 2);
	for (i = 0; genl_message(reader, i, tb); i++) {
		KUNIT_ASSERT_NOT_NULL(test, tb[STOCKADE_A_GENERATION]);
		KUNIT_ASSERT_EQ(test, nla_get_u64(tb[STOCKADE_A_GENERATION]), generation);
		KUNIT_ASSERT_NOT_NULL(test, tb[STOCKADE_A_ENDPOINT]);
	}
	KUNIT_EXPECT_EQ(test, i, MANY + 1);
	/* The next one is of what is in force now. */
	KUNIT_ASSERT_EQ(test, genl_dump(reader, STOCKADE_CMD_GET_ENDPOINTS), 0);
	KUNIT_EXPECT_EQ(test, genl_messages(reader), 1);
}

/* One message, or MANY, of each kind; none where there is no table. */
static const struct dump { const char *name; u8 cmd; int messages, attr; } dumps[] = {
	{ "endpoints", STOCKADE_CMD_GET_ENDPOINTS, 1, STOCKADE_A_ENDPOINT },
	{ "blocks", STOCKADE_CMD_GET_BLOCKS, 1, STOCKADE_A_BLOCK },
	{ "subjects", STOCKADE_CMD_GET_SUBJECTS, 1, STOCKADE_A_SUBJECT },
	{ "programs", STOCKADE_CMD_GET_PROGRAMS, 1, STOCKADE_A_PROGRAM },
	{ "rules", STOCKADE_CMD_GET_RULES, 1, STOCKADE_A_RULE },
};

static void describe_dump(const struct dump *d, char *desc)
{
	strscpy(desc, d->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(dumps, dumps, describe_dump);

static void dumps_what_is_in_force(struct kunit *test)
{
	const struct dump *d = test->param_value;
	struct nlattr *tb[STOCKADE_A_MAX + 1];
	struct genl_table was;
	struct genl *g = with_base(test, &was);

	KUNIT_ASSERT_EQ(test, genl_dump(g, d->cmd), 0);
	KUNIT_ASSERT_EQ(test, genl_messages(g), d->messages);
	KUNIT_ASSERT_TRUE(test, genl_message(g, 0, tb));
	KUNIT_EXPECT_NOT_NULL(test, tb[d->attr]);
	KUNIT_ASSERT_NOT_NULL(test, tb[STOCKADE_A_GENERATION]);
	KUNIT_EXPECT_EQ(test, nla_get_u64(tb[STOCKADE_A_GENERATION]), was.generation);
	KUNIT_ASSERT_EQ(test, genl_call(g, STOCKADE_CMD_TEARDOWN, NULL), 0);
	KUNIT_ASSERT_EQ(test, genl_dump(g, d->cmd), 0);
	KUNIT_EXPECT_EQ(test, genl_messages(g), 0);
}

static void judge_answers_for_both_doors(struct kunit *test)
{
	const struct item flow[] = {
		NEST(0, A_FLOW), V4(1, FLOW_OPENER, "\xc0\xa8\1\1"), V4(1, FLOW_TARGET, "\x0a\0\0\1"),
		U8(1, FLOW_PROTO, IPPROTO_TCP), U16(1, FLOW_PORT, 80), {}
	};
	struct genl_table was;
	struct genl *g = with_base(test, &was);
	struct nlattr *v[STOCKADE_VERDICT_A_MAX + 1];
	const struct nlattr *attr;
	int rem, doors = 0;

	KUNIT_ASSERT_EQ(test, genl_call(g, STOCKADE_CMD_JUDGE, flow), 0);
	KUNIT_ASSERT_EQ(test, genl_messages(g), 1);
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)g->answer, GENL_HDRLEN, rem) {
		if (nla_type(attr) != STOCKADE_A_VERDICT)
			continue;
		KUNIT_ASSERT_EQ(test, nla_parse_nested_deprecated(v, STOCKADE_VERDICT_A_MAX, attr, NULL,
								  NULL), 0);
		doors++;
		if (nla_get_u8(v[STOCKADE_VERDICT_A_DOOR]) == STOCKADE_DOOR_EGRESS) {
			KUNIT_EXPECT_EQ(test, nla_get_u8(v[STOCKADE_VERDICT_A_REASON]),
					STOCKADE_REASON_NOT_SUBJECT);
			continue;
		}
		KUNIT_EXPECT_EQ(test, nla_get_u8(v[STOCKADE_VERDICT_A_VERDICT]), STOCKADE_VERDICT_DENY);
		KUNIT_EXPECT_EQ(test, nla_get_u32(v[STOCKADE_VERDICT_A_RULE]), 1U);
		KUNIT_EXPECT_EQ(test, nla_get_u32(v[STOCKADE_VERDICT_A_PEER_IDENTITY]), 50U);
		KUNIT_EXPECT_STREQ(test, (char *)nla_data(v[STOCKADE_VERDICT_A_SUBJECT_NAME]), "shop/api");
	}
	KUNIT_EXPECT_EQ(test, doors, STOCKADE_DOORS);
}

/* A whole table that differs from the base in one endpoint. */
static int transaction(struct genl *g)
{
	int err = genl_begin(g);

	if (!err)
		err = genl_put_base(g);
	if (!err)
		err = genl_put_endpoint(g, 5, 5);
	if (!err)
		err = genl_commit(g, genl_base_digest() + genl_endpoint_digest(5, 5));
	return err;
}

/*
 * The n-th allocation fails on the way of a whole transaction, for every n up to the first that
 * is never reached.  Whatever it hits: what said it failed has left the old table in force,
 * unless the answer alone got lost.  Answers are those the caller could not hear either.
 */
static void out_of_memory_is_all_or_nothing(struct kunit *test)
{
	struct genl_table was, is;
	struct genl *g = with_base(test, &was);
	unsigned int n, refused = 0;
	int err;

	for (n = 1; n < 2000; n++) {
		g->fail_nth = n;
		err = transaction(g);
		if (g->fail_nth)
			break;
		genl_reopen(g);
		genl_status(g, &is);
		if (is.generation == was.generation) {
			refused++;
			KUNIT_ASSERT_NE_MSG(test, err, 0, "allocation %u", n);
			KUNIT_ASSERT_EQ(test, is.digest, was.digest);
			KUNIT_ASSERT_EQ(test, is.endpoints, was.endpoints);
			continue;
		}
		KUNIT_ASSERT_EQ(test, is.digest, was.digest + genl_endpoint_digest(5, 5));
		KUNIT_ASSERT_EQ(test, is.endpoints, was.endpoints + 1);
		with_base(test, &was);
	}
	g->fail_nth = 0;
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT(test, refused, 20U);
}

static void tear_down(struct kunit *test)
{
	struct genl *g = genl_open(test);

	/* Whoever still has a transaction open closes it after this. */
	genl_call(g, STOCKADE_CMD_TEARDOWN, NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_commit_is_in_force),
	KUNIT_CASE(teardown_leaves_nothing),
	KUNIT_CASE(no_teardown_under_a_transaction),
	KUNIT_CASE(one_at_a_time),
	KUNIT_CASE(closing_forgets),
	KUNIT_CASE(aborting_forgets),
	KUNIT_CASE(a_wrong_base_is_stale),
	KUNIT_CASE(a_wrong_digest_ends_it),
	KUNIT_CASE(a_commit_needs_a_digest),
	KUNIT_CASE(a_change_changes_what_it_says),
	KUNIT_CASE(a_whole_table_replaces),
	KUNIT_CASE(a_message_is_all_or_nothing),
	KUNIT_CASE(a_program_in_parts),
	KUNIT_CASE(a_map_in_pieces),
	KUNIT_CASE(no_map_without_its_last_piece),
	KUNIT_CASE(no_commit_of_half_a_program),
	KUNIT_CASE(a_dump_is_of_one_generation),
	KUNIT_CASE_PARAM(dumps_what_is_in_force, dumps_gen_params),
	KUNIT_CASE(judge_answers_for_both_doors),
	KUNIT_CASE(out_of_memory_is_all_or_nothing),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-netlink-txn",
	.exit = tear_down,
	.test_cases = cases,
};

kunit_test_suite(suite);
