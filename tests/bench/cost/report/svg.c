// SPDX-License-Identifier: GPL-2.0
/*
 * Cost against policies, established flows on the left and new ones on the right, both axes logarithmic; what has no
 * policies is a dashed line across.  Readable on a light page and on a dark one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

#define WIDTH 1140
#define HEIGHT 480
#define TOP 64
#define BOTTOM 420
#define PANEL 300		/* width of a panel's axes */
#define LEADING 15.0		/* least distance of labels */
#define LINES_MAX 16

struct line {
	const char *contender, *label;
	double x[8], y[8];
	unsigned n;
	double label_y;
};

struct panel {
	enum kind kind;
	double left, low, high;		/* decades of the y axis, as logarithms */
	struct line line[LINES_MAX];
	unsigned n_lines;
};

/* With what a line is drawn on a light page and on a dark one. */
static const struct { const char *contender, *label, *light, *dark; } known[] = {
	{ "forwarding", "forwarding only", "#6e7781", "#9198a1" },
	{ "conntrack", "conntrack only", "#6e7781", "#9198a1" },
	{ "nft-list", "nftables, list", "#9a6700", "#d29922" },
	{ "nft-set", "nftables, one set", "#0969da", "#58a6ff" },
	{ "nft-map", "nftables, maps", "#1a7f37", "#3fb950" },
	{ "kube-router", "iptables + ipset", "#bc4c00", "#f0883e" },
	{ "nfqueue", "nfqueue", "#57606a", "#9198a1" },
	{ "tc-ebpf", "tc eBPF", "#8250df", "#bc8cff" },
	{ "stockade", "Stockade", "#cf222e", "#ff7b72" },
	{ "stockade-own", "Stockade, own flows", "#cf222e", "#ff7b72" },
};

#define KNOWN (sizeof(known) / sizeof(*known))

static void print_colours(bool dark, FILE *out)
{
	for (unsigned i = 0; i < KNOWN; i++)
		fprintf(out, ".%1$s{stroke:%2$s}.name.%1$s,.dot.%1$s{fill:%2$s;stroke:none}\n", known[i].contender,
			dark ? known[i].dark : known[i].light);
}

static void print_style(FILE *out)
{
	fputs("<style>\n"
	      "text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:15px}\n"
	      ".small{font-size:11px;fill:#57606a}.grid{stroke:#d0d7de;stroke-width:1}\n"
	      ".line{fill:none;stroke-width:1.8}.flat{stroke-dasharray:5 4}\n"
	      ".line.stockade,.line.stockade-own{stroke-width:3}.name.stockade,.name.stockade-own{font-weight:600}\n", out);
	print_colours(false, out);
	fputs("@media (prefers-color-scheme:dark){\n"
	      "text{fill:#e6edf3}.small{fill:#8d96a0}.grid{stroke:#30363d}\n", out);
	print_colours(true, out);
	fputs("}\n</style>\n", out);
}

static double x_at(const struct panel *p, double policies)
{
	return p->left + (log10(policies) - 1) / 3 * PANEL;
}

static double y_at(const struct panel *p, double cost)
{
	return BOTTOM - (log10(cost) - p->low) / (p->high - p->low) * (BOTTOM - TOP);
}

static void add_point(struct line *l, const struct row *r, enum kind kind)
{
	/* Controls come twice. */
	if (l->n == 8 || !cost_known(&r->cost[kind]) || (l->n && l->x[l->n - 1] == r->policies))
		return;
	l->x[l->n] = r->policies;
	l->y[l->n++] = r->cost[kind].least;
}

/* Rows of the smallest cluster without blocks: what differs is the number of policies. */
static void collect(const struct figures *f, struct panel *p)
{
	for (unsigned i = 0; i < KNOWN; i++) {
		struct line *l = &p->line[p->n_lines];

		*l = (struct line){ .contender = known[i].contender, .label = known[i].label };
		for (const struct row *r = f->row; r < f->row + f->n_rows; r++)
			if (!strcmp(r->contender, l->contender) && r->endpoints == 100 && !r->blocks)
				add_point(l, r, p->kind);
		p->n_lines += l->n > 0;
	}
}

/* A tenth of a decade of air on both sides. */
static void scale(struct panel *p)
{
	double low = INFINITY, high = 0;

	for (struct line *l = p->line; l < p->line + p->n_lines; l++)
		for (unsigned i = 0; i < l->n; i++) {
			low = fmin(low, l->y[i]);
			high = fmax(high, l->y[i]);
		}
	p->low = log10(low) - 0.08;
	p->high = log10(high) + 0.08;
}

