/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report: what the guest of the bench said, as a table, as JSON, as a picture.
 *
 * A row is a contender at a size; each has a cost of every kind of packet, the least of all rounds.
 * A cost with a round whose packets did not all arrive (or, denied ones, did) is refused: it has
 * words instead of a number.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum kind { ESTABLISHED, NEW, DENIED, KINDS };

#define ROUNDS_MAX 32
#define ROWS_MAX 256
#define NOTES_MAX 1024

struct cost {
	unsigned rounds;
	double least, most;	/* instructions a packet */
	char refused[96];	/* why there is no number; empty if there is one */
};

struct row {
	char name[64], contender[32];
	unsigned policies, endpoints, blocks;
	bool end;		/* of the second half, which has controls of its own */
	char unavailable[160];	/* why the row was not measured */
	struct cost cost[KINDS];
	struct sum {
		bool known;
		uint64_t passed, denied;
	} sent, counted;	/* by the generator; by the contender, if it counts */
};

struct figures {
	struct row row[ROWS_MAX];
	unsigned n_rows;
	char note[NOTES_MAX][200];	/* "version X: Y", "ROW ran COMMAND" */
	unsigned n_notes;
	struct value {
		char name[48];
		uint64_t n;
	} value[64];		/* "value NAME N": figures that are of no packet */
	unsigned n_values;
	bool complete;		/* the guest got to its end */
};

extern const char *const kind_names[KINDS];

/* Reads what the guest said; ends the program if that makes no sense. */
void figures_read(struct figures *f, FILE *in);
/* NULL if there is none; of a control, the first. */
const struct row *figures_row(const struct figures *f, const char *contender, unsigned policies, unsigned endpoints,
			      unsigned blocks);
/* The control that was measured beside @r. */
const struct row *figures_control(const struct figures *f, const char *control, const struct row *r);
/* NULL if it was not measured. */
const struct value *figures_value(const struct figures *f, const char *name);
/* Is there a number? */
bool cost_known(const struct cost *c);

/* A promise of the project, and what became of it. */
struct target {
	char what[96];
	double figure, limit;
	bool known;		/* else there is nothing to compare */
};
#define TARGETS_MAX 32
unsigned targets(const struct figures *f, struct target out[TARGETS_MAX]);

/* 1234567 as 1,234,567 */
const char *grouped(double v, char buf[32]);

void table_print(const struct figures *f, FILE *out);
void json_print(const struct figures *f, const char *command, FILE *out);
void markdown_print(const struct figures *f, FILE *out);
void svg_print(const struct figures *f, FILE *out);

#endif
