// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../nl/words.h"
#include "explain.h"

#define NEAR_MAX 5	/* rules told of those that came near */

static void put_verdict(FILE *f, const struct colour *c, unsigned verdict)
{
	const char *colour = verdict == STOCKADE_VERDICT_ALLOW ? c->green :
		verdict == STOCKADE_VERDICT_DENY ? c->red : c->yellow;

	fprintf(f, "%s%s%s", colour, words_verdict(verdict), c->off);
}

static void put_list(FILE *f, const char *before, const struct lines *l)
{
	fputs(before, f);
	for (size_t i = 0; i < l->n; i++)
		fprintf(f, "%s%s", i ? ", " : "", l->v[i]);
	fputc('\n', f);
}

static void put_near(FILE *f, const struct colour *c, const struct why *y)
{
	/* Rules that match neither are told only where nothing came nearer. */
	int least = y->n_near && y->near[0].nearness ? 1 : 0;
	size_t told = 0;

	if (!y->n_near) {
		fputs("      these have no rules, so nothing is allowed\n", f);
		return;
	}
	fputs("      no rule allows it; nearest:\n", f);
	for (size_t i = 0; i < y->n_near && y->near[i].nearness >= least && told < NEAR_MAX; i++, told++)
		fprintf(f, "        %s%s%s %s\n", c->bold, y->near[i].rule, c->off, y->near[i].text);
	if (told < y->n_near)
		fprintf(f, "        %s(%zu further rules)%s\n", c->dim, y->n_near - told, c->off);
}

static void put_policy(FILE *f, const struct colour *c, const struct why *y, enum stockade_door door)
{
	const char *way = door == STOCKADE_DOOR_INGRESS ? "ingress" : "egress";

	if (!y->isolating.n) {
		fprintf(f, "      no NetworkPolicy isolates it for %s\n", way);
		return;
	}
	fprintf(f, "      isolated for %s by ", way);
	put_list(f, "", &y->isolating);
	if (y->allowing.n)
		put_list(f, "      allowed by ", &y->allowing);
	else
		put_near(f, c, y);
}

static const char *const modes[] = { "off", "audit", "enforce" };

static void put_gate(FILE *f, const struct why *y)
{
	if (!y->gate)
		return;
	fprintf(f, "      perimeter (%s): ", modes[y->mode]);
	if (y->opening.n) {
		put_list(f, "opened by ", &y->opening);
		return;
	}
	fputs("nothing opens it\n", f);
	for (size_t i = 0; i < y->shut.n; i++)
		fprintf(f, "        %s\n", y->shut.v[i]);
}

static void put_door(FILE *f, const struct colour *c, const struct meeting *m, const struct why *y)
{
	fprintf(f, "    %s door on node %s", words_door(m->door), m->node);
	if (y->subject)
		fprintf(f, ", of %s/%s", y->subject->meta.ns, y->subject->meta.name);
	fputs(": ", f);
	put_verdict(f, c, m->verdict.verdict);
	if (m->rule)
		fprintf(f, " (%s)\n", m->rule);
	else if (m->verdict.reason == STOCKADE_REASON_RULE)
		fputs(" (nothing forbids it)\n", f);
	else
		fprintf(f, " (%s)\n", words_reason_long(m->verdict.reason));
	if (m->verdict.reason != STOCKADE_REASON_RULE && m->verdict.reason != STOCKADE_REASON_NOT_ISOLATED)
		return;
	put_policy(f, c, y, m->door);
	put_gate(f, y);
}

/* Everything about one family but its addresses. */
static char *doors_text(const struct colour *c, const struct explained *v)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	for (size_t i = 0; i < v->walk.n; i++)
		put_door(f, c, &v->walk.v[i], &v->why[i]);
	if (!v->walk.n)
		fputs("    no door is met: the flow passes no node where a table judges it\n", f);
	fclose(f);
	return text;
}

static void put_family(const struct colour *c, const struct explained *v)
{
	char a[IP_STRLEN], b[IP_STRLEN];

	printf("  %s %s -> %s: ", v->v4 ? "IPv4" : "IPv6", ip_format(&v->opener, a), ip_format(&v->target, b));
	put_verdict(stdout, c, v->walk.denied ? STOCKADE_VERDICT_DENY : STOCKADE_VERDICT_ALLOW);
	puts(v->stand_in ? " (stand-in addresses)" : "");
}

void explain_text(const struct explain *x, const struct explained *v, size_t n)
{
	struct colour c = colour_for(stdout);
	char *texts[2] = {}, port[WHY_PORT_STRLEN];
	bool same;

	why_port_text(probe_proto_number(&x->proto, true), x->port, port);
	for (size_t i = 0; i < n; i++)
		texts[i] = doors_text(&c, &v[i]);
	same = n == 2 && !strcmp(texts[0], texts[1]);
	printf("%s%s -> %s %s%s\n", c.bold, x->from, x->to, port, c.off);
	for (size_t i = 0; i < n; i++) {
		put_family(&c, &v[i]);
		if (!same || i == n - 1)
			fputs(texts[i], stdout);
	}
	free(texts[0]);
	free(texts[1]);
}
