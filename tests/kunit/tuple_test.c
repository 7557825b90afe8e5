// SPDX-License-Identifier: GPL-2.0
/* tuple: packets, given in hex, and which flow's they are, from which end, and what they do to it. */
#include <linux/in.h>
#include <linux/in6.h>
#include "fixture.h"
#include "tuple.h"

/* A: 10.0.0.1 or fd00::1, B: 10.0.0.2 or 2001:db8::2; in the map's order each family has its own. */
#define A4 "0a000001 "
#define B4 "0a000002 "
#define A6 "fd000000000000000000000000000001 "
#define B6 "20010db8000000000000000000000002 "
#define MAPPED "00000000000000000000ffff0a000001 "
#define V4(proto)	"45 00 0000 0000 0000 40 " proto " 0000 "
#define V6(next)	"60000000 0000 " next " 40 "
#define PORTS		"9c40 0050 "	/* 40000 -> 80 */
#define SWAPPED		"0050 9c40 "
#define TCP(flags)	"00000063 000003e7 50 " flags " 0000 0000 0000"	/* sequence 99, acknowledges 999 */
#define UDP		"0008 0000"
#define QUOTE_TCP	V4("06") A4 B4 PORTS "00000063"

#define NONE	(-ENOENT)
#define BAD	(-EBADMSG)

