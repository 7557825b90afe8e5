// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "reach.h"

#define SPACE STOCKADE_STEP_FROM_MAX

struct cuts {
	uint32_t *v;
	size_t n, cap;
};

static void cut(struct cuts *c, uint32_t at)
{
	mem_grow(c->v, c->n, c->cap);
	c->v[c->n++] = at;
}

static const struct table_endpoint *endpoint(const struct table *t, const struct ip *ip)
{
	size_t lo = 0, hi = t->n_endpoints;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = ip_cmp(&t->endpoints[mid].addr, ip);

		if (!c)
			return &t->endpoints[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const struct table_subject *subject(const struct table *t, uint32_t id)
{
	for (size_t i = 0; id && i < t->n_subjects; i++)
		if (t->subjects[i].id == id)
			return &t->subjects[i];
	return NULL;
}

static void cut_program(struct cuts *c, const struct table *t, uint32_t id)
{
	for (size_t i = 0; id && i < t->n_programs; i++) {
		const struct table_program *p = &t->programs[i];

		for (uint32_t m = 0; p->id == id && m < p->n_maps; m++)
			for (uint32_t s = 0; s < p->maps[m].n_steps; s++)
				cut(c, p->maps[m].steps[s].from);
	}
}

/* The doors treat tunnels apart from the programs. */
static void cut_tunnels(struct cuts *c, const struct table *t)
{
	static const uint8_t protocols[] = { 4, 41, 47 };

	for (size_t i = 0; i < sizeof(protocols); i++) {
		cut(c, STOCKADE_STEP_FROM(protocols[i], 0));
		cut(c, STOCKADE_STEP_FROM(protocols[i] + 1, 0));
	}
	for (size_t i = 0; i < t->n_overlay_ports; i++) {
		cut(c, STOCKADE_STEP_FROM(PROTO_UDP, t->overlay_ports[i]));
		cut(c, STOCKADE_STEP_FROM(PROTO_UDP, t->overlay_ports[i]) + 1);
	}
}

static int cut_end(struct cuts *c, struct world *w, const struct end *e, bool v4, bool opens, struct err *err)
{
	const struct table *t;
	const struct table_endpoint *ep;
	const struct table_subject *s;

	if (e->kind != END_POD || !*e->node)
		return 0;
	t = world_table(w, e->node, err);
	if (!t)
		return -1;
	ep = endpoint(t, &e->ip[v4]);
	s = ep ? subject(t, ep->subject) : NULL;
	if (s)
		cut_program(c, t, opens ? s->egress : s->ingress);
	if (opens)
		cut_tunnels(c, t);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void push(struct reach *r, uint32_t from, uint32_t to, bool would_deny)
{
	if (r->n && r->v[r->n - 1].to + 1 == from && r->v[r->n - 1].would_deny == would_deny) {
		r->v[r->n - 1].to = to;
		return;
	}
	mem_grow(r->v, r->n, r->cap);
	r->v[r->n++] = (struct reach_range){ from, to, would_deny };
}

static bool would_deny(const struct walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].verdict.verdict == STOCKADE_VERDICT_WOULD_DENY)
			return true;
	return false;
}

static int ask(struct world *w, const struct cuts *c, struct flow *f, struct reach *out, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		uint32_t from = c->v[i], to = i + 1 < c->n ? c->v[i + 1] - 1 : SPACE;
		struct walk walk;

		if (from > SPACE || (i + 1 < c->n && c->v[i + 1] == from))
			continue;
		f->proto = from >> 16;
		f->port = from & 0xffff;
		if (world_walk(w, f, &walk, err))
			return -1;
		if (!walk.denied)
			push(out, from, to < SPACE ? to : SPACE, would_deny(&walk));
	}
	return 0;
}

int reach_find(struct world *w, const struct end *from, const struct end *to, bool v4,
	       struct reach *out, struct err *err)
{
	struct flow f = { .from = from, .to = to, .v4 = v4 };
	struct cuts c = {};
	int rc;

