/* SPDX-License-Identifier: GPL-2.0 */
/* grid: who reached whom, drawn: a row for each end that asks, a column for each port asked. */
#ifndef DEMO_GRID_H
#define DEMO_GRID_H

#include <stdio.h>
#include "probe.h"

void grid_print(FILE *f, const struct probe *v, size_t n);

#endif
