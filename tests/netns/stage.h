/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stage: plays one case.
 */
#ifndef NETNS_STAGE_H
#define NETNS_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include "probe.h"
#include "text.h"
#include "topo.h"

/* What was seen in a phase; @control: without any table. */
struct stage_seen {
	const struct phase *phase;
	bool control;
	const struct probe *probes, *flows;
	size_t n_probes, n_flows;
};

/* Somebody who looks on. */
struct stage_watch {
	void (*begin)(struct stage_watch *w, struct topo *t);	/* the phase's tables are in force, nothing was sent yet */
	void (*end)(struct stage_watch *w, const struct stage_seen *seen);
};

/* Where the controllers have the objects from, if not from a folder. */
struct stage_source {
	/* Once, when the network is there and no controller runs yet. */
	int (*open)(struct stage_source *s, const char *dir, struct topo *t, struct err *err);
	/* Has it hold the phase's objects, which controllers see by themselves. */
	int (*put)(struct stage_source *s, const struct phase *ph, struct err *err);
	/* Waits until every node's table is what the phase's objects come to. */
	int (*wait)(struct stage_source *s, struct topo *t, const struct phase *ph, struct err *err);
	char *const *flags;	/* with which a controller is started */
	size_t n_flags;
};

struct stage_options {
	const char *stockaded;	/* NULL: control run only, no table at all */
	const char *scratch;	/* a folder for manifests */
	struct stage_source *source;	/* NULL: manifests in @scratch */
	struct stage_watch *watch;	/* NULL: nobody */
};

/* What was found, in words; false if anything was not as expected. */
bool stage_play(const char *dir, const struct stage_options *o, struct text *report, size_t *n_probes);

#endif
