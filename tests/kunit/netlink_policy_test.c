// SPDX-License-Identifier: GPL-2.0
/* netlink policy: messages that must be refused, each with the attribute it is refused for. */
#include <linux/in.h>
#include "genl.h"

#define PUT	STOCKADE_CMD_PUT
#define DEL	STOCKADE_CMD_DEL
#define JUDGE	STOCKADE_CMD_JUDGE
#define BEGIN	STOCKADE_CMD_BEGIN
#define ITEMS_MAX 10
#define V6LEN	16
#define MAPPED	"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1"
#define V6	"\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
#define X64	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct stockade_step deny[] = { { 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) } };
static const struct stockade_step unsorted[] = { { 0, 0 }, { 9, 0 }, { 9, 0 } };
static const struct stockade_step not_from_0[] = { { 1, 0 } };
static const struct stockade_step too_high[] = { { 0, 0 }, { STOCKADE_STEP_FROM_MAX + 1, 0 } };
static const struct stockade_step no_verdict[] = { { 0, 3U << 30 } };
static const u32 ids[] = { 5, 6 }, ids_again[] = { 6, 7 };
static const u16 ports[17];

/* The pieces of well-formed objects. */
#define RULE(...)	NEST(0, A_RULE), __VA_ARGS__
#define PROGRAM(...)	NEST(0, A_PROGRAM), __VA_ARGS__
#define SUBJECT(...)	NEST(0, A_SUBJECT), __VA_ARGS__
#define ENDPOINT(...)	NEST(0, A_ENDPOINT), __VA_ARGS__
#define BLOCK(...)	NEST(0, A_BLOCK), __VA_ARGS__
#define CONFIG(...)	NEST(0, A_CONFIG), __VA_ARGS__
#define FLOW(...)	NEST(0, A_FLOW), __VA_ARGS__
#define STEPS(s)	BYTES(2, MAP_STEPS, s, sizeof(s))
#define IDS(s)		BYTES(2, MAP_IDENTITIES, s, sizeof(s))
#define MAP		NEST(1, PROGRAM_MAP)
#define R_ID		U32(1, RULE_ID, 2)
#define R_TIER		U8(1, RULE_TIER, STOCKADE_TIER_NETWORKPOLICY)
#define R_NAME		TEXT(1, RULE_NAME, "a rule")
#define P_ID		U32(1, PROGRAM_ID, 2)
#define S_ID		U32(1, SUBJECT_ID, 2)
#define S_NAME		TEXT(1, SUBJECT_NAME, "shop/db")
#define E_ADDR		V4(1, ENDPOINT_ADDR, "\x0a\0\0\2")
#define E_ID		U32(1, ENDPOINT_IDENTITY, 2)
#define B_ADDR		V4(1, BLOCK_ADDR, "\xac\x10\0\0")
#define B_PREFIX	U8(1, BLOCK_PREFIX, 12)
#define B_ID		U32(1, BLOCK_IDENTITY, 2)
#define F_OPENER	V4(1, FLOW_OPENER, "\x0a\0\0\2")
#define F_TARGET	V4(1, FLOW_TARGET, "\x0a\0\0\1")
#define F_PROTO		U8(1, FLOW_PROTO, IPPROTO_TCP)

/*
 * @attr is the attribute at fault, in the enumeration of the nest it stands in: the ack points
 * at it, or, where it is missing or the fault lies between several, names it in words (@why).
 */
