// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>
#include "report.h"

const char *grouped(double v, char buf[32])
{
	char digits[32];
	int n = snprintf(digits, sizeof(digits), "%.0f", fabs(v)), at = 0;

	if (v < 0 && strcmp(digits, "0"))
		buf[at++] = '-';
	for (int i = 0; i < n; i++) {
		buf[at++] = digits[i];
		if (i < n - 1 && (n - 1 - i) % 3 == 0)
			buf[at++] = ',';
	}
	buf[at] = 0;
	return buf;
}

static void print_increment(const struct figures *f, const char *control, const struct row *r, enum kind kind, FILE *out)
{
	const struct row *base = figures_control(f, control, r);
	char buf[34] = "+";

	if (!base || !cost_known(&base->cost[kind])) {
		fprintf(out, " %9s", "");
		return;
	}
	grouped(round(r->cost[kind].least) - round(base->cost[kind].least), buf + 1);
	fprintf(out, " %9s", buf[1] == '-' ? buf + 1 : buf);
}

static void print_cost(const struct figures *f, const struct row *r, enum kind kind, FILE *out)
{
	const struct cost *c = &r->cost[kind];
	char buf[32];

	if (!c->rounds) {
		fprintf(out, " %9s", "-");
		fprintf(out, kind == DENIED ? "" : " %9s %9s", "", "");
		return;
	}
	if (*c->refused) {
		fprintf(out, kind == DENIED ? " %9s" : " %9s %9s %9s", "refused", "", "");
		return;
	}
	fprintf(out, " %9s", grouped(c->least, buf));
	if (kind == DENIED)
		return;
	print_increment(f, "forwarding", r, kind, out);
	print_increment(f, "conntrack", r, kind, out);
}

static void print_row(const struct figures *f, const struct row *r, FILE *out)
{
	char p[32], e[32], b[32];

	fprintf(out, "%-14s %8s %9s %7s", r->contender, grouped(r->policies, p), grouped(r->endpoints, e), grouped(r->blocks, b));
	if (*r->unavailable) {
		fprintf(out, " unavailable: %s\n", r->unavailable);
		return;
	}
	for (enum kind kind = 0; kind < KINDS; kind++)
		print_cost(f, r, kind, out);
	fprintf(out, "%s\n", r->end ? " (at the end)" : "");
	for (enum kind kind = 0; kind < KINDS; kind++)
		if (*r->cost[kind].refused)
			fprintf(out, "  refused: %s, %s\n", kind_names[kind], r->cost[kind].refused);
}

static void print_targets(const struct figures *f, FILE *out)
{
	struct target t[TARGETS_MAX];
	unsigned n = targets(f, t);
	char a[32], b[32];

	fprintf(out, "\n%-62s %15s %15s\n", "target", "at most", "figure");
	for (unsigned i = 0; i < n; i++) {
		fprintf(out, "%-62s %15s ", t[i].what, grouped(t[i].limit, a));
		if (!t[i].known)
			fprintf(out, "%15s\n", "not measured");
		else if (t[i].limit < 10)
			fprintf(out, "%15.2f%s\n", t[i].figure, t[i].figure <= t[i].limit ? "" : "  MISSED");
		else
			fprintf(out, "%15s%s\n", grouped(t[i].figure, b), t[i].figure <= t[i].limit ? "" : "  MISSED");
	}
}

static bool first_of_contender(const struct figures *f, const struct row *r)
{
	for (const struct row *other = f->row; other < r; other++)
		if (!strcmp(other->contender, r->contender))
			return false;
	return true;
}

/* Versions, and for each contender how its first row was put in force. */
static void print_notes(const struct figures *f, FILE *out)
{
	fprintf(out, "\n");
	for (unsigned i = 0; i < f->n_notes; i++)
		if (!strncmp(f->note[i], "version ", 8))
			fprintf(out, "%s\n", f->note[i] + 8);
	fprintf(out, "\n");
	for (const struct row *r = f->row; r < f->row + f->n_rows; r++) {
		size_t n = strlen(r->name);

		for (unsigned i = 0; first_of_contender(f, r) && i < f->n_notes; i++)
			if (!strncmp(f->note[i], r->name, n) && !strncmp(f->note[i] + n, " ran ", 5))
				fprintf(out, "%s: %s\n", r->name, f->note[i] + n + 5);
	}
}

void table_print(const struct figures *f, FILE *out)
{
	fprintf(out, "Instructions a packet (and over forwarding only, over conntrack only)\n\n%-14s %8s %9s %7s", "", "policies",
		"endpoints", "blocks");
	fprintf(out, " %9s %9s %9s %9s %9s %9s %9s\n", "establ.", "+fwd", "+ct", "new flow", "+fwd", "+ct", "denied");
	for (const struct row *r = f->row; r < f->row + f->n_rows; r++)
		print_row(f, r, out);
	print_targets(f, out);
	print_notes(f, out);
}
