// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "ip.h"

#define MAPPED_BITS 96	/* an IPv4 prefix length counts from here */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

bool ip_is4(const struct ip *ip)
{
	return !memcmp(ip->b, mapped, sizeof(mapped));
}

int ip_cmp(const struct ip *a, const struct ip *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

/* inet_pton refuses leading zeros and zones, as Go's net.ParseIP does. */
bool ip_parse(const char *s, struct ip *out)
{
	struct ip ip;

	if (strchr(s, ':')) {
		if (inet_pton(AF_INET6, s, ip.b) != 1)
			return false;
	} else {
		memcpy(ip.b, mapped, sizeof(mapped));
		if (inet_pton(AF_INET, s, ip.b + sizeof(mapped)) != 1)
			return false;
	}
	*out = ip;
	return true;
}

const char *ip_format(const struct ip *ip, char buf[static IP_STRLEN])
{
	if (ip_is4(ip))
		inet_ntop(AF_INET, ip->b + sizeof(mapped), buf, IP_STRLEN);
	else
		inet_ntop(AF_INET6, ip->b, buf, IP_STRLEN);
	return buf;
}

/* Zeroes the bits behind @prefix. */
static void mask(struct ip *ip, unsigned prefix)
{
	unsigned i = prefix / 8;

	if (prefix % 8)
		ip->b[i++] &= 0xff << (8 - prefix % 8);
	for (; i < sizeof(ip->b); i++)
		ip->b[i] = 0;
}

/* A decimal of at most @max without sign or leading zeros. */
static bool parse_prefix(const char *s, unsigned max, unsigned *out)
{
	unsigned n = 0;

	if (!*s || (s[0] == '0' && s[1]))
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (*s - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

/* "::ffff:10.0.0.0/104" is 10.0.0.0/8, as Go's net.IPNet has it. */
bool cidr_parse(const char *s, struct cidr *out)
{
	const char *slash = strchr(s, '/');
	char addr[IP_STRLEN];
	unsigned prefix;
	struct ip ip;
	bool v4;

	if (!slash || (size_t)(slash - s) >= sizeof(addr))
		return false;
	memcpy(addr, s, slash - s);
	addr[slash - s] = 0;
	v4 = !strchr(addr, ':');
	if (!ip_parse(addr, &ip) || !parse_prefix(slash + 1, v4 ? 32 : 128, &prefix))
		return false;
	if (v4)
		prefix += MAPPED_BITS;
	mask(&ip, prefix);
	*out = (struct cidr){ .ip = ip, .prefix = prefix };
	return true;
}

const char *cidr_format(const struct cidr *c, char buf[static CIDR_STRLEN])
{
	char addr[IP_STRLEN];

	snprintf(buf, CIDR_STRLEN, "%s/%u", ip_format(&c->ip, addr),
		 cidr_is4(c) ? c->prefix - MAPPED_BITS : c->prefix);
	return buf;
}

bool cidr_is4(const struct cidr *c)
{
	return c->prefix >= MAPPED_BITS && ip_is4(&c->ip);
}

bool cidr_contains(const struct cidr *c, const struct ip *ip)
{
	struct ip masked = *ip;

	if (cidr_is4(c) != ip_is4(ip))
		return false;
	mask(&masked, c->prefix);
	return !ip_cmp(&masked, &c->ip);
}

bool cidr_covers(const struct cidr *outer, const struct cidr *inner)
{
	return cidr_is4(outer) == cidr_is4(inner) && outer->prefix <= inner->prefix &&
	       cidr_contains(outer, &inner->ip);
}

int cidr_cmp(const struct cidr *a, const struct cidr *b)
{
	int c = ip_cmp(&a->ip, &b->ip);

	return c ? c : (int)a->prefix - (int)b->prefix;
}
