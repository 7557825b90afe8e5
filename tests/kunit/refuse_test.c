// SPDX-License-Identifier: GPL-2.0
/* refuse: what no table takes, and that refusing it changes nothing. */
#include <linux/in.h>
#include "fixture.h"

/* What no table takes: everything else in the definition is right. */
enum bad {
	RULE_ID_0, RULE_ID_HIGH, RULE_TIER_0, RULE_TIER_HIGH, RULE_NAME_LONG,
	PROGRAM_ID_0, PROGRAM_TAKEN, PROGRAM_NO_DEFAULT, PROGRAM_TWO_DEFAULTS, PROGRAM_NO_MAP,
	PROGRAM_IDENTITY_TWICE, STEPS_NONE, STEPS_NOT_FROM_0, STEPS_UNSORTED, STEPS_EQUAL,
	STEPS_HIGH, STEPS_VERDICT,
	SUBJECT_ID_0, SUBJECT_NAME_EMPTY, SUBJECT_NAME_LONG, SUBJECT_NO_INGRESS, SUBJECT_NO_EGRESS,
	ENDPOINT_IDENTITY_0, ENDPOINT_NO_SUBJECT, ENDPOINT_FLAG,
	BLOCK_HOST_BITS, BLOCK_HOST_BITS6, BLOCK_PREFIX_HIGH,
	CONFIG_CIDRS, CONFIG_PORTS, CONFIG_DENY, CONFIG_UNKNOWN, CONFIG_HOST_BITS,
};

static const struct refusal {
	const char *name;
	enum bad what;
	int err;
	const char *why;	/* what the explanation must speak of */
} refusals[] = {
	{ "rule 0", RULE_ID_0, -EINVAL, "RULE_ID" },
	{ "rule id too high", RULE_ID_HIGH, -EINVAL, "RULE_ID" },
	{ "rule without a tier", RULE_TIER_0, -EINVAL, "RULE_TIER" },
	{ "rule of no known tier", RULE_TIER_HIGH, -EINVAL, "RULE_TIER" },
	{ "rule's name too long", RULE_NAME_LONG, -EINVAL, "RULE_NAME" },
	{ "program 0", PROGRAM_ID_0, -EINVAL, "PROGRAM_ID" },
	{ "program there already", PROGRAM_TAKEN, -EEXIST, "PROGRAM_ID" },
	{ "no default map", PROGRAM_NO_DEFAULT, -EINVAL, "PROGRAM_MAP" },
	{ "two default maps", PROGRAM_TWO_DEFAULTS, -EINVAL, "PROGRAM_MAP" },
	{ "no map at all", PROGRAM_NO_MAP, -EINVAL, "PROGRAM_MAP" },
	{ "an identity twice", PROGRAM_IDENTITY_TWICE, -EINVAL, "MAP_IDENTITIES" },
	{ "no steps", STEPS_NONE, -EINVAL, "MAP_STEPS" },
	{ "steps not from 0", STEPS_NOT_FROM_0, -EINVAL, "MAP_STEPS" },
	{ "steps unsorted", STEPS_UNSORTED, -EINVAL, "MAP_STEPS" },
	{ "equal steps", STEPS_EQUAL, -EINVAL, "MAP_STEPS" },
	{ "a step past the last port", STEPS_HIGH, -EINVAL, "MAP_STEPS" },
	{ "no known verdict", STEPS_VERDICT, -EINVAL, "MAP_STEPS" },
	{ "subject 0", SUBJECT_ID_0, -EINVAL, "SUBJECT_ID" },
	{ "subject without a name", SUBJECT_NAME_EMPTY, -EINVAL, "SUBJECT_NAME" },
	{ "subject's name too long", SUBJECT_NAME_LONG, -EINVAL, "SUBJECT_NAME" },
	{ "no such ingress program", SUBJECT_NO_INGRESS, -ENOENT, "SUBJECT_INGRESS" },
	{ "no such egress program", SUBJECT_NO_EGRESS, -ENOENT, "SUBJECT_EGRESS" },
	{ "endpoint of identity 0", ENDPOINT_IDENTITY_0, -EINVAL, "ENDPOINT_IDENTITY" },
	{ "no such subject", ENDPOINT_NO_SUBJECT, -ENOENT, "ENDPOINT_SUBJECT" },
	{ "no such flag", ENDPOINT_FLAG, -EINVAL, "ENDPOINT_FLAGS" },
	{ "host bits", BLOCK_HOST_BITS, -EINVAL, "BLOCK_ADDR" },
	{ "host bits, IPv6", BLOCK_HOST_BITS6, -EINVAL, "BLOCK_ADDR" },
	{ "prefix too long", BLOCK_PREFIX_HIGH, -EINVAL, "BLOCK_PREFIX" },
	{ "too many CIDRs", CONFIG_CIDRS, -EINVAL, "CONFIG_CIDR" },
	{ "too many overlay ports", CONFIG_PORTS, -EINVAL, "CONFIG_OVERLAY_PORTS" },
	{ "no such way to deny", CONFIG_DENY, -EINVAL, "CONFIG_DENY" },
	{ "no such way with unknowns", CONFIG_UNKNOWN, -EINVAL, "CONFIG_UNKNOWN" },
	{ "a CIDR with host bits", CONFIG_HOST_BITS, -EINVAL, "BLOCK_ADDR" },
};

