// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/diag.h"
#include "base/doc.h"
#include "cluster.h"
#include "gen.h"
#include "model/decode.h"

struct reading {
	struct model *m;
	struct diags diags;
};

static void each_object(void *ctx, struct meta *obj)
{
	model_put(((struct reading *)ctx)->m, obj);
}

static void each_doc(void *ctx, struct doc *d)
{
	struct reading *r = ctx;

	model_decode(r->m, d, "test", &r->diags, each_object, r);
	doc_free(d);
}

static void read_yaml(struct model *m, const char *yaml)
{
	struct reading r = { .m = m };

	doc_parse_yaml(yaml, strlen(yaml), "test", &r.diags, each_doc, &r);
	for (size_t i = 0; i < r.diags.n; i++)
		fail_msg("%s", diag_format(&r.diags.v[i]));
	diags_free(&r.diags);
}

void cluster_renew(struct cluster *c)
{
	world_free(c->world);
	c->world = world_new(c->model, &c->options, NULL);
}

void cluster_init(struct cluster *c, const char *yaml)
{
	*c = (struct cluster){ .model = model_new() };
	compile_options_init(&c->options);
	c->options.perimeter = PERIMETER_OFF;
	c->options.now = GEN_NOW;
	read_yaml(c->model, yaml);
	cluster_renew(c);
}

void cluster_apply(struct cluster *c, const char *yaml)
{
	read_yaml(c->model, yaml);
	cluster_renew(c);
}

void cluster_free(struct cluster *c)
{
	world_free(c->world);
	model_free(c->model);
}

static uint8_t proto_number(const char *name, bool v4)
{
	static const struct {
		const char *name;
		uint8_t number[2];
	} protos[] = {
		{ "tcp", { 6, 6 } }, { "udp", { 17, 17 } }, { "sctp", { 132, 132 } }, { "icmp", { 58, 1 } },
		{ "ipip", { 4, 4 } }, { "gre", { 47, 47 } }, { "esp", { 50, 50 } },
	};

	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (!strncmp(name, protos[i].name, strlen(protos[i].name)))
			return protos[i].number[v4];
	fail_msg("protocol %s", name);
	return 0;
}

struct asked {
	char from[64], to[64], proto[8], verdict[16];
	unsigned port;
	struct end ends[2];
};

static void parse(struct cluster *c, const char *line, struct asked *out)
{
	struct err err;
	int n = sscanf(line, "%63s %63s %7s %u %15s", out->from, out->to, out->proto, &out->port, out->verdict);

	if (n < 4)
		fail_msg("bad line: %s", line);
	if (world_end(c->world, out->from, &out->ends[0], &err) || world_end(c->world, out->to, &out->ends[1], &err))
		fail_msg("%s: %s", line, err.msg);
}

/* False if this family is not asked. */
static bool walk(struct cluster *c, const struct asked *a, bool v4, struct walk *out)
{
	struct flow f = { &a->ends[0], &a->ends[1], v4, proto_number(a->proto, v4), a->port };
	char last = a->proto[strlen(a->proto) - 1];
	struct err err;

	if (!a->ends[0].has[v4] || !a->ends[1].has[v4] || last == (v4 ? '6' : '4'))
		return false;
	if (world_walk(c->world, &f, out, &err))
		fail_msg("%s", err.msg);
	return true;
}

static const char *verdict(const struct walk *w)
{
	if (w->denied)
		return "deny";
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].verdict.verdict == STOCKADE_VERDICT_WOULD_DENY)
			return "would-deny";
	return "allow";
}

static void expect_line(struct cluster *c, const char *line)
{
	struct asked a;
	struct walk w;
	int families = 0;

	parse(c, line, &a);
	for (int v4 = 0; v4 < 2; v4++) {
		if (!walk(c, &a, v4, &w))
			continue;
		families++;
		if (strcmp(verdict(&w), a.verdict))
			fail_msg("%s (IPv%d): got %s", line, v4 ? 4 : 6, verdict(&w));
	}
	if (!families)
		fail_msg("%s: no common family", line);
}

void cluster_expect(struct cluster *c, const char *lines)
{
	char *copy = strdup(lines), *rest = copy;

	for (char *line; (line = strsep(&rest, "\n"));) {
		line += strspn(line, " \t");
		if (*line && *line != '#')
			expect_line(c, line);
	}
	free(copy);
}

void cluster_expect_rule(struct cluster *c, const char *flow, const char *rule)
{
	struct asked a;
	struct walk w = {};
	const char *got;
	size_t at;

	parse(c, flow, &a);
	if (!walk(c, &a, true, &w) && !walk(c, &a, false, &w))
		fail_msg("%s: no common family", flow);
	for (at = 0; at + 1 < w.n && w.v[at].verdict.verdict == STOCKADE_VERDICT_ALLOW; at++)
		;
	got = w.n && w.v[at].rule ? w.v[at].rule : "";
	if (strcmp(got, rule))
		fail_msg("%s: by '%s', not '%s'", flow, got, rule);
}
