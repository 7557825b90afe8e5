/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flags: the controller's command line.
 */
#ifndef DAEMON_FLAGS_H
#define DAEMON_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include "../base/err.h"
#include "../base/log.h"
#include "../compile/compile.h"

struct flags {
	struct compile_options compile;
	char **manifests;		/* none: the Kubernetes API */
	size_t n_manifests;
	const char *kubeconfig, *context;	/* NULL: not given */
	const char *listen;		/* NULL: no status server */
	enum log_level log_level;
	enum log_format log_format;
	const char *untaint;		/* taint to take from the node once a table is in force; NULL: none */
	bool no_events;			/* write no Events */
	bool tls_secrets;		/* watch Secrets, for classes that require TLS */
	bool once, teardown, version, help;
};

/* Strings are borrowed from @argv and the environment.  -1 with @err on a command line that makes no sense. */
int flags_parse(struct flags *f, int argc, char **argv, struct err *err);
void flags_free(struct flags *f);
extern const char flags_help[];

#endif
