// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "report.h"

static const struct { unsigned policies, endpoints, blocks; const char *what; } steps[] = {
	{ 10000, 100, 0, "10,000 policies" }, { 100, 150000, 0, "150,000 endpoints" }, { 100, 100, 10000, "10,000 blocks" },
};

static struct target *add(struct target *t, unsigned *n, const char *what, double limit)
{
	t += (*n)++;
	*t = (struct target){ .limit = limit };
	snprintf(t->what, sizeof(t->what), "%s", what);
	return t;
}

static const struct cost *cost_of(const struct figures *f, const char *contender, unsigned policies, unsigned endpoints,
				  unsigned blocks, enum kind kind)
{
	const struct row *r = figures_row(f, contender, policies, endpoints, blocks);

	return r && cost_known(&r->cost[kind]) ? &r->cost[kind] : NULL;
}

/* The dearest of the contender's rows above the control. */
static void increment(const struct figures *f, struct target *t, const char *contender, const char *control, enum kind kind)
{
	for (const struct row *r = f->row; r < f->row + f->n_rows; r++) {
		const struct row *base = figures_control(f, control, r);
		double more;

		if (strcmp(r->contender, contender) || !cost_known(&r->cost[kind]) || !base || !cost_known(&base->cost[kind]))
			continue;
		more = r->cost[kind].least - base->cost[kind].least;
		t->figure = !t->known || more > t->figure ? more : t->figure;
		t->known = true;
	}
}

/* By how many percent the row costs more than the small one. */
static void growth(const struct figures *f, struct target *t, const char *contender, unsigned step, enum kind kind)
{
	unsigned policies = steps[step].policies == 100 ? 100 : 10;
	const struct cost *small = cost_of(f, contender, policies, 100, 0, kind);
	const struct cost *large = cost_of(f, contender, steps[step].policies, steps[step].endpoints, steps[step].blocks, kind);

	t->known = small && large;
	if (t->known)
		t->figure = (large->least / small->least - 1) * 100;
}

static void flatness(const struct figures *f, struct target *out, unsigned *n, const char *contender)
{
	char what[96];

	for (unsigned s = 0; s < sizeof(steps) / sizeof(*steps); s++)
		for (enum kind kind = ESTABLISHED; kind <= NEW; kind++) {
			snprintf(what, sizeof(what), "%s: growth to %s, %s, %%", contender, steps[s].what, kind_names[kind]);
			growth(f, add(out, n, what, 5), contender, s, kind);
		}
}

static void value(const struct figures *f, struct target *t, const char *name)
{
	const struct value *v = figures_value(f, name);

	t->known = v;
	t->figure = v ? v->n : 0;
}

static void loading(const struct figures *f, struct target *out, unsigned *n)
{
	const struct value *small = figures_value(f, "change-1500"), *large = figures_value(f, "change-150000");
	const struct value *memory = figures_value(f, "memory-150000"), *none = figures_value(f, "memory-100");
	struct target *t;

	value(f, add(out, n, "150,000 endpoints and 10,000 policies loaded, instructions", 1e10), "load-150000");
	t = add(out, n, "one pod changed at 150,000 endpoints, times that at 1,500", 3);
	t->known = small && large && small->n;
	t->figure = t->known ? (double)large->n / small->n : 0;
	t = add(out, n, "the kernel's memory, bytes an endpoint", 100);
	t->known = memory && none;
	t->figure = t->known ? (double)(memory->n - none->n) / (150000 - 100) : 0;
}

unsigned targets(const struct figures *f, struct target out[TARGETS_MAX])
{
	unsigned n = 0;

	increment(f, add(out, &n, "stockade: established, over conntrack", 150), "stockade", "conntrack", ESTABLISHED);
	increment(f, add(out, &n, "stockade: new, over conntrack", 500), "stockade", "conntrack", NEW);
	flatness(f, out, &n, "stockade");
	increment(f, add(out, &n, "stockade-own: established, over forwarding", 350), "stockade-own", "forwarding", ESTABLISHED);
	increment(f, add(out, &n, "stockade-own: new, over forwarding", 900), "stockade-own", "forwarding", NEW);
	flatness(f, out, &n, "stockade-own");
	loading(f, out, &n);
	return n;
}
