// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <netlink/genl/genl.h>
#include <linux/stockade.h>
#include "encode.h"

struct nl_msg *encode_message(int family, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(ENCODE_MSG_MAX);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd, STOCKADE_GENL_VERSION))
		abort();
	return msg;
}

static size_t room(struct nl_msg *msg)
{
	return nlmsg_get_max_size(msg) - nlmsg_hdr(msg)->nlmsg_len;
}

/* Addresses travel in their own size. */
static int put_addr(struct nl_msg *msg, int attr, const struct ip *ip)
{
	return ip_is4(ip) ? nla_put(msg, attr, 4, ip->b + 12) : nla_put(msg, attr, 16, ip->b);
}

static int put_rule(struct nl_msg *msg, bool put, const struct table_rule *r)
{
	if (nla_put_u32(msg, STOCKADE_RULE_ID, r->id))
		return -1;
	if (!put)
		return 0;
	return nla_put_u8(msg, STOCKADE_RULE_TIER, r->tier) ?:
	       nla_put_string(msg, STOCKADE_RULE_NAME, r->name);
}

static int put_subject(struct nl_msg *msg, bool put, const struct table_subject *s)
{
	if (nla_put_u32(msg, STOCKADE_SUBJECT_ID, s->id))
		return -1;
	if (!put)
		return 0;
	return nla_put_string(msg, STOCKADE_SUBJECT_NAME, s->name) ?:
	       nla_put_u32(msg, STOCKADE_SUBJECT_INGRESS, s->ingress) ?:
	       nla_put_u32(msg, STOCKADE_SUBJECT_EGRESS, s->egress);
}

static int put_endpoint(struct nl_msg *msg, bool put, const struct table_endpoint *e)
{
	if (put_addr(msg, STOCKADE_ENDPOINT_ADDR, &e->addr))
		return -1;
	if (!put)
		return 0;
	if (nla_put_u32(msg, STOCKADE_ENDPOINT_IDENTITY, e->identity))
		return -1;
	if (e->subject && nla_put_u32(msg, STOCKADE_ENDPOINT_SUBJECT, e->subject))
		return -1;
	return e->flags ? nla_put_u32(msg, STOCKADE_ENDPOINT_FLAGS, e->flags) : 0;
}

static int put_cidr(struct nl_msg *msg, const struct cidr *c)
{
	return put_addr(msg, STOCKADE_BLOCK_ADDR, &c->ip) ?:
	       nla_put_u8(msg, STOCKADE_BLOCK_PREFIX, cidr_is4(c) ? c->prefix - 96 : c->prefix);
}

static int put_block(struct nl_msg *msg, bool put, const struct table_block *b)
{
	if (put_cidr(msg, &b->cidr))
		return -1;
	return put ? nla_put_u32(msg, STOCKADE_BLOCK_IDENTITY, b->identity) : 0;
}

static int put_config(struct nl_msg *msg, const struct table *t)
{
	for (size_t i = 0; i < t->n_cidrs; i++) {
		struct nlattr *nest = nla_nest_start(msg, STOCKADE_CONFIG_CIDR);

		if (!nest || put_cidr(msg, &t->cidrs[i]))
			return -1;
		nla_nest_end(msg, nest);
	}
	if (t->n_overlay_ports && nla_put(msg, STOCKADE_CONFIG_OVERLAY_PORTS,
					  t->n_overlay_ports * sizeof(*t->overlay_ports), t->overlay_ports))
		return -1;
	return nla_put_u8(msg, STOCKADE_CONFIG_DENY, t->deny) ?:
	       nla_put_u8(msg, STOCKADE_CONFIG_UNKNOWN, t->unknown);
}

static int put_content(struct nl_msg *msg, bool put, enum table_object what, const void *obj)
{
	switch (what) {
	case TABLE_RULE:
		return put_rule(msg, put, obj);
	case TABLE_PROGRAM:	/* its key only: encode_program_part() puts programs */
		return nla_put_u32(msg, STOCKADE_PROGRAM_ID, ((const struct table_program *)obj)->id);
	case TABLE_SUBJECT:
		return put_subject(msg, put, obj);
	case TABLE_ENDPOINT:
		return put_endpoint(msg, put, obj);
	case TABLE_BLOCK:
		return put_block(msg, put, obj);
	case TABLE_CONFIG:
		return put_config(msg, obj);
	}
	return -1;
}

int encode_object(struct nl_msg *msg, bool put, enum table_object what, const void *obj)
{
	static const int attr[] = {
		[TABLE_RULE] = STOCKADE_A_RULE,		[TABLE_PROGRAM] = STOCKADE_A_PROGRAM,
		[TABLE_SUBJECT] = STOCKADE_A_SUBJECT,	[TABLE_ENDPOINT] = STOCKADE_A_ENDPOINT,
		[TABLE_BLOCK] = STOCKADE_A_BLOCK,	[TABLE_CONFIG] = STOCKADE_A_CONFIG,
	};
	uint32_t len = nlmsg_hdr(msg)->nlmsg_len;
	struct nlattr *nest = nla_nest_start(msg, attr[what]);

	if (nest && !put_content(msg, put, what, obj)) {
		nla_nest_end(msg, nest);
		return 0;
	}
	nlmsg_hdr(msg)->nlmsg_len = len;
	return -EMSGSIZE;
}

/* What of a map goes into one message: identities first, for the steps are what is long. */
struct piece {
	uint32_t n_identities, n_steps;
	bool more;
};

static uint32_t fit(size_t room, size_t size, uint32_t left)
{
	return room / size < left ? room / size : left;
}

