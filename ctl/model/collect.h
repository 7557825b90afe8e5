/* SPDX-License-Identifier: GPL-2.0 */
/*
 * collect: which strings an object uses.  Private to model/.
 */
#ifndef MODEL_COLLECT_H
#define MODEL_COLLECT_H

#include "pool.h"

void collect_mark(struct pool *p, const struct meta *obj);

#endif
