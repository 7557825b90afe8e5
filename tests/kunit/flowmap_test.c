// SPDX-License-Identifier: GPL-2.0
/* flowmap: who opened a flow, how long that is known, and who goes when there is no room. */
#include <linux/bottom_half.h>
#include <linux/in.h>
#include <linux/prandom.h>
#include "fixture.h"
#include "flow.h"
#include "naive_flow.h"

#define SERIAL 5
#define FLOWS (STK_FLOW_WAYS * 1024)
#define NAIVE 12

/* A map, and counters for it. */
struct world {
	struct stk_flows *flows;
	u64 __percpu *stats;
	struct stk_kept answer;
};

static int setup(struct kunit *test)
{
	static const struct stk_verdict v[STOCKADE_DOORS] = {
		{ .reason = STOCKADE_REASON_NOT_ISOLATED }, { .reason = STOCKADE_REASON_RULE },
	};
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	test->priv = w;
	if (!w)
		return -ENOMEM;
	w->flows = stk_flows_alloc(FLOWS);
	w->stats = stk_stats_alloc();
	if (!w->flows || !w->stats)
		return -ENOMEM;
	w->answer = stk_stats_keep(w->stats, SERIAL, v);
	return 0;
}

static void teardown(struct kunit *test)
{
	struct world *w = test->priv;

	if (!w)
		return;
	stk_flows_free(w->flows);
	stk_stats_free(w->stats);
}

/* An empty one in place of the map. */
static void new_map(struct kunit *test, unsigned int flows)
{
	struct world *w = test->priv;

	stk_flows_free(w->flows);
	w->flows = stk_flows_alloc(flows);
	KUNIT_ASSERT_NOT_NULL(test, w->flows);
}

/* A packet from client @n, whose port is above the server's and address below, or to it. */
static struct stk_tuple packet(u8 family, u8 proto, u32 n, bool back, u8 kind)
{
	struct stk_tuple t = { .kind = kind, .ends = { .proto = proto, .family = family } };
	__be32 client = htonl(0x0a000000 + n), server = htonl(0xc0a80001);

	if (family == NFPROTO_IPV4) {
		t.ends.v4[back] = client;
		t.ends.v4[!back] = server;
	} else {
		t.ends.v6[back].s6_addr32[3] = client;
		t.ends.v6[!back].s6_addr32[0] = server;
	}
	t.ends.port[back] = htons(40000);
	t.ends.port[!back] = htons(80);
	t.from = stk_words_sort(&t.ends.words, &t.ends.ports, family);
	return t;
}

static struct stk_tuple tcp(u32 n, bool back, u8 kind)
{
	struct stk_tuple t = packet(NFPROTO_IPV4, IPPROTO_TCP, n, back, kind);

	/* The server's first number is 1000, nobody sends data. */
	t.seq = back ? 1001 : 501;
	t.ack = back ? 501 : 1001;
	return t;
}

static enum stk_flow_way find_at(struct world *w, struct stk_tuple t, u8 door, u64 serial, u32 now)
{
	struct stk_flow_packet p = { .t = t, .now = now };
	enum stk_flow_way way;

	local_bh_disable();
	way = stk_flow_find(w->flows, &p, door, serial, w->stats);
	local_bh_enable();
	return way;
}

/* At the first door, under a table that has not judged anything yet. */
static enum stk_flow_way meet(struct world *w, struct stk_tuple t, u32 now)
{
	return find_at(w, t, STOCKADE_DOOR_EGRESS, SERIAL + 1, now);
}

/* @t, which was new, opens its flow; but before it does @first has been seen by another CPU. */
static bool opens_after(struct world *w, struct stk_tuple t, const struct stk_tuple *first, u32 now)
{
	struct stk_flow_packet p = { .t = t, .now = now }, q = { .now = now };
	bool opened;

	local_bh_disable();
	stk_flow_find(w->flows, &p, STOCKADE_DOOR_EGRESS, SERIAL + 1, w->stats);
	if (first) {
		q.t = *first;
		stk_flow_find(w->flows, &q, STOCKADE_DOOR_EGRESS, SERIAL + 1, w->stats);
		stk_flow_open(w->flows, &q, &w->answer);
	}
	opened = stk_flow_open(w->flows, &p, &w->answer);
	local_bh_enable();
	return opened;
}

