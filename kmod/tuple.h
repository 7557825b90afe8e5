/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tuple: what a packet says of the flow it belongs to, the same whichever way it goes.
 *
 * The two ends are put in an order that is the packet's no longer: the lower address, then the
 * lower port, is end 0; in an echo and its like end 0 is who asks, since type and id
 * say which message is the question.  @from tells which end sent this packet.  An ICMP error
 * shows the tuple of the packet it speaks of, and goes against that.
 *
 * Conntrack's words are used where it has them: the flow map (flow.h) follows what conntrack follows.
 */
#ifndef STK_TUPLE_H
#define STK_TUPLE_H

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include "header.h"

/* What a packet does to its flow. */
enum stk_tuple_kind {
	STK_TUPLE_PLAIN,	/* goes on, or opens one where the protocol does not say how */
	STK_TUPLE_OPEN,		/* asks to open: SYN, INIT */
	STK_TUPLE_ANSWER,	/* answers that, opens nothing itself: SYN+ACK, echo reply */
	STK_TUPLE_FIN,		/* this end has said all */
	STK_TUPLE_RST,		/* it is over */
	STK_TUPLE_RELATED,	/* an ICMP error about it */
};

/* Two addresses: of IPv6 in @a, @b and @c, @d; of IPv4 in the halves of @a. */
struct stk_words {
	u64 a, b, c, d;
};

/**
 * struct stk_ends - the flow's key in the map
 * @v4: IPv4 addresses by end; what of @words is beside them is 0 then
 * @v6: IPv6 addresses by end
 * @words: either
 * @port: by end; for questions and answers of ICMP id and the question's type; else 0
 * @ports: the same as a word
 * @proto: IP protocol
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @kind: both, to be compared
 * @spare: no part of the key; whoever stores it has room here for what goes with it
 */
struct stk_ends {
	union {
		__be32 v4[2];
		struct in6_addr v6[2];
		struct stk_words words;
	};
	union {
		__be16 port[2];
		u32 ports;
	};
	union {
		struct {
			u8 proto;
			u8 family;
		};
		u16 kind;
	};
	u16 spare;
};

/* @kind of such ends. */
static __always_inline u16 stk_ends_kind(u8 proto, u8 family)
{
	return (__force u16)cpu_to_le16(family << 8 | proto);
}

/**
 * struct stk_tuple - a packet
 * @ends: its flow's
 * @from: which of them sent it, 0 or 1
 * @kind: enum stk_tuple_kind
 * @seq: of TCP: what an answer to this packet acknowledges if it holds no data
 * @ack: of TCP: what this packet acknowledges
 */
struct stk_tuple {
	struct stk_ends ends;
	u8 from;
	u8 kind;
	u32 seq, ack;
};

/**
 * stk_tuple_read() - a packet's tuple
 * @skb: with its network header set; may be paged, is never changed
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @t: filled
 *
 * Return: 0; -ENOENT: nothing to follow, what conntrack calls invalid or leaves untracked; -EBADMSG:
 * as stk_header_read(), or the ports are cut off.
 */
int stk_tuple_read(const struct sk_buff *skb, u8 family, struct stk_tuple *t);

/**
 * stk_tuple_read_opening() - stk_tuple_read() for what most flows begin with, UDP and SYN, in few instructions
 * @skb: at a hook, as for stk_tuple_is_plain()
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @t: filled if so, but for @seq and @ack
 *
 * Return: false in doubt; ask stk_tuple_read() then.
 */
bool stk_tuple_read_opening(const struct sk_buff *skb, u8 family, struct stk_tuple *t);

/**
 * stk_tuple_key() - the key of a packet's flow
 * @t: the packet
 * @back: it goes to the opener, not from it
 * @key: filled, no flags set
 *
 * Return: source port of the opener, host order; 0 for protocols without ports.
 */
u16 stk_tuple_key(const struct stk_tuple *t, bool back, struct stk_key *key);

static __always_inline void stk_words_swap(struct stk_words *w, u8 family)
{
	if (family == NFPROTO_IPV4) {
		w->a = rol64(w->a, 32);
	} else {
		swap(w->a, w->c);
		swap(w->b, w->d);
	}
}

/* The ends of a packet as one that goes the other way has them. */
static __always_inline void stk_words_turn(struct stk_words *w, u32 *ports, u8 family)
{
	stk_words_swap(w, family);
	*ports = rol32(*ports, 16);
}