static const struct vector {
	const char *name;
	u8 family;
	const char *hex;
	int err;
	u8 kind;
	bool by_b;
	u8 proto;
	u16 port_a, port_b;	/* of ICMP: id of who asks, type for the other */
	bool plain;
} vectors[] = {
	{ "v4 tcp", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("10"), 0, STK_TUPLE_PLAIN, false,
	  IPPROTO_TCP, 40000, 80, true },
	{ "v4 tcp back", NFPROTO_IPV4, V4("06") B4 A4 SWAPPED TCP("18"), 0, STK_TUPLE_PLAIN, true,
	  IPPROTO_TCP, 40000, 80, true },
	{ "v4 tcp syn", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("c2"), 0, STK_TUPLE_OPEN, false,
	  IPPROTO_TCP, 40000, 80 },
	{ "v4 tcp syn ack", NFPROTO_IPV4, V4("06") B4 A4 SWAPPED TCP("12"), 0, STK_TUPLE_ANSWER, true,
	  IPPROTO_TCP, 40000, 80 },
	{ "v4 tcp fin", NFPROTO_IPV4, V4("06") B4 A4 SWAPPED TCP("11"), 0, STK_TUPLE_FIN, true,
	  IPPROTO_TCP, 40000, 80 },
	{ "v4 tcp rst", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("04"), 0, STK_TUPLE_RST, false,
	  IPPROTO_TCP, 40000, 80 },
	{ "v4 tcp without flags", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("00"), NONE },
	{ "v4 tcp syn fin", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("03"), NONE },
	{ "v4 tcp syn rst", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("06"), NONE },
	{ "v4 tcp fin alone", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("01"), NONE },
	{ "v4 tcp christmas", NFPROTO_IPV4, V4("06") A4 B4 PORTS TCP("3f"), NONE },
	{ "v4 tcp cut off", NFPROTO_IPV4, V4("06") A4 B4 PORTS "00000063 0000", NONE },
	{ "v4 tcp options", NFPROTO_IPV4, "46 00 0000 0000 0000 40 06 0000 " A4 B4 "01010101" PORTS TCP("10"),
	  0, STK_TUPLE_PLAIN, false, IPPROTO_TCP, 40000, 80 },
	{ "v4 udp", NFPROTO_IPV4, V4("11") A4 B4 PORTS UDP, 0, STK_TUPLE_PLAIN, false,
	  IPPROTO_UDP, 40000, 80, true },
	{ "v4 udp back", NFPROTO_IPV4, V4("11") B4 A4 SWAPPED UDP, 0, STK_TUPLE_PLAIN, true,
	  IPPROTO_UDP, 40000, 80, true },
	{ "v4 ports cut off", NFPROTO_IPV4, V4("11") A4 B4 "9c40", BAD },
	{ "v4 first fragment", NFPROTO_IPV4, "45 00 0000 0000 2000 40 11 0000 " A4 B4 PORTS UDP,
	  0, STK_TUPLE_PLAIN, false, IPPROTO_UDP, 40000, 80 },
	{ "v4 later fragment", NFPROTO_IPV4, "45 00 0000 0000 2001 40 11 0000 " A4 B4 PORTS UDP, NONE },
	{ "v4 sctp init", NFPROTO_IPV4, V4("84") A4 B4 PORTS "00000000 00000000 01", 0, STK_TUPLE_OPEN, false,
	  IPPROTO_SCTP, 40000, 80 },
	{ "v4 sctp init ack", NFPROTO_IPV4, V4("84") B4 A4 SWAPPED "00000000 00000000 02", 0,
	  STK_TUPLE_ANSWER, true, IPPROTO_SCTP, 40000, 80 },
	{ "v4 sctp abort", NFPROTO_IPV4, V4("84") A4 B4 PORTS "00000000 00000000 06", 0, STK_TUPLE_RST, false,
	  IPPROTO_SCTP, 40000, 80 },
	{ "v4 sctp data", NFPROTO_IPV4, V4("84") A4 B4 PORTS "00000000 00000000 00", 0, STK_TUPLE_PLAIN, false,
	  IPPROTO_SCTP, 40000, 80 },
	{ "v4 gre", NFPROTO_IPV4, V4("2f") B4 A4 "00000800", 0, STK_TUPLE_PLAIN, true, IPPROTO_GRE },
	{ "v4 echo", NFPROTO_IPV4, V4("01") B4 A4 "0800 0000 0007 0001", 0, STK_TUPLE_PLAIN, true,
	  IPPROTO_ICMP, 8, 7 },
	{ "v4 echo reply", NFPROTO_IPV4, V4("01") A4 B4 "0000 0000 0007 0001", 0, STK_TUPLE_ANSWER, false,
	  IPPROTO_ICMP, 8, 7 },
	{ "v4 timestamp", NFPROTO_IPV4, V4("01") A4 B4 "0d00 0000 0007 0001", 0, STK_TUPLE_PLAIN, false,
	  IPPROTO_ICMP, 7, 13 },
	{ "v4 unknown icmp", NFPROTO_IPV4, V4("01") A4 B4 "2a00 0000 0007 0001", NONE },
	{ "v4 unreachable", NFPROTO_IPV4, V4("01") B4 A4 "0303 0000 00000000" QUOTE_TCP, 0,
	  STK_TUPLE_RELATED, true, IPPROTO_TCP, 40000, 80 },
	{ "v4 from a router on the way", NFPROTO_IPV4, V4("01") "0a0000fe" A4 "0b00 0000 00000000" QUOTE_TCP, 0,
	  STK_TUPLE_RELATED, true, IPPROTO_TCP, 40000, 80 },
	{ "v4 to who did not send it", NFPROTO_IPV4, V4("01") A4 B4 "0303 0000 00000000" QUOTE_TCP, NONE },
	{ "v4 unreachable echo", NFPROTO_IPV4, V4("01") B4 A4 "0301 0000 00000000"
	  V4("01") A4 B4 "0800 0000 0007 0001", 0, STK_TUPLE_RELATED, true, IPPROTO_ICMP, 7, 8 },
	{ "v4 error about an error", NFPROTO_IPV4, V4("01") B4 A4 "0301 0000 00000000"
	  V4("01") A4 B4 "0301 0000 00000000", NONE },
	{ "v4 quotes little", NFPROTO_IPV4, V4("01") B4 A4 "0303 0000 00000000" V4("06") A4 B4 "9c", NONE },
	{ "v4 quotes nothing", NFPROTO_IPV4, V4("01") B4 A4 "0303 0000 00000000", NONE },
	{ "v6 tcp", NFPROTO_IPV6, V6("06") A6 B6 PORTS TCP("10"), 0, STK_TUPLE_PLAIN, false,
	  IPPROTO_TCP, 40000, 80, true },
	{ "v6 tcp back", NFPROTO_IPV6, V6("06") B6 A6 SWAPPED TCP("10"), 0, STK_TUPLE_PLAIN, true,
	  IPPROTO_TCP, 40000, 80, true },
	{ "v6 udp", NFPROTO_IPV6, V6("11") B6 A6 SWAPPED UDP, 0, STK_TUPLE_PLAIN, true,
	  IPPROTO_UDP, 40000, 80, true },
	{ "v6 options", NFPROTO_IPV6, V6("3c") A6 B6 "1100 000000000000" PORTS UDP, 0, STK_TUPLE_PLAIN, false,
	  IPPROTO_UDP, 40000, 80 },
	{ "v6 echo", NFPROTO_IPV6, V6("3a") A6 B6 "8000 0000 0007 0001", 0, STK_TUPLE_PLAIN, false,
	  IPPROTO_ICMPV6, 7, 128 },
	{ "v6 echo reply", NFPROTO_IPV6, V6("3a") B6 A6 "8100 0000 0007 0001", 0, STK_TUPLE_ANSWER, true,
	  IPPROTO_ICMPV6, 7, 128 },
	{ "v6 too big", NFPROTO_IPV6, V6("3a") "fd0000000000000000000000000000fe" A6 "0200 0000 00000500"
	  V6("06") A6 B6 PORTS "00000063", 0, STK_TUPLE_RELATED, true, IPPROTO_TCP, 40000, 80 },
	/* The quick reader does not look; the map never has such ends. */
	{ "v6 from a mapped address", NFPROTO_IPV6, V6("11") MAPPED B6 PORTS UDP, BAD, 0, false,
	  IPPROTO_UDP, 0, 0, true },
	{ "v6 to a mapped address", NFPROTO_IPV6, V6("11") A6 MAPPED PORTS UDP, BAD, 0, false,
	  IPPROTO_UDP, 0, 0, true },
	{ "v6 solicitation", NFPROTO_IPV6, "60000000 0000 3aff " A6 B6 "8700 0000 00000000", NONE },
};