static bool opens(struct world *w, struct stk_tuple t, u32 now)
{
	return opens_after(w, t, NULL, now);
}

static void keeps(struct world *w, struct stk_tuple t, enum stk_flow_way way)
{
	struct stk_flow_packet p = { .t = t };

	local_bh_disable();
	stk_flow_find(w->flows, &p, STOCKADE_DOOR_INGRESS, 0, NULL);
	stk_flow_keep(w->flows, &p, way, &w->answer);
	local_bh_enable();
}

/* As a packet meets it whose flow is allowed: found, or opened. */
static enum stk_flow_way pass(struct world *w, struct stk_tuple t, u32 now)
{
	enum stk_flow_way way = meet(w, t, now);

	if (way == STK_FLOW_NEW)
		opens(w, t, now);
	return way;
}

static void handshake(struct world *w, u32 n, u32 now)
{
	pass(w, tcp(n, false, STK_TUPLE_OPEN), now);
	pass(w, tcp(n, true, STK_TUPLE_ANSWER), now);
	pass(w, tcp(n, false, STK_TUPLE_PLAIN), now);
}

static const struct kind { const char *name; u8 family, proto; } kinds[] = {
	{ "tcp", NFPROTO_IPV4, IPPROTO_TCP }, { "udp", NFPROTO_IPV4, IPPROTO_UDP },
	{ "gre", NFPROTO_IPV4, IPPROTO_GRE }, { "tcp6", NFPROTO_IPV6, IPPROTO_TCP },
	{ "udp6", NFPROTO_IPV6, IPPROTO_UDP }, { "sctp6", NFPROTO_IPV6, IPPROTO_SCTP },
};

static void describe_kind(const struct kind *k, char *desc)
{
	strscpy(desc, k->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kinds, kinds, describe_kind);

/* Whichever end is the lower in the map's order. */
static void the_first_packet_opens(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct world *w = test->priv;
	int back;

	for (back = 0; back < 2; back++) {
		struct stk_tuple forth = packet(k->family, k->proto, back, back, STK_TUPLE_PLAIN);
		struct stk_tuple answer = packet(k->family, k->proto, back, !back, STK_TUPLE_PLAIN);

		KUNIT_EXPECT_EQ(test, meet(w, forth, 0), STK_FLOW_NEW);
		KUNIT_EXPECT_EQ(test, meet(w, answer, 0), STK_FLOW_NEW);
		KUNIT_EXPECT_TRUE(test, opens(w, forth, 0));
		KUNIT_EXPECT_EQ(test, meet(w, answer, 0), STK_FLOW_BACK);
		KUNIT_EXPECT_EQ(test, meet(w, forth, 0), STK_FLOW_FORTH);
		KUNIT_EXPECT_EQ(test, meet(w, answer, 0), STK_FLOW_BACK);
		/* Another port is another flow. */
		answer.ends.port[0] ^= htons(256);
		KUNIT_EXPECT_EQ(test, meet(w, answer, 0), STK_FLOW_NEW);
	}
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, 0), 2U);
}

static void answers_and_ends_open_nothing(struct kunit *test)
{
	static const u8 none[] = { STK_TUPLE_ANSWER, STK_TUPLE_FIN, STK_TUPLE_RST, STK_TUPLE_RELATED };
	struct world *w = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(none); i++)
		KUNIT_EXPECT_EQ(test, meet(w, tcp(0, true, none[i]), 0), STK_FLOW_HEADER);
	KUNIT_EXPECT_EQ(test, meet(w, tcp(0, true, STK_TUPLE_PLAIN), 0), STK_FLOW_NEW);
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, 0), 0U);
}

