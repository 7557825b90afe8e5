/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drive: steps a source as the daemon's loop does, until something holds.
 */
#ifndef CLUSTER_DRIVE_H
#define CLUSTER_DRIVE_H

#include <stdbool.h>
#include "kube/kube.h"

struct drive {
	struct model *model;
	struct source *source;
	unsigned changes, broken;	/* steps that said so */
	/* Asked after each step that changed the model: what must always hold. */
	void (*check)(struct drive *d);
	void *ctx;
};

typedef bool (*drive_until)(struct drive *d, const void *arg);

/* False with @err if the source can't be made. */
bool drive_open(struct drive *d, const struct kube_options *o, struct err *err);
void drive_close(struct drive *d);
/* True once @until holds; false after @timeout_ms. */
bool drive_run(struct drive *d, drive_until until, const void *arg, unsigned timeout_ms);
/* Steps for so long whatever happens. */
void drive_for(struct drive *d, unsigned ms);
bool drive_synced(struct drive *d, const void *unused);
/* Writes a kubeconfig for @server with a token, or a file of one, or NULL; returns its path (malloc'ed). */
char *drive_kubeconfig(const char *dir, const char *server, const char *token, const char *token_file);

#endif
