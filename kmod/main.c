// SPDX-License-Identifier: GPL-2.0
/* main: module parameters, and the order in which things come and go. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>
#include "cache.h"
#include "flow.h"
#include "main.h"
#include "net.h"
#include "netlink.h"
#include "txn.h"

MODULE_DESCRIPTION("Judges every packet of every pod flow against a policy table");
MODULE_AUTHOR("The Stockade authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(STOCKADE_VERSION);
MODULE_ALIAS_GENL_FAMILY(STOCKADE_GENL_NAME);

/* Limits on one namespace's table. */
struct stk_limits stk_limits __ro_after_init = STK_LIMITS_DEFAULT;

#define LIMIT(what, of)								\
	module_param_named(max_##what, stk_limits.what, uint, 0444);		\
	MODULE_PARM_DESC(max_##what, of " of one namespace's table at most")

LIMIT(rules, "Rules");
LIMIT(programs, "Programs");
LIMIT(subjects, "Subjects, the pods of a node,");
LIMIT(endpoints, "Endpoints");
LIMIT(blocks, "Address blocks");
LIMIT(steps, "Steps of port maps, and identities listed, in all programs");

static char *no_table = "accept";
module_param(no_table, charp, 0444);
MODULE_PARM_DESC(no_table, "What forwarded packets meet in a namespace before its first commit: accept (default) or drop; drop holds in every namespace, pods' own too");
bool stk_no_table_drop __ro_after_init;

static char *state = "auto";
module_param(state, charp, 0444);
MODULE_PARM_DESC(state, "Where a flow's direction comes from: conntrack, own (a flow map of our own), or auto (default): conntrack in namespaces where it runs already at the first commit, own elsewhere");
u8 stk_state __ro_after_init = STOCKADE_STATE_NONE;

/* 16,384 buckets, 8 MiB. */
unsigned int stk_max_flows __ro_after_init = STK_FLOW_WAYS << 14;
module_param_named(max_flows, stk_max_flows, uint, 0444);
MODULE_PARM_DESC(max_flows, "Flows that the map of a namespace takes (state own), rounded up to 7 times a power of two; 73 bytes each (default 114688)");

unsigned int stk_events_per_second __read_mostly = 100;
module_param_named(events_per_second, stk_events_per_second, uint, 0444);
MODULE_PARM_DESC(events_per_second, "Drop events told per second and namespace, on average (default 100; 0: none)");

unsigned int stk_events_burst __read_mostly = 200;
module_param_named(events_burst, stk_events_burst, uint, 0444);
MODULE_PARM_DESC(events_burst, "Drop events told at once after a quiet time (default 200)");

static int __init read_no_table(void)
{
	if (!strcmp(no_table, "drop"))
		stk_no_table_drop = true;
	else if (strcmp(no_table, "accept"))
		return -EINVAL;
	return 0;
}

static int __init read_state(void)
{
	if (!strcmp(state, "conntrack"))
		stk_state = STOCKADE_STATE_CONNTRACK;
	else if (!strcmp(state, "own"))
		stk_state = STOCKADE_STATE_OWN;
	else if (strcmp(state, "auto"))
		return -EINVAL;
	return 0;
}

static int __init read_params(void)
{
	int err;

	err = read_no_table();
	if (err) {
		pr_err("no_table=%s: neither accept nor drop\n", no_table);
		return err;
	}
	err = read_state();
	if (err)
		pr_err("state=%s: neither auto, conntrack nor own\n", state);
	return err;
}

static int __init stk_init(void)
{
	int err;

	err = read_params();
	if (err)
		return err;
	stk_cache_init();
	err = stk_net_init();
	if (err)
		goto err_cache;
	err = stk_txn_watch_sockets();
	if (err)
		goto err_net;
	err = stk_netlink_init();
	if (err)
		goto err_watch;
	return 0;

err_watch:
	stk_txn_unwatch_sockets();
err_net:
	stk_net_exit();
err_cache:
	stk_cache_exit();
	return err;
}

/* Requests first, then what they act on; net.c says how packets get out of the way. */
static void __exit stk_exit(void)
{
	stk_netlink_exit();
	stk_txn_unwatch_sockets();
	stk_net_exit();
	stk_cache_exit();
}

module_init(stk_init);
module_exit(stk_exit);
