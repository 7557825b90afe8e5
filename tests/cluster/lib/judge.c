// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "compile/flags.h"
#include "judge.h"
#include "kube/config.h"
#include "model/decode.h"

uint64_t judge_digest(const struct model *m, struct compile_options o, const char *node)
{
	struct table *t;
	uint64_t digest;

	o.node = node;
	t = compile_table(m, &o);
	digest = table_digest(t);
	table_free(t);
	return digest;
}

struct loading {
	struct model *model;
	const char *path;
	struct diags diags;
};

static void put(void *ctx, struct meta *obj)
{
	model_put(((struct loading *)ctx)->model, obj);
}

static void take_document(void *ctx, struct doc *d)
{
	struct loading *l = ctx;

	model_decode(l->model, d, l->path, &l->diags, put, l);
	doc_free(d);
}

void judge_load(struct model *m, const char *path)
{
	struct loading l = { .model = m, .path = path };
	struct err err;
	size_t len;
	char *text = kube_read_file(path, &len, &err);

	if (!text)
		fail_msg("%s", err.msg);
	doc_parse_yaml(text, len, path, &l.diags, take_document, &l);
	if (l.diags.n)
		fail_msg("%s", diag_format(&l.diags.v[0]));
	diags_free(&l.diags);
	free(text);
}

const char *judge_differs(const struct model *a, const struct model *b, const struct compile_options *o)
{
	size_t n, n_other;
	const struct meta *const *nodes = model_list(a, KIND_NODE, &n);
	const struct meta *const *other = model_list(b, KIND_NODE, &n_other);

	if (n != n_other)
		return n > n_other ? nodes[0]->name : other[0]->name;
	for (size_t i = 0; i < n; i++)
		if (judge_digest(a, *o, nodes[i]->name) != judge_digest(b, *o, nodes[i]->name))
			return nodes[i]->name;
	return NULL;
}

static void read_flag(const char *line, struct compile_options *o)
{
	/* A case's flags are of no node, so no value outlives its line. */
	static const struct option flags[] = { COMPILE_FLAGS, {} };
	const char *value = strchr(line, '=');
	struct err err;

	for (const struct option *f = flags; f->name; f++)
		if (value && !strncmp(line, "--", 2) && strlen(f->name) == (size_t)(value - line - 2) &&
		    !strncmp(line + 2, f->name, value - line - 2)) {
			if (compile_flag(o, f->val, value + 1, &err) != 1)
				fail_msg("%s", err.msg);
			return;
		}
	fail_msg("flag %s is not known", line);
}

void judge_read_flags(const char *path, struct compile_options *o)
{
	FILE *f = fopen(path, "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = 0;
		if (*line && *line != '#')
			read_flag(line, o);
	}
	if (f)
		fclose(f);
}
