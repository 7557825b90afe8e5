// SPDX-License-Identifier: GPL-2.0
/*
 * stress [--filler N] [--lanes N] VERB[:TIMES]...: as root, the module loaded; each verb in a network of its own.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bed.h"
#include "stress.h"
#include "tables.h"

static unsigned passed, failed;

static const struct verb {
	const char *name;
	int (*run)(const struct options *o);
	unsigned times;		/* unless told otherwise */
} verbs[] = {
	{ "swap", verb_swap, 5000 },
	{ "revoke", verb_revoke, 4000 },
	{ "tracked", verb_tracked, 800 },
	{ "pile", verb_pile, 400 },
	{ "faults", verb_faults, 1 },
	{ "churn", verb_churn, 60 },
	{ "reload", verb_reload, 10 },
	{ "hotplug", verb_hotplug, 400 },
	{ "perm", verb_perm, 1 },
};

void check(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%s - ", good ? "ok" : "not ok");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	*(good ? &passed : &failed) += 1;
}

static const struct verb *find(const char *name)
{
	size_t len = strcspn(name, ":");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strlen(verbs[i].name) == len && !memcmp(verbs[i].name, name, len))
			return &verbs[i];
	return NULL;
}

static int usage(void)
{
	fprintf(stderr, "usage: stress [--filler N] [--lanes N] VERB[:TIMES]...\nverbs:");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		fprintf(stderr, " %s", verbs[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static void run(const struct verb *v, const char *times, struct options o)
{
	o.times = times ? strtoul(times + 1, NULL, 0) : v->times;
	printf("# %s, %u times\n", v->name, o.times);
	if (v->run(&o))
		check(false, "%s could be run", v->name);
}

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "filler", required_argument, NULL, 'f' },
		{ "lanes", required_argument, NULL, 'l' },
		{} };
	struct options o = { .filler = 16, .lanes = bed_cpus() > 1 ? bed_cpus() - 1 : 1 };
	int opt;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((opt = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (opt == 'f')
			o.filler = strtoul(optarg, NULL, 0);
		else if (opt == 'l')
			o.lanes = strtoul(optarg, NULL, 0);
		else
			return usage();
	}
	if (o.lanes < 1 || o.lanes > TABLES_LANES || optind == argc)
		return usage();
	for (int i = optind; i < argc; i++) {
		const struct verb *v = find(argv[i]);

		if (!v)
			return usage();
		run(v, strchr(argv[i], ':'), o);
	}
	printf("stress: %u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