static void describe_refusal(const struct refusal *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusals, refusals, describe_refusal);

static const char *long_name(struct kunit *test, size_t len)
{
	char *name = kunit_kzalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, name);
	return memset(name, 'x', len);
}

static int put_bad_rule(struct kunit *test, struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	struct stk_rule_def def = { .id = 5, .tier = STOCKADE_TIER_NETWORKPOLICY, .name = "a rule" };

	if (what == RULE_ID_0)
		def.id = 0;
	else if (what == RULE_ID_HIGH)
		def.id = STOCKADE_RULE_ID_MAX + 1;
	else if (what == RULE_TIER_0)
		def.tier = 0;
	else if (what == RULE_TIER_HIGH)
		def.tier = 99;
	else
		def.name = long_name(test, STOCKADE_RULE_NAME_MAX + 1);
	return stk_snapshot_put_rule(cand, &def, why);
}

static int put_bad_program(struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	static const u32 twice[] = { 3, 30, 4 };
	const struct stk_map_def two_defaults[] = { fix_maps[0], fix_maps[0] };
	const struct stk_map_def doubled[] = { fix_maps[0], fix_maps[1], FIX_MAP(twice, fix_tcp_80) };
	struct stk_program_def def = { .id = 5, .maps = fix_maps, .n_maps = ARRAY_SIZE(fix_maps) };

	if (what == PROGRAM_ID_0) {
		def.id = 0;
	} else if (what == PROGRAM_TAKEN) {
		def.id = 1;
	} else if (what == PROGRAM_NO_DEFAULT) {
		def.maps = &fix_maps[1];
		def.n_maps = 1;
	} else if (what == PROGRAM_TWO_DEFAULTS) {
		def.maps = two_defaults;
		def.n_maps = ARRAY_SIZE(two_defaults);
	} else if (what == PROGRAM_NO_MAP) {
		def.n_maps = 0;
	} else {
		def.maps = doubled;
		def.n_maps = ARRAY_SIZE(doubled);
	}
	return stk_snapshot_put_program(cand, &def, why);
}

static int put_bad_steps(struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	struct stockade_step steps[] = {
		FIX_DENY(0, 0, 0), FIX_ALLOW(IPPROTO_TCP, 80, 3), FIX_DENY(IPPROTO_TCP, 81, 0),
	};
	const struct stk_map_def map = FIX_DEFAULT_MAP(steps);
	struct stk_map_def used = map;
	struct stk_program_def def = { .id = 5, .maps = &used, .n_maps = 1 };

	if (what == STEPS_NONE)
		used.n_steps = 0;
	else if (what == STEPS_NOT_FROM_0)
		steps[0].from = 1;
	else if (what == STEPS_UNSORTED)
		steps[2].from = steps[1].from - 1;
	else if (what == STEPS_EQUAL)
		steps[2].from = steps[1].from;
	else if (what == STEPS_HIGH)
		steps[2].from = STOCKADE_STEP_FROM_MAX + 1;
	else
		steps[1].verdict = STOCKADE_STEP(3, 1);
	return stk_snapshot_put_program(cand, &def, why);
}

static int put_bad_subject(struct kunit *test, struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	struct stk_subject_def def = { .id = 5, .name = "shop/web", .ingress = 1, .egress = 2 };

	if (what == SUBJECT_ID_0)
		def.id = 0;
	else if (what == SUBJECT_NAME_EMPTY)
		def.name = "";
	else if (what == SUBJECT_NAME_LONG)
		def.name = long_name(test, STOCKADE_SUBJECT_NAME_MAX + 1);
	else if (what == SUBJECT_NO_INGRESS)
		def.ingress = 99;
	else
		def.egress = 99;
	return stk_snapshot_put_subject(cand, &def, NULL, why);
}

static int put_bad_endpoint(struct kunit *test, struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	struct stk_endpoint_def def = {
		.addr = fix_addr(test, "10.0.0.9"), .identity = 9, .subject = 1,
	};

	if (what == ENDPOINT_IDENTITY_0)
		def.identity = 0;
	else if (what == ENDPOINT_NO_SUBJECT)
		def.subject = 99;
	else
		def.flags = 1 << 2;
	return stk_snapshot_put_endpoint(cand, &def, why);
}

