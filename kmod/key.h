/* SPDX-License-Identifier: GPL-2.0 */
/*
 * key: a packet in, the key of the flow it belongs to out.
 *
 * The one place that knows where a flow's direction comes from.  Today that is
 * conntrack; a packet conntrack does not follow is a flow of its own.
 */
#ifndef STK_KEY_H
#define STK_KEY_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>
#include "header.h"
#include "match.h"

/**
 * struct stk_origin - what an event tells of a packet beyond its flow's key
 * @sport: source port of the flow's opener, host order; 0 for protocols without ports
 * @reply: the packet goes against the flow's direction
 */
struct stk_origin {
	u16 sport;
	bool reply;
};

/**
 * stk_key_read() - the flow of a packet at a hook
 * @skb: with its network header set and checked by the IP layer
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @key: filled, the HERE flags unset
 *
 * Return: 0, or -EBADMSG if no flow can be read from the packet.
 */
int stk_key_read(const struct sk_buff *skb, u8 family, struct stk_key *key);

/* What stk_key_read() leaves out, for events: the same packet, same rules. */
void stk_key_origin(const struct sk_buff *skb, u8 family, struct stk_origin *origin);

/* The entry conntrack has for this packet, or NULL: untracked, invalid, or a mere template. */
static inline const struct nf_conn *stk_key_ct(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return ct && likely(!nf_ct_is_template(ct)) ? ct : NULL;
}

/**
 * stk_key_from_packet() - a packet's own header as a flow's key
 * @skb: with its network header set; may be paged, is never changed
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @key: filled; @port is 0 in fragments but the first
 *
 * Return: 0, or -EBADMSG: truncated, too many extension headers, or an
 * IPv4-mapped address where none may be.
 */
int stk_key_from_packet(const struct sk_buff *skb, u8 family, struct stk_key *key);

/**
 * stk_key_from_ct() - the key of a flow conntrack follows
 * @ct: not a template; expected connections are judged as their master
 * @key: filled
 *
 * Return: 0, or -EBADMSG if the flow has IPv4-mapped IPv6 addresses.
 */
int stk_key_from_ct(const struct nf_conn *ct, struct stk_key *key);

#endif