/* Headers of a map, its identities and its steps, MAP_MORE, and the PROGRAM_MORE that may have to follow. */
#define PIECE_OVERHEAD (5 * NLA_HDRLEN)

/* As much of @map from @at on as there is room for; false: nothing fits. */
static bool next_piece(struct nl_msg *msg, const struct table_map *map, const struct encode_cursor *at, struct piece *p)
{
	size_t left = room(msg);

	if (left < PIECE_OVERHEAD + sizeof(*map->steps))
		return false;
	left -= PIECE_OVERHEAD;
	p->n_identities = fit(left, sizeof(*map->identities), map->n_identities - at->identity);
	left -= p->n_identities * sizeof(*map->identities);
	p->n_steps = fit(left, sizeof(*map->steps), map->n_steps - at->step);
	p->more = at->identity + p->n_identities < map->n_identities || at->step + p->n_steps < map->n_steps;
	return true;
}

/* Appends the next piece of @map and moves @at on; false: nothing fitted. */
static bool put_piece(struct nl_msg *msg, const struct table_map *map, struct encode_cursor *at)
{
	struct nlattr *nest;
	struct piece p;

	if (!next_piece(msg, map, at, &p))
		return false;
	nest = nla_nest_start(msg, STOCKADE_PROGRAM_MAP);
	if (p.n_identities)
		nla_put(msg, STOCKADE_MAP_IDENTITIES, p.n_identities * sizeof(*map->identities),
			map->identities + at->identity);
	if (p.n_steps)
		nla_put(msg, STOCKADE_MAP_STEPS, p.n_steps * sizeof(*map->steps), map->steps + at->step);
	if (p.more)
		nla_put_flag(msg, STOCKADE_MAP_MORE);
	nla_nest_end(msg, nest);
	at->identity += p.n_identities;
	at->step += p.n_steps;
	if (!p.more)
		*at = (struct encode_cursor){ .map = at->map + 1 };
	return true;
}

int encode_program_part(struct nl_msg *msg, const struct table_program *p, struct encode_cursor *at)
{
	uint32_t len = nlmsg_hdr(msg)->nlmsg_len;
	struct nlattr *nest = nla_nest_start(msg, STOCKADE_A_PROGRAM);
	bool some = false;

	if (!nest || nla_put_u32(msg, STOCKADE_PROGRAM_ID, p->id))
		goto err_full;
	while (at->map < p->n_maps && put_piece(msg, &p->maps[at->map], at))
		some = true;
	if (!some)
		goto err_full;
	if (at->map < p->n_maps)
		nla_put_flag(msg, STOCKADE_PROGRAM_MORE);
	nla_nest_end(msg, nest);
	return at->map < p->n_maps;

err_full:
	nlmsg_hdr(msg)->nlmsg_len = len;
	return -EMSGSIZE;
}

int encode_flow(struct nl_msg *msg, int attr, const struct stnl_flow *flow)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	if (!nest || put_addr(msg, STOCKADE_FLOW_OPENER, &flow->opener) ||
	    put_addr(msg, STOCKADE_FLOW_TARGET, &flow->target) ||
	    nla_put_u8(msg, STOCKADE_FLOW_PROTO, flow->proto) ||
	    nla_put_u16(msg, STOCKADE_FLOW_PORT, flow->port))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static bool is_empty(struct nl_msg *msg)
{
	return nlmsg_hdr(msg)->nlmsg_len == NLMSG_HDRLEN + GENL_HDRLEN;
}

static int flush(struct encode_stream *s)
{
	struct nl_msg *msg = s->msg;

	s->msg = NULL;
	if (!msg)
		return 0;
	if (is_empty(msg)) {
		nlmsg_free(msg);
		return 0;
	}
	s->sent.bytes += nlmsg_hdr(msg)->nlmsg_len;
	return s->send(s->ctx, msg);
}

static int renew(struct encode_stream *s)
{
	int rc = flush(s);

	if (!rc)
		s->msg = encode_message(s->family, s->putting ? STOCKADE_CMD_PUT : STOCKADE_CMD_DEL, NLM_F_ACK);
	return rc;
}

/* A program stays in one piece where it can; a larger one starts a message of its own. */
static int add_program(struct encode_stream *s, const struct table_program *p)
{
	struct encode_cursor at = {};
	uint32_t len = nlmsg_hdr(s->msg)->nlmsg_len;
	int rc = encode_program_part(s->msg, p, &at);

	if (rc && !is_empty(s->msg)) {
		nlmsg_hdr(s->msg)->nlmsg_len = len;
		at = (struct encode_cursor){};
		rc = 1;
	}
	while (rc == 1)
		rc = renew(s) ?: encode_program_part(s->msg, p, &at);
	return rc;
}

int encode_stream_add(void *ctx, bool put, enum table_object what, const void *obj)
{
	struct encode_stream *s = ctx;
	int rc;

	s->sent.put += put;
	s->sent.deleted += !put;
	if (!s->msg || s->putting != put) {
		rc = flush(s);
		if (rc)
			return rc;
		s->putting = put;
		s->msg = encode_message(s->family, put ? STOCKADE_CMD_PUT : STOCKADE_CMD_DEL, NLM_F_ACK);
	}
	if (put && what == TABLE_PROGRAM)
		return add_program(s, obj);
	if (encode_object(s->msg, put, what, obj) == 0)
		return 0;
	rc = renew(s) ?: encode_object(s->msg, put, what, obj);
	if (rc == -EMSGSIZE)
		err_set(s->err, "an object of kind %d does not fit into a message", what);
	return rc;
}

int encode_stream_end(struct encode_stream *s, bool abandon)
{
	if (!abandon)
		return flush(s);
	nlmsg_free(s->msg);
	s->msg = NULL;
	return 0;
}
