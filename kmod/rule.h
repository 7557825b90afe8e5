/* SPDX-License-Identifier: GPL-2.0 */
/* rule: where a verdict comes from, in words.  Never on the packet's path. */
#ifndef STK_RULE_H
#define STK_RULE_H

#include "index.h"

struct stk_rule_def;

struct stk_rule {
	struct stk_object object;
	u8 tier;
	char name[];
};

/* One reference, or NULL for want of memory.  @def is valid. */
struct stk_rule *stk_rule_alloc(const struct stk_rule_def *def);

#endif
