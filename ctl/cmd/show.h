/* SPDX-License-Identifier: GPL-2.0 */
/*
 * show: the parts of "stockadectl show", one function each for a table that was read back.
 */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include <stdint.h>
#include "../compile/table.h"
#include "../nl/nl.h"
#include "options.h"

void show_programs(const struct table *t, enum output output);
/* These ask the kernel themselves; -1 with @err. */
int show_counters(struct stnl *nl, enum output output, struct err *err);
int show_subjects(struct stnl *nl, enum output output, struct err *err);

/* Name of a rule or subject; NULL where there is none. */
const char *show_rule_name(const struct table *t, uint32_t id);
const char *show_subject_name(const struct table *t, uint32_t id);

#endif
