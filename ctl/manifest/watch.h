/* SPDX-License-Identifier: GPL-2.0 */
/*
 * watch: tells when folders and files may have changed and writers have gone quiet.
 * Private to manifest/.
 */
#ifndef MANIFEST_WATCH_H
#define MANIFEST_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch;

struct watch *watch_new(void);	/* NULL with errno */
void watch_free(struct watch *w);
int watch_fd(const struct watch *w);

/*
 * What is watched is told anew with each reading, before what it covers is read, so that nothing
 * that happens afterwards is missed: begin, add all, end (which forgets what was not added again).
 */
void watch_begin(struct watch *w);
void watch_add(struct watch *w, const char *path);		/* a folder or a file, and all in it */
void watch_add_name(struct watch *w, const char *dir, const char *name);	/* only this name in it */
void watch_end(struct watch *w);

/* Takes the events there are. */
void watch_read(struct watch *w, int64_t now_ms);
/* When the paths should be read, in the clock of watch_read(); INT64_MAX: nothing happened. */
int64_t watch_due(const struct watch *w);
/* The reading begins: what happened so far is dealt with. */
void watch_done(struct watch *w);

#endif
