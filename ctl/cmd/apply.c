// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "../compile/flags.h"
#include "../nl/nl.h"
#include "cmd.h"
#include "load.h"
#include "options.h"

static const char help[] =
"Usage: stockadectl apply -f PATH... [--node NAME] [OPTION...]\n"
"\n"
"Compiles manifests to one node's table and puts it in force in this network namespace, once and\n"
"whole.  Mistakes in the manifests are told and change nothing.  A controller that runs\n"
"here notices within seconds and puts its own table back.\n"
"\n"
"  -f, --file PATH                files or folders; may be repeated\n"
"  --node NAME                    the node this is (default: $NODE_NAME, else the host's name)\n"
COMPILE_FLAGS_HELP
"\n"
"Examples:\n"
"  stockadectl apply -f cluster.yaml -f policies/ --node worker-1\n"
"  stockadectl apply -f manifests/ --node worker-1 --perimeter=enforce --deny=reject\n"
"  stockadectl teardown\n";

static const char *own_name(void)
{
	static char host[256];
	const char *name = getenv("NODE_NAME");

	if (name && *name)
		return name;
	return gethostname(host, sizeof(host) - 1) ? "" : host;
}

static int commit(const struct table *t, const char *node, struct err *err)
{
	struct stnl *nl = stnl_open(err);
	uint64_t generation = 0;
	int rc;

	if (!nl)
		return -1;
	rc = stnl_commit(nl, NULL, t, table_digest(t), &generation, NULL, err);
	stnl_close(nl);
	if (rc)
		return rc;
	printf("table in force on node %s: generation %" PRIu64 ", %zu endpoints, %zu blocks, %zu pods of this node, "
	       "%zu programs, %zu rules\n", node, generation, t->n_endpoints, t->n_blocks, t->n_subjects,
	       t->n_programs, t->n_rules);
	if (!t->n_subjects)
		fprintf(stderr, "stockadectl apply: no pod of the manifests runs on node %s\n", node);
	return 0;
}

static int apply(const char *verb, const struct paths *paths, struct compile_options *o)
{
	struct model *m = load_model(paths);
	struct table *t;
	struct err err;
	int rc;

	if (!m)
		return CMD_FAIL;
	o->now = time(NULL);
	t = compile_table(m, o);
	model_free(m);
	rc = commit(t, o->node, &err);
	table_free(t);
	return rc ? cmd_fail(verb, "%s", err.msg) : CMD_OK;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = { COMPILE_FLAGS, { "file", required_argument, NULL, 'f' }, {} };
	struct compile_options compile;
	struct paths paths = {};
	int opt, rc = CMD_OK;
	struct err err;

	compile_options_init(&compile);
	compile.node = own_name();
	while (!rc && (opt = getopt_long(argc, argv, "f:", options, NULL)) != -1) {
		if (opt == 'f')
			paths_add(&paths, optarg);
		else if (opt == '?')
			rc = cmd_usage(argv[0], "no such option, or its value is missing");
		else if (compile_flag(&compile, opt, optarg, &err) < 0)
			rc = cmd_usage(argv[0], "%s", err.msg);
	}
	if (!rc && optind < argc)
		rc = cmd_usage(argv[0], "%s: no argument is expected (-f PATH)", argv[optind]);
	if (!rc && !paths.n)
		rc = cmd_usage(argv[0], "-f PATH is needed");
	rc = rc ?: apply(argv[0], &paths, &compile);
	paths_free(&paths);
	return rc;
}

const struct cmd cmd_apply = {
	.name = "apply", .summary = "put manifests in force once, without a controller", .help = help, .run = run,
};
