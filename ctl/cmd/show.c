// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "../nl/nl.h"
#include "../nl/words.h"
#include "cmd.h"
#include "grid.h"
#include "json.h"
#include "show.h"

static const char help[] =
"Usage: stockadectl show endpoints|blocks|programs|subjects|rules|counters [-o text|json]\n"
"\n"
"What the kernel holds in this network namespace, read back from it:\n"
"  endpoints  addresses: their identity, whether they are nodes', which pod of this node has them\n"
"  blocks     ranges of addresses and their identity\n"
"  programs   what each pod's policies came to: identities, ports, verdict, rule\n"
"  subjects   the pods of this node, their programs, and packets by verdict\n"
"  rules      what verdicts are attributed to\n"
"  counters   packets by door, reason and verdict\n"
"\n"
"  -o, --output text|json  (default: text)\n"
"\n"
"Examples:\n"
"  stockadectl show programs\n"
"  stockadectl show endpoints -o json | jq '.[] | select(.subject)'\n"
"  stockadectl show counters\n";

const char *show_rule_name(const struct table *t, uint32_t id)
{
	for (size_t lo = 0, hi = t->n_rules; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->rules[mid].id == id)
			return t->rules[mid].name;
		if (t->rules[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *show_subject_name(const struct table *t, uint32_t id)
{
	for (size_t lo = 0, hi = t->n_subjects; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->subjects[mid].id == id)
			return t->subjects[mid].name;
		if (t->subjects[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const char *node_word(uint32_t flags)
{
	if (flags & STOCKADE_ENDPOINT_F_OWN_NODE)
		return "this node";
	return flags & STOCKADE_ENDPOINT_F_NODE ? "node" : "";
}

static void endpoints_text(const struct table *t)
{
	static const char *const headings[] = { "ADDRESS", "IDENTITY", "NODE", "POD OF THIS NODE" };
	char buf[IP_STRLEN];
	struct grid g;

	grid_init(&g, 4, headings);
	for (size_t i = 0; i < t->n_endpoints; i++) {
		const struct table_endpoint *e = &t->endpoints[i];

		grid_cell(&g, "%s", ip_format(&e->addr, buf));
		grid_cell(&g, "%u", e->identity);
		grid_cell(&g, "%s", node_word(e->flags));
		grid_cell(&g, "%s", show_subject_name(t, e->subject) ?: "");
	}
	grid_print(&g, stdout);
}

static void endpoints_json(const struct table *t)
{
	struct json_object *v = json_object_new_array();
	char buf[IP_STRLEN];

	for (size_t i = 0; i < t->n_endpoints; i++) {
		const struct table_endpoint *e = &t->endpoints[i];
		struct json_object *o = json_object_new_object();

		json_set_str(o, "address", ip_format(&e->addr, buf));
		json_set_u64(o, "identity", e->identity);
		json_set_bool(o, "node", !!(e->flags & STOCKADE_ENDPOINT_F_NODE));
		json_set_bool(o, "own_node", !!(e->flags & STOCKADE_ENDPOINT_F_OWN_NODE));
		if (e->subject)
			json_set_str(o, "subject", show_subject_name(t, e->subject) ?: "");
		json_object_array_add(v, o);
	}
	json_print(v);
}

static void show_endpoints(const struct table *t, enum output output)
{
	(output == OUTPUT_JSON ? endpoints_json : endpoints_text)(t);
}

static void blocks_text(const struct table *t)
{
	static const char *const headings[] = { "BLOCK", "IDENTITY" };
	char buf[CIDR_STRLEN];
	struct grid g;

	grid_init(&g, 2, headings);
	for (size_t i = 0; i < t->n_blocks; i++) {
		grid_cell(&g, "%s", cidr_format(&t->blocks[i].cidr, buf));
		grid_cell(&g, "%u", t->blocks[i].identity);
	}
	grid_print(&g, stdout);
}

static void show_blocks(const struct table *t, enum output output)
{
	struct json_object *v;
	char buf[CIDR_STRLEN];

	if (output == OUTPUT_TEXT) {
		blocks_text(t);
		return;
	}
	v = json_object_new_array();
	for (size_t i = 0; i < t->n_blocks; i++) {
		struct json_object *o = json_object_new_object();

		json_set_str(o, "block", cidr_format(&t->blocks[i].cidr, buf));
		json_set_u64(o, "identity", t->blocks[i].identity);
		json_object_array_add(v, o);
	}
	json_print(v);
}

static void rules_text(const struct table *t)
{
	static const char *const headings[] = { "ID", "TIER", "RULE" };
	struct grid g;

	grid_init(&g, 3, headings);
	for (size_t i = 0; i < t->n_rules; i++) {
		grid_cell(&g, "%u", t->rules[i].id);
		grid_cell(&g, "%s", words_tier(t->rules[i].tier));
		grid_cell(&g, "%s", t->rules[i].name);
	}
	grid_print(&g, stdout);
}

static void show_rules(const struct table *t, enum output output)
{
	struct json_object *v;

	if (output == OUTPUT_TEXT) {
		rules_text(t);
		return;
	}
	v = json_object_new_array();
	for (size_t i = 0; i < t->n_rules; i++) {
		struct json_object *o = json_object_new_object();

		json_set_u64(o, "id", t->rules[i].id);
		json_set_str(o, "tier", words_tier(t->rules[i].tier));
		json_set_str(o, "name", t->rules[i].name);
		json_object_array_add(v, o);
	}
	json_print(v);
}

/* What is read as a table, by name. */
static const struct {
	const char *name;
	void (*show)(const struct table *t, enum output output);
} parts[] = {
	{ "endpoints", show_endpoints }, { "blocks", show_blocks },
	{ "programs", show_programs }, { "rules", show_rules },
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static int show_part(struct stnl *nl, const char *what, enum output output, struct err *err)
{
	uint64_t generation;
	struct table *t = stnl_dump(nl, &generation, err);

	if (!t)
		return -1;
	if (!generation)
		fputs("stockadectl show: no table is in force here\n", stderr);
	for (size_t i = 0; i < N_PARTS; i++)
		if (!strcmp(what, parts[i].name))
			parts[i].show(t, output);
	table_free(t);
	return 0;
}

static bool is_part(const char *what)
{
	for (size_t i = 0; i < N_PARTS; i++)
		if (!strcmp(what, parts[i].name))
			return true;
	return !strcmp(what, "counters") || !strcmp(what, "subjects");
}

static int show(struct stnl *nl, const char *what, enum output output, struct err *err)
{
	if (!strcmp(what, "counters"))
		return show_counters(nl, output, err);
	if (!strcmp(what, "subjects"))
		return show_subjects(nl, output, err);
	return show_part(nl, what, output, err);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "output", required_argument, NULL, 'o' }, {} };
	enum output output = OUTPUT_TEXT;
	struct stnl *nl;
	struct err err;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "o:", options, NULL)) != -1)
		if (opt != 'o' || !output_parse(optarg, &output))
			return cmd_usage(argv[0], "-o wants text or json, and there is no other option");
	if (optind + 1 != argc || !is_part(argv[optind]))
		return cmd_usage(argv[0], "say one of endpoints, blocks, programs, subjects, rules, counters");
	nl = stnl_open(&err);
	if (!nl)
		return cmd_fail(argv[0], "%s", err.msg);
	rc = show(nl, argv[optind], output, &err);
	stnl_close(nl);
	return rc ? cmd_fail(argv[0], "%s", err.msg) : CMD_OK;
}

const struct cmd cmd_show = {
	.name = "show", .summary = "the kernel's table and counters, part by part", .help = help, .run = run,
};
