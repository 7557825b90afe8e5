// SPDX-License-Identifier: GPL-2.0
/* dump: the table in force, read back. */
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include "dump.h"
#include "net.h"
#include "netlink.h"
#include "report.h"
#include "stats.h"

/**
 * struct cursor - how far a dump has come; lives in netlink_callback.ctx
 * @snap: a reference, NULL if there was no table
 * @generation: @snap's, 0 if none
 * @next: object to go on with (an index, or the endpoints' own cursor)
 * @map: of program @next
 * @identity: of @map, those before it are told
 * @step: of @map, likewise
 */
struct cursor {
	struct stk_snapshot *snap;
	u64 generation;
	u64 next;
	u32 map;
	u32 identity;
	u32 step;
};

static struct cursor *cursor_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

int stk_dump_start(struct netlink_callback *cb)
{
	struct stk_net *sn = stk_net(sock_net(cb->skb->sk));
	struct cursor *c = cursor_of(cb);
	const struct stk_table *table;

	rcu_read_lock();
	/* The table's own reference cannot go before we are out of here. */
	table = rcu_dereference(sn->table);
	if (table) {
		c->snap = stk_snapshot_get(table->snap);
		c->generation = table->generation;
	}
	rcu_read_unlock();
	return 0;
}

int stk_dump_done(struct netlink_callback *cb)
{
	stk_snapshot_put(cursor_of(cb)->snap);
	return 0;
}

/* Appends what the cursor points to and moves it on: 1, 0 at the end, -EMSGSIZE: no room. */
typedef int (*tell_fn)(struct sk_buff *skb, struct netlink_callback *cb, struct cursor *c);

/* One message: 1, 0 or -EMSGSIZE. */
static int tell_one(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd, tell_fn tell)
{
	struct cursor *c = cursor_of(cb), moved = *c;
	void *hdr;
	int ret;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &stk_genl_family,
			  NLM_F_MULTI, cmd);
	if (!hdr)
		return -EMSGSIZE;
	ret = nla_put_u64_64bit(skb, STOCKADE_A_GENERATION, c->generation, STOCKADE_A_PAD);
	if (!ret)
		ret = tell(skb, cb, &moved);
	if (ret <= 0) {
		genlmsg_cancel(skb, hdr);
		return ret;
	}
	genlmsg_end(skb, hdr);
	*c = moved;
	return 1;
}

/* As many messages as fit. */
static int dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd, tell_fn tell)
{
	int ret;

	do {
		ret = tell_one(skb, cb, cmd, tell);
	} while (ret > 0);
	return skb->len ?: ret;
}

static int tell_endpoint(struct sk_buff *skb, struct netlink_callback *cb, struct cursor *c)
{
	struct stk_endpoint_def def;

	if (!c->snap || !stk_snapshot_next_endpoint(c->snap, &c->next, &def))
		return 0;
	return stk_report_endpoint(skb, &def) ?: 1;
}

int stk_dump_endpoints(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, STOCKADE_CMD_GET_ENDPOINTS, tell_endpoint);
}

static int tell_block(struct sk_buff *skb, struct netlink_callback *cb, struct cursor *c)
{
	struct stk_block_def def;

	if (!c->snap || !stk_snapshot_nth_block(c->snap, c->next++, &def))
		return 0;
	return stk_report_block(skb, &def) ?: 1;
}

int stk_dump_blocks(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, STOCKADE_CMD_GET_BLOCKS, tell_block);
}

static int tell_subject(struct sk_buff *skb, struct netlink_callback *cb, struct cursor *c)
{
	const struct stk_subject *subject;
	struct stk_subject_def def;

	if (!c->snap || !stk_snapshot_nth_subject(c->snap, c->next++, &def, &subject))
		return 0;
	return stk_report_subject(skb, &def, subject) ?: 1;
}

int stk_dump_subjects(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, STOCKADE_CMD_GET_SUBJECTS, tell_subject);
}

static int tell_rule(struct sk_buff *skb, struct netlink_callback *cb, struct cursor *c)
{
	struct stk_rule_def def;

	if (!c->snap || !stk_snapshot_nth_rule(c->snap, c->next++, &def))
		return 0;
	return stk_report_rule(skb, &def) ?: 1;
}

int stk_dump_rules(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, STOCKADE_CMD_GET_RULES, tell_rule);
}

