// SPDX-License-Identifier: GPL-2.0
/* tuple: what a packet says of the flow it belongs to. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include "tuple.h"

static void set_addrs(struct stk_ends *ends, const struct stk_header *h)
{
	if (ends->family == NFPROTO_IPV4) {
		ends->v4[0] = h->src.w[3];
		ends->v4[1] = h->dst.w[3];
	} else {
		memcpy(&ends->v6[0], &h->src, sizeof(ends->v6[0]));
		memcpy(&ends->v6[1], &h->dst, sizeof(ends->v6[1]));
	}
}

/* Flags that no honest segment has together are nobody's. */
static int tcp_kind(u8 flags, u8 *kind)
{
	switch (flags & (STK_TCP_FIN | STK_TCP_SYN | STK_TCP_RST | STK_TCP_ACK)) {
	case STK_TCP_SYN:
		*kind = STK_TUPLE_OPEN;
		return 0;
	case STK_TCP_SYN | STK_TCP_ACK:
		*kind = STK_TUPLE_ANSWER;
		return 0;
	case STK_TCP_ACK:
		*kind = STK_TUPLE_PLAIN;
		return 0;
	case STK_TCP_FIN | STK_TCP_ACK:
		*kind = STK_TUPLE_FIN;
		return 0;
	case STK_TCP_RST:
	case STK_TCP_RST | STK_TCP_ACK:
		*kind = STK_TUPLE_RST;
		return 0;
	default:
		return -ENOENT;
	}
}

static int read_tcp(const struct sk_buff *skb, unsigned int offset, struct stk_tuple *t)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!th)
		return -ENOENT;
	/* A SYN takes a number. */
	t->seq = ntohl(th->seq) + 1;
	t->ack = ntohl(th->ack_seq);
	return tcp_kind(((const u8 *)th)[STK_TCP_FLAGS], &t->kind);
}

/* By its first chunk: those that open or end an association come alone or first. */
static int read_sctp(const struct sk_buff *skb, unsigned int offset, struct stk_tuple *t)
{
	const u8 *chunk;
	u8 buf;

	chunk = skb_header_pointer(skb, offset + sizeof(struct sctphdr), sizeof(buf), &buf);
	if (!chunk)
		return -ENOENT;
	switch (*chunk) {
	case SCTP_CID_INIT:
		t->kind = STK_TUPLE_OPEN;
		break;
	case SCTP_CID_INIT_ACK:
	case SCTP_CID_COOKIE_ACK:
	case SCTP_CID_SHUTDOWN_ACK:
		t->kind = STK_TUPLE_ANSWER;
		break;
	case SCTP_CID_ABORT:
	case SCTP_CID_SHUTDOWN_COMPLETE:
		t->kind = STK_TUPLE_RST;
		break;
	}
	return 0;
}

static int read_ports(const struct sk_buff *skb, unsigned int offset, struct stk_ends *ends)
{
	return skb_copy_bits(skb, offset, &ends->ports, sizeof(ends->ports)) ? -EBADMSG : 0;
}

/* Messages that come as question and answer: the question's type for either, -1 for all others. */
static int question_of(u8 proto, u8 type)
{
	if (proto == IPPROTO_ICMPV6)
		return type == ICMPV6_ECHO_REQUEST || type == ICMPV6_ECHO_REPLY ?
		       ICMPV6_ECHO_REQUEST : -1;
	switch (type) {
	case ICMP_ECHO:
	case ICMP_ECHOREPLY:
		return ICMP_ECHO;
	case ICMP_TIMESTAMP:
	case ICMP_TIMESTAMPREPLY:
		return ICMP_TIMESTAMP;
	case ICMP_INFO_REQUEST:
	case ICMP_INFO_REPLY:
		return ICMP_INFO_REQUEST;
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
		return ICMP_ADDRESS;
	default:
		return -1;
	}
}

/* A question or an answer, as its type and id say; -ENOENT if it is neither. */
static int read_echo(const struct icmphdr *icmph, const struct stk_header *h, struct stk_tuple *t)
{
	int question = question_of(h->proto, icmph->type);

	if (question < 0)
		return -ENOENT;
	t->ends.port[0] = icmph->un.echo.id;
	t->ends.port[1] = htons(question);
	t->from = icmph->type != question;
	if (!t->from)
		return 0;
	t->kind = STK_TUPLE_ANSWER;
	stk_words_swap(&t->ends.words, t->ends.family);
	return 0;
}

static int read_ends(const struct sk_buff *skb, const struct stk_header *h, u8 family,
		     struct stk_tuple *t)
{
	const struct icmphdr *icmph;
	struct icmphdr buf;
	int err;

