/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cache: what the doors answered last, for the next packet or flow of the same key.
 *
 * Goal: an established flow that conntrack follows costs a few dozen instructions a door, and one that is
 * new to our own map needs not be judged if another between the same ends was; and still
 * every packet obeys the table in force.
 *
 * A line holds a flow's key, the serial number of the table
 * that let it through both doors, and for each what to count.  It answers only
 * for the very same key while that very table is in force; no other
 * table of any namespace ever has its serial.  So a commit voids all lines by
 * being committed, and a line's pointers into the table are followed only while
 * that table is alive.  Which line to look at, the address of the conntrack entry says, or else the key
 * (the opener's port is no part of it): what is newer pushes out what is older.
 *
 * Only plain permissions that depend on nothing but table and key are kept.
 * Denials and what is to be told of take the long way, and so does what hung on
 * whether an address is this node's own: addresses come and go without a commit.
 *
 * Each CPU has lines of its own, which it alone touches, with softirqs off: no
 * lock, no atomics.
 */
#ifndef STK_CACHE_H
#define STK_CACHE_H

#include <linux/percpu.h>
#include <linux/preempt.h>
#include <net/netfilter/nf_conntrack.h>
#include "stats.h"
#include "tuple.h"

#define STK_CACHE_LINES 4096
/* Conntrack entries lie about so far apart, so neighbours get neighbouring lines. */
#define STK_CACHE_STRIDE 256

/**
 * struct stk_cache_line - a key that both doors let through; zero where there is none, which is
 *	nobody's, for it has no family
 * @serial: of the table that judged
 * @opener: its address, ORIGINAL.src as conntrack has it, of either family
 * @target: REPLY.src likewise
 * @tail: what follows the address there: port and family
 * @proto: IP protocol
 * @stat: for each door which counter of the namespace goes up
 * @counts: for each door which counter of its subject, or STK_STATS_NOBODY's
 */
struct stk_cache_line {
	u64 serial;
	union nf_inet_addr opener;
	union nf_inet_addr target;
	u32 tail;
	u8 proto;
	u8 stat[STOCKADE_DOORS];
	u64 __percpu *counts[STOCKADE_DOORS];
} ____cacheline_aligned;

/* There for every CPU that is online. */
DECLARE_PER_CPU(struct stk_cache_line *, stk_cache_lines);

/*
 * May this context touch its CPU's lines?  Not with softirqs on (nfqueue sends packets back so),
 * and not under PREEMPT_RT, where softirqs off does not mean alone on this CPU.
 */
static inline bool stk_cache_usable(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && in_softirq();
}

static __always_inline struct stk_cache_line *stk_cache_line_of_ct(const struct nf_conn *ct)
{
	return this_cpu_read(stk_cache_lines) +
	       ((unsigned long)ct / STK_CACHE_STRIDE) % STK_CACHE_LINES;
}

/* @family: the packet's; known where this is expanded, so IPv4 compares little. */
static __always_inline bool stk_cache_same_flow(const struct stk_cache_line *line,
						const struct nf_conn *ct, u8 family)
{
	const struct nf_conntrack_tuple *orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_man *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src;
	size_t addr = family == NFPROTO_IPV4 ? sizeof(reply->u3.ip) : sizeof(reply->u3);

	BUILD_BUG_ON(sizeof(*reply) != sizeof(reply->u3) + sizeof(line->tail));
	return !memcmp(&line->opener, &orig->src.u3, addr) &&
	       !memcmp(&line->target, &reply->u3, addr) &&
	       !memcmp(&line->tail, &reply->u, sizeof(line->tail)) &&
	       line->proto == orig->dst.protonum &&
	       /* An expected connection is judged by another flow's key than its own. */
	       !ct->master;
}

/**
 * stk_cache_allows() - is this packet's flow known to be allowed?
 * @serial: of the table in force, STK_NO_SERIAL if there is none
 * @ct: the packet's conntrack entry, or a template
 * @family: the packet's
 * @door: which half of the question
 * @stats: counts the packet if so
 *
 * Context: stk_cache_usable(), RCU read side.
 */
static __always_inline bool stk_cache_allows(u64 serial, const struct nf_conn *ct, u8 family,
					     enum stockade_door door, u64 __percpu *stats)
{
	const struct stk_cache_line *line = stk_cache_line_of_ct(ct);

	if (line->serial != serial || !stk_cache_same_flow(line, ct, family))
		return false;
	stk_counts_inc(stats, line->stat[door]);
	stk_counts_inc(line->counts[door], 0);
	return true;
}

/**
 * stk_cache_store_ct() - remember that both doors let a flow through
 * @ct: the flow; neither a template nor expected
 * @kept: their answers, which depend on table and key alone
 *
 * Context: stk_cache_usable(), RCU read side.
 */
void stk_cache_store_ct(const struct nf_conn *ct, const struct stk_kept *kept);

/**
 * stk_cache_store() - remember that both doors let a key through
 * @t: a packet from the opener of such a flow
 * @kept: as above
 *
 * Context: likewise.
 */
void stk_cache_store(const struct stk_tuple *t, const struct stk_kept *kept);

/**
 * stk_cache_find() - did both doors let such a flow through?
 * @t: a packet from its opener
 * @serial: of the table in force, STK_NO_SERIAL if there is none
 * @kept: filled if so
 *
 * Context: likewise.
 */
bool stk_cache_find(const struct stk_tuple *t, u64 serial, struct stk_kept *kept);

int stk_cache_init(void);
/* No packet is inside any more. */
void stk_cache_exit(void);

#endif
