// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "ranges.h"

/* A prefix that some atom names. */
struct event {
	struct cidr cidr;
	uint32_t atom;
	bool except;
};

struct frame {
	const struct cidr *cidr;
	size_t first, end;	/* the events that name it */
	uint32_t set;		/* what holds in it */
};

struct walk {
	const struct peers *peers;
	struct wordset *sets;
	struct ranges *out;
	int family;		/* index of starts */
	struct event *events;
	size_t n, cap;
	uint32_t *in, *except;	/* by atom: how many of its prefixes are on the stack */
	uint32_t *count;	/* by group: how many of its atoms hold */
	uint32_t *active, *where;	/* groups that hold, in no order; a group's place there */
	size_t n_active;
	uint64_t sum[2];	/* of hashes of the active groups: stands for their set */
	struct seen {
		uint64_t sum[2];
		uint32_t set;
	} *seen;		/* sets met before */
	size_t n_seen, cap_seen;
	struct index seen_index;
	struct frame stack[130];	/* prefixes of 0 .. 128 bits, and the whole */
	size_t depth;
};

static void group_count(struct walk *w, uint32_t g, int by)
{
	uint32_t before = w->count[g];

	w->count[g] += by;
	if (!before) {
		w->where[g] = w->n_active;
		w->active[w->n_active++] = g;
	} else if (!w->count[g]) {
		uint32_t last = w->active[--w->n_active];

		w->active[w->where[g]] = last;
		w->where[last] = w->where[g];
	}
	if (before && w->count[g])
		return;
	for (int i = 0; i < 2; i++)
		w->sum[i] += by * mix_word(i + 1, g);
}

static bool atom_holds(const struct walk *w, uint32_t a)
{
	return w->in[a] && !w->except[a];
}

/* The prefix of event @e is entered (@by 1) or left (-1). */
static void apply(struct walk *w, const struct event *e, int by)
{
	const struct peer_atom *a = &w->peers->atoms[e->atom];
	bool before = atom_holds(w, e->atom);

	if (e->except)
		w->except[e->atom] += by;
	else
		w->in[e->atom] += by;
	if (atom_holds(w, e->atom) == before)
		return;
	for (size_t i = 0; i < a->n_groups; i++)
		group_count(w, a->groups[i], before ? -1 : 1);
}

static bool seen_equal(const void *ctx, uint32_t value, const void *key)
{
	return !memcmp(((const struct walk *)ctx)->seen[value].sum, key, sizeof(uint64_t[2]));
}

/* The number of the set of active groups; their list is made only the first time. */
static uint32_t current_set(struct walk *w)
{
	uint32_t found = index_find(&w->seen_index, w->sum[0], seen_equal, w, w->sum), *v;

	if (found != INDEX_NONE)
		return w->seen[found].set;
	v = mem_array(w->n_active, sizeof(*v));
	if (w->n_active)
		memcpy(v, w->active, w->n_active * sizeof(*v));
	mem_grow(w->seen, w->n_seen, w->cap_seen);
	w->seen[w->n_seen] = (struct seen){
		.sum = { w->sum[0], w->sum[1] },
		.set = wordset_put(w->sets, v, words_sort(v, w->n_active)),
	};
	free(v);
	index_add(&w->seen_index, w->sum[0], w->n_seen);
	return w->seen[w->n_seen++].set;
}

/* From @ip on holds @set. */
static void start(struct walk *w, const struct ip *ip, uint32_t set)
{
	struct ranges *r = w->out;
	int f = w->family;

	if (r->n_starts[f] && !ip_cmp(&r->starts[f][r->n_starts[f] - 1].ip, ip))
		r->n_starts[f]--;
	if (r->n_starts[f] && r->starts[f][r->n_starts[f] - 1].set == set)
		return;
	mem_grow(r->starts[f], r->n_starts[f], r->cap_starts[f]);
	r->starts[f][r->n_starts[f]++] = (struct range_start){ .ip = *ip, .set = set };
}

/* The address behind the last of @c; false if there is none. */
static bool behind(const struct cidr *c, struct ip *out)
{
	int bit = c->prefix - 1;

	*out = c->ip;
	for (; bit >= 0; bit--) {
		uint8_t mask = 0x80 >> (bit % 8);

		out->b[bit / 8] ^= mask;
		if (out->b[bit / 8] & mask)
			return true;
	}
	return false;
}

