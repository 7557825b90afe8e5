// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

const char *const kind_names[KINDS] = { "established", "new", "denied" };

static void bad_line(const char *line)
{
	fprintf(stderr, "report: the guest said: %s\n", line);
	exit(1);
}

/* CONTENDER-POLICIES-ENDPOINTS-BLOCKS[@end] */
static void parse_name(struct row *r, const char *line)
{
	char *field[3], *at;

	snprintf(r->contender, sizeof(r->contender), "%.31s", r->name);
	at = strchr(r->contender, '@');
	r->end = at;
	if (at)
		*at = 0;
	for (int i = 2; i >= 0; i--) {
		field[i] = strrchr(r->contender, '-');
		if (!field[i])
			bad_line(line);
		*field[i]++ = 0;
	}
	r->policies = atoi(field[0]);
	r->endpoints = atoi(field[1]);
	r->blocks = atoi(field[2]);
}

static struct row *row_named(struct figures *f, const char *name, const char *line)
{
	struct row *r;

	for (r = f->row; r < f->row + f->n_rows; r++)
		if (!strcmp(r->name, name))
			return r;
	if (f->n_rows == ROWS_MAX)
		bad_line(line);
	f->n_rows++;
	snprintf(r->name, sizeof(r->name), "%s", name);
	parse_name(r, line);
	return r;
}

static void add_sample(struct cost *c, enum kind kind, uint64_t sent, uint64_t arrived, uint64_t instructions)
{
	uint64_t expected = kind == DENIED ? 0 : sent;
	double each = sent ? (double)instructions / sent : 0;

	if (!sent || arrived != expected)
		snprintf(c->refused, sizeof(c->refused), "%" PRIu64 " of %" PRIu64 " arrived", arrived, sent);
	c->least = !c->rounds || each < c->least ? each : c->least;
	c->most = !c->rounds || each > c->most ? each : c->most;
	c->rounds++;
}

static bool parse_sample(struct figures *f, const char *line)
{
	uint64_t sent, arrived, instructions;
	char name[64], kind[16];
	unsigned round;

	if (sscanf(line, "%63s %15s %u %" SCNu64 " %" SCNu64 " %" SCNu64, name, kind, &round, &sent, &arrived,
		   &instructions) != 6)
		return false;
	for (enum kind k = 0; k < KINDS; k++) {
		if (strcmp(kind, kind_names[k]))
			continue;
		add_sample(&row_named(f, name, line)->cost[k], k, sent, arrived, instructions);
		return true;
	}
	return false;
}

static bool parse_unavailable(struct figures *f, const char *line)
{
	char name[64];
	int words = 0;
	struct row *r;

	if (sscanf(line, "%63s unavailable %n", name, &words) != 1 || !words)
		return false;
	r = row_named(f, name, line);
	snprintf(r->unavailable, sizeof(r->unavailable), "%.159s", line + words);
	return true;
}

static bool parse_sum(struct figures *f, const char *line)
{
	char name[64], who[16];
	struct sum sum = { .known = true };
	struct row *r;

	if (sscanf(line, "%63s %15s %" SCNu64 " %" SCNu64, name, who, &sum.passed, &sum.denied) != 4 ||
	    (strcmp(who, "sent") && strcmp(who, "counted")))
		return false;
	r = row_named(f, name, line);
	*(*who == 's' ? &r->sent : &r->counted) = sum;
	return true;
}

static bool parse_value(struct figures *f, const char *line)
{
	struct value v;

	if (sscanf(line, "value %47s %" SCNu64, v.name, &v.n) != 2 || f->n_values == 64)
		return false;
	f->value[f->n_values++] = v;
	return true;
}

static void parse_line(struct figures *f, const char *line)
{
	if (!strcmp(line, "# end"))
		f->complete = true;
	else if (*line == '#' && f->n_notes < NOTES_MAX)
		snprintf(f->note[f->n_notes++], sizeof(f->note[0]), "%.199s", line + 2);
	else if (!parse_value(f, line) && !parse_unavailable(f, line) && !parse_sum(f, line) &&
		 !parse_sample(f, line))
		bad_line(line);
}

/* Who says that he judged other packets than were sent has no figures. */
static void compare_sums(struct row *r)
{
	if (!r->counted.known || (r->counted.passed == r->sent.passed && r->counted.denied == r->sent.denied))
		return;
	for (enum kind kind = 0; kind < KINDS; kind++)
		if (r->cost[kind].rounds)
			snprintf(r->cost[kind].refused, sizeof(r->cost[kind].refused),
				 "%" PRIu64 "+%" PRIu64 " packets sent, it counted %" PRIu64 "+%" PRIu64, r->sent.passed,
				 r->sent.denied, r->counted.passed, r->counted.denied);
}

void figures_read(struct figures *f, FILE *in)
{
	char line[512];

	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = 0;
		parse_line(f, line);
	}
	for (struct row *r = f->row; r < f->row + f->n_rows; r++)
		compare_sums(r);
}

const struct row *figures_row(const struct figures *f, const char *contender, unsigned policies, unsigned endpoints,
			      unsigned blocks)
{
	for (const struct row *r = f->row; r < f->row + f->n_rows; r++)
		if (!strcmp(r->contender, contender) && r->policies == policies &&
		    r->endpoints == endpoints && r->blocks == blocks)
			return r;
	return NULL;
}

const struct row *figures_control(const struct figures *f, const char *control, const struct row *r)
{
	for (const struct row *c = f->row; c < f->row + f->n_rows; c++)
		if (!strcmp(c->contender, control) && c->end == r->end)
			return c;
	return NULL;
}

const struct value *figures_value(const struct figures *f, const char *name)
{
	for (const struct value *v = f->value; v < f->value + f->n_values; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

bool cost_known(const struct cost *c)
{
	return c->rounds && !*c->refused;
}
