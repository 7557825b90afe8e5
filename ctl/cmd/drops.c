// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../nl/nl.h"
#include "../nl/words.h"
#include "cmd.h"
#include "json.h"
#include "load.h"
#include "names.h"
#include "options.h"

static const char help[] =
"Usage: stockadectl drops [-f PATH]... [-n COUNT] [-o text|json]\n"
"\n"
"Follows what is denied (and, in audit mode, what would be) in this network namespace, a line\n"
"each as it happens: who to whom, at which door, why, and under which generation of the table.\n"
"The kernel limits the rate; what was left out is told as a number.\n"
"\n"
"  -f, --file PATH         manifests to take the names of far pods and nodes from; without,\n"
"                          only the pods of this node have names\n"
"  -n, --count COUNT       stop after so many\n"
"  -o, --output text|json  json: an object a line (default: text)\n"
"\n"
"Examples:\n"
"  stockadectl drops\n"
"  stockadectl drops -f cluster/ -n 10\n"
"  stockadectl drops -o json | jq 'select(.verdict == \"deny\") | .from.name'\n";

struct follow {
	struct names names;
	enum output output;
	struct colour colour;
	uint64_t left;		/* events still wanted */
};

/* For people the local time of day, for scripts RFC 3339. */
static void time_format(uint64_t ns, bool utc, char *buf, size_t size)
{
	unsigned ms = ns / 1000000 % 1000;
	time_t s = ns / 1000000000;
	struct tm tm;
	size_t n;

	if (utc)
		n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", gmtime_r(&s, &tm));
	else
		n = strftime(buf, size, "%H:%M:%S", localtime_r(&s, &tm));
	snprintf(buf + n, size - n, ".%03u%s", ms, utc ? "Z" : "");
}

static void print_end(struct follow *f, const struct stnl_drop *d, const struct ip *ip)
{
	const char *name = names_of(&f->names, ip, d->generation);
	char buf[IP_STRLEN];

	if (name)
		printf("%s%s%s (%s)", f->colour.bold, name, f->colour.off, ip_format(ip, buf));
	else
		printf("%s", ip_format(ip, buf));
}

static void print_proto(const struct stnl_flow *flow)
{
	const char *word = words_proto(flow->proto);

	if (word)
		printf(" %s", word);
	else
		printf(" protocol %u", flow->proto);
	if (flow->port)
		printf("/%u", flow->port);
}

static void print_why(const struct stnl_verdict *v)
{
	if (*v->rule_name)
		printf("%s", v->rule_name);
	else if (v->rule)
		printf("rule %u", v->rule);
	else
		printf("%s", words_reason_long(v->reason));
}

static void print_text(struct follow *f, const struct stnl_drop *d)
{
	const struct stnl_verdict *v = &d->verdict;
	bool deny = v->verdict == STOCKADE_VERDICT_DENY;
	char when[40];

	time_format(d->time_ns, false, when, sizeof(when));
	printf("%s %s%s%s %s ", when, deny ? f->colour.red : f->colour.yellow, deny ? "DENY" : "WOULD-DENY",
	       f->colour.off, words_door(v->door));
	print_end(f, d, &d->flow.opener);
	printf(" -> ");
	print_end(f, d, &d->flow.target);
	print_proto(&d->flow);
	printf("%s: ", d->reply ? " (a reply)" : "");
	print_why(v);
	if (*v->subject_name)
		printf(" [%s of %s]", words_door(v->door), v->subject_name);
	printf(" %sgeneration %" PRIu64 "%s\n", f->colour.dim, d->generation, f->colour.off);
	if (d->lost)
		printf("  ... %u more before it were not told, for the rate limit\n", d->lost);
}

static struct json_object *end_json(struct follow *f, const struct stnl_drop *d, const struct ip *ip, uint16_t port)
{
	struct json_object *o = json_object_new_object();
	const char *name = names_of(&f->names, ip, d->generation);
	char buf[IP_STRLEN];

	json_set_str(o, "address", ip_format(ip, buf));
	if (name)
		json_set_str(o, "name", name);
	json_set_u64(o, "port", port);
	return o;
}

