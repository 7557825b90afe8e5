// SPDX-License-Identifier: GPL-2.0
/* key: packets and conntrack entries as flow keys. */
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "key.h"

/* More extension headers than any honest packet has; the walk ends there. */
#define EXTHDRS_MAX 8

/* Expected connections of expected connections: as deep as helpers go, and then some. */
#define MASTERS_MAX 8

static void addr_set_v6(struct stk_addr *a, const struct in6_addr *v6)
{
	memcpy(a->b, v6->s6_addr, sizeof(a->b));
}

/* Source and destination port of a transport header at @offset, -EBADMSG if they are cut off. */
static int read_ports(const struct sk_buff *skb, unsigned int offset, u16 *sport, u16 *dport)
{
	const __be16 *ports;
	__be16 buf[2];

	ports = skb_header_pointer(skb, offset, sizeof(buf), buf);
	if (!ports)
		return -EBADMSG;
	*sport = ntohs(ports[0]);
	*dport = ntohs(ports[1]);
	return 0;
}

static int from_v4(const struct sk_buff *skb, struct stk_key *key, u16 *sport)
{
	int offset = skb_network_offset(skb);
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5 || skb->len < offset + iph->ihl * 4)
		return -EBADMSG;
	stk_addr_set_v4(&key->opener, iph->saddr);
	stk_addr_set_v4(&key->target, iph->daddr);
	key->proto = iph->protocol;
	if (iph->frag_off & htons(IP_OFFSET) || !stk_proto_has_ports(key->proto))
		return 0;
	return read_ports(skb, offset + iph->ihl * 4, sport, &key->port);
}

/* Where the walk over IPv6 extension headers stands. */
struct walk {
	unsigned int offset;	/* of the next header, from skb->data */
	u8 next;		/* its type */
	bool later_fragment;	/* it is no header but the middle of a payload */
};

/* Steps over one extension header. */
static int step_exthdr(const struct sk_buff *skb, struct walk *w)
{
	const struct ipv6_opt_hdr *opt;
	const struct frag_hdr *frag;
	struct ipv6_opt_hdr optbuf;
	struct frag_hdr fragbuf;

	if (w->next == NEXTHDR_FRAGMENT) {
		frag = skb_header_pointer(skb, w->offset, sizeof(fragbuf), &fragbuf);
		if (!frag)
			return -EBADMSG;
		w->later_fragment = frag->frag_off & htons(IP6_OFFSET);
		w->next = frag->nexthdr;
		w->offset += sizeof(fragbuf);
		return 0;
	}
	opt = skb_header_pointer(skb, w->offset, sizeof(optbuf), &optbuf);
	if (!opt)
		return -EBADMSG;
	w->offset += w->next == NEXTHDR_AUTH ? ipv6_authlen(opt) : ipv6_optlen(opt);
	w->next = opt->nexthdr;
	return w->offset <= skb->len ? 0 : -EBADMSG;
}

static int walk_exthdrs(const struct sk_buff *skb, struct walk *w)
{
	int err, n = 0;

	while (ipv6_ext_hdr(w->next) && w->next != NEXTHDR_NONE && !w->later_fragment) {
		if (n++ == EXTHDRS_MAX)
			return -EBADMSG;
		err = step_exthdr(skb, w);
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

static int from_v6(const struct sk_buff *skb, struct stk_key *key, u16 *sport)
{
	int offset = skb_network_offset(skb);
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	const u8 *type;
	struct walk w;
	u8 typebuf;

	ip6h = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return -EBADMSG;
	addr_set_v6(&key->opener, &ip6h->saddr);
	addr_set_v6(&key->target, &ip6h->daddr);
	if (stk_addr_is_v4(&key->opener) || stk_addr_is_v4(&key->target))
		return -EBADMSG;
	w = (struct walk){ .offset = offset + sizeof(buf), .next = ip6h->nexthdr };
	if (walk_exthdrs(skb, &w))
		return -EBADMSG;
	key->proto = w.next;
	if (w.later_fragment)
		return 0;
	if (stk_proto_has_ports(key->proto))
		return read_ports(skb, w.offset, sport, &key->port);
	if (key->proto == IPPROTO_ICMPV6) {
		type = skb_header_pointer(skb, w.offset, sizeof(typebuf), &typebuf);
		if (!type)
			return -EBADMSG;
		if (is_link_control(ip6h, *type))
			key->flags |= STK_KEY_LINK;
	}
	return 0;
}

static int from_header(const struct sk_buff *skb, u8 family, struct stk_key *key, u16 *sport)
{
	*key = (struct stk_key){};
	*sport = 0;
	switch (family) {
	case NFPROTO_IPV4:
		return from_v4(skb, key, sport);
	case NFPROTO_IPV6:
		return from_v6(skb, key, sport);
	default:
		return -EBADMSG;
	}
}

int stk_key_from_packet(const struct sk_buff *skb, u8 family, struct stk_key *key)
{
	u16 sport;

	return from_header(skb, family, key, &sport);
}

/*
 * An expected connection (a helper's) is judged as the flow that announced it.  ct holds a
 * reference on its master for as long as it lives, and never changes it once it is seen.
 */
static const struct nf_conn *master_of(const struct nf_conn *ct)
{
	int n;

	for (n = 0; ct->master && n < MASTERS_MAX; n++)
		ct = ct->master;
	return ct;
}

int stk_key_from_ct(const struct nf_conn *ct, struct stk_key *key)
{
	const struct nf_conntrack_tuple *orig, *reply;

	ct = master_of(ct);
	orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	key->proto = orig->dst.protonum;
	key->port = stk_proto_has_ports(key->proto) ? ntohs(reply->src.u.all) : 0;
	key->flags = 0;
	if (orig->src.l3num == NFPROTO_IPV4) {
		stk_addr_set_v4(&key->opener, orig->src.u3.ip);
		stk_addr_set_v4(&key->target, reply->src.u3.ip);
		return 0;
	}
	addr_set_v6(&key->opener, &orig->src.u3.in6);
	addr_set_v6(&key->target, &reply->src.u3.in6);
	return stk_addr_is_v4(&key->opener) || stk_addr_is_v4(&key->target) ? -EBADMSG : 0;
}

int stk_key_read(const struct sk_buff *skb, u8 family, struct stk_key *key)
{
	const struct nf_conn *ct = stk_key_ct(skb);

	return ct ? stk_key_from_ct(ct, key) : stk_key_from_packet(skb, family, key);
}

void stk_key_origin(const struct sk_buff *skb, u8 family, struct stk_origin *origin)
{
	const struct nf_conn *ct = stk_key_ct(skb);
	const struct nf_conntrack_tuple *orig;
	enum ip_conntrack_info ctinfo;
	struct stk_key key;

	origin->reply = false;
	if (!ct) {
		if (from_header(skb, family, &key, &origin->sport))
			origin->sport = 0;
		return;
	}
	orig = &master_of(ct)->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	origin->sport = stk_proto_has_ports(orig->dst.protonum) ? ntohs(orig->src.u.all) : 0;
	nf_ct_get(skb, &ctinfo);
	origin->reply = CTINFO2DIR(ctinfo) == IP_CT_DIR_REPLY;
}
