// SPDX-License-Identifier: GPL-2.0
/* What the README shows: each contender with 100 policies and with the most that it was given, and the targets. */
#include <string.h>
#include "report.h"

static unsigned most_policies(const struct figures *f, const char *contender)
{
	unsigned most = 0;

	for (const struct row *r = f->row; r < f->row + f->n_rows; r++)
		if (!strcmp(r->contender, contender) && r->policies > most)
			most = r->policies;
	return most;
}

static void print_cell(const struct cost *c, const struct row *base, enum kind kind, FILE *out)
{
	char total[32];

	if (!c->rounds) {
		fprintf(out, " |");
		return;
	}
	if (*c->refused) {
		fprintf(out, " refused |");
		return;
	}
	fprintf(out, " %s", grouped(c->least, total));
	if (base && cost_known(&base->cost[kind]) && kind != DENIED)
		fprintf(out, " (%+.0f)", c->least - base->cost[kind].least);
	fprintf(out, " |");
}

static void print_row(const struct figures *f, const struct row *r, FILE *out)
{
	const struct row *base = figures_control(f, "forwarding", r);
	char policies[32];

	fprintf(out, "| %s%s | %s |", r->contender, r->end && !*r->unavailable ? ", second half" : "",
		grouped(r->policies, policies));
	if (*r->unavailable) {
		fprintf(out, " %s | | |\n", r->unavailable);
		return;
	}
	for (enum kind kind = 0; kind < KINDS; kind++)
		print_cell(&r->cost[kind], base, kind, out);
	fprintf(out, "\n");
}

static void print_target(const struct target *t, FILE *out)
{
	char limit[32], figure[32];

	fprintf(out, "| %s | %s | ", t->what, grouped(t->limit, limit));
	if (!t->known)
		fprintf(out, "not measured |\n");
	else if (t->limit < 10)
		fprintf(out, "%.2f%s |\n", t->figure, t->figure <= t->limit ? "" : " **missed**");
	else
		fprintf(out, "%s%s |\n", grouped(t->figure, figure), t->figure <= t->limit ? "" : " **missed**");
}

void markdown_print(const struct figures *f, FILE *out)
{
	struct target t[TARGETS_MAX];
	unsigned n = targets(f, t);

	fprintf(out, "| instructions a packet (over forwarding) | policies | established | new flow | denied |\n"
		     "|---|---|---|---|---|\n");
	for (const struct row *r = f->row; r < f->row + f->n_rows; r++)
		if (r->endpoints == 100 && !r->blocks &&
		    (r->policies == 100 || r->policies == most_policies(f, r->contender)))
			print_row(f, r, out);
	fprintf(out, "\n| target | at most | figure |\n|---|---|---|\n");
	for (unsigned i = 0; i < n; i++)
		print_target(&t[i], out);
}
