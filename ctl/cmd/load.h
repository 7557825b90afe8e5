/* SPDX-License-Identifier: GPL-2.0 */
/*
 * load: what the offline verbs begin with: manifests, and the options they are compiled with.
 */
#ifndef CMD_LOAD_H
#define CMD_LOAD_H

#include "../base/diag.h"
#include "../base/err.h"
#include "../compile/compile.h"
#include "../model/model.h"
#include "options.h"

/*
 * The objects of @paths; NULL after each mistake was told on stderr, one a line, as `check` tells them.
 * load_model() takes them as a cluster has them, load_offline() as a checkout may (model_stand_in()).
 */
struct model *load_model(const struct paths *paths);
struct model *load_offline(const struct paths *paths);
/*
 * For audit, to which mistakes are findings: what could be read, and the mistakes in @out (the caller's to
 * free); NULL, with them told, only if nothing could be.
 */
struct model *load_in_spite(const struct paths *paths, struct diags *out);

#define LOAD_FLAG_NOW 0x2000
#define LOAD_FLAGS { "now", required_argument, NULL, LOAD_FLAG_NOW }
#define LOAD_FLAGS_HELP \
	"  --now=TIME                     judge certificates at this time, seconds since the\n" \
	"                                 epoch or 2030-01-31T12:00:00Z (default: the clock)\n"
/* "1700000000" or "2030-01-31T12:00:00Z"; -1 with @err. */
int load_now(const char *s, time_t *out, struct err *err);

#endif
