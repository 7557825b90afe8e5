// SPDX-License-Identifier: GPL-2.0
/* match: one table, and what each door must say to each flow. */
#include <linux/in.h>
#include <linux/in6.h>
#include "fixture.h"

#define POD_CIDR	"10.0.0.0/24"
#define ISOLATED	"10.0.0.1"	/* subject 1: programs in both directions */
#define OPEN		"10.0.0.2"	/* subject 2: no program */
#define OPEN6		"fd00::2"	/* subject 2's other address */
#define AUDITED		"10.0.0.3"	/* subject 3: ingress program that only audits */
#define UNKNOWN		"10.0.0.77"	/* in the pod CIDR, in no table */
#define PEER		"10.1.0.3"	/* identity 30, a pod of another node */
#define OWN_NODE	"10.9.0.1"
#define OTHER_NODE	"10.9.0.2"
#define ALLOWED_BLOCK	"192.168.1.1"	/* identity 50 */
#define HOLE		"192.168.5.1"	/* carved out of it: identity 0 */
#define INNER_BLOCK	"192.168.5.129"	/* identity 51, inside the hole */
#define BLOCK6		"2001:db8::1"	/* identity 52 */
#define STRANGER	"203.0.113.9"	/* no endpoint, no block */

enum { ID_ISOLATED = 10, ID_OPEN = 20, ID_AUDITED = 25, ID_PEER = 30, ID_OWN = 40, ID_OTHER = 41 };

static const struct stockade_step deny_all[] = { FIX_DENY(0, 0, 1) };
static const struct stockade_step allow_all[] = { FIX_ALLOW(0, 0, 2) };
static const struct stockade_step audit_all[] = { FIX_WOULD_DENY(0, 0, 8) };
/* TCP 80, TCP 8000-8100 and TCP 65535, nothing else. */
static const struct stockade_step some_tcp[] = {
	FIX_DENY(0, 0, 0), FIX_ALLOW(IPPROTO_TCP, 80, 3), FIX_DENY(IPPROTO_TCP, 81, 0),
	FIX_ALLOW(IPPROTO_TCP, 8000, 4), FIX_DENY(IPPROTO_TCP, 8101, 0),
	FIX_ALLOW(IPPROTO_TCP, 65535, 5), FIX_DENY(IPPROTO_TCP + 1, 0, 0),
};

static const struct stockade_step only_icmp[] = {
	FIX_DENY(0, 0, 0), FIX_ALLOW(IPPROTO_ICMP, 0, 6), FIX_DENY(IPPROTO_ICMP + 1, 0, 0),
};

static const struct stockade_step only_proto_255[] = {
	FIX_DENY(0, 0, 0), FIX_ALLOW(255, 0, 7),
};

static const u32 in_some_tcp[] = { ID_OPEN, ID_PEER };
static const u32 in_allow_all[] = { 50, 52 };
static const u32 in_only_icmp[] = { 51 };
static const u32 in_only_255[] = { ID_AUDITED };
static const u32 out_deny[] = { ID_PEER };
static const u32 out_unnamed[] = { STOCKADE_IDENTITY_NONE };

static const struct stk_map_def ingress_maps[] = {
	FIX_DEFAULT_MAP(deny_all), FIX_MAP(in_some_tcp, some_tcp), FIX_MAP(in_allow_all, allow_all),
	FIX_MAP(in_only_icmp, only_icmp), FIX_MAP(in_only_255, only_proto_255),
};

static const struct stk_map_def egress_maps[] = {
	FIX_DEFAULT_MAP(allow_all), FIX_MAP(out_deny, deny_all), FIX_MAP(out_unnamed, some_tcp),
};

static const struct stk_map_def audit_maps[] = { FIX_DEFAULT_MAP(audit_all) };

static struct stk_snapshot *table(struct kunit *test, u8 unknown)
{
	static const char *const cidrs[] = { POD_CIDR, "fd00::/64", NULL };
	struct stk_snapshot *cand = fix_candidate(test);

