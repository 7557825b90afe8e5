// SPDX-License-Identifier: GPL-2.0
/* key: packets and conntrack entries as flow keys. */
#include "key.h"

/* Expected connections of expected connections: as deep as helpers go, and then some. */
#define MASTERS_MAX 8

static int from_header(const struct sk_buff *skb, u8 family, struct stk_key *key, u16 *sport)
{
	struct stk_header h;
	const __be16 *ports;
	__be16 buf[2];
	int err;

	*key = (struct stk_key){};
	*sport = 0;
	err = stk_header_read(skb, skb_network_offset(skb), family, &h);
	if (err)
		return err;
	key->opener = h.src;
	key->target = h.dst;
	key->proto = h.proto;
	key->flags = h.link ? STK_KEY_LINK : 0;
	if (h.later_fragment || !stk_proto_has_ports(h.proto))
		return 0;
	ports = skb_header_pointer(skb, h.offset, sizeof(buf), buf);
	if (!ports)
		return -EBADMSG;
	*sport = ntohs(ports[0]);
	key->port = ntohs(ports[1]);
	return 0;
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
	stk_addr_set_v6(&key->opener, &orig->src.u3.in6);
	stk_addr_set_v6(&key->target, &reply->src.u3.in6);
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
