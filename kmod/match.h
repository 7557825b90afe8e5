/* SPDX-License-Identifier: GPL-2.0 */
/*
 * match: a sealed snapshot and a flow key in, a verdict and its reason out.
 *
 * Pure: no skb, no lock, no allocation, no RCU, no clock.  The caller keeps the
 * snapshot alive (RCU read side in the hook, ownership in userspace).  The
 * same file is compiled into the module, the KUnit suites and the userspace
 * tools, so an explanation cannot disagree with the kernel.
 */
#ifndef STK_MATCH_H
#define STK_MATCH_H

#include "compat.h"
#include <linux/stockade.h>

struct stk_snapshot;
struct stk_subject;

/* An address of either family; IPv4 as ::ffff:a.b.c.d.  Network byte order. */
struct stk_addr {
	union {
		u8 b[16];
		__be32 w[4];
		u64 q[2];
	};
};

/* What the caller knows about the ends beyond the table (key.c finds out lazily). */
#define STK_KEY_OPENER_HERE	BIT(0)	/* opener is an address of this network namespace */
#define STK_KEY_TARGET_HERE	BIT(1)	/* target is */
#define STK_KEY_LINK		BIT(2)	/* neighbour discovery or multicast listener report */

/**
 * struct stk_key - a flow, whichever way the packet at hand goes
 * @opener: who opened it, before source NAT
 * @target: to whom, after destination NAT
 * @port: destination port after NAT, host order; 0 for protocols without ports
 * @proto: IP protocol of the transport header
 * @flags: STK_KEY_*
 */
struct stk_key {
	struct stk_addr opener;
	struct stk_addr target;
	u16 port;
	u8 proto;
	u8 flags;
};

/**
 * struct stk_verdict - what a door answers
 * @subject: the local pod that was asked for, NULL if none; lives as long as the snapshot
 * @peer_identity: identity of the other end (0 where it was not looked up)
 * @rule: rule id, 0 if none
 * @verdict: enum stockade_verdict
 * @reason: enum stockade_reason
 */
struct stk_verdict {
	const struct stk_subject *subject;
	u32 peer_identity;
	u32 rule;
	u8 verdict;
	u8 reason;
};

/**
 * stk_match() - ask one door about a flow
 * @snap: a sealed snapshot
 * @key: the flow
 * @door: STOCKADE_DOOR_EGRESS asks for the opener, STOCKADE_DOOR_INGRESS for the target
 *
 * A deny for STOCKADE_REASON_RULE or _UNKNOWN presumes that an end whose HERE
 * flag is not set is not an address of this namespace: the hook looks that up
 * only then (stk_match_wants_here()) and asks again.
 */
struct stk_verdict stk_match(const struct stk_snapshot *snap,
			     const struct stk_key *key, enum stockade_door door);

/**
 * stk_match_both() - ask both doors at once
 * @snap: a sealed snapshot
 * @key: the flow
 * @v: the answers, by door; the same as two calls of stk_match() would give
 *
 * Looks each end up once; for callers that keep verdicts (a flow cache, JUDGE).
 */
void stk_match_both(const struct stk_snapshot *snap, const struct stk_key *key,
		    struct stk_verdict v[STOCKADE_DOORS]);

/**
 * stk_match_wants_here() - would the HERE flags change this verdict?
 *
 * True for denials that "own node" would lift, and for tunnel protocols to an
 * address the table does not name as a node's.
 */
bool stk_match_wants_here(const struct stk_snapshot *snap, const struct stk_key *key,
			  enum stockade_door door, const struct stk_verdict *v);

#endif
