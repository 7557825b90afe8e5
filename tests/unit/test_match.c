// SPDX-License-Identifier: GPL-2.0
/*
 * The judge, sentence by sentence: one small table and what each door says to each
 * flow, first by hand, then every flow there can be, against the naive table.
 *
 * The node has pods a (10.0.0.1, fd00::1) and b (10.0.0.2), pod CIDRs 10.0.0.0/24 and
 * fd00::/64, its own address 10.9.0.1; elsewhere a pod r (10.0.1.1, identity 7) and
 * a node 10.9.0.2.  172.16.0.0/12 is identity 9, but 172.16.5.0/24 is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "lib/ref_random.h"
#include "snapshot_priv.h"

static struct stk_addr addr(const char *text)
{
	struct stk_addr a = { .w = { 0, 0, cpu_to_be32(0xffff), 0 } };

	if (strchr(text, ':'))
		assert_int_equal(inet_pton(AF_INET6, text, a.b), 1);
	else
		assert_int_equal(inet_pton(AF_INET, text, &a.w[3]), 1);
	return a;
}

struct both {
	struct stk_snapshot *snap;
	struct ref_table ref;
};

#define PUT(t, what, ...) do { \
	assert_int_equal(stk_snapshot_put_##what((t)->snap, __VA_ARGS__, NULL), 0); \
} while (0)

static void put_endpoint(struct both *t, const char *text, u32 identity, u32 subject, u32 flags)
{
	struct stk_endpoint_def def = { addr(text), identity, subject, flags };

	PUT(t, endpoint, &def);
	assert_int_equal(ref_put_endpoint(&t->ref, &def), 0);
}

static void put_block(struct both *t, const char *text, u8 prefix, u32 identity)
{
	struct stk_block_def def = { addr(text), prefix, identity };

	PUT(t, block, &def);
	assert_int_equal(ref_put_block(&t->ref, &def), 0);
}

static void put_subject(struct both *t, u32 id, const char *name, u32 ingress, u32 egress)
{
	struct stk_subject_def def = { id, name, ingress, egress };

	PUT(t, subject, &def, NULL);
	assert_int_equal(ref_put_subject(&t->ref, &def), 0);
}

/* Identities 7 and 9 may come to TCP 80 (rule 3); 7 would be denied UDP 53 (rule 4). */
static void put_program(struct both *t, u32 id)
{
	static const u32 seven[] = { 7 }, nine[] = { 9 };
	static const struct stockade_step none[] = { { 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) } };
	static const struct stockade_step web[] = {
		{ 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) },
		{ STOCKADE_STEP_FROM(6, 80), STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, 3) },
		{ STOCKADE_STEP_FROM(6, 81), STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) },
	};
	static const struct stockade_step audited[] = {
		{ 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) },
		{ STOCKADE_STEP_FROM(6, 80), STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, 3) },
		{ STOCKADE_STEP_FROM(6, 81), STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) },
		{ STOCKADE_STEP_FROM(17, 53), STOCKADE_STEP(STOCKADE_VERDICT_WOULD_DENY, 4) },
		{ STOCKADE_STEP_FROM(17, 54), STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) },
	};
	static const struct stk_map_def maps[] = {
		{ nine, 1, web, 3 }, { NULL, 0, none, 1 }, { seven, 1, audited, 5 },
	};
	struct stk_program_def def = { id, maps, 3 };

	PUT(t, program, &def);
	assert_int_equal(ref_put_program(&t->ref, &def), 0);
}

static void put_config(struct both *t, u8 unknown)
{
	const struct stk_block_def cidrs[] = {
		{ addr("10.0.0.0"), 120, 0 }, { addr("fd00::"), 64, 0 },
	};
	const u16 ports[] = { 4789, 8472 };
	struct stk_config_def def = { cidrs, 2, ports, 2, 0, unknown };

	PUT(t, config, &def);
	assert_int_equal(ref_put_config(&t->ref, &def), 0);
}