/* Two CPUs saw the two ends of one flow, or one end, and neither found it. */
static void who_comes_second_goes_back(struct kunit *test)
{
	struct world *w = test->priv;
	struct stk_tuple back = tcp(0, true, STK_TUPLE_PLAIN), again = tcp(1, false, STK_TUPLE_PLAIN);

	KUNIT_EXPECT_FALSE(test, opens_after(w, tcp(0, false, STK_TUPLE_PLAIN), &back, 0));
	KUNIT_EXPECT_EQ(test, meet(w, tcp(0, false, STK_TUPLE_PLAIN), 0), STK_FLOW_BACK);
	KUNIT_EXPECT_TRUE(test, opens_after(w, again, &again, 0));
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, 0), 2U);
}

/* What an answer is worth: one table's packets, counted for it. */
static void answers_are_one_tables(struct kunit *test)
{
	struct world *w = test->priv;
	struct stk_tuple forth = tcp(0, false, STK_TUPLE_PLAIN), back = tcp(0, true, STK_TUPLE_PLAIN);
	unsigned int egress = stk_stats_index(0, STOCKADE_REASON_NOT_ISOLATED, STOCKADE_VERDICT_ALLOW);
	unsigned int ingress = stk_stats_index(1, STOCKADE_REASON_RULE, STOCKADE_VERDICT_ALLOW);
	struct stk_stat stat;

	opens(w, forth, 0);
	KUNIT_EXPECT_EQ(test, find_at(w, forth, 0, SERIAL, 0), STK_FLOW_ALLOWED);
	KUNIT_EXPECT_EQ(test, find_at(w, back, 0, SERIAL, 0), STK_FLOW_ALLOWED);
	KUNIT_EXPECT_EQ(test, find_at(w, back, 1, SERIAL, 0), STK_FLOW_ALLOWED);
	KUNIT_EXPECT_EQ(test, find_at(w, back, 1, SERIAL + 1, 0), STK_FLOW_BACK);
	stk_stats_read(w->stats, egress, &stat);
	KUNIT_EXPECT_EQ(test, stat.packets, 2ULL);
	stk_stats_read(w->stats, ingress, &stat);
	KUNIT_EXPECT_EQ(test, stat.packets, 1ULL);

	w->answer.serial = SERIAL + 1;
	keeps(w, forth, STK_FLOW_BACK);	/* judged the wrong way round */
	KUNIT_EXPECT_EQ(test, find_at(w, forth, 0, SERIAL + 1, 0), STK_FLOW_FORTH);
	keeps(w, back, STK_FLOW_BACK);
	KUNIT_EXPECT_EQ(test, find_at(w, forth, 0, SERIAL + 1, 0), STK_FLOW_ALLOWED);
	w->answer.serial = 0;
	keeps(w, back, STK_FLOW_BACK);
	KUNIT_EXPECT_EQ(test, find_at(w, forth, 0, SERIAL + 1, 0), STK_FLOW_FORTH);
}

/* The way without the lock says yes where the other would without changing anything. */
static enum stk_flow_glance quick(struct world *w, struct stk_tuple t, u8 family, u64 serial)
{
	struct stk_plain p = { t.ends.words, t.ends.ports, t.ends.proto };

	if (t.from)
		stk_words_turn(&p.words, &p.ports, family);
	return family == NFPROTO_IPV4 ?
	       stk_flow_glance(w->flows, p, NFPROTO_IPV4, STOCKADE_DOOR_EGRESS, &serial, &w->stats) :
	       stk_flow_glance(w->flows, p, NFPROTO_IPV6, STOCKADE_DOOR_EGRESS, &serial, &w->stats);
}

static bool opens_unknown(struct world *w, struct stk_tuple t)
{
	struct stk_flow_packet p = { .t = t, .now = stk_flow_now() };
	bool opened;

	local_bh_disable();
	opened = stk_flow_open_unknown(w->flows, &p, &w->answer);
	local_bh_enable();
	return opened;
}

