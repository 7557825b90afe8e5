/* SPDX-License-Identifier: GPL-2.0 */
/*
 * source: where the cluster's objects come from.  Manifests (manifest/) and the
 * Kubernetes API (kube/) are two; the daemon's loop sees only this.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <poll.h>
#include "base/err.h"
#include "model/model.h"

/* What happened to a source since the last step. */
enum source_change {
	SOURCE_NOTHING,
	SOURCE_CHANGED,		/* the model was changed and may be compiled */
	SOURCE_BROKEN,		/* could not be read: the model is as before; see the log */
};

struct source {
	/* True once the model holds everything once: nothing may be committed before. */
	bool (*synced)(struct source *s);
	/* Fills up to @max descriptors to poll and lowers *@timeout_ms if it wants a step sooner; returns how many. */
	size_t (*poll_fds)(struct source *s, struct pollfd *fds, size_t max, int *timeout_ms);
	/* Read what there is, without blocking; may be called at any time. */
	enum source_change (*step)(struct source *s, const struct pollfd *fds, size_t n);
	/* Read everything again now (SIGHUP). */
	enum source_change (*reload)(struct source *s);
	/* True while that takes, or a reading of its own accord; NULL: reload() comes back when it is done. */
	bool (*reading)(struct source *s);
	void (*free)(struct source *s);
};

#endif
