// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "grid.h"
#include "options.h"

static void add(struct grid *g, char *cell)
{
	mem_grow(g->cells, g->n, g->cap);
	g->cells[g->n++] = cell;
}

void grid_init(struct grid *g, size_t columns, const char *const *headings)
{
	*g = (struct grid){ .columns = columns };
	for (size_t i = 0; i < columns; i++)
		add(g, mem_strdup(headings[i]));
}

void grid_cell(struct grid *g, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	add(g, s);
}

static size_t width(const struct grid *g, size_t column)
{
	size_t max = 0;

	for (size_t i = column; i < g->n; i += g->columns)
		if (strlen(g->cells[i]) > max)
			max = strlen(g->cells[i]);
	return max;
}

static void print_row(const struct grid *g, size_t row, const size_t *widths, FILE *f)
{
	char **cells = g->cells + row * g->columns;
	size_t last = g->columns - 1;

	while (last && !*cells[last])	/* no blanks at the end of a line */
		last--;
	for (size_t c = 0; c < last; c++)
		fprintf(f, "%-*s  ", (int)widths[c], cells[c]);
	fputs(cells[last], f);
}

void grid_print(struct grid *g, FILE *f)
{
	struct colour colour = colour_for(f);
	size_t *widths = mem_array(g->columns, sizeof(*widths));

	for (size_t c = 0; c < g->columns; c++)
		widths[c] = width(g, c);
	for (size_t row = 0; row < g->n / g->columns; row++) {
		fputs(row ? "" : colour.bold, f);
		print_row(g, row, widths, f);
		fprintf(f, "%s\n", row ? "" : colour.off);
	}
	for (size_t i = 0; i < g->n; i++)
		free(g->cells[i]);
	free(g->cells);
	free(widths);
	*g = (struct grid){};
}