/* Whoever may open a flow unseen does so only where there is none, not even one that is over. */
static void unknown_only(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct world *w = test->priv;
	struct stk_tuple forth = packet(k->family, k->proto, 0, false, STK_TUPLE_PLAIN);
	struct stk_tuple back = packet(k->family, k->proto, 0, true, STK_TUPLE_PLAIN);

	KUNIT_EXPECT_TRUE(test, opens_unknown(w, forth));
	KUNIT_EXPECT_FALSE(test, opens_unknown(w, forth));
	KUNIT_EXPECT_FALSE(test, opens_unknown(w, back));
	KUNIT_EXPECT_EQ(test, quick(w, forth, k->family, SERIAL), STK_FLOW_LET_THROUGH);
	KUNIT_EXPECT_EQ(test, meet(w, back, stk_flow_now()), STK_FLOW_BACK);
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, stk_flow_now()), 1U);
}

static void quickly(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct world *w = test->priv;
	struct stk_tuple forth = packet(k->family, k->proto, 0, false, STK_TUPLE_PLAIN);
	struct stk_tuple back = packet(k->family, k->proto, 0, true, STK_TUPLE_PLAIN);
	u32 now = stk_flow_now();

	KUNIT_EXPECT_EQ(test, quick(w, forth, k->family, SERIAL), STK_FLOW_NOT_SEEN);
	opens(w, forth, now);
	KUNIT_EXPECT_EQ(test, quick(w, forth, k->family, SERIAL), STK_FLOW_LET_THROUGH);
	KUNIT_EXPECT_EQ(test, quick(w, forth, k->family, SERIAL + 1), STK_FLOW_SEEN);
	KUNIT_EXPECT_EQ(test, quick(w, back, k->family, SERIAL), STK_FLOW_SEEN);	/* it is answered */
	meet(w, back, now);
	KUNIT_EXPECT_EQ(test, quick(w, back, k->family, SERIAL), STK_FLOW_LET_THROUGH);
	KUNIT_EXPECT_EQ(test, quick(w, forth, k->family, SERIAL), STK_FLOW_SEEN);	/* it is established */
	meet(w, forth, now);
	KUNIT_EXPECT_EQ(test, quick(w, back, k->family, SERIAL), STK_FLOW_LET_THROUGH);
	KUNIT_EXPECT_EQ(test, quick(w, forth, k->family, SERIAL), STK_FLOW_LET_THROUGH);
	forth.ends.ports++;
	KUNIT_EXPECT_EQ(test, quick(w, forth, k->family, SERIAL), STK_FLOW_NOT_SEEN);
}

/* Packets of a flow: f, b from either end, f and b as SYN, SYN+ACK, ... in capitals; idle is how long it is kept. */
static const struct life { const char *name; u8 proto; const char *packets; u32 idle; } lives[] = {
	{ "syn", IPPROTO_TCP, "S", 120 }, { "syn again", IPPROTO_TCP, "SS", 120 },
	{ "syn ack", IPPROTO_TCP, "Sa", 60 }, { "established", IPPROTO_TCP, "Saf", 432000 },
	{ "data", IPPROTO_TCP, "Safbfb", 432000 }, { "an end", IPPROTO_TCP, "SafF", 120 },
	{ "half an end", IPPROTO_TCP, "SafFbbfb", 120 }, { "both ends", IPPROTO_TCP, "SafFEf", 120 },
	{ "broken off", IPPROTO_TCP, "SafR", 10 }, { "refused", IPPROTO_TCP, "Sr", 10 },
	{ "refused, tried on", IPPROTO_TCP, "Srf", 10 }, { "not broken off after all", IPPROTO_TCP, "Safrb", 120 },
	{ "broken off, the other goes on", IPPROTO_TCP, "Safrf", 10 },
	{ "picked up", IPPROTO_TCP, "f", 120 }, { "picked up, both ways", IPPROTO_TCP, "fbf", 432000 },
	{ "an end before there was a flow", IPPROTO_TCP, "SF", 120 },
	{ "an acknowledgment of nothing", IPPROTO_TCP, "Saw", 60 },
	{ "an end of nothing", IPPROTO_TCP, "SaW", 60 },
	{ "answered by an end", IPPROTO_TCP, "SaEf", 432000 },
	{ "both opened", IPPROTO_TCP, "STf", 432000 },
	{ "query", IPPROTO_UDP, "f", 30 }, { "queries", IPPROTO_UDP, "fff", 30 },
	{ "query and response", IPPROTO_UDP, "fb", 30 }, { "conversation", IPPROTO_UDP, "fbf", 120 },
	{ "init", IPPROTO_SCTP, "S", 30 }, { "association", IPPROTO_SCTP, "Saf", 210 },
	{ "aborted association", IPPROTO_SCTP, "Safr", 10 },
	{ "pings", IPPROTO_ICMP, "fafa", 30 }, { "anything", IPPROTO_ESP, "fbf", 600 },
};

