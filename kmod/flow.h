/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flow: a namespace's own map of flows: who opened them, and what the doors answered last.
 *
 * Goal: what conntrack tells us of a packet, its flow's direction, at a fraction of the cost, in
 * namespaces where nobody else needs conntrack.  Bounded, one allocation, none for a flow.
 *
 * A bucket has STK_FLOW_WAYS places.  A flow's hash, keyed with a secret, names two buckets of one
 * region (so many neighbours); it lies in the first unless that was crowded when it came, which is noted
 * there, so that the second is mostly not even looked at.  If both
 * are full a flow has to go: one that is over, else one that was never answered twice, else the
 * longest idle.  So a flood of requests pushes out requests, never what is established.
 *
 * Life of a flow, in conntrack's terms, with timeouts like its:
 *
 *   OPENING      the opener alone was seen           a SYN; what no protocol calls a beginning, too
 *   ANSWERED     the other end answered              SYN+ACK, first reply
 *   ESTABLISHED  the opener went on after that       for TCP only by acknowledging the answer
 *   CLOSING      one end has said all                FIN
 *   TIME_WAIT    both have
 *   CLOSED       somebody broke it off               RST
 *
 * A TCP segment without a flow opens one in the middle, for its sender, like conntrack's loose
 * pick-up.  What only answers or ends (SYN+ACK, RST, FIN) opens none.  A packet of no flow that may
 * open one does so only if both doors let it through.  What the node itself sends passes no door but
 * takes part in all this, so that of its flows, too, it is known who opened them.
 *
 * Verdicts are kept as in cache.h, with the same trick: they are good only while their serial is that
 * of the table in force, which keeps alive what they point to.
 *
 * Locking: a region has a lock, which writers of its buckets hold, softirqs off.  Readers take none:
 * a bucket's sequence count tells them that what they read was one flow's; if not, they
 * go the way that locks, so nobody ever spins for a writer that was preempted (PREEMPT_RT).
 * @seen alone is written without the lock, and without harm to whomever it then belongs.
 * The map itself lives under RCU (stk_net.flows).
 */
#ifndef STK_FLOW_H
#define STK_FLOW_H

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include "stats.h"
#include "tuple.h"

#define STK_FLOW_WAYS 7
#define STK_FLOW_REGION 32	/* buckets; a power of two */
#define STK_FLOW_LOCKS 256
#define STK_FLOW_BUCKET 512	/* bytes; twice that where lockdep watches each, a power of two in any case */

/* struct stk_flow_bucket.state: */
#define STK_FLOW_PLAIN	0x01	/* << end: its plain packets change nothing */
#define STK_FLOW_OPENER	0x04	/* which end opened */
#define STK_FLOW_FIN	0x08	/* << end: it has said all, or broken off what was established */
#define STK_FLOW_PHASE(p) ((p) << 5)
#define STK_FLOW_PHASE_OF(state) ((state) >> 5)

enum stk_flow_phase {
	STK_FLOW_OPENING,
	STK_FLOW_ANSWERED,
	STK_FLOW_ESTABLISHED,
	STK_FLOW_CLOSING,
	STK_FLOW_TIME_WAIT,
	STK_FLOW_CLOSED,
	STK_FLOW_PHASES
};

/**
 * struct stk_flow - a flow; a cache line
 * @ends: its key; in @ends.spare which pair of the namespace's counters goes up
 * @serial: low half of the serial of the table that let it through both doors; 0: none did, or
 *	other things than table and key mattered
 * @ack: of TCP, ANSWERED: what acknowledges the answer
 * @counts: for each door which counter of its subject, or STK_STATS_NOBODY's
 */
struct stk_flow {
	struct stk_ends ends;
	u32 serial;
	u32 ack;
	u64 __percpu *counts[STOCKADE_DOORS];
};