static const struct refusal {
	const char *name;
	u8 cmd;
	int err;
	int attr;
	const char *why;
	struct item items[ITEMS_MAX];
} refusals[] = {
	{ "no rule id", PUT, -EINVAL, 0, "RULE_ID", { RULE(R_TIER, R_NAME) } },
	{ "rule 0", PUT, -ERANGE, STOCKADE_RULE_ID, NULL, { RULE(U32(1, RULE_ID, 0), R_TIER, R_NAME) } },
	{ "rule id too high", PUT, -ERANGE, STOCKADE_RULE_ID, NULL,
	  { RULE(U32(1, RULE_ID, STOCKADE_RULE_ID_MAX + 1), R_TIER, R_NAME) } },
	{ "rule id of 2 bytes", PUT, -EINVAL, STOCKADE_RULE_ID, NULL, { RULE(U16(1, RULE_ID, 2), R_TIER, R_NAME) } },
	{ "two rule ids", PUT, -EINVAL, STOCKADE_RULE_ID, "twice", { RULE(R_ID, R_ID, R_TIER, R_NAME) } },
	{ "no tier", PUT, -EINVAL, 0, "RULE_TIER", { RULE(R_ID, R_NAME) } },
	{ "tier 0", PUT, -ERANGE, STOCKADE_RULE_TIER, NULL, { RULE(R_ID, U8(1, RULE_TIER, 0), R_NAME) } },
	{ "tier 3", PUT, -ERANGE, STOCKADE_RULE_TIER, NULL, { RULE(R_ID, U8(1, RULE_TIER, 3), R_NAME) } },
	{ "no rule name", PUT, -EINVAL, 0, "RULE_NAME", { RULE(R_ID, R_TIER) } },
	{ "rule name without its end", PUT, -EINVAL, STOCKADE_RULE_NAME, NULL,
	  { RULE(R_ID, R_TIER, BYTES(1, RULE_NAME, "abc", 3)) } },
	{ "rule name too long", PUT, -EINVAL, STOCKADE_RULE_NAME, NULL,
	  { RULE(R_ID, R_TIER, TEXT(1, RULE_NAME, X64 X64 X64 X64 X64 X64 X64 X64)) } },
	{ "unknown in a rule", PUT, -EINVAL, __STOCKADE_RULE_MAX, NULL,
	  { RULE(R_ID, R_TIER, R_NAME, { ITEM_U32, 1, __STOCKADE_RULE_MAX }) } },
	{ "no program id", PUT, -EINVAL, 0, "PROGRAM_ID", { PROGRAM(MAP, STEPS(deny)) } },
	{ "program 0", PUT, -ERANGE, STOCKADE_PROGRAM_ID, NULL, { PROGRAM(U32(1, PROGRAM_ID, 0), MAP, STEPS(deny)) } },
	{ "two program ids", PUT, -EINVAL, STOCKADE_PROGRAM_ID, "twice", { PROGRAM(P_ID, MAP, STEPS(deny), P_ID) } },
	{ "steps twice in a map", PUT, -EINVAL, STOCKADE_MAP_STEPS, "twice",
	  { PROGRAM(P_ID, MAP, STEPS(deny), STEPS(deny)) } },
	{ "no map", PUT, -EINVAL, 0, "PROGRAM_MAP", { PROGRAM(P_ID) } },
	{ "program there already", PUT, -EEXIST, 0, "PROGRAM_ID",
	  { PROGRAM(U32(1, PROGRAM_ID, 1), MAP, STEPS(deny)) } },
	{ "no default map", PUT, -EINVAL, 0, "PROGRAM_MAP", { PROGRAM(P_ID, MAP, STEPS(deny), IDS(ids)) } },
	{ "two default maps", PUT, -EINVAL, 0, "PROGRAM_MAP",
	  { PROGRAM(P_ID, MAP, STEPS(deny), MAP, STEPS(deny)) } },
	{ "an identity twice", PUT, -EINVAL, 0, "MAP_IDENTITIES",
	  { PROGRAM(P_ID, MAP, STEPS(deny), MAP, STEPS(deny), IDS(ids), MAP, STEPS(deny), IDS(ids_again)) } },
	{ "identities cut", PUT, -EINVAL, STOCKADE_MAP_IDENTITIES, NULL,
	  { PROGRAM(P_ID, MAP, STEPS(deny), BYTES(2, MAP_IDENTITIES, ids, 7)) } },
	{ "identities empty", PUT, -ERANGE, STOCKADE_MAP_IDENTITIES, NULL,
	  { PROGRAM(P_ID, MAP, STEPS(deny), BYTES(2, MAP_IDENTITIES, ids, 0)) } },
	{ "a map without steps", PUT, -EINVAL, 0, "MAP_STEPS", { PROGRAM(P_ID, MAP, IDS(ids)) } },
	{ "steps cut", PUT, -EINVAL, STOCKADE_MAP_STEPS, NULL,
	  { PROGRAM(P_ID, MAP, BYTES(2, MAP_STEPS, unsorted, 12)) } },
	{ "steps empty", PUT, -ERANGE, STOCKADE_MAP_STEPS, NULL,
	  { PROGRAM(P_ID, MAP, BYTES(2, MAP_STEPS, deny, 0)) } },
	{ "steps unsorted", PUT, -EINVAL, 0, "MAP_STEPS", { PROGRAM(P_ID, MAP, STEPS(unsorted)) } },
	{ "steps not from 0", PUT, -EINVAL, 0, "MAP_STEPS", { PROGRAM(P_ID, MAP, STEPS(not_from_0)) } },
	{ "steps past the end", PUT, -EINVAL, 0, "MAP_STEPS", { PROGRAM(P_ID, MAP, STEPS(too_high)) } },
	{ "no such verdict", PUT, -EINVAL, 0, "MAP_STEPS", { PROGRAM(P_ID, MAP, STEPS(no_verdict)) } },
	{ "unknown in a map", PUT, -EINVAL, __STOCKADE_MAP_MAX, NULL,
	  { PROGRAM(P_ID, MAP, STEPS(deny), { ITEM_U32, 2, __STOCKADE_MAP_MAX }) } },
	{ "no subject id", PUT, -EINVAL, 0, "SUBJECT_ID", { SUBJECT(S_NAME) } },
	{ "subject 0", PUT, -ERANGE, STOCKADE_SUBJECT_ID, NULL, { SUBJECT(U32(1, SUBJECT_ID, 0), S_NAME) } },
	{ "two subject names", PUT, -EINVAL, STOCKADE_SUBJECT_NAME, "twice", { SUBJECT(S_ID, S_NAME, S_NAME) } },
	{ "no subject name", PUT, -EINVAL, 0, "SUBJECT_NAME", { SUBJECT(S_ID) } },
	{ "subject name empty", PUT, -EINVAL, 0, "SUBJECT_NAME", { SUBJECT(S_ID, TEXT(1, SUBJECT_NAME, "")) } },
	{ "subject name too long", PUT, -EINVAL, STOCKADE_SUBJECT_NAME, NULL,
	  { SUBJECT(S_ID, TEXT(1, SUBJECT_NAME, X64 X64 X64 X64 X64)) } },
	{ "no such ingress program", PUT, -ENOENT, 0, "SUBJECT_INGRESS",
	  { SUBJECT(S_ID, S_NAME, U32(1, SUBJECT_INGRESS, 9)) } },
	{ "no such egress program", PUT, -ENOENT, 0, "SUBJECT_EGRESS",
	  { SUBJECT(S_ID, S_NAME, U32(1, SUBJECT_EGRESS, 9)) } },
	{ "counters are not to be put", PUT, -EINVAL, STOCKADE_SUBJECT_COUNTERS, NULL,
	  { SUBJECT(S_ID, S_NAME, NEST(1, SUBJECT_COUNTERS)) } },
	{ "no address", PUT, -EINVAL, 0, "ENDPOINT_ADDR", { ENDPOINT(E_ID) } },
	{ "an address of 3 bytes", PUT, -ERANGE, STOCKADE_ENDPOINT_ADDR, NULL,
	  { ENDPOINT(BYTES(1, ENDPOINT_ADDR, V6, 3), E_ID) } },
	{ "an address of 5 bytes", PUT, -EINVAL, STOCKADE_ENDPOINT_ADDR, NULL,
	  { ENDPOINT(BYTES(1, ENDPOINT_ADDR, V6, 5), E_ID) } },
	{ "an address of 17 bytes", PUT, -ERANGE, STOCKADE_ENDPOINT_ADDR, NULL,
	  { ENDPOINT(BYTES(1, ENDPOINT_ADDR, X64, 17), E_ID) } },
	{ "a mapped address", PUT, -EINVAL, STOCKADE_ENDPOINT_ADDR, NULL,
	  { ENDPOINT(BYTES(1, ENDPOINT_ADDR, MAPPED, V6LEN), E_ID) } },
	{ "two addresses", PUT, -EINVAL, STOCKADE_ENDPOINT_ADDR, "twice", { ENDPOINT(E_ADDR, E_ID, E_ADDR) } },
	{ "no identity", PUT, -EINVAL, 0, "ENDPOINT_IDENTITY", { ENDPOINT(E_ADDR) } },
	{ "identity 0", PUT, -ERANGE, STOCKADE_ENDPOINT_IDENTITY, NULL,
	  { ENDPOINT(E_ADDR, U32(1, ENDPOINT_IDENTITY, 0)) } },
	{ "no such subject", PUT, -ENOENT, 0, "ENDPOINT_SUBJECT",
	  { ENDPOINT(E_ADDR, E_ID, U32(1, ENDPOINT_SUBJECT, 9)) } },
	{ "no such flag", PUT, -EINVAL, STOCKADE_ENDPOINT_FLAGS, NULL,
	  { ENDPOINT(E_ADDR, E_ID, U32(1, ENDPOINT_FLAGS, 4)) } },
	{ "no block address", PUT, -EINVAL, 0, "BLOCK_ADDR", { BLOCK(B_PREFIX, B_ID) } },
	{ "two prefixes", PUT, -EINVAL, STOCKADE_BLOCK_PREFIX, "twice", { BLOCK(B_ADDR, B_PREFIX, B_PREFIX, B_ID) } },
	{ "no prefix", PUT, -EINVAL, 0, "BLOCK_PREFIX", { BLOCK(B_ADDR, B_ID) } },
	{ "no block identity", PUT, -EINVAL, 0, "BLOCK_IDENTITY", { BLOCK(B_ADDR, B_PREFIX) } },
	{ "prefix 33", PUT, -ERANGE, STOCKADE_BLOCK_PREFIX, NULL, { BLOCK(B_ADDR, U8(1, BLOCK_PREFIX, 33), B_ID) } },
	{ "prefix 129", PUT, -ERANGE, STOCKADE_BLOCK_PREFIX, NULL,
	  { BLOCK(BYTES(1, BLOCK_ADDR, V6, V6LEN), U8(1, BLOCK_PREFIX, 129), B_ID) } },
	{ "host bits", PUT, -EINVAL, 0, "BLOCK_ADDR", { BLOCK(B_ADDR, U8(1, BLOCK_PREFIX, 11), B_ID) } },
	{ "host bits, IPv6", PUT, -EINVAL, 0, "BLOCK_ADDR",
	  { BLOCK(BYTES(1, BLOCK_ADDR, V6, V6LEN), U8(1, BLOCK_PREFIX, 127), B_ID) } },
	{ "a mapped block", PUT, -EINVAL, STOCKADE_BLOCK_ADDR, NULL,
	  { BLOCK(BYTES(1, BLOCK_ADDR, MAPPED, V6LEN), U8(1, BLOCK_PREFIX, 128), B_ID) } },
	{ "a CIDR with an identity", PUT, -EINVAL, STOCKADE_BLOCK_IDENTITY, "BLOCK_IDENTITY",
	  { CONFIG(NEST(1, CONFIG_CIDR), V4(2, BLOCK_ADDR, "\x0a\0\0\0"), U8(2, BLOCK_PREFIX, 24),
		   U32(2, BLOCK_IDENTITY, 1)) } },
	{ "a CIDR with host bits", PUT, -EINVAL, 0, "BLOCK_ADDR",
	  { CONFIG(NEST(1, CONFIG_CIDR), V4(2, BLOCK_ADDR, "\x0a\0\0\1"), U8(2, BLOCK_PREFIX, 24)) } },
	{ "17 overlay ports", PUT, -ERANGE, STOCKADE_CONFIG_OVERLAY_PORTS, NULL,
	  { CONFIG(BYTES(1, CONFIG_OVERLAY_PORTS, ports, sizeof(ports))) } },
	{ "overlay ports cut", PUT, -EINVAL, STOCKADE_CONFIG_OVERLAY_PORTS, NULL,
	  { CONFIG(BYTES(1, CONFIG_OVERLAY_PORTS, ports, 3)) } },
	{ "no such way to deny", PUT, -ERANGE, STOCKADE_CONFIG_DENY, NULL, { CONFIG(U8(1, CONFIG_DENY, 2)) } },
	{ "two ways to deny", PUT, -EINVAL, STOCKADE_CONFIG_DENY, "twice",
	  { CONFIG(U8(1, CONFIG_DENY, 1), U8(1, CONFIG_DENY, 0)) } },
	{ "no such way with unknowns", PUT, -ERANGE, STOCKADE_CONFIG_UNKNOWN, NULL,
	  { CONFIG(U8(1, CONFIG_UNKNOWN, 2)) } },
	{ "a flow is not to be put", PUT, -EINVAL, STOCKADE_A_FLOW, NULL, { FLOW(F_PROTO) } },
	{ "unknown on top", PUT, -EINVAL, __STOCKADE_A_MAX, NULL, { { ITEM_U32, 0, __STOCKADE_A_MAX } } },
	{ "del: no such rule", DEL, -ENOENT, 0, "RULE_ID", { RULE(R_ID) } },
	{ "del: two rule ids", DEL, -EINVAL, STOCKADE_RULE_ID, "twice", { RULE(R_ID, R_ID) } },
	{ "del: a rule's name", DEL, -EINVAL, STOCKADE_RULE_NAME, "key", { RULE(R_ID, R_NAME) } },
	{ "del: no such program", DEL, -ENOENT, 0, "PROGRAM_ID", { PROGRAM(P_ID) } },
	{ "del: a program's map", DEL, -EINVAL, STOCKADE_PROGRAM_MAP, NULL, { PROGRAM(P_ID, MAP, STEPS(deny)) } },
	{ "del: no such subject", DEL, -ENOENT, 0, "SUBJECT_ID", { SUBJECT(S_ID) } },
	{ "del: a subject's name", DEL, -EINVAL, STOCKADE_SUBJECT_NAME, "key", { SUBJECT(S_ID, S_NAME) } },
	{ "del: no such endpoint", DEL, -ENOENT, 0, "ENDPOINT_ADDR", { ENDPOINT(E_ADDR) } },
	{ "del: an identity", DEL, -EINVAL, STOCKADE_ENDPOINT_IDENTITY, "key", { ENDPOINT(E_ADDR, E_ID) } },
	{ "del: no such block", DEL, -ENOENT, 0, "BLOCK", { BLOCK(B_ADDR, B_PREFIX) } },
	{ "del: a block's identity", DEL, -EINVAL, STOCKADE_BLOCK_IDENTITY, "BLOCK_IDENTITY",
	  { BLOCK(B_ADDR, B_PREFIX, B_ID) } },
	{ "del: the config", DEL, -EINVAL, STOCKADE_A_CONFIG, NULL, { CONFIG(U8(1, CONFIG_DENY, 0)) } },
	{ "judge: no flow", JUDGE, -EINVAL, 0, "FLOW", {} },
	{ "judge: no opener", JUDGE, -EINVAL, 0, "FLOW_OPENER", { FLOW(F_TARGET, F_PROTO) } },
	{ "judge: no target", JUDGE, -EINVAL, 0, "FLOW_TARGET", { FLOW(F_OPENER, F_PROTO) } },
	{ "judge: no protocol", JUDGE, -EINVAL, 0, "FLOW_PROTO", { FLOW(F_OPENER, F_TARGET) } },
	{ "judge: two openers", JUDGE, -EINVAL, STOCKADE_FLOW_OPENER, "twice",
	  { FLOW(F_OPENER, F_TARGET, F_PROTO, F_OPENER) } },
	{ "judge: 6 bytes of address", JUDGE, -EINVAL, STOCKADE_FLOW_OPENER, NULL,
	  { FLOW(BYTES(1, FLOW_OPENER, V6, 6), F_TARGET, F_PROTO) } },
	{ "begin: a base of 4 bytes", BEGIN, -EINVAL, STOCKADE_A_BASE, NULL, { U32(0, A_BASE, 1) } },
};