static void describe(const struct vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(packets, vectors, describe);

/* Where A is among the ends of one of its packets. */
static unsigned int end_a(struct kunit *test, const struct stk_ends *ends)
{
	struct stk_addr a = fix_addr(test, ends->family == NFPROTO_IPV4 ? "10.0.0.1" : "fd00::1");

	if (ends->family == NFPROTO_IPV4)
		return ends->v4[0] != a.w[3];
	return memcmp(&ends->v6[0], &a, sizeof(a)) != 0;
}

static void expect_tuple(struct kunit *test, const struct vector *v, const struct stk_tuple *t)
{
	unsigned int a = end_a(test, &t->ends);

	KUNIT_EXPECT_EQ(test, t->kind, v->kind);
	KUNIT_EXPECT_EQ(test, t->from, v->by_b ? !a : a);
	KUNIT_EXPECT_EQ(test, t->ends.proto, v->proto);
	KUNIT_EXPECT_EQ(test, ntohs(t->ends.port[a]), v->port_a);
	KUNIT_EXPECT_EQ(test, ntohs(t->ends.port[!a]), v->port_b);
	if (v->proto == IPPROTO_TCP && v->kind != STK_TUPLE_RELATED) {
		KUNIT_EXPECT_EQ(test, t->seq, 100U);
		KUNIT_EXPECT_EQ(test, t->ack, 999U);
	}
}

static void is_read(struct kunit *test)
{
	const struct vector *v = test->param_value;
	u8 data[FIX_PACKET_MAX];
	size_t len = fix_bytes(test, v->hex, data), paged;
	struct stk_tuple t;

	/* Wherever it is split between the skb's head and a page. */
	for (paged = 0; paged <= len; paged++) {
		KUNIT_ASSERT_EQ(test, stk_tuple_read(fix_packet(test, data, len, paged, 14), v->family,
						     &t), v->err);
		if (!v->err)
			expect_tuple(test, v, &t);
	}
}

static bool plain(const struct sk_buff *skb, u8 family, struct stk_plain *p)
{
	bool is = family == NFPROTO_IPV4 ? stk_tuple_is_plain(skb, NFPROTO_IPV4, STK_TCP_ACK) :
					   stk_tuple_is_plain(skb, NFPROTO_IPV6, STK_TCP_ACK);

	if (is)
		*p = family == NFPROTO_IPV4 ? stk_tuple_read_plain(skb, NFPROTO_IPV4) :
					      stk_tuple_read_plain(skb, NFPROTO_IPV6);
	return is;
}

/* The quick reader takes what is plain, and nothing else, and says the same. */
static void plain_is_read_alike(struct kunit *test)
{
	const struct vector *v = test->param_value;
	u8 data[FIX_PACKET_MAX];
	size_t len = fix_bytes(test, v->hex, data), cut;
	struct stk_plain quick;
	struct stk_tuple t;

	KUNIT_ASSERT_EQ(test, plain(fix_packet(test, data, len, 0, 0), v->family, &quick), v->plain);
	if (!v->plain || v->err)
		return;
	KUNIT_ASSERT_EQ(test, stk_tuple_read(fix_packet(test, data, len, 0, 0), v->family, &t), 0);
	if (t.from)
		stk_words_turn(&quick.words, &quick.ports, v->family);
	KUNIT_EXPECT_EQ(test, memcmp(&quick.words, &t.ends.words, sizeof(quick.words)), 0);
	KUNIT_EXPECT_EQ(test, quick.ports, t.ends.ports);
	KUNIT_EXPECT_EQ(test, quick.proto, t.ends.proto);
	/* As the IP layer hands it over: its own header is in the head, more need not be. */
	for (cut = v->family == NFPROTO_IPV4 ? 20 : 40; cut < len; cut++)
		KUNIT_ASSERT_FALSE(test, plain(fix_packet(test, data, len, len - cut, 0), v->family,
					       &quick));
}

/* So does that of what flows begin with, but for a SYN's number. */
static void opening_is_read_alike(struct kunit *test)
{
	const struct vector *v = test->param_value;
	u8 data[FIX_PACKET_MAX];
	size_t len = fix_bytes(test, v->hex, data);
	struct stk_tuple quick, t;
	bool opening = stk_tuple_read_opening(fix_packet(test, data, len, 0, 0), v->family, &quick);
	bool syn = v->proto == IPPROTO_TCP && v->kind == STK_TUPLE_OPEN && data[0] == 0x45;

	if (!v->err)
		KUNIT_ASSERT_TRUE(test, opening || !(syn || (v->plain && v->proto == IPPROTO_UDP)));
	if (!opening)
		return;
	KUNIT_ASSERT_EQ(test, stk_tuple_read(fix_packet(test, data, len, 0, 0), v->family, &t), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&quick.ends.words, &t.ends.words, sizeof(t.ends.words)), 0);
	KUNIT_EXPECT_EQ(test, quick.ends.ports, t.ends.ports);
	KUNIT_EXPECT_EQ(test, quick.ends.kind, t.ends.kind);
	KUNIT_EXPECT_EQ(test, quick.kind, t.kind);
	KUNIT_EXPECT_TRUE(test, t.kind == STK_TUPLE_OPEN || t.ends.proto == IPPROTO_UDP);
}