static int put_counter(struct sk_buff *skb, const struct stk_stat *stat)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_COUNTER);

	if (!nest ||
	    nla_put_u8(skb, STOCKADE_COUNTER_DOOR, stat->door) ||
	    nla_put_u8(skb, STOCKADE_COUNTER_REASON, stat->reason) ||
	    nla_put_u8(skb, STOCKADE_COUNTER_VERDICT, stat->verdict) ||
	    nla_put_u64_64bit(skb, STOCKADE_COUNTER_PACKETS, stat->packets, STOCKADE_COUNTER_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The next counter that has counted anything. */
static int tell_counter(struct sk_buff *skb, struct netlink_callback *cb, struct cursor *c)
{
	u64 __percpu *stats = stk_net(sock_net(cb->skb->sk))->stats;
	struct stk_stat stat;

	while (c->next < STK_STATS - 1) {
		stk_stats_read(stats, ++c->next, &stat);
		if (stat.packets)
			return put_counter(skb, &stat) ?: 1;
	}
	return 0;
}

int stk_dump_counters(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, STOCKADE_CMD_GET_COUNTERS, tell_counter);
}

/* Sizes of a piece of a map in a message: its attributes' headers, and those around a part of a program. */
#define PIECE_OVERHEAD (4 * NLA_HDRLEN)
#define PART_OVERHEAD (2 * NLMSG_HDRLEN + GENL_HDRLEN + 8 * NLA_HDRLEN)
#define PART_MAX (U16_MAX - PART_OVERHEAD)

/* The next piece of the cursor's map, no larger than @room; its identities come first. */
static struct stk_map_def next_piece(const struct cursor *c, size_t room)
{
	struct stk_map_def map, p;

	stk_snapshot_program_map(c->snap, c->next, c->map, &map);
	p.identities = map.identities + c->identity;
	p.n_identities = min_t(u32, map.n_identities - c->identity, room / sizeof(*p.identities));
	room -= p.n_identities * sizeof(*p.identities);
	p.steps = map.steps + c->step;
	p.n_steps = min_t(u32, map.n_steps - c->step, room / sizeof(*p.steps));
	p.more = c->identity + p.n_identities < map.n_identities ||
		 c->step + p.n_steps < map.n_steps;
	return p;
}

static int put_piece(struct sk_buff *skb, const struct stk_map_def *p)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_PROGRAM_MAP);

	if (!nest ||
	    (p->n_identities && nla_put(skb, STOCKADE_MAP_IDENTITIES,
					p->n_identities * sizeof(*p->identities), p->identities)) ||
	    (p->n_steps && nla_put(skb, STOCKADE_MAP_STEPS, p->n_steps * sizeof(*p->steps),
				   p->steps)) ||
	    (p->more && nla_put_flag(skb, STOCKADE_MAP_MORE)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/*
 * A map, or as much of it as there is room for.  Returns the bytes taken, 0 if there is no room, or
 * -EMSGSIZE; moves the cursor.
 */
static int tell_map(struct sk_buff *skb, struct cursor *c, size_t room)
{
	struct stk_map_def p;

	if (room < PIECE_OVERHEAD + sizeof(*p.steps))
		return 0;
	p = next_piece(c, room - PIECE_OVERHEAD);
	if (put_piece(skb, &p))
		return -EMSGSIZE;
	c->identity += p.n_identities;
	c->step += p.n_steps;
	if (!p.more) {
		c->map++;
		c->identity = 0;
		c->step = 0;
	}
	return PIECE_OVERHEAD + p.n_identities * sizeof(*p.identities) +
	       p.n_steps * sizeof(*p.steps);
}

/* As many maps of a program as there is room for, at least one or -EMSGSIZE. */
static int tell_maps(struct sk_buff *skb, struct cursor *c, u32 n_maps)
{
	size_t room = min_t(size_t, skb_tailroom(skb), PART_MAX);
	bool any = false;
	int bytes;

	if (room < NLA_HDRLEN)
		return -EMSGSIZE;
	/* For PROGRAM_MORE. */
	room -= NLA_HDRLEN;
	while (c->map < n_maps) {
		bytes = tell_map(skb, c, room);
		if (bytes < 0)
			return bytes;
		if (!bytes)
			return any ? 0 : -EMSGSIZE;
		any = true;
		room -= bytes;
	}
	return 0;
}

static int tell_program(struct sk_buff *skb, struct netlink_callback *cb, struct cursor *c)
{
	struct nlattr *nest;
	u32 id, n_maps;
	int err;

	if (!c->snap || !stk_snapshot_nth_program(c->snap, c->next, &id, &n_maps))
		return 0;
	nest = nla_nest_start(skb, STOCKADE_A_PROGRAM);
	if (!nest || nla_put_u32(skb, STOCKADE_PROGRAM_ID, id))
		return -EMSGSIZE;
	err = tell_maps(skb, c, n_maps);
	if (err)
		return err;
	if (c->map < n_maps) {
		if (nla_put_flag(skb, STOCKADE_PROGRAM_MORE))
			return -EMSGSIZE;
	} else {
		c->next++;
		c->map = 0;
	}
	nla_nest_end(skb, nest);
	return 1;
}

int stk_dump_programs(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, STOCKADE_CMD_GET_PROGRAMS, tell_program);
}