	if (h->later_fragment || h->link)
		return -ENOENT;
	*t = (struct stk_tuple){ .ends = { .proto = h->proto, .family = family } };
	set_addrs(&t->ends, h);
	if (h->proto == IPPROTO_ICMP || h->proto == IPPROTO_ICMPV6) {
		icmph = skb_header_pointer(skb, h->offset, sizeof(buf), &buf);
		return icmph ? read_echo(icmph, h, t) : -ENOENT;
	}
	if (stk_proto_has_ports(h->proto)) {
		err = read_ports(skb, h->offset, &t->ends);
		if (err)
			return err;
	}
	t->from = stk_words_sort(&t->ends.words, &t->ends.ports, family);
	return 0;
}

/* Where the packet that an ICMP error speaks of begins, 0 if the message is none. */
static unsigned int quoted_at(const struct sk_buff *skb, const struct stk_header *h)
{
	const u8 *type;
	u8 buf;

	if (h->later_fragment)
		return 0;
	type = skb_header_pointer(skb, h->offset, sizeof(buf), &buf);
	if (!type)
		return 0;
	if (h->proto == IPPROTO_ICMPV6)
		return *type < 128 ? h->offset + sizeof(struct icmp6hdr) : 0;
	switch (*type) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return h->offset + sizeof(struct icmphdr);
	default:
		return 0;
	}
}

/* The error goes to who sent what it quotes, or else it is a lie. */
static int read_quoted(const struct sk_buff *skb, unsigned int offset, u8 family,
		       const struct stk_addr *to, struct stk_tuple *t)
{
	struct stk_header h;

	if (stk_header_read(skb, offset, family, &h) || memcmp(&h.src, to, sizeof(*to)) ||
	    read_ends(skb, &h, family, t))
		return -ENOENT;
	t->from = !t->from;
	t->kind = STK_TUPLE_RELATED;
	return 0;
}

/* Such addresses would be taken for IPv4's, and are nobody's on the wire. */
static bool is_mapped(const struct stk_words *w)
{
	const struct stk_addr *addr = (const struct stk_addr *)w;

	return stk_addr_is_v4(&addr[0]) || stk_addr_is_v4(&addr[1]);
}

bool stk_tuple_read_opening(const struct sk_buff *skb, u8 family, struct stk_tuple *t)
{
	struct stk_plain p;

	if (family == NFPROTO_IPV4) {
		if (!stk_tuple_is_plain(skb, NFPROTO_IPV4, STK_TCP_SYN))
			return false;
		p = stk_tuple_read_plain(skb, NFPROTO_IPV4);
	} else {
		if (!stk_tuple_is_plain(skb, NFPROTO_IPV6, STK_TCP_SYN))
			return false;
		p = stk_tuple_read_plain(skb, NFPROTO_IPV6);
		if (is_mapped(&p.words))
			return false;
	}
	t->ends.words = p.words;
	t->ends.ports = p.ports;
	t->ends.proto = p.proto;
	t->ends.family = family;
	t->from = stk_words_sort(&t->ends.words, &t->ends.ports, family);
	t->kind = p.proto == IPPROTO_TCP ? STK_TUPLE_OPEN : STK_TUPLE_PLAIN;
	t->seq = 0;
	t->ack = 0;
	return true;
}

int stk_tuple_read(const struct sk_buff *skb, u8 family, struct stk_tuple *t)
{
	struct stk_header h;
	unsigned int quoted = 0;
	int err;

	/* What a SYN is answered by hangs on its number. */
	if (stk_tuple_read_opening(skb, family, t) && t->kind != STK_TUPLE_OPEN)
		return 0;
	err = stk_header_read(skb, skb_network_offset(skb), family, &h);
	if (err)
		return err;
	if (h.proto == IPPROTO_ICMP || h.proto == IPPROTO_ICMPV6)
		quoted = quoted_at(skb, &h);
	if (quoted)
		return read_quoted(skb, quoted, family, &h.dst, t);
	err = read_ends(skb, &h, family, t);
	if (err)
		return err;
	if (h.proto == IPPROTO_TCP)
		return read_tcp(skb, h.offset, t);
	return h.proto == IPPROTO_SCTP ? read_sctp(skb, h.offset, t) : 0;
}

static void get_addr(const struct stk_ends *ends, unsigned int end, struct stk_addr *addr)
{
	if (ends->family == NFPROTO_IPV4)
		stk_addr_set_v4(addr, ends->v4[end]);
	else
		stk_addr_set_v6(addr, &ends->v6[end]);
}

u16 stk_tuple_key(const struct stk_tuple *t, bool back, struct stk_key *key)
{
	unsigned int opener = t->from ^ back;
	bool ports = stk_proto_has_ports(t->ends.proto);

	get_addr(&t->ends, opener, &key->opener);
	get_addr(&t->ends, !opener, &key->target);
	key->proto = t->ends.proto;
	key->port = ports ? ntohs(t->ends.port[!opener]) : 0;
	key->flags = 0;
	return ports ? ntohs(t->ends.port[opener]) : 0;
}