static void describe_life(const struct life *l, char *desc)
{
	strscpy(desc, l->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lives, lives, describe_life);

static struct stk_tuple packet_of(struct kunit *test, u8 proto, char c)
{
	static const char forth[] = "fSFRwW", back[] = "bTEra";
	static const u8 forth_kinds[] = { STK_TUPLE_PLAIN, STK_TUPLE_OPEN, STK_TUPLE_FIN, STK_TUPLE_RST,
					  STK_TUPLE_PLAIN, STK_TUPLE_FIN };
	static const u8 back_kinds[] = { STK_TUPLE_PLAIN, STK_TUPLE_OPEN, STK_TUPLE_FIN, STK_TUPLE_RST,
					 STK_TUPLE_ANSWER };
	const char *f = strchr(forth, c), *b = strchr(back, c);
	struct stk_tuple t;

	KUNIT_ASSERT_TRUE(test, f || b);
	t = tcp(0, !f, f ? forth_kinds[f - forth] : back_kinds[b - back]);
	t.ends.proto = proto;
	if (c == 'w' || c == 'W')
		t.ack += 0x20000;
	return t;
}

static void lives_so_long(struct kunit *test)
{
	const struct life *l = test->param_value;
	struct world *w = test->priv;
	struct stk_tuple error = packet_of(test, l->proto, 'b');
	u32 idle = STK_FLOW_TICKS(l->idle), now = 1000;
	const char *c;

	for (c = l->packets; *c; c++) {
		enum stk_flow_way way = pass(w, packet_of(test, l->proto, *c), now++);

		KUNIT_EXPECT_EQ(test, way, c == l->packets ? STK_FLOW_NEW :
				strchr("bTEra", *c) ? STK_FLOW_BACK : STK_FLOW_FORTH);
	}
	now--;
	/* Asked by an error, for that is no sign of life; another CPU's clock may be behind. */
	error.kind = STK_TUPLE_RELATED;
	KUNIT_EXPECT_EQ(test, meet(w, error, now - 1), STK_FLOW_BACK);
	KUNIT_EXPECT_EQ(test, meet(w, error, now + idle), STK_FLOW_BACK);
	KUNIT_EXPECT_EQ(test, meet(w, error, now + idle + 1), STK_FLOW_HEADER);
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, now + idle), 1U);
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, now + idle + 1), 0U);
	/* Then it is anybody's, and neither door knows it any more. */
	KUNIT_EXPECT_EQ(test, meet(w, packet_of(test, l->proto, 'b'), now + idle + 1), STK_FLOW_NEW);
	KUNIT_EXPECT_EQ(test, find_at(w, packet_of(test, l->proto, 'f'), 1, SERIAL, now + idle + 1),
			STK_FLOW_NEW);
}

