// SPDX-License-Identifier: GPL-2.0
/* stockadectl audit: what is wrong with the rules. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../audit/report.h"
#include "../base/version.h"
#include "../compile/flags.h"
#include "cmd.h"
#include "live.h"
#include "load.h"
#include "options.h"

static const char help[] =
	"Usage: stockadectl audit -f PATH... | --live [OPTION...]\n\n"
	"Says what is wrong with the policies and the perimeter, worst first, and how to mend it.\n\n"
	"  -f, --file PATH           manifests: a file or a folder; repeatable\n"
	LIVE_FLAGS_HELP
	"  -o, --output FORMAT       text (default), json, sarif, junit\n"
	"      --fail-on SEVERITY    exit 1 if a finding is at least error (default), warning or\n"
	"                            info; none: never\n"
	"      --expiry-days DAYS    tell certificates that expire within (default: 30)\n"
	COMPILE_FLAGS_HELP LOAD_FLAGS_HELP
	"\nA finding that is meant is suppressed by an annotation on its object:\n"
	"  stockade.io/audit-ignore.ID: \"the reason\"\n"
	"\nExamples:\n"
	"  stockadectl audit -f manifests/\n"
	"  stockadectl audit --live\n"
	"  stockadectl audit -f manifests/ -o sarif --fail-on warning > stockade.sarif\n";

struct options {
	struct paths files;
	struct live live;
	enum { TEXT, JSON, SARIF, JUNIT } format;
	bool fails;
	enum severity fail_on;
	struct audit_options audit;
};

static bool parse_format(const char *s, struct options *o)
{
	static const char *const names[] = { "text", "json", "sarif", "junit" };

	for (unsigned i = 0; i < 4; i++) {
		if (!strcmp(s, names[i])) {
			o->format = i;
			return true;
		}
	}
	return false;
}

static bool parse_days(const char *s, unsigned *out)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	if (!*s || *end || *s == '-' || v > 36500)
		return false;
	*out = v;
	return true;
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longopts[] = {
		COMPILE_FLAGS, LOAD_FLAGS, LIVE_FLAGS,
		{ "file", required_argument, NULL, 'f' }, { "output", required_argument, NULL, 'o' },
		{ "fail-on", required_argument, NULL, 'F' }, { "expiry-days", required_argument, NULL, 'E' }, {} };
	struct err err;
	int opt;

	while ((opt = getopt_long(argc, argv, "f:o:", longopts, NULL)) != -1) {
		switch (compile_flag(&o->audit.compile, opt, optarg, &err)) {
		case 1: continue;
		case -1: return cmd_usage("audit", "%s", err.msg);
		}
		if (live_flag(&o->live, opt, optarg))
			continue;
		if (opt == 'f') {
			paths_add(&o->files, optarg);
		} else if (opt == 'o') {
			if (!parse_format(optarg, o))
				return cmd_usage("audit", "-o %s: text, json, sarif or junit", optarg);
		} else if (opt == 'F') {
			o->fails = strcmp(optarg, "none");
			if (o->fails && !severity_parse(optarg, &o->fail_on))
				return cmd_usage("audit", "--fail-on %s: error, warning, info or none", optarg);
		} else if (opt == LOAD_FLAG_NOW) {
			if (load_now(optarg, &o->audit.now, &err))
				return cmd_usage("audit", "%s", err.msg);
			o->audit.compile.now = o->audit.now;
		} else if (opt == 'E') {
			if (!parse_days(optarg, &o->audit.expiry_days))
				return cmd_usage("audit", "--expiry-days %s: a number of days", optarg);
		} else {
			return cmd_usage("audit", "unknown option");
		}
	}
	while (optind < argc)	/* the rest of a list after -f, as a shell's glob gives it */
		paths_add(&o->files, argv[optind++]);
	if (!o->files.n == !o->live.wanted)
		return cmd_usage("audit", "give either -f PATH or --live");
	return CMD_OK;
}

static struct report_colour colours(void)
{
	struct colour c = colour_for(stdout);

	return (struct report_colour){ { c.dim, c.yellow, c.red }, c.bold, c.dim, c.off };
}

static void print(const struct options *o, const struct audit *a)
{
	struct report_colour col = colours();

	switch (o->format) {
	case TEXT: report_text(a, &col, stdout); break;
	case JSON: report_json(a, stdout); break;
	case SARIF: report_sarif(a, STOCKADE_VERSION, stdout); break;
	case JUNIT: report_junit(a, stdout); break;
	}
}

static int audit(const struct options *o)
{
	struct diags mistakes = {};
	struct model *m = o->live.wanted ? live_load("audit", &o->live) : load_in_spite(&o->files, &mistakes);
	struct audit_options options = o->audit;
	struct audit a;
	enum severity worst;
	int rc = CMD_FAIL;

	if (!m)
		goto out;
	options.mistakes = &mistakes;
	audit_run(m, &options, &a);
	print(o, &a);
	rc = o->fails && audit_worst(&a, &worst) && worst >= o->fail_on ? CMD_FAIL : CMD_OK;
	audit_free(&a);
	model_free(m);
out:
	diags_free(&mistakes);
	return rc;
}

static int run(int argc, char **argv)
{
	struct options o = { .fails = true, .fail_on = SEVERITY_ERROR };
	int rc;

	audit_options_init(&o.audit);
	rc = parse(argc, argv, &o);
	if (!rc)
		rc = audit(&o);
	paths_free(&o.files);
	return rc;
}

const struct cmd cmd_audit = { "audit", "find the holes in policies and perimeter", help, run };
