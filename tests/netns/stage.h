/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stage: plays one case.
 */
#ifndef NETNS_STAGE_H
#define NETNS_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include "text.h"

struct stage_options {
	const char *stockaded;	/* NULL: control run only, no table at all */
	const char *scratch;	/* a folder for manifests */
};

/* What was found, in words; false if anything was not as expected. */
bool stage_play(const char *dir, const struct stage_options *o, struct text *report, size_t *n_probes);

#endif
