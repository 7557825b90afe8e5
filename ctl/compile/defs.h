/* SPDX-License-Identifier: GPL-2.0 */
/*
 * defs: the table's objects as the judge's own code (kmod/snapshot.h) takes them.  What
 * they point to is the table's, unless said.
 */
#ifndef COMPILE_DEFS_H
#define COMPILE_DEFS_H

#include <snapshot.h>
#include <digest.h>
#include "table.h"

struct stk_rule_def table_rule_def(const struct table_rule *r);
struct stk_program_def table_program_def(const struct table_program *p);	/* .maps is to be freed */
struct stk_subject_def table_subject_def(const struct table_subject *s);
struct stk_endpoint_def table_endpoint_def(const struct table_endpoint *e);
struct stk_block_def table_block_def(const struct table_block *b);
struct stk_config_def table_config_def(const struct table *t);	/* .cidrs is to be freed */

static inline struct stk_addr stk_addr_of(const struct ip *ip)
{
	struct stk_addr a;

	memcpy(a.b, ip->b, sizeof(a.b));
	return a;
}

#endif
