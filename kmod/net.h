/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net: what each network namespace has, and when its hooks are there.
 *
 * A namespace's life: nothing -> first commit: a flow map, or conntrack wanted; hooks,
 * table -> any number of commits: table swapped -> teardown or exit: hooks
 * gone, table gone.  Packets see a whole table or none.
 */
#ifndef STK_NET_H
#define STK_NET_H

#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/workqueue.h>
#include "event.h"
#include "flow.h"
#include "snapshot.h"
#include "stats.h"
#include "txn.h"

struct net;

/**
 * struct stk_table - a sealed snapshot in force; immutable but for @free
 * @snap: one reference
 * @generation: @snap's, here because every packet compares it
 * @committed: seconds since the epoch
 * @deny: enum stockade_deny_mode
 * @serial: one that no other table of any namespace has or had, for the flow cache (cache.h)
 * @free: gives back the table in process context, a grace period after it was replaced
 */
struct stk_table {
	struct stk_snapshot *snap;
	u64 generation;
	u64 committed;
	u8 deny;
	u64 serial;
	struct rcu_work free;
};

/* Hooks of a namespace: the doors, two a family, and one a family that a flow map needs. */
#define STK_NET_DOORS 4
#define STK_NET_HOOKS (STK_NET_DOORS + 2)

/*
 * The serial of no table.  Not 0, which stands in the cache's lines and the map's flows for "no answer
 * kept": while a table is taken down, packets would find such, and count where nothing is counted.
 */
#define STK_NO_SERIAL 1

/**
 * struct stk_net - one network namespace
 * @table: in force, NULL before the first commit.  Read under RCU; written with @lock held
 * @serial: @table's, STK_NO_SERIAL if there is none; all that is read of it on the quick ways.  Changes right after
 *	@table, and before the old one's grace period begins: who still sees the old
 *	serial under RCU has the old table alive
 * @stamp: by family, IPv4 first, the same as the cache compares it (stk_cache_stamp()); where there is a map
 *	that of no table, for of a packet with a conntrack entry the map is asked first
 * @flows: the map of its flows, NULL where conntrack follows them.  Read under RCU; written with
 *	@lock held
 * @stats: packets judged (stats.h)
 * @events: of denials (event.h)
 * @net: back pointer; the namespace outlives this
 * @lock: orders everything below, and writers of @table
 * @generation: the last one given to a commit or teardown; @lock
 * @txn: the open transaction; @lock
 * @hooked: the doors of @hooks are registered; @lock
 * @conntracked: conntrack runs here on our behalf; @lock
 * @learning: the others are; @lock
 * @hooks: this namespace's own copy, for each carries a pointer to it
 */
struct stk_net {
	struct stk_table __rcu *table;
	u64 serial;
	u64 stamp[2];
	struct stk_flows __rcu *flows;
	u64 __percpu *stats;
	struct stk_events events;
	struct net *net;
	struct mutex lock;	/* see above */
	u64 generation;
	struct stk_txn txn;
	bool hooked;
	bool conntracked;
	bool learning;
	struct nf_hook_ops hooks[STK_NET_HOOKS];
};

struct stk_net *stk_net(const struct net *net);

/* The table in force, for a holder of sn->lock. */
static inline struct stk_table *stk_net_table(struct stk_net *sn)
{
	return rcu_dereference_protected(sn->table, lockdep_is_held(&sn->lock));
}

/* The flow map, for a holder of sn->lock. */
static inline struct stk_flows *stk_net_flows(struct stk_net *sn)
{
	return rcu_dereference_protected(sn->flows, lockdep_is_held(&sn->lock));
}

/* Where flows' directions come from now, enum stockade_state; sn->lock held. */
u8 stk_net_state(struct stk_net *sn);

/**
 * stk_net_enforce() - put a sealed snapshot in force
 * @sn: its namespace, @sn->lock held
 * @snap: sealed with generation sn->generation + 1; its reference is taken over on success
 *
 * When it returns 0, each packet that enters a door from now on is judged by @snap.
 * Return: 0 or -errno, and nothing has changed.
 */
int stk_net_enforce(struct stk_net *sn, struct stk_snapshot *snap);

/**
 * stk_net_teardown() - back to how it was before the first commit
 * @sn: its namespace, @sn->lock held
 */
void stk_net_teardown(struct stk_net *sn);

/* Bytes of kernel memory the table in force takes; under RCU or @sn->lock. */
u64 stk_table_memory(const struct stk_table *table, const struct stk_snapshot_stats *stats);

/* Everything in place for namespaces to come; stk_no_table_drop is read now. */
int stk_net_init(void);
void stk_net_exit(void);

#endif
