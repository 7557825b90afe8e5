// SPDX-License-Identifier: GPL-2.0
/*
 * net: what each network namespace has, and when its hooks are there.
 *
 * Leaving, be it a namespace's end or rmmod, goes in this order:
 *
 *   1. Nobody starts anything new.  A dying namespace has no netlink socket left;
 *      before rmmod comes here, main.c has taken the netlink family and the
 *      notifier away.
 *   2. pre_exit: the candidate is forgotten, our hooks are unregistered, the flow map is given
 *      to RCU.  Packets that are inside a hook may still be judging.
 *   3. The core waits for a grace period (cleanup_net(),
 *      unregister_pernet_operations()): they are out.
 *   4. exit: the table and the counters are freed, conntrack is let go.
 *   5. The core frees struct stk_net.
 *
 * Tables that were replaced earlier are freed by the workqueue and point to nothing
 * of the namespace.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/ktime.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/netfilter/nf_conntrack.h>
#include "cache.h"
#include "conntrack.h"
#include "hook.h"
#include "main.h"
#include "net.h"

static unsigned int net_id;

/* Old tables are freed here, for that may sleep; drained at module exit. */
static struct workqueue_struct *free_wq;

/* Memory of the old tables that are waiting to be freed, of all namespaces; parts they share count for each. */
static atomic_long_t waiting_bytes;

/* With more than this waiting, whoever commits waits as well, or commits could outrun grace periods. */
#define WAITING_BYTES_MAX (64L << 20)

struct stk_net *stk_net(const struct net *net)
{
	return net_generic(net, net_id);
}

static void table_free(struct stk_table *table)
{
	if (!table)
		return;
	stk_snapshot_put(table->snap);
	kfree(table);
}

u64 stk_table_memory(const struct stk_table *table, const struct stk_snapshot_stats *stats)
{
	return stats->memory + ksize(table);
}

static long table_bytes(const struct stk_table *table)
{
	struct stk_snapshot_stats stats;

	stk_snapshot_stats(table->snap, &stats);
	return stk_table_memory(table, &stats);
}

static void table_free_work(struct work_struct *work)
{
	struct stk_table *table = container_of(to_rcu_work(work), struct stk_table, free);
	long bytes = table_bytes(table);

	table_free(table);
	atomic_long_sub(bytes, &waiting_bytes);
}

/* Gives back a table that is out of force, once no packet can be looking at it. */
static void table_free_later(struct stk_table *table)
{
	if (!table)
		return;
	atomic_long_add(table_bytes(table), &waiting_bytes);
	INIT_RCU_WORK(&table->free, table_free_work);
	queue_rcu_work(free_wq, &table->free);
}

/* Until every table given back so far is freed. */
static void tables_wait_freed(void)
{
	/* Those whose grace period is not over are not queued yet. */
	rcu_barrier();
	flush_workqueue(free_wq);
}

static struct stk_table *table_alloc(struct stk_snapshot *snap)
{
	static atomic64_t last_serial = ATOMIC64_INIT(STK_NO_SERIAL);
	struct stk_table *table = kzalloc(sizeof(*table), STK_GFP);
	struct stk_snapshot_stats stats;
	struct stk_config_def config;

	if (!table)
		return ERR_PTR(-ENOMEM);
	/* Cache and map keep 32 bits of it: no two tables may ever look alike, or they would follow dead pointers. */
	table->serial = atomic64_inc_return(&last_serial);
	if (table->serial > U32_MAX) {
		kfree(table);
		return ERR_PTR(-EOVERFLOW);
	}
	stk_snapshot_stats(snap, &stats);
	stk_snapshot_config(snap, &config);
	table->snap = snap;
	table->generation = stats.generation;
	table->committed = ktime_get_real_seconds();
	table->deny = config.deny;
	return table;
}