	fix_config(test, cand, cidrs, 4789, unknown);
	fix_program(test, cand, 1, ingress_maps, ARRAY_SIZE(ingress_maps));
	fix_program(test, cand, 2, egress_maps, ARRAY_SIZE(egress_maps));
	fix_program(test, cand, 3, audit_maps, ARRAY_SIZE(audit_maps));
	fix_subject(test, cand, 1, "shop/isolated", 1, 2);
	fix_subject(test, cand, 2, "shop/open", 0, 0);
	fix_subject(test, cand, 3, "shop/audited", 3, 0);
	fix_endpoint(test, cand, ISOLATED, ID_ISOLATED, 1, 0);
	fix_endpoint(test, cand, OPEN, ID_OPEN, 2, 0);
	fix_endpoint(test, cand, OPEN6, ID_OPEN, 2, 0);
	fix_endpoint(test, cand, "fd00::1", ID_ISOLATED, 1, 0);
	fix_endpoint(test, cand, AUDITED, ID_AUDITED, 3, 0);
	fix_endpoint(test, cand, PEER, ID_PEER, 0, 0);
	fix_endpoint(test, cand, OWN_NODE, ID_OWN, 0,
		     STOCKADE_ENDPOINT_F_NODE | STOCKADE_ENDPOINT_F_OWN_NODE);
	fix_endpoint(test, cand, OTHER_NODE, ID_OTHER, 0, STOCKADE_ENDPOINT_F_NODE);
	fix_put_block(test, cand, "192.168.0.0/16", 50);
	fix_put_block(test, cand, "192.168.5.0/24", STOCKADE_IDENTITY_NONE);
	fix_put_block(test, cand, "192.168.5.128/25", 51);
	fix_put_block(test, cand, "2001:db8::/32", 52);
	fix_seal(test, cand, 7);
	return cand;
}

struct vector {
	const char *name, *opener, *target;
	u8 proto;
	u16 port;
	u8 door;	/* enum stockade_door */
	u8 verdict, reason;
	u32 rule, subject;
	u8 flags;
};

#define IN	STOCKADE_DOOR_INGRESS
#define OUT	STOCKADE_DOOR_EGRESS
#define ALLOW	STOCKADE_VERDICT_ALLOW
#define DENY	STOCKADE_VERDICT_DENY
#define WOULD	STOCKADE_VERDICT_WOULD_DENY
#define R(x)	STOCKADE_REASON_##x

