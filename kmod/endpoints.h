/* SPDX-License-Identifier: GPL-2.0 */
/*
 * endpoints: address -> {identity, slot, flags}, the judge's main table.
 *
 * Goals
 *   - a look-up costs the same with 10 addresses and with 1,000,000, and touches
 *     one page of the table;
 *   - a change costs what it changes: generations share all pages but the
 *     touched ones, and all of the directory but the touched nodes;
 *   - readers take no lock and write nothing;
 *   - at most 100 bytes an endpoint at 150,000 of them, everything counted.
 *
 * Structure: extendible hashing with a directory of two levels.
 *
 *   root        2^(depth - 6) pointers to nodes
 *     node      64 pointers to pages, reference counted
 *       page    4096 bytes, reference counted: 170 slots of 24 bytes,
 *               open addressing, linear probing inside the page
 *
 *        bits of the hash
 *        63 ............ (64 - depth) ..... | ....... 31 .......... 0
 *        [ root index ][ 6: entry in node ]          [ first slot ]
 *
 * A page has a depth of its own, at most the directory's: all its keys agree in that
 * many top bits, and 2^(depth - page depth) consecutive directory entries point to it.
 * A page that is full is split in two by its next bit.  If its depth is the
 * directory's already, the directory doubles first (pointers are copied, pages
 * stay).  A page that empties merges with its buddy.  Keys scatter evenly, so
 * pages are between 35 and 70 % full on average and depths differ by one or two.
 *
 * Why two levels: a change copies the path to the page, that is the root (32
 * pointers at 150,000 endpoints), a node (64) and the page, and takes a
 * reference on each thing pointed to.  With a flat directory that would be
 * 2,048 pointers and references.  The second level costs a load that hits the cache.
 *
 * Worked example, depth 7, a key whose hash begins 1 000101 ...: node[1], entry
 * 5.  Its page has depth 6, so node[1]'s entries 4 and 5 both point to it.
 * When it overflows, keys with 1 00010 0 go to a new page of depth 7 at
 * entry 4, those with 1 00010 1 to another at entry 5.
 *
 * Invariants
 *   - an empty slot has identity 0; every probe path from a key's first slot to
 *     its slot is without empty slots (deletion shifts back what follows);
 *   - a page has at most STK_PAGE_FULL keys, so every probe ends;
 *   - a node holds one reference for each distinct page in it, the root one for each node;
 *   - an entry that was never used points to stk_page_none, a constant empty
 *     page that is not counted, so a look-up needs no test for it.
 *
 * Threading.  All functions that write need an owner of the root; readers of
 * shared generations may run on any CPU meanwhile, since what is shared (root, node or
 * page with references beyond the writer's own, or below such a one) is copied before
 * it is written (index.h, SHARING).  The caller publishes with release semantics (rcu_assign_pointer)
 * and drops old generations after a grace period.
 */
#ifndef STK_ENDPOINTS_H
#define STK_ENDPOINTS_H

#include "match.h"

#define STK_PAGE_BYTES	4096
#define STK_PAGE_SLOTS	170
#define STK_PAGE_FULL	120	/* keys before a split: unsuccessful probes stay short */
#define STK_PAGE_MERGE	48	/* keys of two buddies that one page is enough for */
#define STK_NODE_BITS	6
#define STK_NODE_SIZE	64
#define STK_DEPTH_MIN	STK_NODE_BITS
#define STK_DEPTH_MAX	20	/* bounds the directory: 8.5 MB */

/**
 * struct stk_endpoint - a slot
 * @addr: the key
 * @identity: not 0; 0: the slot is empty
 * @slot: the local subject's slot, 0 if it is nobody here
 * @flags: STOCKADE_ENDPOINT_F_*
 */
struct stk_endpoint {
	struct stk_addr addr;
	u32 identity;
	u16 slot;
	u16 flags;
};

/**
 * struct stk_page - where keys that agree in their hash's first bits are
 * @refs: nodes that point here
 * @n: keys
 * @depth: how many bits they agree in
 * @slot: open addressing
 */
struct stk_page {
	refcount_t refs;
	u16 n;
	u16 depth;
	u64 reserved;
	struct stk_endpoint slot[STK_PAGE_SLOTS];
};

/* 64 entries of the directory. */
struct stk_node {
	refcount_t refs;	/* roots that point here */
	struct stk_page *page[STK_NODE_SIZE];
};

/**
 * struct stk_endpoints - the root
 * @seed: keys the hash; drawn for each whole table, inherited by copies
 * @shift: 64 - depth
 * @depth: bits of the hash that choose a directory entry
 * @refs: generations that share it
 * @n: keys in all pages
 * @pages: distinct pages
 * @node: the directory
 */
