// SPDX-License-Identifier: GPL-2.0
/* txn: the one transaction a namespace may have open. */
#include <linux/netlink.h>
#include <linux/notifier.h>
#include "main.h"
#include "net.h"
#include "txn.h"

void stk_txn_init(struct stk_txn *txn)
{
	*txn = (struct stk_txn){};
	stk_parts_init(&txn->parts);
}

static struct stk_snapshot *candidate(const struct stk_table *table, const u64 *base, u32 hint)
{
	return base ? stk_snapshot_clone(table->snap) : stk_snapshot_alloc(&stk_limits, hint);
}

int stk_txn_begin(struct stk_net *sn, u32 portid, const u64 *base, u32 hint, stk_why *why)
{
	const struct stk_table *table = stk_net_table(sn);
	struct stk_txn *txn = &sn->txn;

	if (txn->portid) {
		*why = txn->portid == portid ? "this socket's transaction is open already" :
					       "another socket's transaction is open";
		return -EBUSY;
	}
	if (base && (!table || *base != table->generation)) {
		*why = "BASE: not the generation in force";
		return -ESTALE;
	}
	txn->cand = candidate(table, base, hint);
	if (!txn->cand)
		return -ENOMEM;
	txn->change = base;
	txn->base = base ? *base : 0;
	WRITE_ONCE(txn->portid, portid);
	return 0;
}

struct stk_txn *stk_txn_of(struct stk_net *sn, u32 portid)
{
	return sn->txn.portid == portid ? &sn->txn : NULL;
}

void stk_txn_abort(struct stk_txn *txn)
{
	stk_snapshot_put(txn->cand);
	stk_snapshot_put(txn->savepoint);
	stk_parts_clear(&txn->parts);
	txn->cand = NULL;
	txn->savepoint = NULL;
	WRITE_ONCE(txn->portid, 0);
}

int stk_txn_message_begin(struct stk_txn *txn, unsigned int objects)
{
	stk_parts_begin(&txn->parts);
	/* One object is atomic in itself. */
	if (objects < 2)
		return 0;
	txn->savepoint = stk_snapshot_clone(txn->cand);
	return txn->savepoint ? 0 : -ENOMEM;
}

void stk_txn_message_end(struct stk_txn *txn, int err)
{
	if (!err) {
		stk_parts_keep(&txn->parts);
	} else {
		stk_parts_rollback(&txn->parts);
		if (txn->savepoint)
			swap(txn->cand, txn->savepoint);
	}
	stk_snapshot_put(txn->savepoint);
	txn->savepoint = NULL;
}

int stk_txn_put_program(struct stk_txn *txn, const struct stk_program_def *def, bool more,
			stk_why *why)
{
	if (more)
		return stk_parts_add(&txn->parts, def, stk_limits.steps, why);
	return stk_parts_finish(&txn->parts, def, txn->cand, why);
}

/* Is this the candidate that was meant, on the table that was meant? */
static int check(struct stk_net *sn, u64 digest, stk_why *why)
{
	const struct stk_table *table = stk_net_table(sn);
	struct stk_txn *txn = &sn->txn;
	struct stk_snapshot_stats stats;

	if (txn->change && (!table || table->generation != txn->base)) {
		*why = "the base of this transaction is no longer in force";
		return -ESTALE;
	}
	if (txn->parts.id) {
		*why = "a program is waiting for its last part";
		return -EINVAL;
	}
	stk_snapshot_stats(txn->cand, &stats);
	if (stats.digest != digest) {
		*why = "DIGEST: not the digest of the table built";
		return -EBADMSG;
	}
	return 0;
}

int stk_txn_commit(struct stk_net *sn, u64 digest, stk_why *why)
{
	struct stk_txn *txn = &sn->txn;
	int err;

	err = check(sn, digest, why);
	if (!err)
		err = stk_snapshot_seal(txn->cand, sn->generation + 1, why);
	if (!err)
		err = stk_net_enforce(sn, txn->cand);
	if (!err)
		txn->cand = NULL;
	stk_txn_abort(txn);
	return err;
}

static int socket_released(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *n = data;
	struct stk_net *sn;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	sn = stk_net(n->net);
	/* Only the socket itself can have set its port id here, and it is past that. */
	if (READ_ONCE(sn->txn.portid) != n->portid)
		return NOTIFY_DONE;
	mutex_lock(&sn->lock);
	if (stk_txn_of(sn, n->portid))
		stk_txn_abort(&sn->txn);
	mutex_unlock(&sn->lock);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = { .notifier_call = socket_released };

int stk_txn_watch_sockets(void)
{
	return netlink_register_notifier(&socket_notifier);
}

void stk_txn_unwatch_sockets(void)
{
	netlink_unregister_notifier(&socket_notifier);
}