/* Cut short, a packet is nobody's, or the same flow's. */
static void cut_short(struct kunit *test)
{
	const struct vector *v = test->param_value;
	u8 data[FIX_PACKET_MAX];
	size_t len = fix_bytes(test, v->hex, data), cut;
	struct stk_tuple t;
	int err;

	for (cut = 0; cut < len; cut++) {
		err = stk_tuple_read(fix_packet(test, data, cut, 0, 0), v->family, &t);
		if (err)
			KUNIT_ASSERT_TRUE(test, err == BAD || err == NONE);
		else
			expect_tuple(test, v, &t);
	}
}

static void keys_whichever_way(struct kunit *test)
{
	struct stk_addr a = fix_addr(test, "10.0.0.1"), b = fix_addr(test, "10.0.0.2");
	struct stk_tuple t = {
		.ends = { .v4 = { a.w[3], b.w[3] }, .port = { htons(40000), htons(80) },
			  .proto = IPPROTO_TCP, .family = NFPROTO_IPV4 },
	};
	struct stk_key forth, back;

	KUNIT_EXPECT_EQ(test, stk_tuple_key(&t, false, &forth), 40000);
	t.from = 1;
	KUNIT_EXPECT_EQ(test, stk_tuple_key(&t, true, &back), 40000);
	KUNIT_EXPECT_EQ(test, memcmp(&forth, &back, sizeof(forth)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&forth.opener, &a, sizeof(a)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&forth.target, &b, sizeof(b)), 0);
	KUNIT_EXPECT_EQ(test, forth.port, 80);
	KUNIT_EXPECT_EQ(test, stk_tuple_key(&t, false, &back), 80);
	KUNIT_EXPECT_EQ(test, back.port, 40000);
	t.ends.proto = IPPROTO_ICMP;
	KUNIT_EXPECT_EQ(test, stk_tuple_key(&t, false, &back), 0);
	KUNIT_EXPECT_EQ(test, back.port, 0);
}

/* Both ends may have one address, or one port. */
static void twins_are_told_apart(struct kunit *test)
{
	struct stk_ends forth = { .v4 = { htonl(1), htonl(1) }, .port = { htons(5), htons(6) } };
	struct stk_ends back = { .v4 = { htonl(1), htonl(1) }, .port = { htons(6), htons(5) } };
	u8 from = stk_words_sort(&forth.words, &forth.ports, NFPROTO_IPV4);

	KUNIT_EXPECT_NE(test, from, stk_words_sort(&back.words, &back.ports, NFPROTO_IPV4));
	KUNIT_EXPECT_EQ(test, memcmp(&forth, &back, sizeof(back)), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(is_read, packets_gen_params),
	KUNIT_CASE_PARAM(plain_is_read_alike, packets_gen_params),
	KUNIT_CASE_PARAM(opening_is_read_alike, packets_gen_params),
	KUNIT_CASE_PARAM(cut_short, packets_gen_params),
	KUNIT_CASE(keys_whichever_way),
	KUNIT_CASE(twins_are_told_apart),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-tuple",
	.test_cases = cases,
};

kunit_test_suite(suite);