static int build(void **state)
{
	struct both *t = calloc(1, sizeof(*t));

	stk_mem_live = 0;
	ref_table_init(&t->ref);
	t->snap = stk_snapshot_alloc(&stk_limits_default, 0);
	put_program(t, 1);
	put_program(t, 2);
	put_subject(t, 1, "ns/a", 1, 2);
	put_subject(t, 2, "ns/b", 0, 0);
	put_endpoint(t, "10.0.0.1", 5, 1, 0);
	put_endpoint(t, "fd00::1", 5, 1, 0);
	put_endpoint(t, "10.0.0.2", 6, 2, 0);
	put_endpoint(t, "10.0.1.1", 7, 0, 0);
	put_endpoint(t, "10.0.1.2", 5, 0, 0);
	put_endpoint(t, "10.9.0.1", 8, 0, STOCKADE_ENDPOINT_F_NODE | STOCKADE_ENDPOINT_F_OWN_NODE);
	put_endpoint(t, "10.9.0.2", 7, 0, STOCKADE_ENDPOINT_F_NODE);
	put_block(t, "172.16.0.0", 108, 9);
	put_block(t, "172.16.5.0", 120, 0);
	put_config(t, STOCKADE_UNKNOWN_DROP);
	*state = t;
	return 0;
}

static int take_down(void **state)
{
	struct both *t = *state;

	stk_snapshot_put(t->snap);
	ref_table_free(&t->ref);
	free(t);
	return stk_mem_live != 0;
}

struct vector {
	const char *opener, *target;
	u8 proto;
	u16 port;
	u8 flags;
	enum stockade_door door;
	u8 verdict, reason;
	u32 rule, subject, peer;
	bool wants;
};

#define OUT	STOCKADE_DOOR_EGRESS
#define IN	STOCKADE_DOOR_INGRESS
#define ALLOW	STOCKADE_VERDICT_ALLOW
#define DENY	STOCKADE_VERDICT_DENY
#define WOULD	STOCKADE_VERDICT_WOULD_DENY
#define R(x)	STOCKADE_REASON_##x
#define O_HERE	STK_KEY_OPENER_HERE
#define T_HERE	STK_KEY_TARGET_HERE
#define LINK	STK_KEY_LINK

