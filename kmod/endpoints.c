// SPDX-License-Identifier: GPL-2.0
/* endpoints: extendible hashing, copied on write; see endpoints.h. */
#include "endpoints.h"

/*
 * What an entry of the directory points to before its first key.  Never
 * written and never counted; as a page it has the directory's depth.
 */
static const struct stk_page stk_page_none;

static struct stk_page *none(void)
{
	return (struct stk_page *)&stk_page_none;
}

/* Pages. */

static struct stk_page *page_alloc(u32 depth)
{
	struct stk_page *page;

	BUILD_BUG_ON(sizeof(*page) != STK_PAGE_BYTES);
	page = stk_zalloc(sizeof(*page));
	if (page)
		page->depth = depth;
	return page;
}

static struct stk_page *page_copy(const struct stk_page *old, u32 depth)
{
	struct stk_page *page = stk_alloc(sizeof(*page));

	if (!page)
		return NULL;
	memcpy(page, old, sizeof(*page));
	page->depth = depth;
	return page;
}

static void page_put(struct stk_page *page)
{
	if (page != none() && refcount_dec_and_test(&page->refs))
		stk_free(page, sizeof(*page));
}

/* The slot of @addr, or the empty one where it would go. */
static struct stk_endpoint *page_probe(struct stk_page *page, u64 hash, const struct stk_addr *addr)
{
	struct stk_endpoint *e = &page->slot[stk_page_first(hash)];

	while (e->identity && !stk_addr_equal(&e->addr, addr))
		if (++e == &page->slot[STK_PAGE_SLOTS])
			e = page->slot;
	return e;
}

static void page_add(struct stk_page *page, u64 hash, const struct stk_endpoint *e)
{
	*page_probe(page, hash, &e->addr) = *e;
	page->n++;
}

static u32 slots_from(u32 from, u32 to)
{
	return (to + STK_PAGE_SLOTS - from) % STK_PAGE_SLOTS;
}

/*
 * Empties a slot and moves back what a probe would no longer find: an
 * endpoint further down that began its probe at or before the hole.
 */
static void page_remove(struct stk_page *page, u64 seed, struct stk_endpoint *e)
{
	u32 hole = e - page->slot;
	u32 i = hole, first;

	for (;;) {
		i = (i + 1) % STK_PAGE_SLOTS;
		if (!page->slot[i].identity)
			break;
		first = stk_page_first(stk_endpoints_hash(seed, &page->slot[i].addr));
		if (slots_from(first, i) < slots_from(hole, i))
			continue;
		page->slot[hole] = page->slot[i];
		hole = i;
	}
	memset(&page->slot[hole], 0, sizeof(page->slot[hole]));
	page->n--;
}

/* The directory. */

static u32 root_nodes(const struct stk_endpoints *ep)
{
	return 1U << (ep->depth - STK_NODE_BITS);
}

static size_t root_bytes(u32 depth)
{
	return sizeof(struct stk_endpoints) +
	       ((size_t)1 << (depth - STK_NODE_BITS)) * sizeof(struct stk_node *);
}

static struct stk_page *page_at(const struct stk_endpoints *ep, u32 i)
{
	return ep->node[i >> STK_NODE_BITS]->page[i % STK_NODE_SIZE];
}

static u32 page_depth(const struct stk_endpoints *ep, const struct stk_page *page)
{
	return page == none() ? ep->depth : page->depth;
}

/* How many entries of the directory point to a page, */
static u32 page_span(const struct stk_endpoints *ep, const struct stk_page *page)
{
	return 1U << (ep->depth - page_depth(ep, page));
}

/* and how many nodes these are in: as many as the references this root's nodes hold on it. */
static u32 span_nodes(u32 span)
{
	return span > STK_NODE_SIZE ? span / STK_NODE_SIZE : 1;
}

/* The first of each run of entries with the same page holds the node's reference. */
static bool first_of_run(const struct stk_node *node, u32 i)
{
	return !i || node->page[i] != node->page[i - 1];
}

static void node_get_pages(struct stk_node *node)
{
	u32 i;

	for (i = 0; i < STK_NODE_SIZE; i++)
		if (first_of_run(node, i) && node->page[i] != none())
			refcount_inc(&node->page[i]->refs);
}

