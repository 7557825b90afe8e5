// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include "../base/version.h"
#include "../nl/nl.h"
#include "../nl/words.h"
#include "cmd.h"
#include "json.h"
#include "options.h"

static const char help[] =
"Usage: stockadectl status [-o text|json]\n"
"\n"
"What is in force in this network namespace: the table's generation, size and memory,\n"
"where flows' keys come from, and how many packets were denied.\n"
"\n"
"  -o, --output text|json  (default: text)\n"
"\n"
"Exit status: 0 if the module answered (also where no table is in force), else 1.\n"
"\n"
"Examples:\n"
"  stockadectl status\n"
"  stockadectl status -o json | jq .generation\n"
"  ip netns exec worker-2 stockadectl status\n";

struct totals {
	uint64_t allowed, denied, would_deny;
};

static void add_up(const struct stnl_counter *v, size_t n, struct totals *t)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].verdict == STOCKADE_VERDICT_ALLOW)
			t->allowed += v[i].packets;
		else if (v[i].verdict == STOCKADE_VERDICT_DENY)
			t->denied += v[i].packets;
		else
			t->would_deny += v[i].packets;
	}
}

static int read_totals(struct stnl *nl, struct totals *t, struct err *err)
{
	struct stnl_counter *v = NULL;
	size_t n = 0;

	if (stnl_counters(nl, &v, &n, err))
		return -1;
	add_up(v, n, t);
	free(v);
	return 0;
}

static void print_json(const struct stnl_status *s, const struct totals *t)
{
	struct json_object *o = json_object_new_object(), *p = json_object_new_object();
	char digest[20];

	snprintf(digest, sizeof(digest), "%016" PRIx64, s->digest);
	json_set_str(o, "version", s->version);
	json_set_u64(o, "netlink_version", STOCKADE_GENL_VERSION);
	json_set_bool(o, "table", s->generation != 0);
	json_set_u64(o, "generation", s->generation);
	json_set_str(o, "digest", digest);
	json_set_u64(o, "committed", s->committed);
	json_set_str(o, "state", words_state(s->state));
	json_set_u64(o, "endpoints", s->endpoints);
	json_set_u64(o, "blocks", s->blocks);
	json_set_u64(o, "subjects", s->subjects);
	json_set_u64(o, "programs", s->programs);
	json_set_u64(o, "steps", s->steps);
	json_set_u64(o, "rules", s->rules);
	json_set_u64(o, "memory_bytes", s->memory);
	json_set_u64(o, "flows", s->flows);
	json_set_u64(o, "flows_memory_bytes", s->flows_memory);
	json_set_u64(o, "events_lost", s->events_lost);
	json_set_u64(o, "transaction_portid", s->txn_portid);
	json_set_u64(p, "allowed", t->allowed);
	json_set_u64(p, "denied", t->denied);
	json_set_u64(p, "would_deny", t->would_deny);
	json_object_object_add(o, "packets", p);
	json_print(o);
}

static void print_ago(uint64_t committed)
{
	time_t when = committed;
	char buf[40];
	struct tm tm;

	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S %z", localtime_r(&when, &tm));
	printf("committed    %s (%.0f s ago)\n", buf, difftime(time(NULL), when));
}

static void print_table(const struct stnl_status *s, const struct colour *c)
{
	if (!s->generation) {
		printf("table        %snone: no policy is enforced%s\n", c->yellow, c->off);
		return;
	}
	printf("table        %sin force%s, generation %" PRIu64 ", digest %016" PRIx64 "\n",
	       c->green, c->off, s->generation, s->digest);
	print_ago(s->committed);
	printf("endpoints    %u\nblocks       %u\nsubjects     %u\nprograms     %u (%u steps)\nrules        %u\n",
	       s->endpoints, s->blocks, s->subjects, s->programs, s->steps, s->rules);
	printf("memory       %.1f KiB\n", s->memory / 1024.0);
}

static void print_text(const struct stnl_status *s, const struct totals *t)
{
	struct colour c = colour_for(stdout);

	printf("module       %s (netlink version %d)\n", s->version, STOCKADE_GENL_VERSION);
	print_table(s, &c);
	printf("flow keys    %s", words_state(s->state));
	if (s->flows_memory)
		printf(" (%u flows in a map of %.1f MiB)", s->flows, s->flows_memory / 1048576.0);
	printf("\npackets      %" PRIu64 " allowed, %s%" PRIu64 " denied%s, %" PRIu64 " would be denied (audit)\n",
	       t->allowed, t->denied ? c.red : "", t->denied, t->denied ? c.off : "", t->would_deny);
	if (s->events_lost)
		printf("events       %" PRIu64 " not told for the rate limit\n", s->events_lost);
	if (s->txn_portid)
		printf("transaction  open, of netlink port %u\n", s->txn_portid);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { { "output", required_argument, NULL, 'o' }, {} };
	enum output output = OUTPUT_TEXT;
	struct stnl_status status;
	struct totals totals = {};
	struct stnl *nl;
	struct err err;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "o:", options, NULL)) != -1)
		if (opt != 'o' || !output_parse(optarg, &output))
			return cmd_usage(argv[0], "-o wants text or json, and there is no other option");
	if (optind < argc)
		return cmd_usage(argv[0], "%s: no argument is expected", argv[optind]);
	nl = stnl_open(&err);
	if (!nl)
		return cmd_fail(argv[0], "%s", err.msg);
	rc = stnl_status(nl, &status, &err) ?: read_totals(nl, &totals, &err);
	stnl_close(nl);
	if (rc)
		return cmd_fail(argv[0], "%s", err.msg);
	(output == OUTPUT_JSON ? print_json : print_text)(&status, &totals);
	return CMD_OK;
}

const struct cmd cmd_status = {
	.name = "status", .summary = "what is in force here, and how much it denied", .help = help, .run = run,
};