static void reopened_by_either_end(struct kunit *test)
{
	struct world *w = test->priv;

	handshake(w, 0, 0);
	/* A SYN against a flow that stands is nobody's, and changes nothing. */
	KUNIT_EXPECT_EQ(test, meet(w, tcp(0, true, STK_TUPLE_OPEN), 0), STK_FLOW_HEADER);
	KUNIT_EXPECT_EQ(test, find_at(w, tcp(0, true, STK_TUPLE_OPEN), 1, SERIAL, 0), STK_FLOW_HEADER);
	KUNIT_EXPECT_EQ(test, meet(w, tcp(0, false, STK_TUPLE_OPEN), 0), STK_FLOW_FORTH);
	pass(w, tcp(0, false, STK_TUPLE_FIN), 0);
	KUNIT_EXPECT_EQ(test, meet(w, tcp(0, true, STK_TUPLE_OPEN), 0), STK_FLOW_HEADER);
	pass(w, tcp(0, true, STK_TUPLE_FIN), 0);
	KUNIT_EXPECT_EQ(test, pass(w, tcp(0, true, STK_TUPLE_OPEN), 0), STK_FLOW_NEW);
	KUNIT_EXPECT_EQ(test, meet(w, tcp(0, false, STK_TUPLE_ANSWER), 0), STK_FLOW_BACK);
	pass(w, tcp(0, false, STK_TUPLE_RST), 0);
	KUNIT_EXPECT_EQ(test, pass(w, tcp(0, false, STK_TUPLE_OPEN), 0), STK_FLOW_NEW);
	KUNIT_EXPECT_EQ(test, meet(w, tcp(0, true, STK_TUPLE_ANSWER), 0), STK_FLOW_BACK);
}

#define STANDING 100

static void expect_standing(struct kunit *test, u32 now)
{
	int i;

	for (i = 0; i < STANDING; i++)
		KUNIT_ASSERT_EQ_MSG(test, meet(test->priv, tcp(i, i % 2, STK_TUPLE_PLAIN), now),
				    i % 2 ? STK_FLOW_BACK : STK_FLOW_FORTH, "flow %d", i);
}

/*
 * A hundred connections in the smallest map, which a hundred thousand half-open ones run
 * against: with the server's answers, and with acknowledgments of what the sender never saw.
 */
static void floods_push_out_floods(struct kunit *test)
{
	struct world *w = test->priv;
	struct stk_tuple blind;
	int i;

	new_map(test, 1);
	for (i = 0; i < STANDING; i++)
		handshake(w, i, 10);
	for (i = 0; i < 100000; i++) {
		pass(w, tcp(1000 + i, false, STK_TUPLE_OPEN), 10 + i / 10000);
		if (i % 2)
			pass(w, tcp(1000 + i, true, STK_TUPLE_ANSWER), 10 + i / 10000);
		blind = tcp(1000 + i, false, i % 3 ? STK_TUPLE_PLAIN : STK_TUPLE_FIN);
		blind.ack = 7777777;
		pass(w, blind, 10 + i / 10000);
	}
	expect_standing(test, 20);
	KUNIT_EXPECT_GT(test, stk_flows_count(w->flows, 20), 200U);
	/* One that comes now is answered in time. */
	handshake(w, 500, 20);
	KUNIT_EXPECT_EQ(test, meet(w, tcp(500, true, STK_TUPLE_PLAIN), 20), STK_FLOW_BACK);
}

/* Among flows that all stand, the longest idle makes room; one that is over, before any. */
static void the_idle_go_first(struct kunit *test)
{
	struct world *w = test->priv;
	int i, missing = 0;

	new_map(test, 1);
	for (i = 0; i < STANDING; i++)
		handshake(w, i, 1000);
	for (i = 1000; i < 1000 + 5 * STK_FLOW_WAYS * STK_FLOW_REGION; i++) {
		expect_standing(test, 1000 + i);
		handshake(w, i, 900 + i);
	}
	for (i = 1000; i < 1000 + 5 * STK_FLOW_WAYS * STK_FLOW_REGION; i++)
		missing += meet(w, tcp(i, true, STK_TUPLE_FIN), 9000) == STK_FLOW_HEADER;
	KUNIT_EXPECT_GE(test, missing, 4 * STK_FLOW_WAYS * STK_FLOW_REGION);
}

/* Clients in a row take half the places; how many of them had to go? */
static int missing_of_half(struct kunit *test)
{
	struct world *w = test->priv;
	int missing = 0;
	u32 i;

	for (i = 0; i < FLOWS / 2; i++)
		handshake(w, i, 5);
	for (i = 0; i < FLOWS / 2; i++)
		missing += meet(w, tcp(i, true, STK_TUPLE_PLAIN), 5) != STK_FLOW_BACK;
	return missing;
}