static void node_put(struct stk_node *node)
{
	u32 i;

	if (!refcount_dec_and_test(&node->refs))
		return;
	for (i = 0; i < STK_NODE_SIZE; i++)
		if (first_of_run(node, i))
			page_put(node->page[i]);
	stk_free(node, sizeof(*node));
}

static struct stk_node *node_alloc(void)
{
	struct stk_node *node = stk_alloc(sizeof(*node));

	if (node)
		refcount_set(&node->refs, 1);
	return node;
}

/* A root with nodes of its own whose entries are not set. */
static struct stk_endpoints *root_alloc(u32 depth)
{
	struct stk_endpoints *ep = stk_zalloc(root_bytes(depth));
	u32 k;

	if (!ep)
		return NULL;
	refcount_set(&ep->refs, 1);
	ep->depth = depth;
	ep->shift = 64 - depth;
	for (k = 0; k < root_nodes(ep); k++) {
		ep->node[k] = node_alloc();
		if (!ep->node[k])
			goto err_nodes;
	}
	return ep;

err_nodes:
	while (k-- > 0)
		stk_free(ep->node[k], sizeof(*ep->node[k]));
	stk_free(ep, root_bytes(depth));
	return NULL;
}

/* Points @span entries, whose nodes are owned, to a page nobody points to yet. */
static void set_entries(struct stk_endpoints *ep, u32 first, u32 span, struct stk_page *page)
{
	u32 i;

	if (page != none())
		refcount_set(&page->refs, span_nodes(span));
	for (i = first; i < first + span; i++)
		ep->node[i >> STK_NODE_BITS]->page[i % STK_NODE_SIZE] = page;
}

/* Gives back what the nodes held on a page that @span entries pointed to. */
static void drop_page(struct stk_page *page, u32 span)
{
	u32 n = span_nodes(span);

	while (n-- > 0)
		page_put(page);
}

/*
 * Owning: what a writer does on the way down.  A root, node or page with one
 * reference, reached through owned ones, is seen by nobody else.
 */

static int own_root(struct stk_endpoints **ep)
{
	struct stk_endpoints *old = *ep;
	struct stk_endpoints *new;
	u32 k;

	if (stk_refs_are(&old->refs, 1))
		return 0;
	new = stk_alloc(root_bytes(old->depth));
	if (!new)
		return -ENOMEM;
	memcpy(new, old, root_bytes(old->depth));
	refcount_set(&new->refs, 1);
	for (k = 0; k < root_nodes(new); k++)
		refcount_inc(&new->node[k]->refs);
	stk_endpoints_put(old);
	*ep = new;
	return 0;
}

static int own_node(struct stk_endpoints *ep, u32 k)
{
	struct stk_node *old = ep->node[k];
	struct stk_node *new;

	if (stk_refs_are(&old->refs, 1))
		return 0;
	new = node_alloc();
	if (!new)
		return -ENOMEM;
	memcpy(new->page, old->page, sizeof(new->page));
	node_get_pages(new);
	node_put(old);
	ep->node[k] = new;
	return 0;
}

static int own_nodes(struct stk_endpoints *ep, u32 first, u32 span)
{
	u32 k;
	int err;

	for (k = first >> STK_NODE_BITS; k <= (first + span - 1) >> STK_NODE_BITS; k++) {
		err = own_node(ep, k);
		if (err)
			return err;
	}
	return 0;
}

/* The page of entry @i, to be written; NULL for want of memory. */
static struct stk_page *own_page(struct stk_endpoints *ep, u32 i)
{
	struct stk_page *old = page_at(ep, i);
	u32 span = page_span(ep, old);
	u32 first = i & ~(span - 1);
	struct stk_page *new;

	if (own_nodes(ep, first, span))
		return NULL;
	if (old != none() && stk_refs_are(&old->refs, span_nodes(span)))
		return old;
	new = page_copy(old, page_depth(ep, old));
	if (!new)
		return NULL;
	set_entries(ep, first, span, new);
	drop_page(old, span);
	ep->pages += old == none();
	return new;
}

/* Growing. */

static int double_root(struct stk_endpoints **ep)
{
	struct stk_endpoints *old = *ep;
	struct stk_endpoints *new;
	u32 i;

	if (old->depth == STK_DEPTH_MAX)
		return -ENOSPC;
	new = root_alloc(old->depth + 1);
	if (!new)
		return -ENOMEM;
	new->seed = old->seed;
	new->n = old->n;
	new->pages = old->pages;
	for (i = 0; i < 1U << new->depth; i++)
		new->node[i >> STK_NODE_BITS]->page[i % STK_NODE_SIZE] = page_at(old, i >> 1);
	for (i = 0; i < root_nodes(new); i++)
		node_get_pages(new->node[i]);
	stk_endpoints_put(old);
	*ep = new;
	return 0;
}

