/* SPDX-License-Identifier: GPL-2.0 */
/*
 * agent: the controller of one node, as it runs in the node's namespace.
 */
#ifndef NETNS_AGENT_H
#define NETNS_AGENT_H

#include <sys/types.h>
#include "base/err.h"
#include "text.h"
#include "topo.h"

struct agent {
	char *node;
	pid_t pid;
	int out;		/* what it says, non-blocking */
	struct text said;
	size_t seen;		/* of said, up to here it was looked at */
};

/* Starts @program with @flags, on the manifests in @dir unless that is NULL.  -1 with @err. */
int agent_start(struct agent *a, const struct topo_node *n, const char *program, const char *dir, char *const *flags,
		size_t n_flags, struct err *err);
/* Waits until a table is in force. */
int agent_wait_start(struct agent *a, struct err *err);
/* Have it read everything again; then wait until that is in force. */
int agent_reload(struct agent *a, struct err *err);
int agent_wait_reload(struct agent *a, struct err *err);
/* SIGTERM; it must leave properly. */
int agent_stop(struct agent *a, struct err *err);
void agent_free(struct agent *a);
/* Its last words, for a report. */
const char *agent_said(struct agent *a);

#endif
