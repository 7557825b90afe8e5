/* SPDX-License-Identifier: GPL-2.0 */
/* header: an IP header of either family, extension headers walked over. */
#ifndef STK_HEADER_H
#define STK_HEADER_H

#include <linux/skbuff.h>
#include "match.h"

/**
 * struct stk_header - what an IP header says
 * @src: who sent it
 * @dst: to whom
 * @offset: of the transport header, from skb->data
 * @proto: IP protocol of that
 * @later_fragment: there is none at @offset, but the middle of a payload
 * @link: neighbour discovery or a multicast listener report, which no router passes on
 */
struct stk_header {
	struct stk_addr src, dst;
	unsigned int offset;
	u8 proto;
	bool later_fragment;
	bool link;
};

/**
 * stk_header_read() - read one
 * @skb: may be paged, is never changed
 * @offset: where the header is, from skb->data
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @h: filled
 *
 * Return: 0, or -EBADMSG: truncated, too many extension headers, or an
 * IPv4-mapped address where none may be.
 */
int stk_header_read(const struct sk_buff *skb, unsigned int offset, u8 family,
		    struct stk_header *h);

/* Has this protocol ports where TCP has them? */
static inline bool stk_proto_has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP || proto == IPPROTO_UDPLITE;
}

/* An IPv4 address, as a struct stk_addr has it. */
static inline void stk_addr_set_v4(struct stk_addr *a, __be32 v4)
{
	a->w[0] = 0;
	a->w[1] = 0;
	a->w[2] = htonl(0xffff);
	a->w[3] = v4;
}

static inline void stk_addr_set_v6(struct stk_addr *a, const struct in6_addr *v6)
{
	memcpy(a->b, v6->s6_addr, sizeof(a->b));
}

static inline bool stk_addr_is_v4(const struct stk_addr *a)
{
	return !(a->w[0] | a->w[1]) && a->w[2] == htonl(0xffff);
}

#endif
