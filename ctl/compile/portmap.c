// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "portmap.h"

void intervals_add(struct intervals *s, uint32_t from, uint32_t to, uint32_t verdict)
{
	mem_grow(s->v, s->n, s->cap);
	s->v[s->n++] = (struct interval){ from, to, verdict };
}

void intervals_add_proto(struct intervals *s, uint8_t proto, uint32_t verdict)
{
	intervals_add(s, STOCKADE_STEP_FROM(proto, 0), STOCKADE_STEP_FROM(proto, 0xffff), verdict);
}

void steps_push(struct steps *s, uint32_t from, uint32_t verdict)
{
	if (s->n && s->v[s->n - 1].verdict == verdict)
		return;
	mem_grow(s->v, s->n, s->cap);
	s->v[s->n++] = (struct stockade_step){ .from = from, .verdict = verdict };
}

/* The places where something may change: 0, and where intervals begin and have ended. */
static size_t edges(const struct interval *v, size_t n, uint32_t *out)
{
	size_t m = 0;

	out[m++] = 0;
	for (size_t i = 0; i < n; i++) {
		out[m++] = v[i].from;
		if (v[i].to < STOCKADE_STEP_FROM_MAX)
			out[m++] = v[i].to + 1;
	}
	return words_sort(out, m);
}

static size_t edge_at(const uint32_t *edge, size_t n, uint32_t at)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (edge[mid] < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The first place from @i on that is not painted; places painted are skipped for good. */
static size_t bare(uint32_t *next, size_t i)
{
	size_t root = i;

	while (next[root] != root)
		root = next[root];
	while (next[i] != root) {
		size_t after = next[i];

		next[i] = root;
		i = after;
	}
	return root;
}

void portmap_paint(const struct interval *v, size_t n, uint32_t rest, struct steps *out)
{
	uint32_t *edge = mem_array(2 * n + 1, sizeof(*edge));
	size_t m = edges(v, n, edge);
	uint32_t *next = mem_array(m + 1, sizeof(*next)), *colour = mem_array(m, sizeof(*colour));

	for (size_t i = 0; i <= m; i++)
		next[i] = i;
	for (size_t i = 0; i < m; i++)
		colour[i] = rest;
	for (size_t i = 0; i < n; i++) {
		size_t at = bare(next, edge_at(edge, m, v[i].from));

		for (; at < m && edge[at] <= v[i].to; at = bare(next, at)) {
			colour[at] = v[i].verdict;
			next[at] = at + 1;
		}
	}
	out->n = 0;
	for (size_t i = 0; i < m; i++)
		steps_push(out, edge[i], colour[i]);
	free(edge);
	free(next);
	free(colour);
}

static uint32_t both(uint32_t policy, uint32_t gate)
{
	if (STOCKADE_STEP_VERDICT(policy) == STOCKADE_VERDICT_DENY)
		return policy;
	if (STOCKADE_STEP_VERDICT(gate) != STOCKADE_VERDICT_ALLOW)
		return gate;
	return STOCKADE_STEP_RULE(policy) ? policy : gate;
}

void portmap_gate(const struct steps *policy, const struct steps *gate, struct steps *out)
{
	size_t i = 0, k = 0;

	out->n = 0;
	for (uint32_t at = 0;;) {
		uint32_t a, b;

		steps_push(out, at, both(policy->v[i].verdict, gate->v[k].verdict));
		a = i + 1 < policy->n ? policy->v[i + 1].from : UINT32_MAX;
		b = k + 1 < gate->n ? gate->v[k + 1].from : UINT32_MAX;
		if (a == UINT32_MAX && b == UINT32_MAX)
			return;
		at = a < b ? a : b;
		i += a == at;
		k += b == at;
	}
}

uint32_t portmap_at(const struct stockade_step *v, size_t n, uint32_t at)
{
	size_t lo = 0, hi = n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].from <= at)
			lo = mid;
		else
			hi = mid;
	}
	return v[lo].verdict;
}