static int by_height(const void *a, const void *b)
{
	const struct line *l = a, *m = b;

	return (l->label_y > m->label_y) - (l->label_y < m->label_y);
}

/* Labels stand at the height where their lines end, and make room for each other: downwards first, then up from the axis. */
static void place_labels(struct panel *p)
{
	struct line *l = p->line;
	double bottom = BOTTOM + 4;

	for (unsigned i = 0; i < p->n_lines; i++)
		l[i].label_y = y_at(p, l[i].y[l[i].n - 1]) + 4;
	qsort(l, p->n_lines, sizeof(*l), by_height);
	for (unsigned i = 1; i < p->n_lines; i++)
		l[i].label_y = fmax(l[i].label_y, l[i - 1].label_y + LEADING);
	for (unsigned i = p->n_lines; i-- > 0; bottom -= LEADING)
		l[i].label_y = fmin(l[i].label_y, bottom);
}

static void print_line(const struct panel *p, const struct line *l, FILE *out)
{
	char cost[32];

	fprintf(out, "<path class=\"line %s%s\" d=\"", l->contender, l->n == 1 ? " flat" : "");
	if (l->n == 1)
		fprintf(out, "M%.1f %.1fh%d", p->left, y_at(p, l->y[0]), PANEL);
	for (unsigned i = 0; l->n > 1 && i < l->n; i++)
		fprintf(out, "%c%.1f %.1f", i ? 'L' : 'M', x_at(p, l->x[i]), y_at(p, l->y[i]));
	fprintf(out, "\"/>\n");
	for (unsigned i = 0; l->n > 1 && i < l->n; i++)
		fprintf(out, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", l->contender, x_at(p, l->x[i]),
			y_at(p, l->y[i]));
	fprintf(out, "<text class=\"name %s\" x=\"%.1f\" y=\"%.1f\">%s %s</text>\n", l->contender, p->left + PANEL + 9,
		l->label_y, l->label, grouped(l->y[l->n - 1], cost));
}

/* 1, 2, 3, 5, 7, 10, ..., or all ten where there is less than a decade */
static double next_tick(const struct panel *p, double v)
{
	static const double few[] = { 1, 2, 3, 5, 7, 10 }, all[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	const double *steps = p->high - p->low < 1 ? all : few;
	double decade = pow(10, floor(log10(v) + 1e-9));
	unsigned i = 0;

	while (steps[i] * decade < v * 1.01)
		i++;
	return steps[i] * decade;
}

static void print_tick(const struct panel *p, double v, FILE *out)
{
	double y = y_at(p, v);

	fprintf(out, "<path class=\"grid\" d=\"M%.0f %.1fh%d\"/><text class=\"small\" text-anchor=\"end\" x=\"%.0f\" "
		"y=\"%.1f\">%.0f%s</text>\n", p->left, y, PANEL, p->left - 6, y + 4, v >= 1e6 ? v / 1e6 : v / 1e3,
		v >= 1e6 ? "M" : "k");
}

static void print_axes(const struct panel *p, const char *title, FILE *out)
{
	static const char *const names[] = { "10", "100", "1,000", "10,000" };

	fprintf(out, "<text class=\"title\" x=\"%.0f\" y=\"%d\">%s</text>\n", p->left, TOP - 20, title);
	for (double v = 1000; v < 1e8; v = next_tick(p, v))
		if (log10(v) > p->low && log10(v) < p->high)
			print_tick(p, v, out);
	for (int i = 0; i < 4; i++)
		fprintf(out, "<text class=\"small\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>\n",
			x_at(p, pow(10, i + 1)), BOTTOM + 18, names[i]);
	fprintf(out, "<text class=\"small\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">policies on the node</text>\n",
		p->left + PANEL / 2, BOTTOM + 36);
}

static void print_panel(const struct figures *f, enum kind kind, double left, const char *title, FILE *out)
{
	struct panel p = { .kind = kind, .left = left };

	collect(f, &p);
	if (!p.n_lines)
		return;
	scale(&p);
	print_axes(&p, title, out);
	place_labels(&p);
	for (unsigned i = 0; i < p.n_lines; i++)
		print_line(&p, &p.line[i], out);
}

void svg_print(const struct figures *f, FILE *out)
{
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-label=\"Instructions per packet against the number of policies\">\n", WIDTH, HEIGHT);
	print_style(out);
	fprintf(out, "<text class=\"small\" x=\"12\" y=\"%d\">instructions a packet</text>\n", TOP - 42);
	print_panel(f, ESTABLISHED, 48, "Packet of an established flow", out);
	print_panel(f, NEW, 628, "First packet of a new flow", out);
	fprintf(out, "</svg>\n");
}
