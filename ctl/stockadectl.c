// SPDX-License-Identifier: GPL-2.0
/*
 * stockadectl: look at, explain, and change what Stockade enforces.  The verbs are in cmd/.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/version.h"
#include "cmd/cmd.h"

/* In the order people meet them.  An entry is NULL where a verb is not built in. */
static const struct cmd *const cmds[] = {
	&cmd_check, &cmd_matrix, &cmd_explain, &cmd_audit, &cmd_diff, &cmd_graph,
	&cmd_status, &cmd_show, &cmd_drops, &cmd_apply, &cmd_teardown, &cmd_doctor,
};
#define N_CMDS (sizeof(cmds) / sizeof(cmds[0]))

static void complain(const char *verb, const char *fmt, va_list ap)
{
	fprintf(stderr, "stockadectl %s: ", verb);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int cmd_usage(const char *verb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(verb, fmt, ap);
	va_end(ap);
	fprintf(stderr, "Try 'stockadectl %s --help'.\n", verb);
	return CMD_USAGE;
}

int cmd_fail(const char *verb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(verb, fmt, ap);
	va_end(ap);
	return CMD_FAIL;
}

static const struct cmd *find(const char *name)
{
	for (size_t i = 0; i < N_CMDS; i++)
		if (cmds[i] && !strcmp(cmds[i]->name, name))
			return cmds[i];
	return NULL;
}

static void help(FILE *f)
{
	fputs("Usage: stockadectl VERB [OPTION...]\n\n"
	      "Look at, explain and change what Stockade enforces on this node and what a\n"
	      "folder of manifests would make it enforce.\n\nVerbs:\n", f);
	for (size_t i = 0; i < N_CMDS; i++)
		if (cmds[i])
			fprintf(f, "  %-10s %s\n", cmds[i]->name, cmds[i]->summary);
	fputs("\n'stockadectl help VERB' or 'stockadectl VERB --help' tells more.\n\n"
	      "Exit status: 0 done and the answer is good, 1 it could not be done or the\n"
	      "answer is bad, 2 the command line makes no sense.\n\n"
	      "Examples:\n"
	      "  stockadectl check -f manifests/\n"
	      "  stockadectl matrix -f manifests/\n"
	      "  stockadectl status\n"
	      "  stockadectl drops\n", f);
}

static int unknown(const char *name)
{
	fprintf(stderr, "stockadectl: there is no verb '%s'\nTry 'stockadectl help'.\n", name);
	return CMD_USAGE;
}

static int help_on(const char *name)
{
	const struct cmd *c = find(name);

	if (!c)
		return unknown(name);
	fputs(c->help, stdout);
	return CMD_OK;
}

static int is_help(const char *arg)
{
	return !strcmp(arg, "-h") || !strcmp(arg, "--help");
}

static int wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (is_help(argv[i]))
			return 1;
	return 0;
}

static int run(int argc, char **argv)
{
	const struct cmd *c = find(argv[0]);

	if (!c)
		return unknown(argv[0]);
	if (wants_help(argc, argv))
		return help_on(argv[0]);
	return c->run(argc, argv);
}

/* Output that could not be written is a failure: a script must not take half a list for the whole. */
static int close_stdout(int rc)
{
	if (fflush(stdout) || ferror(stdout)) {
		perror("stockadectl: standard output");
		return rc ? rc : CMD_FAIL;
	}
	return rc;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return CMD_USAGE;
	}
	if (is_help(argv[1]) || (!strcmp(argv[1], "help") && argc == 2)) {
		help(stdout);
		return close_stdout(CMD_OK);
	}
	if (!strcmp(argv[1], "help"))
		return close_stdout(help_on(argv[2]));
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		printf("stockadectl %s (netlink version %d)\n", STOCKADE_VERSION, STOCKADE_GENL_VERSION);
		return close_stdout(CMD_OK);
	}
	return close_stdout(run(argc - 1, argv + 1));
}
