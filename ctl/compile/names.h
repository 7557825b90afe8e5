/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names: the rules that steps name, and fewer of them where they are more than the kernel's table takes.  Then those that come
 * last, the policies' after the perimeter's and each by name, share one of their tier: nothing is judged otherwise for it.
 */
#ifndef COMPILE_NAMES_H
#define COMPILE_NAMES_H

#include "verdicts.h"

/* By handle: does some step name it?  To be freed. */
bool *names_used(const struct verdicts *v);
/*
 * Has at most @v->max_names named, by other steps and drafts; returns the new ones' numbers by the old drafts', to be
 * freed.  NULL: no more were, nothing changed.
 */
uint32_t *names_share(struct verdicts *v);

#endif
