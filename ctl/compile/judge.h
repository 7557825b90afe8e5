/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge: what the kernel would say of a table, by the kernel's own matcher.
 */
#ifndef COMPILE_JUDGE_H
#define COMPILE_JUDGE_H

#include <match.h>
#include <snapshot.h>
#include "../base/err.h"
#include "table.h"

/* A sealed snapshot of @t (stk_snapshot_put() it); NULL with @err where the kernel would refuse the table. */
struct stk_snapshot *judge_snapshot(const struct table *t, struct err *err);
/* Applies what makes @from into @to to a copy of @base, a snapshot of @from. */
struct stk_snapshot *judge_change(const struct stk_snapshot *base, const struct table *from,
				  const struct table *to, struct err *err);
/* What one door answers; neither end is taken to be an address of the judge's own network namespace. */
struct stk_verdict judge_door(const struct stk_snapshot *s, const struct ip *opener, const struct ip *target,
			      uint8_t proto, uint16_t port, enum stockade_door door);

#endif
