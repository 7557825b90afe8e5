// SPDX-License-Identifier: GPL-2.0
/* blocks: the list of prefixes, and flattening it; see blocks.h. */
#include "blocks.h"

/* The list. */

static size_t list_bytes(u32 capacity)
{
	return sizeof(struct stk_block_list) + (size_t)capacity * sizeof(struct stk_block_def);
}

static bool host_bits_zero(const struct stk_addr *addr, u8 prefix)
{
	u32 i = prefix / 8;

	if (prefix % 8 && addr->b[i++] & (0xff >> prefix % 8))
		return false;
	while (i < 16)
		if (addr->b[i++])
			return false;
	return true;
}

int stk_block_check(const struct stk_block_def *def, stk_why *why)
{
	if (def->prefix > 128) {
		*why = "BLOCK_PREFIX: longer than the address";
		return -EINVAL;
	}
	if (!host_bits_zero(&def->addr, def->prefix)) {
		*why = "BLOCK_ADDR: host bits are set";
		return -EINVAL;
	}
	return 0;
}

static int block_cmp(const struct stk_block_def *block, const struct stk_addr *addr, u8 prefix)
{
	int d = memcmp(block->addr.b, addr->b, sizeof(addr->b));

	return d ? d : block->prefix - prefix;
}

static u32 position(const struct stk_block_list *list, const struct stk_addr *addr, u8 prefix)
{
	u32 low = 0, high = list->n;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (block_cmp(&list->block[mid], addr, prefix) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct stk_block_list *stk_block_list_get(struct stk_block_list *list)
{
	if (list)
		refcount_inc(&list->refs);
	return list;
}

void stk_block_list_put(struct stk_block_list *list)
{
	if (list && refcount_dec_and_test(&list->refs))
		stk_free(list, list_bytes(list->capacity));
}

int stk_block_list_own(struct stk_block_list **list)
{
	struct stk_block_list *old = *list;
	bool owned = old && stk_refs_are(&old->refs, 1);
	u32 n = old ? old->n : 0;
	struct stk_block_list *new;
	u32 capacity;

	if (owned && old->capacity > n)
		return 0;
	capacity = owned ? n + n / 2 + 8 : n + 1;
	new = stk_alloc(list_bytes(capacity));
	if (!new)
		return -ENOMEM;
	refcount_set(&new->refs, 1);
	new->n = n;
	new->capacity = capacity;
	if (old)
		memcpy(new->block, old->block, n * sizeof(*old->block));
	stk_block_list_put(old);
	*list = new;
	return 0;
}

struct stk_block_def *stk_block_list_find(const struct stk_block_list *list,
					  const struct stk_addr *addr, u8 prefix)
{
	u32 i;

	if (!list)
		return NULL;
	i = position(list, addr, prefix);
	if (i == list->n || block_cmp(&list->block[i], addr, prefix))
		return NULL;
	return (struct stk_block_def *)&list->block[i];
}

void stk_block_list_insert(struct stk_block_list *list, const struct stk_block_def *def)
{
	u32 i = position(list, &def->addr, def->prefix);
	struct stk_block_def *block = &list->block[i];

	memmove(block + 1, block, (list->n - i) * sizeof(*block));
	*block = *def;
	list->n++;
}

void stk_block_list_delete(struct stk_block_list *list, struct stk_block_def *block)
{
	u32 after = list->block + list->n - (block + 1);

	memmove(block, block + 1, after * sizeof(*block));
	list->n--;
}

size_t stk_block_list_bytes(const struct stk_block_list *list)
{
	return list ? list_bytes(list->capacity) : 0;
}

/*
 * The sweep.  It runs twice, first to count the ranges, then to write them.  An
 * IPv4 position is the 32-bit address in .lo.
 */

struct sweep {
	bool is4;
	bool pending;		/* a range whose identity may still change */
	struct stk_start6 at;	/* where it starts */
	u32 identity;
	u32 last;		/* identity of the range before it */
	u32 n;			/* ranges written or counted so far */
	u32 *start4;		/* NULL while counting */
	struct stk_start6 *start6;
	u32 *out;
	u32 open_n;
	const struct stk_block_def *open[129];	/* the prefixes we are inside of */
};

static struct stk_start6 block_start(const struct sweep *s, const struct stk_block_def *block)
{
	struct stk_start6 at = { 0, be32_to_cpu(block->addr.w[3]) };

	if (!s->is4) {
		at.hi = be64_to_cpu((__force __be64)block->addr.q[0]);
		at.lo = be64_to_cpu((__force __be64)block->addr.q[1]);
	}
	return at;
}

/* First position behind @block; false if it ends with the address space. */
static bool block_after(const struct sweep *s, const struct stk_block_def *block,
			struct stk_start6 *after)
{
	u32 bits = 128 - block->prefix;

	*after = block_start(s, block);
	if (bits == 128)
		return false;
	if (bits >= 64) {
		after->hi += 1ULL << (bits - 64);
		return after->hi;
	}
	after->lo += 1ULL << bits;
	if (s->is4)
		return after->lo <= U32_MAX;
	return after->lo || ++after->hi;
}

static void flush(struct sweep *s)
{
	if (!s->pending || (s->n && s->identity == s->last))
		return;
	if (s->out) {
		if (s->is4)
			s->start4[s->n] = s->at.lo;
		else
			s->start6[s->n] = s->at;
		s->out[s->n] = s->identity;
	}
	s->last = s->identity;
	s->n++;
}

/* From @at on it is @identity; a later word on the same position overrides. */
static void emit(struct sweep *s, struct stk_start6 at, u32 identity)
{
	if (!s->pending || at.hi != s->at.hi || at.lo != s->at.lo)
		flush(s);
	s->pending = true;
	s->at = at;
	s->identity = identity;
}

static void close_top(struct sweep *s)
{
	struct stk_start6 after;
	bool more = block_after(s, s->open[--s->open_n], &after);

	if (more)
		emit(s, after, s->open_n ? s->open[s->open_n - 1]->identity : 0);
}

static bool top_ends_before(const struct sweep *s, struct stk_start6 at)
{
	struct stk_start6 after;

	if (!block_after(s, s->open[s->open_n - 1], &after))
		return false;
	return after.hi < at.hi || (after.hi == at.hi && after.lo <= at.lo);
}

static void sweep_run(struct sweep *s, const struct stk_block_def *block, u32 n)
{
	struct stk_start6 at = { 0, 0 };
	u32 i;

	s->n = 0;
	s->pending = false;
	emit(s, at, 0);
	for (i = 0; i < n; i++) {
		if (stk_addr_is4(&block[i].addr) != s->is4)
			continue;
		at = block_start(s, &block[i]);
		while (s->open_n && top_ends_before(s, at))
			close_top(s);
		s->open[s->open_n++] = &block[i];
		emit(s, at, block[i].identity);
	}
	while (s->open_n)
		close_top(s);
	flush(s);
}

static struct stk_ranges *ranges_alloc(u32 n4, u32 n6)
{
	size_t bytes = sizeof(struct stk_ranges) +
		       (size_t)n6 * (sizeof(struct stk_start6) + sizeof(u32)) +
		       (size_t)n4 * 2 * sizeof(u32);
	struct stk_ranges *ranges = stk_alloc(bytes);

	if (!ranges)
		return NULL;
	refcount_set(&ranges->refs, 1);
	ranges->bytes = bytes;
	ranges->n4 = n4;
	ranges->n6 = n6;
	ranges->start6 = (struct stk_start6 *)(ranges + 1);
	ranges->identity6 = (u32 *)(ranges->start6 + n6);
	ranges->start4 = ranges->identity6 + n6;
	ranges->identity4 = ranges->start4 + n4;
	return ranges;
}

struct stk_ranges *stk_ranges_build(const struct stk_block_def *block, u32 n)
{
	struct sweep *s = stk_zalloc(sizeof(*s));
	struct stk_ranges *ranges = NULL;
	u32 n4;

	if (!s)
		return NULL;
	s->is4 = true;
	sweep_run(s, block, n);
	n4 = s->n;
	s->is4 = false;
	sweep_run(s, block, n);
	ranges = ranges_alloc(n4, s->n);
	if (ranges) {
		s->start6 = (struct stk_start6 *)ranges->start6;
		s->out = (u32 *)ranges->identity6;
		sweep_run(s, block, n);
		s->is4 = true;
		s->start4 = (u32 *)ranges->start4;
		s->out = (u32 *)ranges->identity4;
		sweep_run(s, block, n);
	}
	stk_free(s, sizeof(*s));
	return ranges;
}

struct stk_ranges *stk_ranges_get(struct stk_ranges *ranges)
{
	refcount_inc(&ranges->refs);
	return ranges;
}

void stk_ranges_put(struct stk_ranges *ranges)
{
	if (ranges && refcount_dec_and_test(&ranges->refs))
		stk_free(ranges, ranges->bytes);
}