static void describe(const struct refusal *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusals, refusals, describe);

static void expect_named(struct kunit *test, const struct genl *g, const struct refusal *r)
{
	KUNIT_EXPECT_TRUE_MSG(test, g->why || g->bad, "refused without a word");
	if (r->attr) {
		KUNIT_ASSERT_NOT_NULL_MSG(test, g->bad, "it points nowhere (%s)", g->why);
		KUNIT_EXPECT_EQ(test, nla_type(g->bad), r->attr);
	}
	if (r->why) {
		KUNIT_ASSERT_NOT_NULL(test, g->why);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(g->why, r->why), "it says \"%s\"", g->why);
	}
}

/* Refused for what it is, and the transaction is what it was before. */
static void is_refused(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct item items[ITEMS_MAX + 1] = {};
	struct genl *g = genl_open(test);

	memcpy(items, r->items, sizeof(r->items));
	if (r->cmd != BEGIN)
		KUNIT_ASSERT_EQ(test, genl_begin(g), 0);
	if (r->cmd != BEGIN)
		KUNIT_ASSERT_EQ_MSG(test, genl_put_base(g), 0, "%s", g->why);
	KUNIT_EXPECT_EQ(test, genl_call(g, r->cmd, items), r->err);
	expect_named(test, g, r);
	if (r->cmd == BEGIN)
		return;
	KUNIT_EXPECT_EQ_MSG(test, genl_commit(g, genl_base_digest()), 0, "%s", g->why);
	genl_call(g, STOCKADE_CMD_TEARDOWN, NULL);
}

