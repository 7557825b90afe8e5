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

struct stage_options {
	const char *stockaded;	/* NULL: control run only, no table at all */
	const char *scratch;	/* a folder for manifests */
	struct stage_watch *watch;	/* NULL: nobody */
};

/* What was found, in words; false if anything was not as expected. */
bool stage_play(const char *dir, const struct stage_options *o, struct text *report, size_t *n_probes);

#endif
