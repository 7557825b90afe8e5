/* SPDX-License-Identifier: GPL-2.0 */
/*
 * programs: drafts to programs, and the rules they name.
 */
#ifndef COMPILE_PROGRAMS_H
#define COMPILE_PROGRAMS_H

#include "table.h"
#include "verdicts.h"

/*
 * Fills @t's rules and programs from all drafts; classes have their ids.  Returns the program ids by
 * draft (0 for draft 0), to be freed.
 */
uint32_t *programs_emit(const struct verdicts *v, struct table *t);

#endif
