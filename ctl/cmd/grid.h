/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grid: rows of words, printed in columns as wide as they need to be.
 */
#ifndef CMD_GRID_H
#define CMD_GRID_H

#include <stddef.h>
#include <stdio.h>

struct grid {
	size_t columns;
	char **cells;	/* row by row */
	size_t n, cap;
};

/* Starts with a row of @columns headings. */
void grid_init(struct grid *g, size_t columns, const char *const *headings);
/* The next cell, left to right, top to bottom. */
void grid_cell(struct grid *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints, the headings bold where @f takes colour, and frees. */
void grid_print(struct grid *g, FILE *f);

#endif