struct stk_endpoints {
	u64 seed;
	u32 shift;
	u32 depth;
	refcount_t refs;
	u32 n;
	u32 pages;
	struct stk_node *node[];
};

/**
 * stk_endpoints_alloc() - an empty table
 * @hint: how many endpoints to expect; a wrong hint costs time or memory, nothing else
 * Return: one reference, or NULL for want of memory
 */
struct stk_endpoints *stk_endpoints_alloc(u32 hint);
struct stk_endpoints *stk_endpoints_get(struct stk_endpoints *ep);
void stk_endpoints_put(struct stk_endpoints *ep);	/* NULL is fine; may sleep */

/**
 * stk_endpoints_put_key() - add or replace
 * @ep: the caller's table; replaced by a copy if it is shared or must grow
 * @new: identity not 0
 * @old: set to what was there (identity 0: nothing); may be NULL
 * Return: 0, -ENOMEM, -ENOSPC (no directory is large enough; only with keys
 *	whose hashes agree in 20 bits); on error the content is unchanged
 */
int stk_endpoints_put_key(struct stk_endpoints **ep, const struct stk_endpoint *new,
			  struct stk_endpoint *old);

/**
 * stk_endpoints_del_key() - take away
 * @ep: as above
 * @addr: the key
 * @old: set to what was there; may be NULL
 * Return: 0, -ENOENT, -ENOMEM; on error the content is unchanged
 */
int stk_endpoints_del_key(struct stk_endpoints **ep, const struct stk_addr *addr,
			  struct stk_endpoint *old);

/**
 * stk_endpoints_next() - walk
 * @ep: not written meanwhile
 * @cursor: 0 to begin; names the next one afterwards
 * Return: an endpoint, each once, in no particular but a fixed order; NULL at the end
 */
const struct stk_endpoint *stk_endpoints_next(const struct stk_endpoints *ep, u64 *cursor);

/* Bytes of root, nodes and pages, shared ones in full. */
size_t stk_endpoints_bytes(const struct stk_endpoints *ep);

/* Every invariant above, checked; for tests. */
bool stk_endpoints_sane(const struct stk_endpoints *ep);

/*
 * Three rounds of xor, multiply, shift: each bit of the address reaches the top bits (directory)
 * and the low half (first slot).  Seeded: which addresses collide differs from table to table.
 */
static __always_inline u64 stk_endpoints_hash(u64 seed, const struct stk_addr *addr)
{
	u64 h = (addr->q[0] ^ seed) * 0x9e3779b97f4a7c15ULL;

	h = (h ^ (h >> 32) ^ addr->q[1]) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ (h >> 32)) * 0x94d049bb133111ebULL;
	return h ^ (h >> 32);
}

/* The low half of the hash, scaled to a slot. */
static __always_inline u32 stk_page_first(u64 hash)
{
	return ((hash & 0xffffffffULL) * STK_PAGE_SLOTS) >> 32;
}

static __always_inline bool stk_addr_equal(const struct stk_addr *a, const struct stk_addr *b)
{
	return a->q[1] == b->q[1] && a->q[0] == b->q[0];
}

/* Where a key's probe begins, and in which page. */
struct stk_place {
	const struct stk_page *page;
	const struct stk_endpoint *first;
};

/*
 * A look-up in two halves, so that the miss on a page can be taken while
 * something else is looked up: locate, then probe.
 */
static __always_inline struct stk_place stk_endpoints_locate(const struct stk_endpoints *ep,
							     const struct stk_addr *addr)
{
	u64 hash = stk_endpoints_hash(ep->seed, addr);
	u64 i = hash >> ep->shift;
	const struct stk_page *page = ep->node[i >> STK_NODE_BITS]->page[i % STK_NODE_SIZE];
	const struct stk_place place = { page, &page->slot[stk_page_first(hash)] };

	prefetch(place.first);
	return place;
}

static __always_inline const struct stk_endpoint *
stk_endpoints_probe(struct stk_place place, const struct stk_addr *addr)
{
	const struct stk_endpoint *e = place.first;

	while (e->identity) {
		if (stk_addr_equal(&e->addr, addr))
			return e;
		if (++e == &place.page->slot[STK_PAGE_SLOTS])
			e = place.page->slot;
	}
	return NULL;
}

/**
 * stk_endpoints_find() - the look-up
 * @ep: a sealed generation's, or the caller's own
 * @addr: the key
 * Return: its slot, or NULL
 */
static __always_inline const struct stk_endpoint *
stk_endpoints_find(const struct stk_endpoints *ep, const struct stk_addr *addr)
{
	return stk_endpoints_probe(stk_endpoints_locate(ep, addr), addr);
}

#endif