static int hooks_register(struct stk_net *sn)
{
	int err;

	if (sn->hooked)
		return 0;
	err = nf_register_net_hooks(sn->net, sn->hooks, STK_NET_DOORS);
	sn->hooked = !err;
	return err;
}

static void hooks_unregister(struct stk_net *sn)
{
	if (sn->hooked)
		nf_unregister_net_hooks(sn->net, sn->hooks, STK_NET_DOORS);
	sn->hooked = false;
}

static int conntrack_get(struct stk_net *sn)
{
	int err;

	if (sn->conntracked)
		return 0;
	err = nf_ct_netns_get(sn->net, NFPROTO_INET);
	sn->conntracked = !err;
	return err;
}

static void conntrack_put(struct stk_net *sn)
{
	if (sn->conntracked)
		nf_ct_netns_put(sn->net, NFPROTO_INET);
	sn->conntracked = false;
}

static int learn_get(struct stk_net *sn)
{
	int err;

	if (sn->learning)
		return 0;
	err = nf_register_net_hooks(sn->net, sn->hooks + STK_NET_DOORS,
				    STK_NET_HOOKS - STK_NET_DOORS);
	sn->learning = !err;
	return err;
}

static void learn_put(struct stk_net *sn)
{
	if (sn->learning)
		nf_unregister_net_hooks(sn->net, sn->hooks + STK_NET_DOORS,
					STK_NET_HOOKS - STK_NET_DOORS);
	sn->learning = false;
}

static int flows_alloc(struct stk_net *sn)
{
	struct stk_flows *flows;

	if (stk_net_flows(sn))
		return 0;
	flows = stk_flows_alloc(stk_max_flows);
	if (!flows)
		return -ENOMEM;
	flows->foreign[0] = stk_conntrack_runs(sn->net, NFPROTO_IPV4);
	flows->foreign[1] = stk_conntrack_runs(sn->net, NFPROTO_IPV6);
	rcu_assign_pointer(sn->flows, flows);
	return 0;
}

/* A flow map, and what it needs; half of it is undone by flows_put(). */
static int flows_get(struct stk_net *sn)
{
	int err;

	err = flows_alloc(sn);
	if (err)
		return err;
	return learn_get(sn);
}

static void flows_put(struct stk_net *sn)
{
	struct stk_flows *flows = stk_net_flows(sn);

	learn_put(sn);
	RCU_INIT_POINTER(sn->flows, NULL);
	stk_flows_free(flows);
}

/*
 * Conntrack or a map of our own?  Of itself the module takes conntrack where both families have it
 * already, and holds on to it then: it must not go from under flows that it alone
 * knows.  A map once there stays; should conntrack come later, hook.c follows the packets.
 */
static bool wants_conntrack(struct stk_net *sn)
{
	if (stk_state != STOCKADE_STATE_NONE)
		return stk_state == STOCKADE_STATE_CONNTRACK;
	return !stk_net_flows(sn) && (sn->conntracked ||
				      (stk_conntrack_runs(sn->net, NFPROTO_IPV4) &&
				       stk_conntrack_runs(sn->net, NFPROTO_IPV6)));
}

u8 stk_net_state(struct stk_net *sn)
{
	if (!stk_net_table(sn))
		return STOCKADE_STATE_NONE;
	return stk_net_flows(sn) && !(stk_conntrack_runs(sn->net, NFPROTO_IPV4) &&
				      stk_conntrack_runs(sn->net, NFPROTO_IPV6)) ?
	       STOCKADE_STATE_OWN : STOCKADE_STATE_CONNTRACK;
}

/* What a namespace without a table has: hooks only if they are to drop. */
static int disengage(struct stk_net *sn)
{
	int err = 0;

	if (stk_no_table_drop)
		err = hooks_register(sn);
	else
		hooks_unregister(sn);
	flows_put(sn);
	conntrack_put(sn);
	return err;
}