/**
 * struct stk_flow_bucket - places for flows; what finds and ages them in the first line
 * @seq: odd while a writer is at it
 * @tag: of the flow in each place, a part of its hash; 0: the place is free
 * @state: its phase and STK_FLOW_*
 * @away: flows whose first this is, and who lie in their second
 * @seen: when its last packet came, by stk_flow_now()
 * @flow: the rest
 */
struct stk_flow_bucket {
	seqcount_t seq;
	u16 tag[STK_FLOW_WAYS];
	u8 state[STK_FLOW_WAYS];
	u8 away;
	u32 seen[STK_FLOW_WAYS];
	struct stk_flow flow[STK_FLOW_WAYS] ____cacheline_aligned;
} __aligned(STK_FLOW_BUCKET);

/**
 * struct stk_flows - a map
 * @bucket: a power of two of them, behind this in memory
 * @mask: of a bucket's offset there, in bytes
 * @foreign: by family, IPv4 first: conntrack was seen at work here, so what has no entry of it is
 *	none of ours; hook.c sets and clears it, any CPU reads it
 * @recalls: conntrack was here and has gone, and may know flows that are not in the map; likewise
 * @secret: keys the hash
 * @odd: likewise
 * @rcu: for stk_flows_free()
 * @lock: by region
 */
struct stk_flows {
	struct stk_flow_bucket *bucket;
	u32 mask;
	bool foreign[2];
	bool recalls;
	u64 secret[5];
	u64 odd;
	struct rcu_head rcu;
	spinlock_t lock[STK_FLOW_LOCKS];	/* see above */
} __aligned(STK_FLOW_BUCKET);

/**
 * struct stk_flow_packet - a packet on its way through the map
 * @t: what it says
 * @now: stk_flow_now()
 * @hash: of its ends, by the map's functions
 */
struct stk_flow_packet {
	struct stk_tuple t;
	u32 now;
	u64 hash;
};

/* What the map knows of a packet. */
enum stk_flow_way {
	STK_FLOW_HEADER,	/* belongs to nothing, opens nothing: its own header speaks */
	STK_FLOW_NEW,		/* would open a flow */
	STK_FLOW_FORTH,		/* from the opener */
	STK_FLOW_BACK,		/* to the opener */
	STK_FLOW_ALLOWED,	/* the table in force let its flow through; counted */
};

/* The map's ticks, of half a second to one; they begin anew after half a century, or three. */
#define STK_FLOW_TICKS(seconds) ((u32)((u64)(seconds) * HZ >> ilog2(HZ)))

static inline u32 stk_flow_now(void)
{
	return jiffies / BIT(ilog2(HZ));
}

/**
 * stk_flows_alloc() - an empty map
 * @flows: how many it shall take at least
 *
 * Return: to be given back by stk_flows_free(); NULL for want of memory.  May sleep.
 */
struct stk_flows *stk_flows_alloc(unsigned int flows);

/* Frees it a grace period from now; NULL is fine. */
void stk_flows_free(struct stk_flows *flows);

/* Bytes of kernel memory. */
size_t stk_flows_memory(const struct stk_flows *flows);

/* Flows in it that have not timed out; looks at each: may sleep. */
u32 stk_flows_count(const struct stk_flows *flows, u32 now);

/**
 * stk_flow_find() - what a packet is to the map
 * @flows: the map
 * @p: the packet
 * @door: at all but the second (INGRESS) the flow moves on with the packet, or ends
 * @serial: of the table in force; 0: never mind
 * @stats: counts if the answer is STK_FLOW_ALLOWED
 *
 * Context: RCU read side, softirqs off.
 */
enum stk_flow_way stk_flow_find(struct stk_flows *flows, struct stk_flow_packet *p, int door,
				u64 serial, u64 __percpu *stats);

/**
 * stk_flow_open_unknown() - a packet opens its flow, unless the map has that already
 * @flows: the map
 * @p: the packet, one that may open a flow, and was let through by both doors as if it did
 * @kept: kept with it
 *
 * Return: false if the map has it, in whatever state; nothing has changed then, ask stk_flow_find().
 * Context: RCU read side, softirqs off.
 */