/* Hands the keys of @page out to @low and @high by the bit behind its depth. */
static void page_divide(const struct stk_endpoints *ep, const struct stk_page *page,
			struct stk_page *low, struct stk_page *high)
{
	u32 i;

	for (i = 0; i < STK_PAGE_SLOTS; i++) {
		const struct stk_endpoint *e = &page->slot[i];
		u64 hash;

		if (!e->identity)
			continue;
		hash = stk_endpoints_hash(ep->seed, &e->addr);
		page_add(hash >> (63 - page->depth) & 1 ? high : low, hash, e);
	}
}

/* Splits the page @hash belongs to, which is full. */
static int page_split(struct stk_endpoints **root, u64 hash)
{
	struct stk_page *page = page_at(*root, hash >> (*root)->shift);
	struct stk_page *low, *high;
	struct stk_endpoints *ep;
	u32 span, first;
	int err = 0;

	if (page->depth == (*root)->depth)
		err = double_root(root);
	if (err)
		return err;
	ep = *root;
	span = page_span(ep, page);
	first = (u32)(hash >> ep->shift) & ~(span - 1);
	low = page_alloc(page->depth + 1);
	high = page_alloc(page->depth + 1);
	if (!low || !high || own_nodes(ep, first, span)) {
		stk_free(low, sizeof(*low));
		stk_free(high, sizeof(*high));
		return -ENOMEM;
	}
	page_divide(ep, page, low, high);
	set_entries(ep, first, span / 2, low);
	set_entries(ep, first + span / 2, span / 2, high);
	drop_page(page, span);
	ep->pages++;
	return 0;
}

int stk_endpoints_put_key(struct stk_endpoints **ep, const struct stk_endpoint *new,
			  struct stk_endpoint *old)
{
	u64 hash = stk_endpoints_hash((*ep)->seed, &new->addr);
	struct stk_endpoint *e;
	struct stk_page *page;
	int err = own_root(ep);

	while (!err) {
		page = page_at(*ep, hash >> (*ep)->shift);
		if (page->n < STK_PAGE_FULL || page_probe(page, hash, &new->addr)->identity)
			break;
		err = page_split(ep, hash);
	}
	if (err)
		return err;
	page = own_page(*ep, hash >> (*ep)->shift);
	if (!page)
		return -ENOMEM;
	e = page_probe(page, hash, &new->addr);
	if (old)
		*old = *e;
	if (!e->identity) {
		page->n++;
		(*ep)->n++;
	}
	*e = *new;
	return 0;
}

/* Shrinking. */

static void page_pour(const struct stk_endpoints *ep, struct stk_page *into,
		      const struct stk_page *from)
{
	u32 i;

	for (i = 0; i < STK_PAGE_SLOTS; i++)
		if (from->slot[i].identity)
			page_add(into, stk_endpoints_hash(ep->seed, &from->slot[i].addr),
				 &from->slot[i]);
}

/* Makes one page of the one at entry @i and its buddy, if they are that empty. */
static bool page_merge(struct stk_endpoints *ep, u32 i)
{
	struct stk_page *page = page_at(ep, i);
	u32 span = page_span(ep, page);
	u32 first = i & ~(2 * span - 1);
	struct stk_page *buddy, *both;

	if (!page->depth || page == none())
		return false;
	buddy = page_at(ep, (i & ~(span - 1)) ^ span);
	if (buddy == none() || buddy->depth != page->depth || page->n + buddy->n > STK_PAGE_MERGE)
		return false;
	if (own_nodes(ep, first, 2 * span))
		return false;
	both = page_alloc(page->depth - 1);
	if (!both)
		return false;
	page_pour(ep, both, page);
	page_pour(ep, both, buddy);
	set_entries(ep, first, 2 * span, both);
	drop_page(page, span);
	drop_page(buddy, span);
	ep->pages--;
	return true;
}

int stk_endpoints_del_key(struct stk_endpoints **ep, const struct stk_addr *addr,
			  struct stk_endpoint *old)
{
	u64 hash = stk_endpoints_hash((*ep)->seed, addr);
	struct stk_endpoint *e;
	struct stk_page *page;