/* Both buckets are made use of: with half the places taken one may have to go, by an unlucky secret. */
static void half_full_has_room(struct kunit *test)
{
	struct world *w = test->priv;
	int missing = missing_of_half(test);

	KUNIT_EXPECT_LE(test, missing, 2);
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, 5), FLOWS / 2 - missing);
	KUNIT_EXPECT_GE(test, stk_flows_memory(w->flows), 64UL * FLOWS);
}

/* By these secrets every second of them had to, while what is in a row stayed so up to the last multiplication. */
static void flows_in_a_row_spread(struct kunit *test)
{
	static const struct { u64 secret[2], odd; } bad[] = {
		{ { 0x2edfe9c7f2c3580d, 0x886475604ec6263b }, 0x6ffb4f03207b86ed },
		{ { 0xfd6ec3846a5b151e, 0x0410a6fb55bd79ea }, 0x103458073b7f3301 },
	};
	struct world *w = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		new_map(test, FLOWS);
		memcpy(w->flows->secret, bad[i].secret, sizeof(bad[i].secret));
		w->flows->odd = bad[i].odd;
		KUNIT_EXPECT_LE(test, missing_of_half(test), 2);
	}
}

/* Whatever comes, in whatever order, after whatever time. */
static void as_the_naive_map_says(struct kunit *test)
{
	static const u8 steps[] = { 0, 0, 0, 0, 1, 3, 9, 11, 29, 31, 59, 61, 119, 121 };
	struct naive_flow naive[NAIVE] = {};
	struct world *w = test->priv;
	struct rnd_state rnd;
	u32 i, n, now = 1000, there = 0;

	prandom_seed_state(&rnd, 42);
	for (i = 0; i < 200000; i++) {
		u32 r = prandom_u32_state(&rnd);
		bool back = r & 1;
		u8 proto, kind;
		struct stk_tuple t;
		enum stk_flow_way way;

		n = (r >> 8) % NAIVE;
		proto = n % 3 ? IPPROTO_TCP : IPPROTO_UDP;
		kind = proto == IPPROTO_TCP && r >> 28 < 8 ? (r >> 16) % 5 : STK_TUPLE_PLAIN;
		now += STK_FLOW_TICKS(steps[(r >> 20) % ARRAY_SIZE(steps)]);
		t = tcp(n, back, kind);
		t.ends.proto = proto;
		/* Each end acknowledges what the other's packets say. */
		t.seq = 1000 + (kind == STK_TUPLE_PLAIN);
		t.ack = 1001;
		way = naive_pass(&naive[n], proto, back, kind, now);
		KUNIT_ASSERT_EQ_MSG(test, pass(w, t, now), way, "step %u, flow %u, kind %u, back %d",
				    i, n, kind, back);
	}
	for (n = 0; n < NAIVE; n++)
		there += naive[n].there && now - naive[n].seen <= STK_FLOW_TICKS(naive_idle(&naive[n]));
	KUNIT_EXPECT_EQ(test, stk_flows_count(w->flows, now), there);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(the_first_packet_opens, kinds_gen_params),
	KUNIT_CASE(answers_and_ends_open_nothing),
	KUNIT_CASE(who_comes_second_goes_back),
	KUNIT_CASE(answers_are_one_tables),
	KUNIT_CASE_PARAM(quickly, kinds_gen_params),
	KUNIT_CASE_PARAM(unknown_only, kinds_gen_params),
	KUNIT_CASE_PARAM(lives_so_long, lives_gen_params),
	KUNIT_CASE(reopened_by_either_end),
	KUNIT_CASE(floods_push_out_floods),
	KUNIT_CASE(the_idle_go_first),
	KUNIT_CASE(half_full_has_room),
	KUNIT_CASE(flows_in_a_row_spread),
	KUNIT_CASE(as_the_naive_map_says),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-flowmap",
	.init = setup,
	.exit = teardown,
	.test_cases = cases,
};

kunit_test_suite(suite);