bool stk_flow_open_unknown(struct stk_flows *flows, struct stk_flow_packet *p,
			   const struct stk_kept *kept);

/**
 * stk_flow_open() - a packet that was STK_FLOW_NEW, and was let through, opens its flow
 * @flows: the map
 * @p: the packet
 * @kept: kept with it
 *
 * Return: false if the other end has opened it meanwhile, on another CPU: the packet is
 * STK_FLOW_BACK then and has to be judged again.
 * Context: RCU read side, softirqs off.
 */
bool stk_flow_open(struct stk_flows *flows, const struct stk_flow_packet *p,
		   const struct stk_kept *kept);

/**
 * stk_flow_keep() - keep a newer answer for a flow that is there
 * @flows: the map
 * @p: one of its packets
 * @way: STK_FLOW_FORTH or STK_FLOW_BACK, by which it was judged
 * @kept: if the flow is gone or was opened anew by its other end, forgotten
 *
 * Context: RCU read side, softirqs off.
 */
void stk_flow_keep(struct stk_flows *flows, const struct stk_flow_packet *p,
		   enum stk_flow_way way, const struct stk_kept *kept);

/* The product of two words shifted by a secret, whichever comes first. */
static __always_inline u64 stk_flow_mul(u64 secret, u32 a, u32 b)
{
	return (a + secret) * (b + secret);
}

/*
 * A sum of such products, each of what one end has and the other, so that both directions come to the same;
 * multiplied by a last secret, an odd one, which brings up its best bits.  Two different pairs of words have one
 * product by few secrets only (their difference is linear in it), so whoever does not know the secrets and
 * sees no hash cannot choose tuples that collide.  Flows do, eight at most, whose ends are each other's with
 * words of the IPv6 addresses exchanged.
 * Folded before: of addresses or ports in a row, products alone make numbers in a row, which one
 * secret in twenty-four would heap up in few buckets.
 */
static __always_inline u64 stk_flow_hash(const struct stk_flows *flows, const struct stk_words *w,
					 u32 ports, u32 proto, u8 family)
{
	const u64 *secret = flows->secret;
	/* No port reaches up to where the protocol is. */
	u64 hash = stk_flow_mul(secret[0] + (proto << 16), (u16)ports, ports >> 16);

	if (family == NFPROTO_IPV4) {
		hash += stk_flow_mul(secret[1], w->a, w->a >> 32);
	} else {
		hash += stk_flow_mul(secret[1], w->a, w->c);
		hash += stk_flow_mul(secret[2], w->a >> 32, w->c >> 32);
		hash += stk_flow_mul(secret[3], w->b, w->d);
		hash += stk_flow_mul(secret[4], w->b >> 32, w->d >> 32);
	}
	return (hash ^ hash >> 32) * flows->odd;
}

static __always_inline u16 stk_flow_tag(u64 hash)
{
	return hash >> 48 | 1;
}

static __always_inline struct stk_flow_bucket *stk_flow_bucket(struct stk_flows *flows, u64 hash)
{
	/* Bits from the 32nd on number it; its size is a power of two. */
	return (void *)flows->bucket +
	       (hash >> (32 - ilog2(sizeof(*flows->bucket))) & flows->mask);
}

/* The other one, in the same region. */
static __always_inline struct stk_flow_bucket *stk_flow_second(struct stk_flows *flows, u64 hash)
{
	return stk_flow_bucket(flows, hash ^ ((hash >> 24) % STK_FLOW_REGION | 1) << 32);
}

/* Of the flow's addresses and ports, in the flow's order? */
static __always_inline bool stk_flow_joins(const struct stk_flow *f, const struct stk_words *w,
					   u32 ports, u8 family)
{
	const struct stk_words *own = &f->ends.words;

	return own->a == w->a && f->ends.ports == ports &&
	       (family == NFPROTO_IPV4 || (own->b == w->b && own->c == w->c && own->d == w->d));
}