	if (!stk_endpoints_find(*ep, addr))
		return -ENOENT;
	if (own_root(ep))
		return -ENOMEM;
	page = own_page(*ep, hash >> (*ep)->shift);
	if (!page)
		return -ENOMEM;
	e = page_probe(page, hash, addr);
	if (old)
		*old = *e;
	page_remove(page, (*ep)->seed, e);
	(*ep)->n--;
	/* Merging only saves memory: without any for it, the pages stay apart. */
	while (page_merge(*ep, hash >> (*ep)->shift))
		;
	return 0;
}

/* Life, and reading. */

/* Depth at which pages of @hint keys are two thirds of the way to a split on average. */
static u32 depth_for(u32 hint)
{
	u32 depth = 0;

	while (depth < STK_DEPTH_MAX && hint >> depth > STK_PAGE_FULL * 2 / 3)
		depth++;
	return depth;
}

struct stk_endpoints *stk_endpoints_alloc(u32 hint)
{
	u32 depth = depth_for(hint);
	struct stk_page *page = none();
	struct stk_endpoints *ep;

	/* A small table grows out of one page, a large one has its directory at once. */
	if (depth <= STK_DEPTH_MIN) {
		depth = STK_DEPTH_MIN;
		page = page_alloc(0);
		if (!page)
			return NULL;
	}
	ep = root_alloc(depth);
	if (!ep) {
		if (page != none())
			stk_free(page, sizeof(*page));
		return NULL;
	}
	ep->seed = stk_hash_seed();
	ep->pages = page != none();
	set_entries(ep, 0, 1U << depth, page);
	return ep;
}

struct stk_endpoints *stk_endpoints_get(struct stk_endpoints *ep)
{
	refcount_inc(&ep->refs);
	return ep;
}

void stk_endpoints_put(struct stk_endpoints *ep)
{
	u32 k;

	if (!ep || !refcount_dec_and_test(&ep->refs))
		return;
	for (k = 0; k < root_nodes(ep); k++)
		node_put(ep->node[k]);
	stk_free(ep, root_bytes(ep->depth));
}

const struct stk_endpoint *stk_endpoints_next(const struct stk_endpoints *ep, u64 *cursor)
{
	u32 s = *cursor & 0xff;
	u64 i = *cursor >> 8;

	while (i < 1ULL << ep->depth) {
		const struct stk_page *page = page_at(ep, i);

		for (; s < STK_PAGE_SLOTS; s++) {
			if (page->slot[s].identity) {
				*cursor = i << 8 | (s + 1);
				return &page->slot[s];
			}
		}
		i += page_span(ep, page);
		s = 0;
	}
	*cursor = i << 8;
	return NULL;
}

size_t stk_endpoints_bytes(const struct stk_endpoints *ep)
{
	return root_bytes(ep->depth) + root_nodes(ep) * sizeof(struct stk_node) +
	       (size_t)ep->pages * sizeof(struct stk_page);
}

/* Is each key of the page where a look-up finds it, and their number right? */
static bool page_sane(const struct stk_endpoints *ep, struct stk_page *page, u32 first)
{
	u32 i, n = 0;

	for (i = 0; i < STK_PAGE_SLOTS; i++) {
		struct stk_endpoint *e = &page->slot[i];
		u64 hash;

		if (!e->identity)
			continue;
		n++;
		hash = stk_endpoints_hash(ep->seed, &e->addr);
		if (page_probe(page, hash, &e->addr) != e)
			return false;
		if (page->depth && hash >> (64 - page->depth) !=
		    first >> (ep->depth - page->depth))
			return false;
	}
	return n == page->n && n <= STK_PAGE_FULL;
}

bool stk_endpoints_sane(const struct stk_endpoints *ep)
{
	u32 i = 0, j, n = 0, pages = 0;

	while (i < 1U << ep->depth) {
		struct stk_page *page = page_at(ep, i);
		u32 span = page_span(ep, page);

		if (page_depth(ep, page) > ep->depth || i & (span - 1))
			return false;
		if (page != none() && (refcount_read(&page->refs) < span_nodes(span) ||
				       !page_sane(ep, page, i)))
			return false;
		for (j = i; j < i + span; j++)
			if (page_at(ep, j) != page)
				return false;
		n += page->n;
		pages += page != none();
		i += span;
	}
	return n == ep->n && pages == ep->pages;
}
