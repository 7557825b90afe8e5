// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdlib.h>
#include "../doctor/doctor.h"
#include "cmd.h"
#include "json.h"
#include "options.h"

static const char help[] =
"Usage: stockadectl doctor [-o text|json] [--root DIR]\n"
"\n"
"Looks this node over and says in plain words what would stop enforcement, or surprise: a module\n"
"missing or of another version, no table or a stale one, no controller, kube-proxy in IPVS mode,\n"
"bridges and flowtables that carry packets past netfilter, forwarding switched off, a full\n"
"conntrack table, pods that may forge addresses, another enforcer.  Run it as root in the node's own namespaces.\n"
"\n"
"  -o, --output text|json  (default: text)\n"
"  --root DIR              look at DIR/proc and DIR/sys: the host's, from within a container\n"
"\n"
"Exit status: 0 if there is no problem (there may be warnings), 1 if there is any.\n"
"\n"
"Examples:\n"
"  stockadectl doctor\n"
"  stockadectl doctor -o json | jq -r '.findings[] | select(.level == \"problem\") | .message'\n";

static const char *const levels[] = {
	[DOCTOR_OK] = "ok", [DOCTOR_WARNING] = "warning", [DOCTOR_PROBLEM] = "problem",
};

static void examine(struct findings *f, const char *root)
{
	struct doctor_table t = {};
	uint64_t generation = 0;
	struct table *table = NULL;
	struct err err = { "" };
	struct stnl *nl = stnl_open(&err);

	t.module = nl && !stnl_status(nl, &t.status, &err);
	t.why = err.msg;
	if (t.module && t.status.generation)
		table = stnl_dump(nl, &generation, &err);
	t.table = table;
	doctor_run(f, root, &t);
	table_free(table);
	stnl_close(nl);
}

static void print_text(const struct findings *f)
{
	struct colour c = colour_for(stdout);
	const char *const colours[] = {
		[DOCTOR_OK] = c.green, [DOCTOR_WARNING] = c.yellow, [DOCTOR_PROBLEM] = c.red,
	};

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *v = &f->v[i];

		printf("%s%-8s%s %-11s %s\n", colours[v->level], levels[v->level], c.off, v->check, v->message);
		if (v->fix)
			printf("%21s%s-> %s%s\n", "", c.dim, v->fix, c.off);
	}
}

static void print_json(const struct findings *f)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < f->n; i++) {
		struct json_object *v = json_object_new_object();

		json_set_str(v, "level", levels[f->v[i].level]);
		json_set_str(v, "check", f->v[i].check);
		json_set_str(v, "message", f->v[i].message);
		if (f->v[i].fix)
			json_set_str(v, "fix", f->v[i].fix);
		json_object_array_add(list, v);
	}
	json_set_str(o, "worst", levels[findings_worst(f)]);
	json_object_object_add(o, "findings", list);
	json_print(o);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' }, { "root", required_argument, NULL, 'r' }, {}
	};
	enum output output = OUTPUT_TEXT;
	struct findings f = {};
	const char *root = "";
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		if (opt == 'r')
			root = optarg;
		else if (opt != 'o' || !output_parse(optarg, &output))
			return cmd_usage(argv[0], "-o wants text or json; --root DIR is the only other option");
	}
	if (optind < argc)
		return cmd_usage(argv[0], "%s: no argument is expected", argv[optind]);
	examine(&f, root);
	(output == OUTPUT_JSON ? print_json : print_text)(&f);
	rc = findings_worst(&f) == DOCTOR_PROBLEM ? CMD_FAIL : CMD_OK;
	findings_free(&f);
	return rc;
}

const struct cmd cmd_doctor = {
	.name = "doctor", .summary = "what would stop enforcement on this node, or surprise", .help = help, .run = run,
};
