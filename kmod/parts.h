/* SPDX-License-Identifier: GPL-2.0 */
/*
 * parts: a program that comes in several messages, kept until its last part is here.
 *
 * Belongs to a transaction and is under the same lock.  A message that is refused
 * must leave no trace, so parts know whether the message at hand brought them, and
 * those of earlier messages stay until it is done, even if it completes their
 * program.
 */
#ifndef STK_PARTS_H
#define STK_PARTS_H

#include <linux/list.h>
#include "snapshot.h"

/**
 * struct stk_parts - a program in the making
 * @list: of struct part, in order
 * @done: earlier messages' parts of a program that the message at hand completed
 * @id: of the program, 0: none
 * @weight: what @list counts against the limit of steps
 * @kept_id: @id as the message at hand found it
 * @kept_weight: @weight likewise
 */
struct stk_parts {
	struct list_head list;
	struct list_head done;
	u32 id;
	u32 kept_id;
	u64 weight;
	u64 kept_weight;
};

void stk_parts_init(struct stk_parts *p);
void stk_parts_clear(struct stk_parts *p);

/* Around each message. */
void stk_parts_begin(struct stk_parts *p);
void stk_parts_keep(struct stk_parts *p);
void stk_parts_rollback(struct stk_parts *p);

/**
 * stk_parts_add() - a part that is not the last
 * @p: parts
 * @def: the part; copied
 * @limit: on steps and identities of all parts together
 * @why: set on any error but -ENOMEM
 */
int stk_parts_add(struct stk_parts *p, const struct stk_program_def *def, u32 limit, stk_why *why);

/**
 * stk_parts_finish() - the last part: the program goes into the candidate
 * @p: parts, possibly none
 * @last: the last part
 * @cand: the candidate
 * @why: set on any error but -ENOMEM
 */
int stk_parts_finish(struct stk_parts *p, const struct stk_program_def *last,
		     struct stk_snapshot *cand, stk_why *why);

#endif
