/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blocks: whose ipBlocks are in the table, where all of them would be more than the kernel's has.
 *
 * Then those doors of pods whose rules name the most prefixes are to be shut, until what the others name fits: the groups of
 * peers that none of the others has go out of use.  A door that has such a group is shut (verdicts.h); one that has none
 * is as it would be, whoever else is shut.
 */
#ifndef COMPILE_BLOCKS_H
#define COMPILE_BLOCKS_H

#include "policies.h"
#include "ranges.h"

/* As ranges_build(), but of at most @max prefixes; for that takes groups of @p->peers out of use. */
void blocks_build(struct ranges *r, const struct policies *p, struct wordset *sets, uint32_t max);
/* Has local pod @local, of @p, at @door a rule whose peers are out of use? */
bool blocks_miss(const struct policies *p, uint32_t local, enum stockade_door door);
/* How many prefixes the ipBlocks of its rules there name, each block counted once. */
uint64_t blocks_count(const struct policies *p, uint32_t local, enum stockade_door door);

#endif
