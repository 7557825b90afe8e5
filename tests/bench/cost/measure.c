// SPDX-License-Identifier: GPL-2.0
/*
 * measure ROUNDS < PLAN: takes the figures of the plan, from the first to the last and back again.
 *
 *   plan:    ROW KIND COUNT CLIENT SERVER
 *   result:  ROW KIND ROUND SENT ARRIVED INSTRUCTIONS
 *   at last: ROW sent PASSED DENIED: how many packets of all kinds a row ought to have counted
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "measure.h"

#define FIGURES_MAX 512
#define FLOWS 64	/* of an established or denied figure */
#define FIRST_PORT 1024
#define ESTABLISHED_PORTS 61000
#define DENIED_PORTS 62000

const char *const kind_names[KINDS] = { "established", "new", "denied" };

static struct figure figures[FIGURES_MAX];

void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "measure: ");
	vfprintf(stderr, format, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(1);
}

static enum kind parse_kind(const char *word)
{
	for (enum kind k = 0; k < KINDS; k++)
		if (!strcmp(word, kind_names[k]))
			return k;
	die("no such kind: %s", word);
}

static unsigned read_plan(void)
{
	unsigned n = 0;
	char kind[16];

	while (n < FIGURES_MAX && scanf("%47s %15s %u %15s %15s", figures[n].row, kind, &figures[n].count,
					figures[n].client, figures[n].server) == 5)
		figures[n++].kind = parse_kind(kind);
	if (!n || !feof(stdin))
		die("the plan is empty, malformed or too long (line %u)", n + 1);
	return n;
}

static void forget(const struct figure *f)
{
	enter('r', f->row);
	flush_conntrack();
	usleep(300000);	/* what was freed is returned, timers have run */
}

/*
 * Ports that were never used: what keeps flows of its own has not seen them.  As many flows go before: so each round finds
 * as many pages of conntrack's slab half empty, and takes as many new ones.
 */
static struct sample take_new(struct figure *f, unsigned round)
{
	unsigned port = FIRST_PORT + 2 * round * f->count;

	generate(f, port, f->count, DPORT);
	forget(f);
	return generate(f, port + f->count, f->count, DPORT);
}

static struct sample take(struct figure *f, unsigned round)
{
	switch (f->kind) {
	case NEW:
		return take_new(f, round);
	case DENIED:
		return generate(f, DENIED_PORTS, FLOWS, DPORT_DENIED);
	default:
		establish(f, ESTABLISHED_PORTS, FLOWS);
		return generate(f, ESTABLISHED_PORTS, FLOWS, DPORT);
	}
}

static void measure(struct figure *f, unsigned round)
{
	struct sample s = take(f, round);

	printf("%s %s %u %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", f->row, kind_names[f->kind], round, s.sent, s.arrived,
	       s.instructions);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	forget(f);
}

/* A row's figures follow each other in the plan. */
static void print_sums(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct figure *next = &figures[i + 1];

		if (i + 1 < n && !strcmp(next->row, figures[i].row)) {
			next->passed += figures[i].passed;
			next->denied += figures[i].denied;
			continue;
		}
		printf("%s sent %" PRIu64 " %" PRIu64 "\n", figures[i].row, figures[i].passed, figures[i].denied);
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc == 2 ? atoi(argv[1]) : 0, n, i;

	if (!rounds)
		die("usage: measure ROUNDS < PLAN");
	n = read_plan();
	raise_priorities();
	for (unsigned round = 0; round < rounds; round++)
		for (i = 0; i < n; i++)
			measure(&figures[round % 2 ? n - 1 - i : i], round);
	print_sums(n);
	return 0;
}