static void rule_json(struct json_object *o, const struct stnl_verdict *v)
{
	if (v->rule)
		json_set_u64(o, "rule", v->rule);
	if (*v->rule_name)
		json_set_str(o, "rule_name", v->rule_name);
	if (v->tier)
		json_set_str(o, "tier", words_tier(v->tier));
	if (*v->subject_name)
		json_set_str(o, "subject", v->subject_name);
}

static void print_json(struct follow *f, const struct stnl_drop *d)
{
	struct json_object *o = json_object_new_object();
	char when[40];

	time_format(d->time_ns, true, when, sizeof(when));
	json_set_str(o, "time", when);
	json_set_u64(o, "time_ns", d->time_ns);
	json_set_str(o, "verdict", words_verdict(d->verdict.verdict));
	json_set_str(o, "door", words_door(d->verdict.door));
	json_set_str(o, "reason", words_reason(d->verdict.reason));
	rule_json(o, &d->verdict);
	json_object_object_add(o, "from", end_json(f, d, &d->flow.opener, d->sport));
	json_object_object_add(o, "to", end_json(f, d, &d->flow.target, d->flow.port));
	json_set_u64(o, "protocol", d->flow.proto);
	json_set_bool(o, "reply", d->reply);
	json_set_u64(o, "generation", d->generation);
	json_set_u64(o, "lost", d->lost);
	json_print_line(o);
}

static void on_drop(void *ctx, const struct stnl_drop *d)
{
	struct follow *f = ctx;

	if (!f->left)
		return;
	f->left--;
	(f->output == OUTPUT_JSON ? print_json : print_text)(f, d);
}

static int follow(struct stnl *nl, struct follow *f, struct err *err)
{
	struct pollfd fd = { .fd = stnl_drops_open(nl, err), .events = POLLIN };

	if (fd.fd < 0)
		return -1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (f->left) {
		int rc;

		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return err_set(err, "poll: %s", strerror(errno));
		rc = stnl_drops_read(nl, on_drop, f, err);
		if (rc < 0)
			return rc;
		if (rc)
			fputs("stockadectl drops: events came faster than they were read, some are lost\n", stderr);
		if (ferror(stdout))
			return err_set(err, "standard output: %s", strerror(errno));
	}
	return 0;
}

static int parse_count(const char *s, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(s, &end, 10);
	return *s < '0' || *s > '9' || *end || errno || !*out ? -1 : 0;
}

static int run_with(const char *verb, struct follow *f, const struct paths *paths)
{
	struct model *m = NULL;
	struct stnl *nl;
	struct err err;
	int rc;

	if (paths->n) {
		m = load_model(paths);
		if (!m)
			return CMD_FAIL;
	}
	nl = stnl_open(&err);
	names_init(&f->names, nl, m);
	rc = nl ? follow(nl, f, &err) : -1;
	names_exit(&f->names);
	stnl_close(nl);
	return rc ? cmd_fail(verb, "%s", err.msg) : CMD_OK;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "file", required_argument, NULL, 'f' }, { "count", required_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'o' }, {}
	};
	struct follow f = { .colour = colour_for(stdout), .left = UINT64_MAX };
	struct paths paths = {};
	int opt, rc = CMD_OK;

	while ((opt = getopt_long(argc, argv, "f:n:o:", options, NULL)) != -1 && !rc) {
		if (opt == 'f')
			paths_add(&paths, optarg);
		else if (opt == 'n' && parse_count(optarg, &f.left))
			rc = cmd_usage(argv[0], "%s: not a count", optarg);
		else if (opt == 'o' && !output_parse(optarg, &f.output))
			rc = cmd_usage(argv[0], "-o %s: text or json", optarg);
		else if (opt == '?')
			rc = cmd_usage(argv[0], "no such option, or its value is missing");
	}
	if (!rc && optind < argc)
		rc = cmd_usage(argv[0], "%s: no argument is expected", argv[optind]);
	rc = rc ?: run_with(argv[0], &f, &paths);
	paths_free(&paths);
	return rc;
}

const struct cmd cmd_drops = {
	.name = "drops", .summary = "follow what is denied, and why", .help = help, .run = run,
};
