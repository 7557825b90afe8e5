// SPDX-License-Identifier: GPL-2.0
/* header: an IP header of either family, extension headers walked over. */
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "header.h"

/* More extension headers than any honest packet has; the walk ends there. */
#define EXTHDRS_MAX 8

static int read_v4(const struct sk_buff *skb, unsigned int offset, struct stk_header *h)
{
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5 || skb->len < offset + iph->ihl * 4)
		return -EBADMSG;
	stk_addr_set_v4(&h->src, iph->saddr);
	stk_addr_set_v4(&h->dst, iph->daddr);
	h->proto = iph->protocol;
	h->offset = offset + iph->ihl * 4;
	h->later_fragment = iph->frag_off & htons(IP_OFFSET);
	return 0;
}

/* Steps over one extension header. */
static int step_exthdr(const struct sk_buff *skb, struct stk_header *h)
{
	const struct ipv6_opt_hdr *opt;
	const struct frag_hdr *frag;
	struct ipv6_opt_hdr optbuf;
	struct frag_hdr fragbuf;

	if (h->proto == NEXTHDR_FRAGMENT) {
		frag = skb_header_pointer(skb, h->offset, sizeof(fragbuf), &fragbuf);
		if (!frag)
			return -EBADMSG;
		h->later_fragment = frag->frag_off & htons(IP6_OFFSET);
		h->proto = frag->nexthdr;
		h->offset += sizeof(fragbuf);
		return 0;
	}
	opt = skb_header_pointer(skb, h->offset, sizeof(optbuf), &optbuf);
	if (!opt)
		return -EBADMSG;
	h->offset += h->proto == NEXTHDR_AUTH ? ipv6_authlen(opt) : ipv6_optlen(opt);
	h->proto = opt->nexthdr;
	return h->offset <= skb->len ? 0 : -EBADMSG;
}

static int walk_exthdrs(const struct sk_buff *skb, struct stk_header *h)
{
	int err, n = 0;

	while (ipv6_ext_hdr(h->proto) && h->proto != NEXTHDR_NONE && !h->later_fragment) {
		if (n++ == EXTHDRS_MAX)
			return -EBADMSG;
		err = step_exthdr(skb, h);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Traffic without which a link does not work and which never leaves it.  Routers
 * decrement the hop limit, so the values checked prove that it was sent here.
 */
static bool is_link_control(const struct ipv6hdr *ip6h, u8 type)
{
	int from;

	switch (type) {
	case NDISC_ROUTER_SOLICITATION:
	case NDISC_ROUTER_ADVERTISEMENT:
	case NDISC_NEIGHBOUR_SOLICITATION:
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
	case NDISC_REDIRECT:
		return ip6h->hop_limit == 255;
	case ICMPV6_MGM_QUERY:
	case ICMPV6_MGM_REPORT:
	case ICMPV6_MGM_REDUCTION:
	case ICMPV6_MLD2_REPORT:
		/* An interface that has no address yet reports from the unspecified one. */
		from = ipv6_addr_type(&ip6h->saddr);
		return ip6h->hop_limit == 1 &&
		       (from == IPV6_ADDR_ANY || from & IPV6_ADDR_LINKLOCAL);
	default:
		return false;
	}
}

static int read_v6(const struct sk_buff *skb, unsigned int offset, struct stk_header *h)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	const u8 *type;
	u8 typebuf;

	ip6h = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return -EBADMSG;
	stk_addr_set_v6(&h->src, &ip6h->saddr);
	stk_addr_set_v6(&h->dst, &ip6h->daddr);
	if (stk_addr_is_v4(&h->src) || stk_addr_is_v4(&h->dst))
		return -EBADMSG;
	h->proto = ip6h->nexthdr;
	h->offset = offset + sizeof(buf);
	if (walk_exthdrs(skb, h))
		return -EBADMSG;
	if (h->proto != IPPROTO_ICMPV6 || h->later_fragment)
		return 0;
	type = skb_header_pointer(skb, h->offset, sizeof(typebuf), &typebuf);
	if (!type)
		return -EBADMSG;
	h->link = is_link_control(ip6h, *type);
	return 0;
}

int stk_header_read(const struct sk_buff *skb, unsigned int offset, u8 family,
		    struct stk_header *h)
{
	*h = (struct stk_header){};
	switch (family) {
	case NFPROTO_IPV4:
		return read_v4(skb, offset, h);
	case NFPROTO_IPV6:
		return read_v6(skb, offset, h);
	default:
		return -EBADMSG;
	}
}