static int put_bad_block(struct kunit *test, struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	struct stk_block_def def = fix_block(test, "10.0.0.128/25", 9);

	if (what == BLOCK_HOST_BITS)
		def = fix_block(test, "10.0.0.128/24", 9);
	else if (what == BLOCK_HOST_BITS6)
		def = fix_block(test, "2001:db8::1/127", 9);
	else
		def.prefix = 129;
	return stk_snapshot_put_block(cand, &def, why);
}

static int put_bad_config(struct kunit *test, struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	struct stk_block_def blocks[STOCKADE_CONFIG_CIDRS_MAX + 1];
	u16 ports[STOCKADE_CONFIG_OVERLAY_PORTS_MAX + 1];
	struct stk_config_def def = {
		.cidrs = blocks, .n_cidrs = 2, .overlay_ports = ports, .n_overlay_ports = 2,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		blocks[i] = fix_block(test, "10.0.0.0/24", 0);
		blocks[i].addr.b[14] = i;
	}
	for (i = 0; i < ARRAY_SIZE(ports); i++)
		ports[i] = 4789 + i;
	if (what == CONFIG_CIDRS)
		def.n_cidrs = ARRAY_SIZE(blocks);
	else if (what == CONFIG_PORTS)
		def.n_overlay_ports = ARRAY_SIZE(ports);
	else if (what == CONFIG_DENY)
		def.deny = STOCKADE_DENY_REJECT + 1;
	else if (what == CONFIG_UNKNOWN)
		def.unknown = STOCKADE_UNKNOWN_ACCEPT + 1;
	else
		blocks[1].addr.b[15] = 1;
	return stk_snapshot_put_config(cand, &def, why);
}

static int put_bad(struct kunit *test, struct stk_snapshot *cand, enum bad what, stk_why *why)
{
	if (what <= RULE_NAME_LONG)
		return put_bad_rule(test, cand, what, why);
	if (what <= PROGRAM_IDENTITY_TWICE)
		return put_bad_program(cand, what, why);
	if (what <= STEPS_VERDICT)
		return put_bad_steps(cand, what, why);
	if (what <= SUBJECT_NO_EGRESS)
		return put_bad_subject(test, cand, what, why);
	if (what <= ENDPOINT_FLAG)
		return put_bad_endpoint(test, cand, what, why);
	if (what <= BLOCK_PREFIX_HIGH)
		return put_bad_block(test, cand, what, why);
	return put_bad_config(test, cand, what, why);
}

static void is_refused(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct stk_snapshot *cand = fix_table(test, false);
	struct stk_snapshot_stats was;
	stk_why why = NULL;

	stk_snapshot_stats(cand, &was);
	KUNIT_EXPECT_EQ(test, put_bad(test, cand, r->what, &why), r->err);
	KUNIT_ASSERT_NOT_NULL(test, why);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why, r->why), "it says \"%s\"", why);
	fix_expect_same(test, &was, cand);
	KUNIT_EXPECT_EQ(test, put_bad(test, cand, r->what, NULL), r->err);
	fix_seal(test, cand, 1);
}

static void what_is_referred_to_must_stay(struct kunit *test)
{
	struct stk_snapshot *cand = fix_table(test, false);
	stk_why why = NULL;

	KUNIT_ASSERT_EQ(test, stk_snapshot_del_program(cand, 1, &why), 0);
	KUNIT_EXPECT_EQ(test, stk_snapshot_seal(cand, 1, &why), -ENOENT);
	KUNIT_ASSERT_NOT_NULL(test, why);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why, "PROGRAM"));
	/* Both subjects that had it change their minds; now it may go. */
	fix_subject(test, cand, 1, "shop/api", 2, 2);
	fix_subject(test, cand, 2, "shop/db", 0, 0);
	fix_seal(test, cand, 1);
}

static void a_subject_with_addresses_must_stay(struct kunit *test)
{
	struct stk_snapshot *cand = fix_table(test, false);
	const struct stk_addr addr = fix_addr(test, "fd00::2");
	stk_why why = NULL;

	KUNIT_ASSERT_EQ(test, stk_snapshot_del_subject(cand, 2, &why), 0);
	KUNIT_EXPECT_EQ(test, stk_snapshot_seal(cand, 1, &why), -ENOENT);
	KUNIT_ASSERT_NOT_NULL(test, why);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why, "SUBJECT"));
	KUNIT_ASSERT_EQ(test, stk_snapshot_del_endpoint(cand, &addr, &why), 0);
	fix_seal(test, cand, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(is_refused, refusals_gen_params),
	KUNIT_CASE(what_is_referred_to_must_stay),
	KUNIT_CASE(a_subject_with_addresses_must_stay),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-refuse",
	.test_cases = cases,
};

kunit_test_suite(suite);
