/* SPDX-License-Identifier: GPL-2.0 */
/*
 * closed: pods that are shut, for what their policies say takes more of the kernel's table than it has (struct table_closed):
 * told in the log, and to whoever looks at the policies that say the most.
 */
#ifndef DAEMON_CLOSED_H
#define DAEMON_CLOSED_H

#include "../compile/table.h"
#include "../model/model.h"

/* Begins as { 0 }, but for the last two. */
struct closed {
	struct table_closed *v;		/* what was told last, as the table had it */
	size_t n;
	void (*tell)(void *ctx, const struct networkpolicy *np, const char *message);	/* NULL: nobody but the log */
	void *ctx;
};

/* @t is in force, made from @m: tells what is closed in it, and what is no more, since it was last looked at. */
void closed_look(struct closed *c, const struct model *m, const struct table *t);
void closed_free(struct closed *c);

#endif
