/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cache: what the doors answered last, for the next packet or flow of the same key.
 *
 * Goal: a packet that conntrack follows costs some two dozen instructions a door, and a flow that is new to our
 * own map needs not be judged if another between the same ends was; and still every packet obeys the table
 * in force.
 *
 * A line holds a key, the serial number of the table that let it through both doors, and for each what to
 * count.  It answers only for the very same key while that very table is in force; no other table of any
 * namespace ever has its serial.  So a commit voids all lines by being committed, and a line's pointers
 * into the table are followed only while that table is alive.  The opener's port is no part of the key, so flows
 * to the same port share a line.
 *
 * A key has a first place and, beside it, a second.  What is newer takes the first and pushes what was there into
 * the second, and that out.  The quick way looks at the first alone.
 *
 * To be found and compared in few instructions, key and serial are packed in words: the addresses (of IPv4
 * both in one), and a tag.  That begins with the last word of the target's address, which comes with what
 * follows it in one load (stk_cache_tail()) and, that address being compared as well, says nothing; of IPv4 it is
 * zero.  What port, family and protocol leave of the 64 bits is the stamp's (stk_cache_stamp()).
 *
 * Only plain permissions that depend on nothing but table and key are kept.
 * Denials and what is to be told of take the long way, and so does what hung on
 * whether an address is this node's own: addresses come and go without a commit.
 *
 * A line does not change while it has a place, and all CPUs read it, under RCU and in any context.  A place changes
 * hands by xchg(), so a line has one owner at a time: a place, or the CPU that took it out, which writes it anew
 * once a grace period has passed, and meanwhile takes no more than STK_CACHE_WAITING: who makes
 * up keys without end gets no more memory for it.
 */
#ifndef STK_CACHE_H
#define STK_CACHE_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <net/netfilter/nf_conntrack.h>
#include "stats.h"
#include "tuple.h"

#define STK_CACHE_PLACES 8192
#define STK_CACHE_WAITING 1024

/* Where a key's line may lie: @index ^ the place. */
#define STK_CACHE_FIRST 0
#define STK_CACHE_SECOND 1

/**
 * struct stk_cache_line - a key that both doors let through
 * @tag: stk_cache_stamp() and stk_cache_tail(); 0, which no key's is: nobody's line
 * @ends: addresses of the target, then of the opener
 * @counts: for each door which counter of its subject goes up, or STK_STATS_NOBODY's
 * @pair: counters of the namespace that do, by door
 * @waiting: for its grace period, in the list of the CPU that took it out; this and the next are that CPU's
 * @since: for poll_state_synchronize_rcu()
 */
struct stk_cache_line {
	u64 tag;
	struct stk_words ends;
	u64 __percpu *counts[STOCKADE_DOORS];
	u64 __percpu *pair;
	struct list_head waiting;
	unsigned long since;
} ____cacheline_aligned;

/* Never NULL once a packet may come: a place that is free has nobody's line. */
extern struct stk_cache_line __rcu *stk_cache_places[STK_CACHE_PLACES];

/* Keys the hash. */
extern u64 stk_cache_odd;

/**
 * stk_cache_tail() - a tag without the table
 * @words: in memory's order the last word of the target's address, port, and family as a word of 16 bits
 * @proto: IP protocol
 */
static __always_inline u64 stk_cache_tail(u64 words, u8 proto)
{
	return words ^ (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? (u64)proto << 8 : proto);
}

/**
 * stk_cache_stamp() - what of a tag says which table judged, and packets of which family
 * @serial: of the table, 32 bits, where an IPv4 tail has none
 * @family: the packet's; a bit that no conntrack entry's has tells IPv6, so a packet whose entry is of the
 *	other family (tc can rewrite one into such) has no line
 */
