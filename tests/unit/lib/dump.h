/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dump: a model as the manifests it could have come from.
 */
#ifndef LIB_DUMP_H
#define LIB_DUMP_H

#include <stdio.h>
#include "model/model.h"

void dump_model(const struct model *m, FILE *f);

#endif