/* Idle no longer than this, no flow whose packets can be plain has timed out. */
#define STK_FLOW_FRESH STK_FLOW_TICKS(16)

/* In place of a door: the packet is on its way out of this node, which nobody judges or counts. */
#define STK_FLOW_NO_DOOR STOCKADE_DOORS

/* What a look at the map without its lock may find. */
enum stk_flow_glance {
	STK_FLOW_NOT_SEEN,	/* the packet's flow is not there, or came or went this moment */
	STK_FLOW_SEEN,		/* something like it is there, and stk_flow_find() knows what */
	STK_FLOW_LET_THROUGH,	/* it is one more of a flow that is known to be allowed; counted */
};

/**
 * stk_flow_glance() - is this packet one more of a flow that is known to be allowed?
 * @flows: the map
 * @p: the packet
 * @family: the packet's, known where this is expanded
 * @door: which half of the question; STK_FLOW_NO_DOOR: is it one more of a flow that is known?
 * @serial: of the table in force; looked at where it is needed, for want of registers
 * @stats: counts the packet if so; likewise
 *
 * Context: RCU read side.
 */
static __always_inline enum stk_flow_glance
stk_flow_glance(struct stk_flows *flows, struct stk_plain p, u8 family, int door,
		const u64 *serial, u64 __percpu *const *stats)
{
	u64 hash = stk_flow_hash(flows, &p.words, p.ports, p.proto, family);
	struct stk_flow_bucket *b = stk_flow_bucket(flows, hash);
	u16 tag = stk_flow_tag(hash);
	u64 __percpu *counts;
	bool second = false;
	unsigned int seq;
	struct stk_flow *f;
	u32 now, ago;
	unsigned long pair = 0;
	u8 plain = STK_FLOW_PLAIN;
	long i;

search:
	/* Or else gcc works out from @flows each address anew. */
	OPTIMIZER_HIDE_VAR(b);
	seq = raw_seqcount_begin(&b->seq);
	for (i = 0; b->tag[i] != tag; ) {
		if (++i < STK_FLOW_WAYS)
			continue;
		if (second || !READ_ONCE(b->away))
			return STK_FLOW_NOT_SEEN;
		second = true;
		b = stk_flow_second(flows, hash);
		goto search;
	}
	f = &b->flow[i];
	OPTIMIZER_HIDE_VAR(f);
	if ((door != STK_FLOW_NO_DOOR && f->serial != (u32)READ_ONCE(*serial)) ||
	    f->ends.kind != stk_ends_kind(p.proto, family))
		return STK_FLOW_SEEN;
	if (!stk_flow_joins(f, &p.words, p.ports, family)) {
		stk_words_turn(&p.words, &p.ports, family);
		plain = STK_FLOW_PLAIN << 1;
		if (!stk_flow_joins(f, &p.words, p.ports, family))
			return STK_FLOW_SEEN;
	}
	if (!(b->state[i] & plain))
		return STK_FLOW_SEEN;
	if (door != STK_FLOW_NO_DOOR) {
		pair = f->ends.spare;
		counts = f->counts[door];
	}
	if (door != STOCKADE_DOOR_INGRESS) {
		now = stk_flow_now();
		ago = now - READ_ONCE(b->seen[i]);
		if (ago > STK_FLOW_FRESH)
			return STK_FLOW_SEEN;
	}
	if (read_seqcount_retry(&b->seq, seq))
		return STK_FLOW_SEEN;
	if (door != STOCKADE_DOOR_INGRESS && ago)
		WRITE_ONCE(b->seen[i], now);
	if (door != STK_FLOW_NO_DOOR)
		stk_stats_count_kept(*stats + pair, counts, door);
	return STK_FLOW_LET_THROUGH;
}

#endif