/* What a namespace with a table needs, in the order packets need it. */
static int engage(struct stk_net *sn)
{
	int err;

	err = wants_conntrack(sn) ? conntrack_get(sn) : flows_get(sn);
	if (err)
		return err;
	return hooks_register(sn);
}

static void set_serial(struct stk_net *sn, u64 serial)
{
	u64 stamped = rcu_access_pointer(sn->flows) ? STK_NO_SERIAL : serial;

	WRITE_ONCE(sn->serial, serial);
	WRITE_ONCE(sn->stamp[0], stk_cache_stamp(stamped, NFPROTO_IPV4));
	WRITE_ONCE(sn->stamp[1], stk_cache_stamp(stamped, NFPROTO_IPV6));
}

static void publish(struct stk_net *sn, struct stk_table *table)
{
	rcu_assign_pointer(sn->table, table);
	set_serial(sn, table ? table->serial : STK_NO_SERIAL);
	/* It is out before anyone is told of it: nobody who was can meet the old table. */
	smp_mb();
}

int stk_net_enforce(struct stk_net *sn, struct stk_snapshot *snap)
{
	struct stk_table *table, *old = stk_net_table(sn);
	int err;

	if (atomic_long_read(&waiting_bytes) > WAITING_BYTES_MAX)
		tables_wait_freed();
	err = engage(sn);
	if (err)
		goto err_disengage;
	table = table_alloc(snap);
	err = PTR_ERR_OR_ZERO(table);
	if (err)
		goto err_disengage;
	sn->generation = table->generation;
	stk_cache_draw();
	publish(sn, table);
	table_free_later(old);
	return 0;

err_disengage:
	if (!old)
		disengage(sn);
	return err;
}

void stk_net_teardown(struct stk_net *sn)
{
	struct stk_table *old = stk_net_table(sn);

	if (!old)
		return;
	publish(sn, NULL);
	sn->generation++;
	disengage(sn);
	table_free_later(old);
}

static int __net_init net_init(struct net *net)
{
	struct stk_net *sn = stk_net(net);
	int i, err;

	sn->net = net;
	set_serial(sn, STK_NO_SERIAL);
	mutex_init(&sn->lock);
	stk_txn_init(&sn->txn);
	stk_events_init(&sn->events);
	sn->stats = stk_stats_alloc();
	if (!sn->stats)
		return -ENOMEM;
	for (i = 0; i < STK_NET_HOOKS; i++) {
		sn->hooks[i] = stk_hook_ops[i];
		sn->hooks[i].priv = sn;
	}
	mutex_lock(&sn->lock);
	err = disengage(sn);
	mutex_unlock(&sn->lock);
	if (err) {
		/* Of several hooks the first may have been in place, and our caller frees @sn. */
		synchronize_net();
		stk_stats_free(sn->stats);
	}
	return err;
}

static void __net_exit net_pre_exit(struct net *net)
{
	struct stk_net *sn = stk_net(net);

	mutex_lock(&sn->lock);
	stk_txn_abort(&sn->txn);
	hooks_unregister(sn);
	flows_put(sn);
	mutex_unlock(&sn->lock);
}

static void __net_exit net_exit(struct net *net)
{
	struct stk_net *sn = stk_net(net);

	/* No packet, no socket: the table is ours alone. */
	table_free(rcu_dereference_protected(sn->table, true));
	stk_stats_free(sn->stats);
	conntrack_put(sn);
	mutex_destroy(&sn->lock);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct stk_net),
};

int __init stk_net_init(void)
{
	int err;

	free_wq = alloc_workqueue("stockade", WQ_UNBOUND, 0);
	if (!free_wq)
		return -ENOMEM;
	err = register_pernet_subsys(&net_ops);
	if (err)
		destroy_workqueue(free_wq);
	return err;
}

void stk_net_exit(void)
{
	unregister_pernet_subsys(&net_ops);
	tables_wait_freed();
	destroy_workqueue(free_wq);
}
