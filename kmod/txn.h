/* SPDX-License-Identifier: GPL-2.0 */
/*
 * txn: the one transaction a namespace may have open.
 *
 * All of this is under the namespace's lock (stk_net.lock).  The candidate is
 * nobody else's: packets never see it before it is sealed.
 *
 * A message is applied whole or not at all: before its first object a savepoint is
 * taken (a clone, which shares every part) and given back in place of the candidate
 * if an object is refused.
 */
#ifndef STK_TXN_H
#define STK_TXN_H

#include "parts.h"
#include "snapshot.h"

struct stk_net;

/**
 * struct stk_txn - a transaction
 * @portid: netlink socket that began it, 0: none is open.  Written under the lock; the
 *	release notifier peeks without it
 * @change: a change on @base, else a whole table
 * @base: generation
 * @cand: the candidate
 * @savepoint: what @cand was before the message at hand, NULL if that has one object only
 * @parts: of a program whose last part has not come yet
 */
struct stk_txn {
	u32 portid;
	bool change;
	u64 base;
	struct stk_snapshot *cand;
	struct stk_snapshot *savepoint;
	struct stk_parts parts;
};

void stk_txn_init(struct stk_txn *txn);

/**
 * stk_txn_begin() - open a transaction
 * @sn: the namespace
 * @portid: socket that asks
 * @base: generation to start from, NULL: from nothing
 * @hint: endpoints to expect
 * @why: set on any error but -ENOMEM
 *
 * Return: 0, -EBUSY, -ESTALE or -ENOMEM.
 */
int stk_txn_begin(struct stk_net *sn, u32 portid, const u64 *base, u32 hint, stk_why *why);

/* The open transaction if @portid began it, else NULL. */
struct stk_txn *stk_txn_of(struct stk_net *sn, u32 portid);

/* Forgets the transaction; none open is fine. */
void stk_txn_abort(struct stk_txn *txn);

/* Around the objects of a message; @err is what came of them. */
int stk_txn_message_begin(struct stk_txn *txn, unsigned int objects);
void stk_txn_message_end(struct stk_txn *txn, int err);

/* A program, or with @more a part of it that is not the last; as stk_snapshot_put_program(). */
int stk_txn_put_program(struct stk_txn *txn, const struct stk_program_def *def, bool more,
			stk_why *why);

/**
 * stk_txn_commit() - seal the candidate and put it in force
 * @sn: the namespace, with a transaction open; none is open afterwards
 * @digest: of the table meant
 * @why: set on any error but -ENOMEM
 *
 * Return: 0, or -errno and the table in force is as it was.
 */
int stk_txn_commit(struct stk_net *sn, u64 digest, stk_why *why);

/* Sockets that close take their transaction with them. */
int stk_txn_watch_sockets(void);
void stk_txn_unwatch_sockets(void);

#endif
