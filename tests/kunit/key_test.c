// SPDX-License-Identifier: GPL-2.0
/* key: packets, given in hex, and the flow each belongs to. */
#include <linux/in.h>
#include <linux/in6.h>
#include "fixture.h"
#include "key.h"

/* 10.0.0.1 -> 10.0.0.2 */
#define V4(ihl, frag, proto)	"4" ihl "00 0000 0000 " frag " 40" proto " 0000 0a000001 0a000002 "
/* fd00::1 -> 2001:db8::2 */
#define V6(next, hops)		"60000000 0000 " next hops " fd000000000000000000000000000001 " \
				"20010db8000000000000000000000002 "
#define V6_FROM(src, next, hops) "60000000 0000 " next hops " " src " ff020000000000000000000000000016 "
#define PORTS			"c001 0050 00000000 "	/* 49153 -> 80, and a little more */
#define MORE(next)		next "00 000000000000 "	/* an extension header of 8 bytes */
#define LINKLOCAL		"fe800000000000000000000000000001"
#define GLOBAL			"20010db8000000000000000000000001"
#define UNSPECIFIED		"00000000000000000000000000000000"

#define BAD	(-EBADMSG)

static const struct vector {
	const char *name;
	u8 family;
	const char *hex;
	int err;
	u8 proto;
	u16 port;
	u8 flags;
} vectors[] = {
	{ "v4 tcp", NFPROTO_IPV4, V4("5", "0000", "06") PORTS, 0, IPPROTO_TCP, 80 },
	{ "v4 udp", NFPROTO_IPV4, V4("5", "4000", "11") PORTS, 0, IPPROTO_UDP, 80 },
	{ "v4 sctp", NFPROTO_IPV4, V4("5", "0000", "84") PORTS, 0, IPPROTO_SCTP, 80 },
	{ "v4 dccp", NFPROTO_IPV4, V4("5", "0000", "21") PORTS, 0, IPPROTO_DCCP, 80 },
	{ "v4 udplite", NFPROTO_IPV4, V4("5", "0000", "88") PORTS, 0, IPPROTO_UDPLITE, 80 },
	{ "v4 options", NFPROTO_IPV4, V4("6", "0000", "06") "01010100 " PORTS, 0, IPPROTO_TCP, 80 },
	{ "v4 full of options", NFPROTO_IPV4, V4("f", "0000", "06")
	  "0101010101010101010101010101010101010101010101010101010101010101 0101010101010100" PORTS,
	  0, IPPROTO_TCP, 80 },
	{ "v4 icmp", NFPROTO_IPV4, V4("5", "0000", "01") "0800f7ff 00000000", 0, IPPROTO_ICMP, 0 },
	{ "v4 gre", NFPROTO_IPV4, V4("5", "0000", "2f") "00000800", 0, IPPROTO_GRE, 0 },
	{ "v4 no payload", NFPROTO_IPV4, V4("5", "0000", "32"), 0, IPPROTO_ESP, 0 },
	{ "v4 first fragment", NFPROTO_IPV4, V4("5", "2000", "11") PORTS, 0, IPPROTO_UDP, 80 },
	{ "v4 later fragment", NFPROTO_IPV4, V4("5", "2001", "11") PORTS, 0, IPPROTO_UDP, 0 },
	{ "v4 last fragment", NFPROTO_IPV4, V4("5", "00b9", "11") "ff", 0, IPPROTO_UDP, 0 },
	{ "v4 half a port", NFPROTO_IPV4, V4("5", "0000", "06") "c001 00", BAD },
	{ "v4 no ports", NFPROTO_IPV4, V4("5", "0000", "06"), BAD },
	{ "v4 options cut off", NFPROTO_IPV4, V4("6", "0000", "01") "0101", BAD },
	{ "v4 header too short", NFPROTO_IPV4, V4("4", "0000", "06") PORTS, BAD },
	{ "v4 says it is 6", NFPROTO_IPV4, V6("06", "40") PORTS, BAD },
	{ "v4 nothing", NFPROTO_IPV4, "", BAD },
	{ "arp", NFPROTO_ARP, V4("5", "0000", "06") PORTS, BAD },
	{ "v6 tcp", NFPROTO_IPV6, V6("06", "40") PORTS, 0, IPPROTO_TCP, 80 },
	{ "v6 udp", NFPROTO_IPV6, V6("11", "40") PORTS, 0, IPPROTO_UDP, 80 },
	{ "v6 sctp", NFPROTO_IPV6, V6("84", "40") PORTS, 0, IPPROTO_SCTP, 80 },
	{ "v6 hop-by-hop", NFPROTO_IPV6, V6("00", "40") MORE("06") PORTS, 0, IPPROTO_TCP, 80 },
	{ "v6 destination options", NFPROTO_IPV6, V6("3c", "40") "0601 000000000000 0000000000000000 " PORTS,
	  0, IPPROTO_TCP, 80 },
	{ "v6 routing", NFPROTO_IPV6, V6("2b", "40") MORE("11") PORTS, 0, IPPROTO_UDP, 80 },
	{ "v6 authentication", NFPROTO_IPV6, V6("33", "40") "0604 0000 00000000 00000000 000000000000000000000000 "
	  PORTS, 0, IPPROTO_TCP, 80 },
	{ "v6 three in a row", NFPROTO_IPV6, V6("00", "40") MORE("3c") MORE("2b") MORE("06") PORTS,
	  0, IPPROTO_TCP, 80 },
	{ "v6 eight in a row", NFPROTO_IPV6, V6("3c", "40") MORE("3c") MORE("3c") MORE("3c") MORE("3c")
	  MORE("3c") MORE("3c") MORE("3c") MORE("06") PORTS, 0, IPPROTO_TCP, 80 },
	{ "v6 more than that", NFPROTO_IPV6, V6("3c", "40") MORE("3c") MORE("3c") MORE("3c") MORE("3c")
	  MORE("3c") MORE("3c") MORE("3c") MORE("3c") MORE("06") PORTS, BAD },
	{ "v6 first fragment", NFPROTO_IPV6, V6("2c", "40") "0600 0001 00000007 " PORTS, 0, IPPROTO_TCP, 80 },
	{ "v6 later fragment", NFPROTO_IPV6, V6("2c", "40") "1100 0009 00000007 " PORTS, 0, IPPROTO_UDP, 0 },
	{ "v6 atomic fragment", NFPROTO_IPV6, V6("2c", "40") "1100 0000 00000007 " PORTS, 0, IPPROTO_UDP, 80 },
	{ "v6 options in a fragment", NFPROTO_IPV6, V6("2c", "40") "3c00 0001 00000007 " MORE("06") PORTS,
	  0, IPPROTO_TCP, 80 },
	{ "v6 later fragment of options", NFPROTO_IPV6, V6("2c", "40") "3c00 0009 00000007 ffff",
	  0, IPPROTO_DSTOPTS, 0 },
	{ "v6 esp", NFPROTO_IPV6, V6("32", "40") "00000001", 0, IPPROTO_ESP, 0 },
	{ "v6 nothing next", NFPROTO_IPV6, V6("3b", "40"), 0, IPPROTO_NONE, 0 },
	{ "v6 ping", NFPROTO_IPV6, V6("3a", "ff") "8000 0000", 0, IPPROTO_ICMPV6, 0 },
	{ "v6 extension cut off", NFPROTO_IPV6, V6("00", "40") "06", BAD },
	{ "v6 extension too long", NFPROTO_IPV6, V6("00", "40") "06ff 000000000000 " PORTS, BAD },
	{ "v6 fragment header cut off", NFPROTO_IPV6, V6("2c", "40") "0600 0000", BAD },
	{ "v6 no ports", NFPROTO_IPV6, V6("06", "40") "c001", BAD },
	{ "v6 icmp without a type", NFPROTO_IPV6, V6("3a", "40"), BAD },
	{ "v6 says it is 4", NFPROTO_IPV6, V4("5", "0000", "06") PORTS "0000000000000000000000000000", BAD },
	{ "v6 half a header", NFPROTO_IPV6, "60000000 0000 0640 fd000000", BAD },
	{ "v6 from a mapped address", NFPROTO_IPV6,
	  V6_FROM("00000000000000000000ffff0a000001", "06", "40") PORTS, BAD },
	{ "neighbour solicitation", NFPROTO_IPV6, V6_FROM(LINKLOCAL, "3a", "ff") "8700", 0,
	  IPPROTO_ICMPV6, 0, STK_KEY_LINK },
	{ "neighbour advertisement", NFPROTO_IPV6, V6_FROM(GLOBAL, "3a", "ff") "8800", 0,
	  IPPROTO_ICMPV6, 0, STK_KEY_LINK },
	{ "router solicitation", NFPROTO_IPV6, V6_FROM(UNSPECIFIED, "3a", "ff") "8500", 0,
	  IPPROTO_ICMPV6, 0, STK_KEY_LINK },
	{ "a solicitation from afar", NFPROTO_IPV6, V6_FROM(LINKLOCAL, "3a", "fe") "8700", 0,
	  IPPROTO_ICMPV6, 0 },
	{ "listener report", NFPROTO_IPV6, V6_FROM(LINKLOCAL, "00", "01") "3a00 05020000 0100 8f00", 0,
	  IPPROTO_ICMPV6, 0, STK_KEY_LINK },
	{ "listener report, no address yet", NFPROTO_IPV6, V6_FROM(UNSPECIFIED, "3a", "01") "8f00", 0,
	  IPPROTO_ICMPV6, 0, STK_KEY_LINK },
	{ "listener report, global", NFPROTO_IPV6, V6_FROM(GLOBAL, "3a", "01") "8f00", 0, IPPROTO_ICMPV6, 0 },
	{ "listener report from afar", NFPROTO_IPV6, V6_FROM(LINKLOCAL, "3a", "40") "8f00", 0,
	  IPPROTO_ICMPV6, 0 },
};

