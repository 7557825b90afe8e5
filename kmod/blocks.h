/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blocks: identity by longest prefix, for addresses no endpoint names.
 *
 * Prefixes either nest or are disjoint.  So a set of them, however deep, cuts
 * the address space into at most 2n + 1 ranges, each with one answer; a sweep
 * over the sorted prefixes with a stack of those that are open finds the
 * ranges, and a binary search over their starts is the whole look-up: no trie,
 * no backtracking, two cache lines hot.
 *
 * Worked example: 10.0.0.0/8 -> 7, 10.1.0.0/16 -> 0 (a hole), 10.1.2.0/24 -> 9.
 *
 *   sorted prefixes           stack after   a range starts at
 *                             -             0.0.0.0   -> 0
 *   10.0.0.0/8                7             10.0.0.0  -> 7
 *   10.1.0.0/16               7 0           10.1.0.0  -> 0
 *   10.1.2.0/24               7 0 9         10.1.2.0  -> 9
 *   (end of /24)              7 0           10.1.3.0  -> 0
 *   (end of /16)              7             10.2.0.0  -> 7
 *   (end of /8)               -             11.0.0.0  -> 0
 *
 * IPv4 and IPv6 have arrays of their own: IPv4's starts are 32 bits wide, and ::/0
 * does not cover ::ffff:0:0/96, because a rule for IPv6 never means IPv4.
 *
 * The list of prefixes is what transactions edit (copy on write); the ranges
 * are built from it when a candidate whose list was touched is sealed, and are
 * immutable.  Both are shared by reference between generations.
 */
#ifndef STK_BLOCKS_H
#define STK_BLOCKS_H

#include "snapshot.h"

/**
 * struct stk_block_list - sorted by address, then prefix; NULL stands for the empty one
 * @refs: generations that share it (written only with one: see index.h, SHARING)
 * @n: prefixes
 * @capacity: prefixes there is room for
 * @block: ascending
 */
struct stk_block_list {
	refcount_t refs;
	u32 n;
	u32 capacity;
	struct stk_block_def block[];
};

/* Host bits zero, prefix in range?  Sets *why and returns -EINVAL if not. */
int stk_block_check(const struct stk_block_def *def, stk_why *why);
struct stk_block_list *stk_block_list_get(struct stk_block_list *list);	/* NULL gives NULL */
void stk_block_list_put(struct stk_block_list *list);			/* NULL is fine */
/* Make it writable, with room for one more; 0 or -ENOMEM (nothing changed). */
int stk_block_list_own(struct stk_block_list **list);
/* The prefix as it stands in the list, or NULL. */
struct stk_block_def *stk_block_list_find(const struct stk_block_list *list,
					  const struct stk_addr *addr, u8 prefix);
/* Writing; the list is owned.  insert needs room and a prefix that is not there. */
void stk_block_list_insert(struct stk_block_list *list, const struct stk_block_def *def);
void stk_block_list_delete(struct stk_block_list *list, struct stk_block_def *block);
size_t stk_block_list_bytes(const struct stk_block_list *list);

struct stk_start6 {
	u64 hi, lo;	/* host order */
};

/**
 * struct stk_ranges - ranges of addresses and their identities; immutable
 * @refs: generations that share it
 * @n4: IPv4 ranges, at least 1, the first starting at 0
 * @n6: IPv6 ranges, likewise
 * @start4: ascending
 * @start6: ascending
 * @identity4: by range
 * @identity6: by range
 * @bytes: memory of the whole
 */
struct stk_ranges {
	refcount_t refs;
	u32 n4;
	u32 n6;
	const u32 *start4;
	const struct stk_start6 *start6;
	const u32 *identity4;
	const u32 *identity6;
	size_t bytes;
};

/* Flatten @n prefixes sorted as in a list; one reference, or NULL for want of memory. */
struct stk_ranges *stk_ranges_build(const struct stk_block_def *block, u32 n);
struct stk_ranges *stk_ranges_get(struct stk_ranges *ranges);
void stk_ranges_put(struct stk_ranges *ranges);		/* NULL is fine */

static __always_inline bool stk_addr_is4(const struct stk_addr *addr)
{
	return !addr->q[0] && addr->w[2] == cpu_to_be32(0xffff);
}

static __always_inline u32 stk_ranges_find4(const struct stk_ranges *ranges, u32 addr)
{
	const u32 *start = ranges->start4;
	u32 n = ranges->n4;
	u32 half;

	while (n > 1) {
		half = n / 2;
		start = start[half] <= addr ? start + half : start;
		n -= half;
	}
	return ranges->identity4[start - ranges->start4];
}

static __always_inline u32 stk_ranges_find6(const struct stk_ranges *ranges, u64 hi, u64 lo)
{
	const struct stk_start6 *start = ranges->start6;
	u32 n = ranges->n6;
	u32 half;
	bool le;

	while (n > 1) {
		half = n / 2;
		le = start[half].hi < hi || (start[half].hi == hi && start[half].lo <= lo);
		start = le ? start + half : start;
		n -= half;
	}
	return ranges->identity6[start - ranges->start6];
}

/* The identity of the longest prefix that holds @addr, 0 if none does. */
static __always_inline u32 stk_ranges_find(const struct stk_ranges *ranges,
					   const struct stk_addr *addr)
{
	if (stk_addr_is4(addr))
		return stk_ranges_find4(ranges, be32_to_cpu(addr->w[3]));
	return stk_ranges_find6(ranges, be64_to_cpu((__force __be64)addr->q[0]),
				be64_to_cpu((__force __be64)addr->q[1]));
}

#endif