static const struct vector vectors[] = {
	{ "the port of a rule", PEER, ISOLATED, IPPROTO_TCP, 80, IN, ALLOW, R(RULE), 3, 1 },
	{ "the port below", PEER, ISOLATED, IPPROTO_TCP, 79, IN, DENY, R(RULE), 0, 1 },
	{ "the port above", PEER, ISOLATED, IPPROTO_TCP, 81, IN, DENY, R(RULE), 0, 1 },
	{ "a range's first", PEER, ISOLATED, IPPROTO_TCP, 8000, IN, ALLOW, R(RULE), 4, 1 },
	{ "a range's last", PEER, ISOLATED, IPPROTO_TCP, 8100, IN, ALLOW, R(RULE), 4, 1 },
	{ "past a range", PEER, ISOLATED, IPPROTO_TCP, 8101, IN, DENY, R(RULE), 0, 1 },
	{ "the last port", PEER, ISOLATED, IPPROTO_TCP, 65535, IN, ALLOW, R(RULE), 5, 1 },
	{ "the next protocol", PEER, ISOLATED, IPPROTO_TCP + 1, 0, IN, DENY, R(RULE), 0, 1 },
	{ "another protocol", PEER, ISOLATED, IPPROTO_UDP, 80, IN, DENY, R(RULE), 0, 1 },
	{ "sctp", PEER, ISOLATED, IPPROTO_SCTP, 80, IN, DENY, R(RULE), 0, 1 },
	{ "a local peer", OPEN, ISOLATED, IPPROTO_TCP, 80, IN, ALLOW, R(RULE), 3, 1 },
	{ "a block", ALLOWED_BLOCK, ISOLATED, IPPROTO_UDP, 53, IN, ALLOW, R(RULE), 2, 1 },
	{ "a hole in it", HOLE, ISOLATED, IPPROTO_UDP, 53, IN, DENY, R(RULE), 1, 1 },
	{ "a block in the hole", INNER_BLOCK, ISOLATED, IPPROTO_UDP, 53, IN, DENY, R(RULE), 0, 1 },
	{ "no ports to speak of", INNER_BLOCK, ISOLATED, IPPROTO_ICMP, 0, IN, ALLOW, R(RULE), 6, 1 },
	{ "the last protocol", AUDITED, ISOLATED, 255, 0, IN, ALLOW, R(RULE), 7, 1 },
	{ "the last but one", AUDITED, ISOLATED, 254, 0, IN, DENY, R(RULE), 0, 1 },
	{ "an IPv6 block", BLOCK6, "fd00::1", IPPROTO_TCP, 1, IN, ALLOW, R(RULE), 2, 1 },
	{ "an IPv6 peer", OPEN6, "fd00::1", IPPROTO_TCP, 80, IN, ALLOW, R(RULE), 3, 1 },
	{ "an IPv6 peer, other port", OPEN6, "fd00::1", IPPROTO_TCP, 82, IN, DENY, R(RULE), 0, 1 },
	{ "a block's first", "192.168.0.0", ISOLATED, IPPROTO_UDP, 53, IN, ALLOW, R(RULE), 2, 1 },
	{ "before it", "192.167.255.255", ISOLATED, IPPROTO_UDP, 53, IN, DENY, R(RULE), 1, 1 },
	{ "a block's last", "192.168.255.255", ISOLATED, IPPROTO_UDP, 53, IN, ALLOW, R(RULE), 2, 1 },
	{ "behind it", "192.169.0.0", ISOLATED, IPPROTO_UDP, 53, IN, DENY, R(RULE), 1, 1 },
	{ "the hole's first", "192.168.5.0", ISOLATED, IPPROTO_UDP, 53, IN, DENY, R(RULE), 1, 1 },
	{ "the hole's last", "192.168.5.127", ISOLATED, IPPROTO_ICMP, 0, IN, DENY, R(RULE), 1, 1 },
	{ "inner block's first", "192.168.5.128", ISOLATED, IPPROTO_ICMP, 0, IN, ALLOW, R(RULE), 6, 1 },
	{ "behind the inner block", "192.168.6.0", ISOLATED, IPPROTO_UDP, 1, IN, ALLOW, R(RULE), 2, 1 },
	{ "an IPv6 block's first", "2001:db8::", "fd00::1", IPPROTO_TCP, 1, IN, ALLOW, R(RULE), 2, 1 },
	{ "an IPv6 block's last", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "fd00::1", IPPROTO_TCP, 1, IN,
	  ALLOW, R(RULE), 2, 1 },
	{ "behind it, IPv6", "2001:db9::", "fd00::1", IPPROTO_TCP, 1, IN, DENY, R(RULE), 1, 1 },
	{ "a stranger", STRANGER, ISOLATED, IPPROTO_TCP, 80, IN, DENY, R(RULE), 1, 1 },
	{ "out to a denied peer", ISOLATED, PEER, IPPROTO_TCP, 80, OUT, DENY, R(RULE), 1, 1 },
	{ "out to a stranger", ISOLATED, STRANGER, IPPROTO_TCP, 80, OUT, ALLOW, R(RULE), 3, 1 },
	{ "out to a stranger, udp", ISOLATED, STRANGER, IPPROTO_UDP, 80, OUT, DENY, R(RULE), 0, 1 },
	{ "out to a hole", ISOLATED, HOLE, IPPROTO_TCP, 443, OUT, DENY, R(RULE), 0, 1 },
	{ "out to the default", ISOLATED, OPEN, IPPROTO_UDP, 1, OUT, ALLOW, R(RULE), 2, 1 },
	{ "audit", STRANGER, AUDITED, IPPROTO_TCP, 22, IN, WOULD, R(RULE), 8, 3 },
	{ "audit has no egress", AUDITED, STRANGER, IPPROTO_TCP, 22, OUT, ALLOW, R(NOT_ISOLATED), 0, 3 },
	{ "not isolated, in", STRANGER, OPEN, IPPROTO_TCP, 22, IN, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "not isolated, out", OPEN, STRANGER, IPPROTO_TCP, 22, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "not isolated, IPv6", OPEN6, BLOCK6, IPPROTO_TCP, 22, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "nobody's flow, out", PEER, ISOLATED, IPPROTO_TCP, 81, OUT, ALLOW, R(NOT_SUBJECT), 0, 0 },
	{ "nobody's flow, in", ISOLATED, PEER, IPPROTO_TCP, 81, IN, ALLOW, R(NOT_SUBJECT), 0, 0 },
	{ "a stranger to another", STRANGER, BLOCK6, IPPROTO_TCP, 1, IN, ALLOW, R(NOT_SUBJECT), 0, 0 },
	{ "itself", ISOLATED, ISOLATED, IPPROTO_TCP, 81, IN, ALLOW, R(SELF), 0, 1 },
	{ "itself, out", ISOLATED, ISOLATED, IPPROTO_TCP, 81, OUT, ALLOW, R(SELF), 0, 1 },
	{ "from its own node", OWN_NODE, ISOLATED, IPPROTO_TCP, 81, IN, ALLOW, R(OWN_NODE), 0, 1 },
	{ "to its own node", ISOLATED, OWN_NODE, IPPROTO_TCP, 81, OUT, ALLOW, R(OWN_NODE), 0, 1 },
	{ "from another node", OTHER_NODE, ISOLATED, IPPROTO_TCP, 81, IN, DENY, R(RULE), 1, 1 },
	{ "from an address that is here", STRANGER, ISOLATED, IPPROTO_TCP, 81, IN, ALLOW,
	  R(OWN_NODE), 0, 1, STK_KEY_OPENER_HERE },
	{ "to an address that is here", ISOLATED, STRANGER, IPPROTO_UDP, 81, OUT, ALLOW,
	  R(OWN_NODE), 0, 1, STK_KEY_TARGET_HERE },
	{ "the wrong end is here", PEER, ISOLATED, IPPROTO_TCP, 81, IN, DENY,
	  R(RULE), 0, 1, STK_KEY_TARGET_HERE },
	{ "neighbours, in", STRANGER, ISOLATED, IPPROTO_ICMPV6, 0, IN, ALLOW,
	  R(LINK), 0, 1, STK_KEY_LINK },
	{ "unknown, out", UNKNOWN, STRANGER, IPPROTO_TCP, 80, OUT, DENY, R(UNKNOWN), 0, 0 },
	{ "unknown, in", STRANGER, UNKNOWN, IPPROTO_TCP, 80, IN, DENY, R(UNKNOWN), 0, 0 },
	{ "unknown, IPv6", "fd00::77", BLOCK6, IPPROTO_TCP, 80, OUT, DENY, R(UNKNOWN), 0, 0 },
	{ "unknown asks in", UNKNOWN, ISOLATED, IPPROTO_TCP, 80, IN, DENY, R(RULE), 1, 1 },
	{ "ipip to a node", OPEN, OTHER_NODE, IPPROTO_IPIP, 0, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "sit to a node", OPEN, OTHER_NODE, IPPROTO_IPV6, 0, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "gre to a node", OPEN, OTHER_NODE, IPPROTO_GRE, 0, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "gre to its own node", OPEN, OWN_NODE, IPPROTO_GRE, 0, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "vxlan to a node", OPEN, OTHER_NODE, IPPROTO_UDP, 4789, OUT, DENY, R(TUNNEL), 0, 2 },
	{ "vxlan to its own node", ISOLATED, OWN_NODE, IPPROTO_UDP, 4789, OUT, DENY, R(TUNNEL), 0, 1 },
	{ "vxlan to what is here", ISOLATED, STRANGER, IPPROTO_UDP, 4789, OUT, DENY,
	  R(TUNNEL), 0, 1, STK_KEY_TARGET_HERE },
	{ "another port to a node", OPEN, OTHER_NODE, IPPROTO_UDP, 4790, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "tcp to the overlay port", OPEN, OTHER_NODE, IPPROTO_TCP, 4789, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "vxlan to a pod", OPEN, PEER, IPPROTO_UDP, 4789, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
	{ "gre to a stranger", OPEN, STRANGER, IPPROTO_GRE, 0, OUT, ALLOW, R(NOT_ISOLATED), 0, 2 },
};

static void describe(const struct vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(match, vectors, describe);

static struct stk_key key_of(struct kunit *test, const struct vector *v)
{
	return (struct stk_key){
		.opener = fix_addr(test, v->opener), .target = fix_addr(test, v->target),
		.proto = v->proto, .port = v->port, .flags = v->flags,
	};
}

static u32 subject_id(const struct stk_snapshot *snap, const struct stk_subject *subject)
{
	const struct stk_subject *at;
	struct stk_subject_def def;
	u32 n;

	for (n = 0; stk_snapshot_nth_subject(snap, n, &def, &at); n++)
		if (at == subject)
			return def.id;
	return 0;
}

static void says(struct kunit *test)
{
	const struct vector *v = test->param_value;
	const struct stk_snapshot *snap = table(test, STOCKADE_UNKNOWN_DROP);
	const struct stk_key key = key_of(test, v);
	struct stk_verdict is = stk_match(snap, &key, v->door);

	KUNIT_EXPECT_EQ(test, is.verdict, v->verdict);
	KUNIT_EXPECT_EQ(test, is.reason, v->reason);
	KUNIT_EXPECT_EQ(test, is.rule, v->rule);
	KUNIT_EXPECT_EQ(test, subject_id(snap, is.subject), v->subject);
}

/* Where stk_match_wants_here() says no, knowing more must change nothing. */
static void wants_here_is_honest(struct kunit *test)
{
	const struct vector *v = test->param_value;
	const struct stk_snapshot *snap = table(test, STOCKADE_UNKNOWN_DROP);
	struct stk_key key = key_of(test, v);
	struct stk_verdict before = stk_match(snap, &key, v->door), after;

	if (stk_match_wants_here(snap, &key, v->door, &before))
		return;
	key.flags |= v->door == IN ? STK_KEY_OPENER_HERE : STK_KEY_TARGET_HERE;
	after = stk_match(snap, &key, v->door);
	KUNIT_EXPECT_EQ(test, after.verdict, before.verdict);
}

static void unknown_may_be_accepted(struct kunit *test)
{
	const struct stk_snapshot *snap = table(test, STOCKADE_UNKNOWN_ACCEPT);
	struct stk_key key = {
		.opener = fix_addr(test, UNKNOWN), .target = fix_addr(test, STRANGER),
		.proto = IPPROTO_TCP, .port = 80,
	};
	struct stk_verdict is = stk_match(snap, &key, OUT);

	KUNIT_EXPECT_EQ(test, is.verdict, ALLOW);
	KUNIT_EXPECT_EQ(test, is.reason, R(UNKNOWN));
}

static void peer_identity_is_told(struct kunit *test)
{
	const struct stk_snapshot *snap = table(test, STOCKADE_UNKNOWN_DROP);
	struct stk_key key = {
		.opener = fix_addr(test, INNER_BLOCK), .target = fix_addr(test, ISOLATED),
		.proto = IPPROTO_TCP, .port = 80,
	};

	KUNIT_EXPECT_EQ(test, stk_match(snap, &key, IN).peer_identity, 51U);
	key.opener = fix_addr(test, PEER);
	KUNIT_EXPECT_EQ(test, stk_match(snap, &key, IN).peer_identity, (u32)ID_PEER);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(says, match_gen_params),
	KUNIT_CASE_PARAM(wants_here_is_honest, match_gen_params),
	KUNIT_CASE(unknown_may_be_accepted),
	KUNIT_CASE(peer_identity_is_told),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-match",
	.test_cases = cases,
};

kunit_test_suite(suite);