static __always_inline u64 stk_cache_stamp(u32 serial, u8 family)
{
	bool v6 = family != NFPROTO_IPV4;

	if (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		return (u64)serial << 32 | v6 << 7;
	return (u64)(serial & 0xffffff) << 8 | (u64)(serial >> 24) << 56 | (u64)v6 << 55;
}

static __always_inline u64 stk_cache_tail_of_ct(const struct nf_conn *ct)
{
	const struct nf_conntrack_man *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src;

	BUILD_BUG_ON(offsetofend(struct nf_conntrack_man, l3num) !=
		     offsetof(struct nf_conntrack_man, u3.all[3]) + sizeof(u64));
	return stk_cache_tail(get_unaligned((const u64 *)&reply->u3.all[3]),
			      ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.dst.protonum);
}

/*
 * Who opened the flow, as ORIGINAL.src, and whom it reaches, as REPLY.src has it; of IPv4 in @a alone.
 * Behind an IPv4 address are zeros: nf_ct_get_tuple() and nf_ct_invert_tuple() clear what they fill.
 * @family: the packet's, here and below; known where this is expanded.
 */
static __always_inline struct stk_words stk_cache_ends_of_ct(const struct nf_conn *ct, u8 family)
{
	const u64 *target = (const u64 *)&ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3;
	const u64 *opener = (const u64 *)&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3;

	if (family == NFPROTO_IPV4)
		return (struct stk_words){
			.a = get_unaligned(target) | rol64(get_unaligned(opener), 32),
		};
	return (struct stk_words){
		.a = get_unaligned(target), .b = get_unaligned(target + 1),
		.c = get_unaligned(opener), .d = get_unaligned(opener + 1),
	};
}

/*
 * Which place is the key's first.  One multiplication is what there is time for: of one multiplier in thirty, keys in a
 * row heap up in few places (stk_cache_draw()).
 */
static __always_inline u64 stk_cache_index(const struct stk_words *ends, u64 tail, u8 family)
{
	u64 hash = ends->a + tail;

	if (family != NFPROTO_IPV4)
		hash = (hash + ends->b) ^ rol64(ends->c + ends->d, 32);
	/* By the product's top bits. */
	return hash * data_race(stk_cache_odd) >> (64 - ilog2(STK_CACHE_PLACES));
}

static __always_inline bool stk_cache_same_ends(const struct stk_words *a, const struct stk_words *b,
						u8 family)
{
	return a->a == b->a &&
	       (family == NFPROTO_IPV4 || (a->b == b->b && a->c == b->c && a->d == b->d));
}

/**
 * stk_cache_allows() - is this packet's flow known to be allowed?
 * @stamp: of the table in force and the packet's family
 * @ct: the packet's conntrack entry, or a template
 * @family: the packet's
 * @door: which half of the question; the packet is counted there if so
 * @place: where to look, STK_CACHE_*
 *
 * Context: RCU read side.
 */
static __always_inline bool stk_cache_allows(u64 stamp, const struct nf_conn *ct, u8 family,
					     enum stockade_door door, unsigned int place)
{
	const struct stk_words ends = stk_cache_ends_of_ct(ct, family);
	u64 tail = stk_cache_tail_of_ct(ct);
	const struct stk_cache_line *line =
		rcu_dereference(stk_cache_places[stk_cache_index(&ends, tail, family) ^ place]);

	/* An expected connection is judged by another flow's key than its own. */
	if ((line->tag ^ stamp ^ tail) | (unsigned long)ct->master)
		return false;
	if (!stk_cache_same_ends(&line->ends, &ends, family))
		return false;
	stk_stats_count_kept(line->pair, line->counts[door], door);
	return true;
}

/**
 * stk_cache_store_ct() - remember that both doors let a flow's key through
 * @ct: the flow; neither a template nor expected
 * @kept: their answers, which depend on table and key alone
 * @stats: counters of the namespace
 *
 * It may be forgotten: for want of memory, or under PREEMPT_RT, where softirqs off is not alone on a CPU.
 * Context: RCU read side, softirqs off.
 */
void stk_cache_store_ct(const struct nf_conn *ct, const struct stk_kept *kept,
			u64 __percpu *stats);

/**
 * stk_cache_store() - remember that both doors let a key through
 * @t: a packet from the opener of such a flow
 * @kept: as above
 * @stats: likewise
 *
 * Context: likewise.
 */
void stk_cache_store(const struct stk_tuple *t, const struct stk_kept *kept, u64 __percpu *stats);

/**
 * stk_cache_find() - did both doors let such a flow through?
 * @t: a packet from its opener
 * @serial: of the table in force, STK_NO_SERIAL if there is none
 * @kept: filled if so
 * @stats: counters of the namespace
 *
 * Context: RCU read side.
 */
bool stk_cache_find(const struct stk_tuple *t, u64 serial, struct stk_kept *kept,
		    u64 __percpu *stats);

/**
 * stk_cache_draw() - draw the multiplier anew
 *
 * At each commit, which voids the lines anyway: so one that is bad for the keys there are does not last.
 * Whoever has read the old one finds or leaves a line where nobody looks any more.
 */
void stk_cache_draw(void);

void stk_cache_init(void);
/* No packet is inside any more. */
void stk_cache_exit(void);

#endif
