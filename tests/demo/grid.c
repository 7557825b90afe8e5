// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "grid.h"

#define CELL 4	/* columns of a terminal a cell takes */

struct names {
	char **v;
	size_t n, cap;
};

static size_t find_or_add(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			return i;
	mem_grow(names->v, names->n, names->cap);
	names->v[names->n] = mem_strdup(name);
	return names->n++;
}

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
}

/* "tcp4" and "tcp6" share a column: what differs shows in the cell. */
static char *column_of(const struct line *l)
{
	int len = strcspn(l->proto_word, "46");

	if (!l->port)
		return mem_printf("%s %.*s", l->to, len, l->proto_word);
	return mem_printf("%s %u/%.*s", l->to, l->port, len, l->proto_word);
}

struct cell {
	unsigned allowed, denied, refused, wrong;
};

/* What a cell says, always CELL wide. */
static void print_cell(FILE *f, const struct cell *c)
{
	if (!c->allowed && !c->denied && !c->refused)
		fprintf(f, "%*s", CELL, "");
	else if (c->wrong)
		fprintf(f, "  \033[31;1m!\033[0m ");
	else if (c->allowed && c->denied)
		fprintf(f, "  \033[33m~\033[0m ");
	else if (c->allowed)
		fprintf(f, "  \033[32m+\033[0m ");
	else if (c->refused)
		fprintf(f, "  \033[33mx\033[0m ");
	else
		fprintf(f, "  \033[2m.\033[0m ");
}

static void fill(struct cell *cells, const struct names *cols, size_t row, size_t col, const struct probe *p)
{
	struct cell *c = &cells[row * cols->n + col];

	c->allowed += p->seen == SEEN_ALLOW;
	c->denied += p->seen == SEEN_DENY;
	c->refused += p->seen == SEEN_REFUSED;
	c->wrong += p->seen != p->expect;
}

static int width_of(const struct names *names)
{
	size_t w = 0;

	for (size_t i = 0; i < names->n; i++)
		w = strlen(names->v[i]) > w ? strlen(names->v[i]) : w;
	return w;
}

/* Column names hang above their columns like steps of a stair. */
static void print_header(FILE *f, const struct names *cols, int left)
{
	for (size_t i = cols->n; i-- > 0;) {
		fprintf(f, "  %*s", left, "");
		for (size_t k = 0; k < i; k++)
			fprintf(f, "  \033[2m|\033[0m ");
		fprintf(f, "  %s\n", cols->v[i]);
	}
}

void grid_print(FILE *f, const struct probe *v, size_t n)
{
	struct names rows = {}, cols = {};
	size_t *row = mem_array(n, sizeof(*row)), *col = mem_array(n, sizeof(*col));
	struct cell *cells;
	int left;

	for (size_t i = 0; i < n; i++) {
		char *column = column_of(v[i].line);

		row[i] = find_or_add(&rows, v[i].line->from);
		col[i] = find_or_add(&cols, column);
		free(column);
	}
	cells = mem_array(rows.n * cols.n, sizeof(*cells));
	for (size_t i = 0; i < n; i++)
		fill(cells, &cols, row[i], col[i], &v[i]);
	left = width_of(&rows);
	print_header(f, &cols, left);
	for (size_t r = 0; r < rows.n; r++) {
		fprintf(f, "  %-*s", left, rows.v[r]);
		for (size_t c = 0; c < cols.n; c++)
			print_cell(f, &cells[r * cols.n + c]);
		fputc('\n', f);
	}
	fprintf(f, "  \033[2m+ answered  . silence%s  (a red ! would be: not as expected)\033[0m\n",
		n && v[0].line ? "  ~ one family of two" : "");
	free(cells);
	free(row);
	free(col);
	names_free(&rows);
	names_free(&cols);
}