static void enter(struct walk *w, size_t first, size_t end)
{
	struct ranges *r = w->out;
	uint32_t around = w->stack[w->depth - 1].set, set;

	for (size_t i = first; i < end; i++)
		apply(w, &w->events[i], 1);
	set = current_set(w);
	w->stack[w->depth++] = (struct frame){ &w->events[first].cidr, first, end, set };
	start(w, &w->events[first].cidr.ip, set);
	if (set == around)
		return;
	mem_grow(r->prefixes, r->n_prefixes, r->cap_prefixes);
	r->prefixes[r->n_prefixes++] = (struct range_prefix){ w->events[first].cidr, set };
}

static void leave(struct walk *w)
{
	const struct frame *top = &w->stack[--w->depth];
	struct ip next;

	for (size_t i = top->first; i < top->end; i++)
		apply(w, &w->events[i], -1);
	if (behind(top->cidr, &next))
		start(w, &next, w->stack[w->depth - 1].set);
}

static int event_cmp(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	int c = memcmp(&x->cidr.ip, &y->cidr.ip, sizeof(x->cidr.ip));

	if (c)
		return c;
	return x->cidr.prefix != y->cidr.prefix ? x->cidr.prefix - y->cidr.prefix : (int)x->except - (int)y->except;
}

static void event(struct walk *w, const struct cidr *c, uint32_t atom, bool except)
{
	if (cidr_is4(c) != w->family)
		return;
	mem_grow(w->events, w->n, w->cap);
	w->events[w->n++] = (struct event){ *c, atom, except };
}

static void gather(struct walk *w)
{
	w->n = 0;
	for (size_t i = 0; i < w->peers->n_atoms; i++) {
		const struct policy_peer *peer = w->peers->atoms[i].peer;

		if (!peer->is_block || !w->peers->atoms[i].n_groups)
			continue;
		event(w, &peer->cidr, i, false);
		for (unsigned k = 0; k < peer->n_except; k++)
			event(w, &peer->except[k], i, true);
	}
	if (w->n)
		qsort(w->events, w->n, sizeof(*w->events), event_cmp);
}

static void walk_family(struct walk *w)
{
	size_t end;

	gather(w);
	w->stack[0] = (struct frame){};
	w->depth = 1;
	for (size_t i = 0; i < w->n; i = end) {
		const struct cidr *c = &w->events[i].cidr;

		for (end = i + 1; end < w->n && !cidr_cmp(&w->events[end].cidr, c); end++)
			;
		while (w->depth > 1 && !cidr_covers(w->stack[w->depth - 1].cidr, c))
			leave(w);
		enter(w, i, end);
	}
	while (w->depth > 1)
		leave(w);
}

void ranges_build(struct ranges *r, const struct peers *p, struct wordset *sets)
{
	struct walk w = { .peers = p, .sets = sets, .out = r };

	*r = (struct ranges){};
	w.in = mem_array(p->n_atoms, sizeof(*w.in));
	w.except = mem_array(p->n_atoms, sizeof(*w.except));
	w.count = mem_array(p->groups.n, sizeof(*w.count));
	w.active = mem_array(p->groups.n, sizeof(*w.active));
	w.where = mem_array(p->groups.n, sizeof(*w.where));
	for (w.family = 0; w.family < 2; w.family++)
		walk_family(&w);
	free(w.events);
	free(w.in);
	free(w.except);
	free(w.count);
	free(w.active);
	free(w.where);
	free(w.seen);
	index_free(&w.seen_index);
}

void ranges_free(struct ranges *r)
{
	free(r->starts[0]);
	free(r->starts[1]);
	free(r->prefixes);
}

bool ranges_equal(const struct ranges *a, const struct ranges *b)
{
	for (int f = 0; f < 2; f++) {
		if (a->n_starts[f] != b->n_starts[f])
			return false;
		for (size_t i = 0; i < a->n_starts[f]; i++)
			if (a->starts[f][i].set != b->starts[f][i].set || ip_cmp(&a->starts[f][i].ip, &b->starts[f][i].ip))
				return false;
	}
	return true;
}

uint32_t ranges_set(const struct ranges *r, const struct ip *ip)
{
	int f = ip_is4(ip);
	size_t lo = 0, hi = r->n_starts[f];

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ip_cmp(&r->starts[f][mid].ip, ip) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? r->starts[f][lo - 1].set : 0;
}