/*
 * Puts the ends of a packet in the map's order; returns which of them sent it.  The order is of no
 * consequence as long as both directions come to the same.
 */
static __always_inline u8 stk_words_sort(struct stk_words *w, u32 *ports, u8 family)
{
	bool from_higher_port = (u16)*ports > (u16)(*ports >> 16), from;

	if (family == NFPROTO_IPV4) {
		u32 one = w->a, other = w->a >> 32;

		from = one > other || (one == other && from_higher_port);
	} else {
		from = w->a != w->c ? w->a > w->c : w->b != w->d ? w->b > w->d : from_higher_port;
	}
	if (from)
		stk_words_turn(w, ports, family);
	return from;
}

#define STK_TCP_FLAGS 13	/* offset in its header */
#define STK_TCP_FIN 0x01
#define STK_TCP_SYN 0x02
#define STK_TCP_RST 0x04
#define STK_TCP_ACK 0x10

/* A TCP segment with these flags and no other that matters, or a datagram, whole before @end? */
static __always_inline bool stk_transport_is(u8 proto, u8 flags, const u8 *transport,
					     const u8 *end)
{
	if (proto == IPPROTO_TCP)
		return transport + sizeof(struct tcphdr) <= end &&
		       (transport[STK_TCP_FLAGS] & (STK_TCP_FIN | STK_TCP_SYN | STK_TCP_RST |
						    STK_TCP_ACK)) == flags;
	return proto == IPPROTO_UDP && transport + sizeof(struct udphdr) <= end;
}

/**
 * struct stk_plain - a plain packet: what of its struct stk_tuple is not known anyway, source first
 * @words: its addresses; of IPv4 only @a is there
 * @ports: its ports
 * @proto: IP protocol
 *
 * Scalars, handed on by value, so that they live in registers.
 */
struct stk_plain {
	struct stk_words words;
	u32 ports;
	u8 proto;
};

static __always_inline struct stk_words stk_words_read(const void *addrs, u8 family)
{
	const u64 *word = addrs;

	if (family == NFPROTO_IPV4)
		return (struct stk_words){ .a = get_unaligned(word) };
	return (struct stk_words){
		.a = get_unaligned(word), .b = get_unaligned(word + 1),
		.c = get_unaligned(word + 2), .d = get_unaligned(word + 3),
	};
}

/* Where the transport header of an IP packet without options and extension headers lies. */
static __always_inline const u8 *stk_plain_transport(const struct sk_buff *skb, u8 family)
{
	return skb_network_header(skb) +
	       (family == NFPROTO_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

static __always_inline u32 stk_plain_proto(const struct sk_buff *skb, u8 family)
{
	return family == NFPROTO_IPV4 ? ip_hdr(skb)->protocol : ipv6_hdr(skb)->nexthdr;
}

/**
 * stk_tuple_is_plain() - may stk_tuple_read_plain() read it?
 * @skb: at a hook: its IP header lies in the head and was checked by the IP layer
 * @family: known where this is expanded
 * @flags: those of TCP; likewise: STK_TCP_ACK for what goes on, STK_TCP_SYN for what begins
 *
 * Return: false for all but such TCP, and UDP, without options and fragments.
 */
static __always_inline bool stk_tuple_is_plain(const struct sk_buff *skb, u8 family, u8 flags)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (family == NFPROTO_IPV4 &&
	    (*(const u8 *)iph != 0x45 || iph->frag_off & htons(IP_MF | IP_OFFSET)))
		return false;
	return stk_transport_is(stk_plain_proto(skb, family), flags,
				stk_plain_transport(skb, family), skb_tail_pointer(skb));
}

/* stk_tuple_read() for most packets, in few instructions. */
static __always_inline struct stk_plain stk_tuple_read_plain(const struct sk_buff *skb, u8 family)
{
	const void *addrs = family == NFPROTO_IPV4 ? (const void *)&ip_hdr(skb)->saddr :
						     (const void *)&ipv6_hdr(skb)->saddr;

	return (struct stk_plain){
		.words = stk_words_read(addrs, family),
		.ports = get_unaligned((const u32 *)stk_plain_transport(skb, family)),
		.proto = stk_plain_proto(skb, family),
	};
}

#endif
