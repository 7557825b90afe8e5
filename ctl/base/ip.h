/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ip: addresses and prefixes of both families.  IPv4 is kept as ::ffff:a.b.c.d, so one
 * comparison serves both; an IPv4-mapped IPv6 literal is the IPv4 address.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

struct ip {
	uint8_t b[16];	/* network order */
};

struct cidr {
	struct ip ip;	/* host bits are zero */
	uint8_t prefix;	/* 0..128 in the mapped space: an IPv4 /24 is 120 */
};

#define IP_STRLEN 46
#define CIDR_STRLEN 50

bool ip_is4(const struct ip *ip);
int ip_cmp(const struct ip *a, const struct ip *b);
/* Strict: what Kubernetes accepts (no leading zeros, no zone).  False leaves *out alone. */
bool ip_parse(const char *s, struct ip *out);
const char *ip_format(const struct ip *ip, char buf[static IP_STRLEN]);
/* Accepts host bits and masks them, as Kubernetes does.  False leaves *out alone. */
bool cidr_parse(const char *s, struct cidr *out);
const char *cidr_format(const struct cidr *c, char buf[static CIDR_STRLEN]);
bool cidr_is4(const struct cidr *c);
bool cidr_contains(const struct cidr *c, const struct ip *ip);	/* false across families */
bool cidr_covers(const struct cidr *outer, const struct cidr *inner);
int cidr_cmp(const struct cidr *a, const struct cidr *b);

#endif