/* The pieces that the table above breaks are whole by themselves. */
static void the_pieces_are_whole(struct kunit *test)
{
	struct genl *g = genl_open(test);

	KUNIT_ASSERT_EQ(test, genl_begin(g), 0);
	KUNIT_ASSERT_EQ_MSG(test, genl_put_base(g), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_PUT(g, RULE(R_ID, R_TIER, R_NAME)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_PUT(g, PROGRAM(P_ID, MAP, STEPS(deny), MAP, STEPS(deny), IDS(ids))), 0,
			    "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_PUT(g, SUBJECT(S_ID, S_NAME)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_PUT(g, ENDPOINT(E_ADDR, E_ID)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_PUT(g, BLOCK(B_ADDR, B_PREFIX, B_ID)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_PUT(g, CONFIG(BYTES(1, CONFIG_OVERLAY_PORTS, ports, 32))), 0,
			    "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_DEL(g, BLOCK(B_ADDR, B_PREFIX)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_DEL(g, ENDPOINT(E_ADDR)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_DEL(g, SUBJECT(S_ID)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_DEL(g, PROGRAM(P_ID)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, GENL_DEL(g, RULE(R_ID)), 0, "%s", g->why);
	KUNIT_EXPECT_EQ_MSG(test, genl_call(g, JUDGE, (const struct item[]){
		FLOW(F_OPENER, F_TARGET, F_PROTO), {} }), 0, "%s", g->why);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(is_refused, refusals_gen_params),
	KUNIT_CASE(the_pieces_are_whole),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-netlink-policy",
	.test_cases = cases,
};

kunit_test_suite(suite);