static void describe(const struct vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(packets, vectors, describe);

#define LINK_HEADER 14

static void expect_key(struct kunit *test, const struct vector *v, const struct stk_key *key)
{
	struct stk_addr opener = fix_addr(test, v->family == NFPROTO_IPV4 ? "10.0.0.1" : "fd00::1");
	struct stk_addr target = fix_addr(test, v->family == NFPROTO_IPV4 ? "10.0.0.2" : "2001:db8::2");

	KUNIT_EXPECT_EQ(test, key->proto, v->proto);
	KUNIT_EXPECT_EQ(test, key->port, v->port);
	KUNIT_EXPECT_EQ(test, key->flags, v->flags);
	if (key->target.b[0] == 0xff)	/* to a multicast group: V6_FROM */
		return;
	KUNIT_EXPECT_EQ(test, memcmp(&key->opener, &opener, sizeof(opener)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&key->target, &target, sizeof(target)), 0);
}

static void is_read(struct kunit *test)
{
	const struct vector *v = test->param_value;
	u8 data[FIX_PACKET_MAX];
	size_t len = fix_bytes(test, v->hex, data), at;
	struct stk_key key;

	for (at = 0; at <= LINK_HEADER; at += LINK_HEADER) {
		KUNIT_ASSERT_EQ(test, stk_key_from_packet(fix_packet(test, data, len, 0, at), v->family, &key),
				v->err);
		if (!v->err)
			expect_key(test, v, &key);
	}
}

/* Wherever the packet is split between the skb's head and a page. */
static void is_read_paged(struct kunit *test)
{
	const struct vector *v = test->param_value;
	u8 data[FIX_PACKET_MAX];
	size_t len = fix_bytes(test, v->hex, data), paged;
	struct stk_key key;

	for (paged = 1; paged <= len; paged++) {
		KUNIT_ASSERT_EQ_MSG(test, stk_key_from_packet(fix_packet(test, data, len, paged, 0),
							      v->family, &key),
				    v->err, "%zu bytes in a page", paged);
		if (!v->err)
			expect_key(test, v, &key);
	}
}

/* A packet cut short is either told as such or shows the same flow. */
static void cut_short(struct kunit *test)
{
	const struct vector *v = test->param_value;
	u8 data[FIX_PACKET_MAX];
	size_t len = fix_bytes(test, v->hex, data), cut;
	struct stk_key key;
	int err;

	for (cut = 0; cut < len; cut++) {
		err = stk_key_from_packet(fix_packet(test, data, cut, 0, 0), v->family, &key);
		if (err) {
			KUNIT_ASSERT_EQ_MSG(test, err, BAD, "%zu bytes", cut);
			continue;
		}
		KUNIT_ASSERT_EQ_MSG(test, v->err, 0, "%zu bytes are read, %zu are not", cut, len);
		expect_key(test, v, &key);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(is_read, packets_gen_params),
	KUNIT_CASE_PARAM(is_read_paged, packets_gen_params),
	KUNIT_CASE_PARAM(cut_short, packets_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-key",
	.test_cases = cases,
};

kunit_test_suite(suite);