	*out = (struct reach){};
	cut(&c, 0);
	rc = cut_end(&c, w, from, v4, true, err) || cut_end(&c, w, to, v4, false, err);
	if (!rc) {
		qsort(c.v, c.n, sizeof(*c.v), by_value);
		rc = ask(w, &c, &f, out, err);
	}
	free(c.v);
	return rc ? -1 : 0;
}

void reach_free(struct reach *r)
{
	free(r->v);
	*r = (struct reach){};
}

/* The range of @r that holds @at; NULL if none does. */
static const struct reach_range *range_at(const struct reach *r, uint32_t at)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].from <= at && at <= r->v[i].to)
			return &r->v[i];
	return NULL;
}

static void cut_reach(struct cuts *c, const struct reach *r)
{
	for (size_t i = 0; i < r->n; i++) {
		cut(c, r->v[i].from);
		cut(c, r->v[i].to + 1);
	}
}

static void combine(const struct reach *a, const struct reach *b, bool minus, struct reach *out)
{
	struct cuts c = {};

	*out = (struct reach){};
	cut(&c, 0);
	cut_reach(&c, a);
	cut_reach(&c, b);
	qsort(c.v, c.n, sizeof(*c.v), by_value);
	for (size_t i = 0; i < c.n; i++) {
		const struct reach_range *x = range_at(a, c.v[i]), *y = range_at(b, c.v[i]);
		uint32_t to = i + 1 < c.n ? c.v[i + 1] - 1 : SPACE;

		if (c.v[i] > SPACE || (i + 1 < c.n && c.v[i + 1] == c.v[i]))
			continue;
		if (minus ? x && !y : x || y)
			push(out, c.v[i], to, (!x || x->would_deny) && (!y || y->would_deny));
	}
	free(c.v);
}

void reach_minus(const struct reach *a, const struct reach *b, struct reach *out)
{
	combine(a, b, true, out);
}

void reach_union(const struct reach *a, const struct reach *b, struct reach *out)
{
	combine(a, b, false, out);
}

/* --- words --------------------------------------------------------------------- */

static void print_protocol(FILE *f, const struct reach *r, uint8_t proto, const char *name, const char **sep)
{
	uint32_t first = STOCKADE_STEP_FROM(proto, 0), last = STOCKADE_STEP_FROM(proto, 0xffff);
	uint32_t open = first, next = first;	/* [open, next): adjoining ranges seen so far */

	for (size_t i = 0; i <= r->n; i++) {
		uint32_t from = i < r->n && r->v[i].from > first ? r->v[i].from : first;
		uint32_t to = i < r->n && r->v[i].to < last ? r->v[i].to : last;
		bool here = i < r->n && r->v[i].from <= last && r->v[i].to >= first;

		if (here && from == next) {
			next = to + 1;
			continue;
		}
		if (i < r->n && !here)
			continue;
		if (next > open) {
			if (open == first && next > last)
				fprintf(f, "%s%s", *sep, name);
			else if (next - open == 1)
				fprintf(f, "%s%u/%s", *sep, open & 0xffff, name);
			else
				fprintf(f, "%s%u-%u/%s", *sep, open & 0xffff, (next - 1) & 0xffff, name);
			*sep = ", ";
		}
		open = from;
		next = to + 1;
	}
}

char *reach_format(const struct reach *r)
{
	const char *sep = "";
	char *text = NULL;
	size_t size;
	FILE *f;

	if (!r->n)
		return mem_strndup("nothing", 7);
	if (r->v[0].from == 0 && r->v[r->n - 1].to == SPACE && range_at(r, STOCKADE_STEP_FROM(PROTO_TCP, 0))) {
		uint32_t next = 0;

		for (size_t i = 0; i < r->n && r->v[i].from == next; i++)
			next = r->v[i].to + 1;
		if (next > SPACE)
			return mem_strndup("all", 3);
	}
	f = open_memstream(&text, &size);
	if (!f)
		abort();
	print_protocol(f, r, PROTO_TCP, "tcp", &sep);
	print_protocol(f, r, PROTO_UDP, "udp", &sep);
	print_protocol(f, r, PROTO_SCTP, "sctp", &sep);
	if (range_at(r, STOCKADE_STEP_FROM(PROTO_ICMP, 0)))
		fprintf(f, "%sother", sep);
	fclose(f);
	return text;
}
