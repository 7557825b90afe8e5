/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd: the verbs of stockadectl, one file each.  stockadectl.c holds the table of them.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

/* What a verb returns, and stockadectl exits with. */
enum {
	CMD_OK = 0,	/* done, and the answer is good */
	CMD_FAIL = 1,	/* it could not be done, or the answer is bad (mistakes found, ...) */
	CMD_USAGE = 2,	/* the command line makes no sense; nothing was tried */
};

/**
 * struct cmd - one verb
 * @name: as typed
 * @summary: one line for the list of verbs
 * @help: what --help prints: "Usage: stockadectl NAME ...", the options, exit codes if they
 *	differ from the common ones, and examples.  Ends with a newline
 * @run: @argv[0] is the verb itself, so getopt_long() works as it stands.  -h and --help
 *	never get here.  Returns CMD_*
 */
struct cmd {
	const char *name;
	const char *summary;
	const char *help;
	int (*run)(int argc, char **argv);
};

/* Each verb's file defines its own; to add one, declare it here and list it in stockadectl.c. */
#define CMD_DECLARE(x) extern const struct cmd x __attribute__((weak))
CMD_DECLARE(cmd_apply);
CMD_DECLARE(cmd_audit);
CMD_DECLARE(cmd_check);
CMD_DECLARE(cmd_diff);
CMD_DECLARE(cmd_doctor);
CMD_DECLARE(cmd_drops);
CMD_DECLARE(cmd_explain);
CMD_DECLARE(cmd_graph);
CMD_DECLARE(cmd_matrix);
CMD_DECLARE(cmd_show);
CMD_DECLARE(cmd_status);
CMD_DECLARE(cmd_teardown);
#undef CMD_DECLARE

/* Tells "stockadectl VERB: message" and where help is, on stderr; returns CMD_USAGE. */
int cmd_usage(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Tells "stockadectl VERB: message" on stderr; returns CMD_FAIL. */
int cmd_fail(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
