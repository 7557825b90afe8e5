// SPDX-License-Identifier: GPL-2.0
#include "../nl/nl.h"
#include "cmd.h"

static const char help[] =
"Usage: stockadectl teardown\n"
"\n"
"Removes the table of this network namespace: nothing is enforced any more, as before the first\n"
"commit.  A controller that runs here notices within seconds and puts its table back.\n"
"\n"
"Examples:\n"
"  stockadectl teardown\n"
"  ip netns exec worker-2 stockadectl teardown\n";

static int run(int argc, char **argv)
{
	struct stnl *nl;
	struct err err;
	int rc;

	if (argc > 1)
		return cmd_usage(argv[0], "%s: no argument is expected", argv[1]);
	nl = stnl_open(&err);
	if (!nl)
		return cmd_fail(argv[0], "%s", err.msg);
	rc = stnl_teardown(nl, &err);
	stnl_close(nl);
	return rc ? cmd_fail(argv[0], "%s", err.msg) : CMD_OK;
}

const struct cmd cmd_teardown = {
	.name = "teardown", .summary = "remove the table: enforce nothing", .help = help, .run = run,
};
