// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/utf8.h"
#include "../manifest/manifest.h"
#include "cmd.h"
#include "json.h"
#include "options.h"

static const char help[] =
"Usage: stockadectl check -f PATH... [-o text|json]\n"
"\n"
"Reads manifests as the controller would and tells every mistake in them: what the API\n"
"server would refuse, and what is there twice.  Needs no cluster and no kernel module.\n"
"\n"
"  -f, --filename PATH     a file, a folder (all *.yaml, *.yml and *.json in it), or - for\n"
"                          standard input; may be repeated\n"
"  -o, --output text|json  (default: text)\n"
"\n"
"Exit status: 0 if there is no mistake, 1 if there is any, 2 on a wrong command line.\n"
"\n"
"Examples:\n"
"  stockadectl check -f manifests/\n"
"  kubectl get networkpolicies -A -o yaml | stockadectl check -f -\n"
"  stockadectl check -f manifests/ -o json | jq -r '.mistakes[].message'\n";

/* Manifests may hold anything; a terminal should not be told all of it. */
static void print_safe(const char *s)
{
	size_t len = strlen(s), n;

	for (; len; s += n, len -= n) {
		n = utf8_char(s, len);
		if (!n || (unsigned char)*s < 0x20 || *s == 0x7f) {
			putchar('?');
			n = 1;
		} else {
			fwrite(s, 1, n, stdout);
		}
	}
}

static size_t count_objects(const struct model *m)
{
	size_t n = 0;

	for (int k = 0; k < KINDS; k++)
		n += model_count(m, k);
	return n;
}

/* Of the pods, those that are workloads' templates. */
static size_t count_workloads(const struct model *m)
{
	size_t n, found = 0;
	const struct meta *const *v = model_list(m, KIND_POD, &n);

	for (size_t i = 0; i < n; i++)
		found += !!((const struct pod *)v[i])->workload;
	return found;
}

static size_t count_kind(const struct model *m, enum kind k)
{
	return model_count(m, k) - (k == KIND_POD ? count_workloads(m) : 0);
}

/* "3 Pod, 1 NetworkPolicy, 2 workload" */
static void print_counts(const struct model *m)
{
	const char *sep = ": ";

	for (int k = 0; k < KINDS; k++) {
		size_t n = count_kind(m, k);

		if (!n)
			continue;
		printf("%s%zu %s", sep, n, kind_name(k));
		sep = ", ";
	}
	if (count_workloads(m))
		printf("%s%zu workload", sep, count_workloads(m));
}

static void print_text(const struct model *m, const struct diags *d, int mistakes)
{
	size_t n = count_objects(m);

	for (size_t i = 0; i < d->n; i++) {
		char *line = diag_format(&d->v[i]);

		print_safe(line);
		putchar('\n');
		free(line);
	}
	if (d->suppressed)
		printf("and %zu more\n", d->suppressed);
	if (mistakes) {
		n = d->n + d->suppressed;
		printf("%zu mistake%s\n", n, n == 1 ? "" : "s");
		return;
	}
	printf("no mistakes in %zu object%s", n, n == 1 ? "" : "s");
	print_counts(m);
	putchar('\n');
}

/* null where there is none. */
static void set_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static struct json_object *json_mistake(const struct diag *d)
{
	struct json_object *o = json_object_new_object();

	set_text(o, "file", d->file);
	json_set_u64(o, "line", d->line);
	set_text(o, "object", d->object);
	set_text(o, "field", d->field);
	set_text(o, "message", d->message);
	return o;
}

static void print_json(const struct model *m, const struct diags *d, int mistakes)
{
	struct json_object *o = json_object_new_object(), *v = json_object_new_array();
	struct json_object *objects = json_object_new_object();

	for (size_t i = 0; i < d->n; i++)
		json_object_array_add(v, json_mistake(&d->v[i]));
	for (int k = 0; k < KINDS; k++)
		json_set_u64(objects, kind_name(k), count_kind(m, k));
	json_set_u64(objects, "workloads", count_workloads(m));
	json_set_bool(o, "ok", !mistakes);
	json_object_object_add(o, "mistakes", v);
	json_set_u64(o, "suppressed", d->suppressed);
	json_object_object_add(o, "objects", objects);
	json_print(o);
}

static int check(const struct paths *paths, enum output output)
{
	struct model *m = model_new();
	struct diags diags = { 0 };
	int mistakes = manifest_load(m, paths->v, paths->n, DECODE_TEMPLATES, &diags);

	if (output == OUTPUT_JSON)
		print_json(m, &diags, mistakes);
	else
		print_text(m, &diags, mistakes);
	diags_free(&diags);
	model_free(m);
	return mistakes ? CMD_FAIL : CMD_OK;
}

static int parse(int argc, char **argv, struct paths *paths, enum output *output)
{
	static const struct option options[] = {
		{ "filename", required_argument, NULL, 'f' },
		{ "output", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "f:o:", options, NULL)) >= 0) {
		if (c == 'f')
			paths_add(paths, optarg);
		else if (c != 'o')
			return cmd_usage(argv[0], "see the options it takes");
		else if (!output_parse(optarg, output))
			return cmd_usage(argv[0], "-o takes text or json, not '%s'", optarg);
	}
	for (; optind < argc; optind++)
		paths_add(paths, argv[optind]);
	if (!paths->n)
		return cmd_usage(argv[0], "-f PATH is required");
	return CMD_OK;
}

static int run(int argc, char **argv)
{
	enum output output = OUTPUT_TEXT;
	struct paths paths = { 0 };
	int rc = parse(argc, argv, &paths, &output);

	if (rc == CMD_OK)
		rc = check(&paths, output);
	paths_free(&paths);
	return rc;
}

const struct cmd cmd_check = {
	.name = "check", .summary = "tell every mistake in manifests", .help = help, .run = run,
};