static const struct vector vectors[] = {
	/* No pod of this node at this door. */
	{ "10.0.1.1", "10.0.0.1", 6, 80, 0, OUT, ALLOW, R(NOT_SUBJECT) },
	{ "10.0.0.1", "10.0.1.1", 6, 80, 0, IN, ALLOW, R(NOT_SUBJECT) },
	{ "8.8.8.8", "9.9.9.9", 6, 80, 0, OUT, ALLOW, R(NOT_SUBJECT) },
	{ "10.9.0.1", "10.0.0.1", 6, 80, 0, OUT, ALLOW, R(NOT_SUBJECT) },
	/* Rules: by endpoint, by block, through a hole in one, by nothing. */
	{ "10.0.1.1", "10.0.0.1", 6, 80, 0, IN, ALLOW, R(RULE), 3, 1, 7 },
	{ "10.0.1.1", "10.0.0.1", 6, 79, 0, IN, DENY, R(RULE), 0, 1, 7, true },
	{ "10.0.1.1", "10.0.0.1", 6, 81, 0, IN, DENY, R(RULE), 0, 1, 7, true },
	{ "10.0.1.1", "10.0.0.1", 17, 53, 0, IN, WOULD, R(RULE), 4, 1, 7, true },
	{ "10.0.1.1", "10.0.0.1", 17, 80, 0, IN, DENY, R(RULE), 0, 1, 7, true },
	{ "172.16.4.255", "10.0.0.1", 6, 80, 0, IN, ALLOW, R(RULE), 3, 1, 9 },
	{ "172.16.5.1", "10.0.0.1", 6, 80, 0, IN, DENY, R(RULE), 0, 1, 0, true },
	{ "172.16.6.0", "10.0.0.1", 6, 80, 0, IN, ALLOW, R(RULE), 3, 1, 9 },
	{ "172.32.0.0", "10.0.0.1", 6, 80, 0, IN, DENY, R(RULE), 0, 1, 0, true },
	{ "10.0.0.1", "172.31.255.255", 6, 80, 0, OUT, ALLOW, R(RULE), 3, 1, 9 },
	{ "10.0.0.1", "10.0.0.2", 6, 80, 0, OUT, DENY, R(RULE), 0, 1, 6, true },
	{ "fd00::1", "2001:db8::1", 6, 80, 0, OUT, DENY, R(RULE), 0, 1, 0, true },
	{ "10.0.0.1", "10.0.1.1", 1, 0, 0, OUT, DENY, R(RULE), 0, 1, 7, true },
	/* A peer that no rule tells apart from the pod itself is not the pod itself. */
	{ "10.0.0.1", "10.0.1.2", 6, 80, 0, OUT, DENY, R(RULE), 0, 1, 5, true },
	/* No program in that direction. */
	{ "10.0.0.1", "10.0.0.2", 6, 80, 0, IN, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "10.0.0.2", "8.8.8.8", 17, 53, 0, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	/* Itself, over either family's address; and its own node, both ways. */
	{ "10.0.0.1", "10.0.0.1", 6, 9, 0, OUT, ALLOW, R(SELF), 0, 1 },
	{ "10.0.0.1", "10.0.0.1", 6, 9, 0, IN, ALLOW, R(SELF), 0, 1 },
	{ "10.9.0.1", "10.0.0.1", 6, 9, 0, IN, ALLOW, R(OWN_NODE), 0, 1 },
	{ "10.0.0.1", "10.9.0.1", 6, 9, 0, OUT, ALLOW, R(OWN_NODE), 0, 1 },
	{ "10.0.0.1", "169.254.1.1", 6, 9, T_HERE, OUT, ALLOW, R(OWN_NODE), 0, 1 },
	{ "10.0.0.254", "10.0.0.1", 6, 9, O_HERE, IN, ALLOW, R(OWN_NODE), 0, 1 },
	{ "10.0.0.1", "10.9.0.2", 6, 9, 0, OUT, DENY, R(RULE), 0, 1, 7, true },
	/* The other end being here is not this end being here. */
	{ "10.0.0.1", "8.8.8.8", 6, 9, O_HERE, OUT, DENY, R(RULE), 0, 1, 0, true },
	/* Not known yet. */
	{ "10.0.0.77", "8.8.8.8", 6, 80, 0, OUT, DENY, R(UNKNOWN), 0, 0, 0, true },
	{ "8.8.8.8", "10.0.0.77", 6, 80, 0, IN, DENY, R(UNKNOWN), 0, 0, 0, true },
	{ "fd00::77", "fd00::1", 6, 80, 0, OUT, DENY, R(UNKNOWN), 0, 0, 0, true },
	{ "10.0.0.254", "8.8.8.8", 6, 80, O_HERE, OUT, ALLOW, R(NOT_SUBJECT) },
	{ "10.0.0.77", "10.9.0.1", 6, 80, T_HERE, OUT, DENY, R(UNKNOWN), 0, 0, 0, true },
	{ "10.0.0.77", "10.0.0.2", 6, 80, 0, IN, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "10.0.2.1", "8.8.8.8", 6, 80, 0, OUT, ALLOW, R(NOT_SUBJECT) },
	/* Neighbour discovery passes whatever else holds. */
	{ "fd00::1", "fd00::2", 58, 0, LINK, OUT, ALLOW, R(LINK), 0, 1 },
	{ "fd00::77", "fd00::2", 58, 0, LINK, OUT, ALLOW, R(LINK) },
	{ "fd00::77", "fd00::1", 58, 0, LINK, IN, ALLOW, R(LINK), 0, 1 },
	/* No tunnel around the doors: to any node, its own too, isolated or not. */
	{ "10.0.0.2", "10.9.0.2", 4, 0, 0, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "10.0.0.2", "10.9.0.1", 41, 0, 0, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "10.0.0.2", "10.9.0.1", 47, 0, 0, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "10.0.0.1", "10.9.0.2", 17, 4789, 0, OUT, DENY, R(TUNNEL), 0, 1 },
	{ "10.0.0.2", "192.168.0.1", 17, 8472, T_HERE, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "10.0.0.2", "192.168.0.1", 17, 8472, 0, OUT, ALLOW, R(NOT_ISOLATED), 0, 2, 0, true },
	{ "10.0.0.2", "10.9.0.2", 17, 4790, 0, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "10.0.0.2", "10.9.0.2", 6, 4789, 0, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "10.9.0.2", "10.0.0.2", 17, 4789, 0, IN, ALLOW, R(NOT_ISOLATED), 0, 2 },
};

static void vector_key(const struct vector *v, struct stk_key *key)
{
	key->opener = addr(v->opener);
	key->target = addr(v->target);
	key->proto = v->proto;
	key->port = v->port;
	key->flags = v->flags;
}

static void test_vectors(void **state)
{
	struct both *t = *state;
	u32 i;

	assert_int_equal(stk_snapshot_seal(t->snap, 1, NULL), 0);
	for (i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *want = &vectors[i];
		struct stk_verdict v;
		struct stk_key key;

		vector_key(want, &key);
		v = stk_match(t->snap, &key, want->door);
		if (v.verdict != want->verdict || v.reason != want->reason)
			print_message("# %s -> %s %u/%u door %u\n", want->opener, want->target,
				      want->port, want->proto, want->door);
		assert_int_equal(v.verdict, want->verdict);
		assert_int_equal(v.reason, want->reason);
		assert_int_equal(v.rule, want->rule);
		assert_int_equal(v.subject ? v.subject->object.id : 0, want->subject);
		assert_int_equal(v.peer_identity, want->peer);
		assert_int_equal(stk_match_wants_here(t->snap, &key, want->door, &v), want->wants);
		ref_compare_flow(&t->ref, t->snap, &key);
	}
}

static void test_unknown_accepted(void **state)
{
	struct both *t = *state;
	struct stk_key key = { addr("10.0.0.77"), addr("8.8.8.8"), 80, 6, 0 };
	struct stk_verdict v;

	put_config(t, STOCKADE_UNKNOWN_ACCEPT);
	assert_int_equal(stk_snapshot_seal(t->snap, 1, NULL), 0);
	v = stk_match(t->snap, &key, STOCKADE_DOOR_EGRESS);
	assert_int_equal(v.verdict, STOCKADE_VERDICT_ALLOW);
	assert_int_equal(v.reason, STOCKADE_REASON_UNKNOWN);
	assert_false(stk_match_wants_here(t->snap, &key, STOCKADE_DOOR_EGRESS, &v));
}

/* Every pair of addresses that means anything, every protocol that does, all flags. */
static void test_all_flows(void **state)
{
	static const char *const end[] = {
		"10.0.0.1", "fd00::1", "10.0.0.2", "10.0.1.1", "10.9.0.1", "10.9.0.2", "10.0.0.0",
		"10.0.0.255", "10.0.1.0", "fd00::2", "fd00:0:0:1::", "172.16.0.0", "172.15.255.255",
		"172.16.5.255", "0.0.0.0", "255.255.255.255", "::", "::1",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};
	static const u32 from[] = {
		0, 1 << 16, 4 << 16, 41 << 16, 47 << 16, 6 << 16 | 79, 6 << 16 | 80, 6 << 16 | 81,
		17 << 16 | 53, 17 << 16 | 4789, 17 << 16 | 8472, 6 << 16 | 4789, 255 << 16 | 65535,
	};
	const u32 n = sizeof(end) / sizeof(*end), m = sizeof(from) / sizeof(*from);
	struct both *t = *state;
	struct stk_key key;
	u32 i, o, d, flags;

	assert_int_equal(stk_snapshot_seal(t->snap, 1, NULL), 0);
	for (o = 0; o < n; o++) {
		key.opener = addr(end[o]);
		for (d = 0; d < n; d++) {
			key.target = addr(end[d]);
			for (i = 0; i < m; i++) {
				key.proto = from[i] >> 16;
				key.port = from[i];
				for (flags = 0; flags < 8; flags++) {
					key.flags = flags;
					ref_compare_flow(&t->ref, t->snap, &key);
				}
			}
		}
	}
}

/* Nested, adjacent and overlapping prefixes of both families, against every boundary. */
static void test_random_blocks(void **state)
{
	u64 seed = ref_seed();
	u32 round, rounds = ref_rounds(200), i, j;

	for (round = 0; round < rounds; round++) {
		struct both *t = *state;
		struct ref_world w;
		struct stk_key key = { .proto = 6, .port = 80, .opener = addr("10.0.0.1") };

		ref_world_init(&w, seed + round, 4, 12, 24);
		for (i = 0; i < 40; i++) {
			struct stk_block_def def = { w.addrs[ref_below(&w.rand, 24)],
				ref_below(&w.rand, 129), ref_below(&w.rand, 12) };

			if (stk_addr_is4(&def.addr))
				def.prefix = 96 + def.prefix % 33;
			for (j = def.prefix; j < 128; j++)
				def.addr.b[j / 8] &= ~(0x80 >> j % 8);
			PUT(t, block, &def);
			assert_int_equal(ref_put_block(&t->ref, &def), 0);
		}
		assert_int_equal(stk_snapshot_seal(t->snap, 1, NULL), 0);
		for (i = 0; i < t->ref.n_blocks; i++) {
			struct stk_block_def *b = &t->ref.blocks[i];

			key.target = b->addr;
			ref_compare_flow(&t->ref, t->snap, &key);
			for (j = b->prefix; j < 128; j++)
				key.target.b[j / 8] |= 0x80 >> j % 8;
			ref_compare_flow(&t->ref, t->snap, &key);
			for (j = 16; j-- > 0 && !++key.target.b[j];)
				;
			ref_compare_flow(&t->ref, t->snap, &key);
		}
		ref_world_free(&w);
		take_down(state);
		build(state);
	}
}

/* Identities that all begin their probe in the hash's last slot, so that it goes on at the first. */
static void test_program_probe_wraps(void **state)
{
	const struct stockade_step deny = { 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) };
	struct stockade_step allow[5];
	struct stk_map_def maps[6] = { { .steps = &deny, .n_steps = 1 } };
	struct stk_program_def def = { 1, maps, 5 };
	struct stk_program *program;
	u32 identity[5], id = 0, i;
	stk_why why;

	for (i = 0; i < 5; i++) {
		/* Four identities make a hash of eight slots. */
		do
			id++;
		while (stk_program_hash(id, 29) != 7);
		identity[i] = id;
		allow[i] = (struct stockade_step) { 0, STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, i + 1) };
		maps[i + 1] = (struct stk_map_def) { &identity[i], 1, &allow[i], 1, false };
	}
	assert_int_equal(stk_program_build(&def, &program, &why), 0);
	assert_int_equal(program->hash_mask, 7);
	for (i = 0; i < 4; i++)
		assert_int_equal(stk_program_find(program, identity[i], 0), i + 1);
	assert_int_equal(stk_program_find(program, identity[4], 0), deny.verdict);
	stk_object_put(&program->object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_vectors, build, take_down),
		cmocka_unit_test_setup_teardown(test_unknown_accepted, build, take_down),
		cmocka_unit_test_setup_teardown(test_all_flows, build, take_down),
		cmocka_unit_test_setup_teardown(test_random_blocks, build, take_down),
		cmocka_unit_test(test_program_probe_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
