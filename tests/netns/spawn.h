/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spawn: programs started in a namespace.
 */
#ifndef NETNS_SPAWN_H
#define NETNS_SPAWN_H

#include <sys/types.h>
#include "base/err.h"
#include "netns.h"
#include "text.h"

/*
 * Starts @argv in @ns; *@in and *@out are pipes to its input and from its output and errors. Either may be NULL:
 * /dev/null, and what this process has.  It dies with this process.  The pid, or -1 with @err.
 */
pid_t spawn(const struct netns *ns, char *const *argv, int *in, int *out, struct err *err);

/* Runs @argv to its end with @input; a status other than 0 is an error, told with what it printed. */
int spawn_wait(const struct netns *ns, char *const *argv, const struct text *input, struct err *err);

#endif
