/* SPDX-License-Identifier: GPL-2.0 */
/*
 * prune: leaves out of an object's text what nothing here ever reads and most of its bytes
 * go into (managed fields, environments, volumes, probes, statuses of containers), before a tree is
 * made of it.
 */
#ifndef KUBE_PRUNE_H
#define KUBE_PRUNE_H

#include <stdbool.h>
#include <stddef.h>
#include "../model/model.h"

/*
 * Writes @json, an object of @kind or (@event) a watch event with one, to @out, which has room for @len; returns how much it
 * wrote.  0: this is no JSON it understands, to be parsed as it is.
 */
size_t kube_prune(enum kind kind, bool event, const char *json, size_t len, char *out);

#endif
