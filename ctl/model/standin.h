/* SPDX-License-Identifier: GPL-2.0 */
/*
 * standin: what model.c does for standin.c.  Private to model/.
 */
#ifndef MODEL_STANDIN_H
#define MODEL_STANDIN_H

#include "model.h"

/* Gives @pod, which has no address, one on @node (interned), and marks it a stand-in. */
void model_place(struct model *m, const struct pod *pod, const char *node, const struct ip *ip);

#endif
