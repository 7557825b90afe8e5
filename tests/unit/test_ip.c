// SPDX-License-Identifier: GPL-2.0
/* Addresses and prefixes: what is accepted, what it means, how it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/ip.h"

static struct ip ip(const char *s)
{
	struct ip out;

	if (!ip_parse(s, &out))
		fail_msg("%s does not parse", s);
	return out;
}

static struct cidr cidr(const char *s)
{
	struct cidr out;

	if (!cidr_parse(s, &out))
		fail_msg("%s does not parse", s);
	return out;
}

static void addresses_are_written_canonically(void **state)
{
	static const char *const vectors[][2] = {
		{ "10.0.0.1", "10.0.0.1" }, { "0.0.0.0", "0.0.0.0" }, { "255.255.255.255", "255.255.255.255" },
		{ "2001:DB8:0:0::1", "2001:db8::1" }, { "::", "::" }, { "::1", "::1" },
		{ "::ffff:10.0.0.1", "10.0.0.1" }, { "::ffff:a00:1", "10.0.0.1" }, { "fe80::1", "fe80::1" },
	};
	char buf[IP_STRLEN];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct ip a = ip(vectors[i][0]);

		assert_string_equal(ip_format(&a, buf), vectors[i][1]);
	}
}

static void malformed_addresses_leave_out_alone(void **state)
{
	static const char *const bad[] = {
		"", " ", "10.0.0", "10.0.0.256", "10.0.0.01", "010.0.0.1", "10.0.0.1 ", " 10.0.0.1", "10.0.0.1/32",
		"10.0.0.1.1", "0x0a.0.0.1", "1", "fe80::1%eth0", ":::", "1::2::3", "12345::", "::g", "::ffff:10.0.0.256",
		"[::1]", "10.0.0.-1", "a.b.c.d", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
	};
	struct ip out = ip("192.0.2.1"), before = out;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (ip_parse(bad[i], &out))
			fail_msg("\"%s\" parses", bad[i]);
		assert_int_equal(ip_cmp(&out, &before), 0);
	}
}

static void prefixes_are_masked(void **state)
{
	static const char *const vectors[][2] = {
		{ "10.1.2.3/8", "10.0.0.0/8" }, { "10.1.2.3/32", "10.1.2.3/32" }, { "10.1.2.3/0", "0.0.0.0/0" },
		{ "10.1.2.255/25", "10.1.2.128/25" }, { "2001:db8::ffff/33", "2001:db8::/33" }, { "::/0", "::/0" },
		{ "::1/128", "::1/128" }, { "::ffff:10.1.2.3/104", "10.0.0.0/8" }, { "::ffff:10.1.2.3/64", "::/64" },
		{ "2001:db8:ffff::/35", "2001:db8:e000::/35" },
	};
	char buf[CIDR_STRLEN];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct cidr c = cidr(vectors[i][0]);

		assert_string_equal(cidr_format(&c, buf), vectors[i][1]);
	}
}

static void malformed_prefixes_leave_out_alone(void **state)
{
	static const char *const bad[] = {
		"", "/", "10.0.0.0", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/+8",
		"10.0.0.0/8 ", "10.0.0.0/8/8", "10.0/8", "::/129", "::/1a", "10.0.0.0/99999999999", "10.0.0.0/255.0.0.0",
		"fe80::1%1/64", "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111/8",
	};
	struct cidr out = cidr("192.0.2.0/24"), before = out;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (cidr_parse(bad[i], &out))
			fail_msg("\"%s\" parses", bad[i]);
		assert_int_equal(cidr_cmp(&out, &before), 0);
	}
}

static void containment_never_crosses_families(void **state)
{
	static const struct {
		const char *cidr, *ip;
		bool in;
	} vectors[] = {
		{ "10.0.0.0/8", "10.255.255.255", true }, { "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/9", "10.128.0.0", false }, { "0.0.0.0/0", "1.2.3.4", true },
		{ "::/0", "2001:db8::1", true }, { "::/0", "1.2.3.4", false }, { "0.0.0.0/0", "2001:db8::1", false },
		{ "::/80", "1.2.3.4", false }, { "::ffff:0:0/96", "1.2.3.4", true }, { "0.0.0.0/0", "::1", false },
		{ "10.0.0.1/32", "10.0.0.1", true }, { "10.0.0.1/32", "10.0.0.0", false },
		{ "2001:db8::/33", "2001:db8:8000::", false }, { "2001:db8::/33", "2001:db8:7fff::", true },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct cidr c = cidr(vectors[i].cidr);
		struct ip a = ip(vectors[i].ip);

		if (cidr_contains(&c, &a) != vectors[i].in)
			fail_msg("%s and %s", vectors[i].cidr, vectors[i].ip);
	}
}

static bool covers(const char *outer, const char *inner)
{
	struct cidr o = cidr(outer), i = cidr(inner);

	return cidr_covers(&o, &i);
}

static void cover_is_a_partial_order(void **state)
{
	assert_true(covers("10.0.0.0/8", "10.0.0.0/8"));
	assert_true(covers("10.0.0.0/8", "10.1.0.0/16"));
	assert_false(covers("10.1.0.0/16", "10.0.0.0/8"));
	assert_false(covers("10.0.0.0/8", "11.0.0.0/16"));
	assert_false(covers("::/0", "10.0.0.0/8"));
	assert_false(covers("0.0.0.0/0", "::/0"));
	assert_true(covers("::/0", "2001:db8::/32"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_written_canonically),
		cmocka_unit_test(malformed_addresses_leave_out_alone),
		cmocka_unit_test(prefixes_are_masked),
		cmocka_unit_test(malformed_prefixes_leave_out_alone),
		cmocka_unit_test(containment_never_crosses_families),
		cmocka_unit_test(cover_is_a_partial_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
