// SPDX-License-Identifier: GPL-2.0
/*
 * netlink: the generic netlink family, its requests and its multicast group.
 *
 * Requests of one namespace are serialized by its lock; those of different namespaces
 * run side by side (parallel_ops).
 */
#include <net/sock.h>
#include "dump.h"
#include "hook.h"
#include "main.h"
#include "net.h"
#include "netlink.h"
#include "parse.h"
#include "policy.h"
#include "report.h"

/* Events may be sent: the family, and with it the group, is there.  Read under RCU. */
static bool drops_open;

static struct stk_net *info_net(struct genl_info *info)
{
	return stk_net(genl_info_net(info));
}

/* An empty reply; NULL without memory. */
static struct sk_buff *reply_new(struct genl_info *info, u8 cmd, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &stk_genl_family, 0, cmd);
	if (*hdr)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static int reply_send(struct sk_buff *skb, void *hdr, struct genl_info *info)
{
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int put_sizes(struct sk_buff *skb, const struct stk_snapshot_stats *s)
{
	return nla_put_u32(skb, STOCKADE_STATUS_RULES, s->rules) ||
	       nla_put_u32(skb, STOCKADE_STATUS_PROGRAMS, s->programs) ||
	       nla_put_u32(skb, STOCKADE_STATUS_SUBJECTS, s->subjects) ||
	       nla_put_u32(skb, STOCKADE_STATUS_ENDPOINTS, s->endpoints) ||
	       nla_put_u32(skb, STOCKADE_STATUS_BLOCKS, s->blocks) ||
	       nla_put_u32(skb, STOCKADE_STATUS_STEPS, s->steps) ||
	       nla_put_u32(skb, STOCKADE_STATUS_STEPS_MAX, stk_limits.steps) ||
	       nla_put_u32(skb, STOCKADE_STATUS_BLOCKS_MAX, stk_limits.blocks) ||
	       nla_put_u32(skb, STOCKADE_STATUS_RULES_MAX, stk_limits.rules);
}

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, STOCKADE_STATUS_PAD);
}

static int put_flows(struct sk_buff *skb, struct stk_net *sn)
{
	const struct stk_flows *flows = stk_net_flows(sn);

	return nla_put_u32(skb, STOCKADE_STATUS_FLOWS,
			   flows ? stk_flows_count(flows, stk_flow_now()) : 0) ||
	       put_u64(skb, STOCKADE_STATUS_FLOWS_MEMORY, flows ? stk_flows_memory(flows) : 0);
}

static int put_status(struct sk_buff *skb, struct stk_net *sn)
{
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_STATUS);
	const struct stk_table *table = stk_net_table(sn);
	struct stk_snapshot_stats stats = {};
	u64 memory = 0;

	if (table) {
		stk_snapshot_stats(table->snap, &stats);
		memory = stk_table_memory(table, &stats);
	}
	if (!nest ||
	    nla_put_string(skb, STOCKADE_STATUS_VERSION, STOCKADE_VERSION) ||
	    put_u64(skb, STOCKADE_STATUS_GENERATION, stats.generation) ||
	    put_u64(skb, STOCKADE_STATUS_DIGEST, stats.digest) ||
	    put_sizes(skb, &stats) ||
	    put_u64(skb, STOCKADE_STATUS_MEMORY, memory) ||
	    put_u64(skb, STOCKADE_STATUS_COMMITTED, table ? table->committed : 0) ||
	    nla_put_u8(skb, STOCKADE_STATUS_STATE,
		       stk_net_state(sn)) ||
	    put_u64(skb, STOCKADE_STATUS_EVENTS_LOST, atomic64_read(&sn->events.lost)) ||
	    (sn->txn.portid && nla_put_u32(skb, STOCKADE_STATUS_TXN_PORTID, sn->txn.portid)) ||
	    put_flows(skb, sn))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return table ? stk_report_config(skb, table->snap) : 0;
}

static int do_status(struct sk_buff *req, struct genl_info *info)
{
	struct stk_net *sn = info_net(info);
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = reply_new(info, STOCKADE_CMD_STATUS, &hdr);
	if (!skb)
		return -ENOMEM;
	mutex_lock(&sn->lock);
	err = put_status(skb, sn);
	mutex_unlock(&sn->lock);
	if (!err)
		return reply_send(skb, hdr, info);
	nlmsg_free(skb);
	return err;
}

static int do_begin(struct sk_buff *req, struct genl_info *info)
{
	const struct nlattr *base = info->attrs[STOCKADE_A_BASE];
	const struct nlattr *count = info->attrs[STOCKADE_A_ENDPOINT_COUNT];
	struct stk_net *sn = info_net(info);
	u64 generation = base ? nla_get_u64(base) : 0;
	stk_why why = NULL;
	int err;

	mutex_lock(&sn->lock);
	err = stk_txn_begin(sn, info->snd_portid, base ? &generation : NULL,
			    count ? nla_get_u32(count) : 0, &why);
	mutex_unlock(&sn->lock);
	return why ? stk_refuse(info->extack, err == -ESTALE ? base : NULL, why, err) : err;
}

static int no_txn(struct genl_info *info)
{
	NL_SET_ERR_MSG(info->extack, "this socket has no transaction open");
	return -ENOENT;
}

static int do_objects(struct genl_info *info, bool del)
{
	struct stk_net *sn = info_net(info);
	const struct stk_table *table;
	struct stk_txn *txn;
	int err;

	mutex_lock(&sn->lock);
	table = stk_net_table(sn);
	txn = stk_txn_of(sn, info->snd_portid);
	err = !txn ? no_txn(info) :
	      stk_parse_objects(txn, info->nlhdr, del, table ? table->snap : NULL, info->extack);
	mutex_unlock(&sn->lock);
	return err;
}

static int do_put(struct sk_buff *req, struct genl_info *info)
{
	return do_objects(info, false);
}

static int do_del(struct sk_buff *req, struct genl_info *info)
{
	return do_objects(info, true);
}

/* What a COMMIT needs beyond a transaction; a refusal ends that. */
static int commit_check(struct stk_net *sn, struct genl_info *info, struct sk_buff *reply)
{
	/* Said before it is so, for once it is nothing may fail. */
	if (!reply || nla_put_u64_64bit(reply, STOCKADE_A_GENERATION, sn->generation + 1,
					STOCKADE_A_PAD))
		return -ENOMEM;
	if (!info->attrs[STOCKADE_A_DIGEST])
		return stk_refuse(info->extack, NULL, "STOCKADE_A_DIGEST is missing", -EINVAL);
	return 0;
}

/* @sn->lock held; @reply may be NULL for want of memory. */
static int commit(struct stk_net *sn, struct genl_info *info, struct sk_buff *reply)
{
	const struct nlattr *digest = info->attrs[STOCKADE_A_DIGEST];
	stk_why why = NULL;
	int err;

	if (!stk_txn_of(sn, info->snd_portid))
		return no_txn(info);
	err = commit_check(sn, info, reply);
	if (err) {
		stk_txn_abort(&sn->txn);
		return err;
	}
	err = stk_txn_commit(sn, nla_get_u64(digest), &why);
	return why ? stk_refuse(info->extack, err == -EBADMSG ? digest : NULL, why, err) : err;
}

static int do_commit(struct sk_buff *req, struct genl_info *info)
{
	struct stk_net *sn = info_net(info);
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = reply_new(info, STOCKADE_CMD_COMMIT, &hdr);
	mutex_lock(&sn->lock);
	err = commit(sn, info, skb);
	mutex_unlock(&sn->lock);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	/* The table is in force, heard or not: a full socket buffer is no failure. */
	reply_send(skb, hdr, info);
	return 0;
}

static int do_abort(struct sk_buff *req, struct genl_info *info)
{
	struct stk_net *sn = info_net(info);
	int err = 0;

	mutex_lock(&sn->lock);
	if (stk_txn_of(sn, info->snd_portid))
		stk_txn_abort(&sn->txn);
	else
		err = no_txn(info);
	mutex_unlock(&sn->lock);
	return err;
}

static int do_teardown(struct sk_buff *req, struct genl_info *info)
{
	struct stk_net *sn = info_net(info);
	int err = 0;

	mutex_lock(&sn->lock);
	if (sn->txn.portid) {
		NL_SET_ERR_MSG(info->extack, "a transaction is open");
		err = -EBUSY;
	} else {
		stk_net_teardown(sn);
	}
	mutex_unlock(&sn->lock);
	return err;
}

static int put_judgement(struct sk_buff *skb, struct stk_net *sn, struct stk_key *key)
{
	const struct stk_table *table = rcu_dereference(sn->table);
	const struct stk_snapshot *snap = table ? table->snap : NULL;
	struct stk_verdict v;
	int door;

	if (nla_put_u64_64bit(skb, STOCKADE_A_GENERATION, table ? table->generation : 0,
			      STOCKADE_A_PAD))
		return -EMSGSIZE;
	for (door = 0; door < STOCKADE_DOORS; door++) {
		v = snap ? stk_hook_judge(sn->net, snap, key, door) : stk_hook_no_table(door);
		if (stk_report_verdict(skb, STOCKADE_A_VERDICT, snap, door, &v))
			return -EMSGSIZE;
	}
	return 0;
}

static int do_judge(struct sk_buff *req, struct genl_info *info)
{
	struct sk_buff *skb;
	struct stk_key key;
	void *hdr;
	int err;

	if (!info->attrs[STOCKADE_A_FLOW])
		return stk_refuse(info->extack, NULL, "STOCKADE_A_FLOW is missing", -EINVAL);
	err = stk_parse_flow(info->attrs[STOCKADE_A_FLOW], &key, info->extack);
	if (err)
		return err;
	skb = reply_new(info, STOCKADE_CMD_JUDGE, &hdr);
	if (!skb)
		return -ENOMEM;
	rcu_read_lock();
	err = put_judgement(skb, info_net(info), &key);
	rcu_read_unlock();
	if (!err)
		return reply_send(skb, hdr, info);
	nlmsg_free(skb);
	return err;
}

static const struct nla_policy begin_policy[STOCKADE_A_MAX + 1] = {
	[STOCKADE_A_BASE] = { .type = NLA_U64 },
	[STOCKADE_A_ENDPOINT_COUNT] = { .type = NLA_U32 },
};

static const struct nla_policy commit_policy[STOCKADE_A_MAX + 1] = {
	[STOCKADE_A_DIGEST] = { .type = NLA_U64 },
};

#define DO(_cmd, _fn)						\
	.cmd = _cmd, .doit = _fn, .flags = GENL_UNS_ADMIN_PERM
#define DO_WITH(_cmd, _fn, _policy)				\
	DO(_cmd, _fn), .policy = _policy, .maxattr = STOCKADE_A_MAX
#define DUMP(_cmd, _start, _fn)					\
	.cmd = _cmd, .start = _start, .dumpit = _fn, .done = stk_dump_done, \
	.flags = GENL_UNS_ADMIN_PERM

/* What has no policy takes no attributes: the core refuses any. */
static const struct genl_ops ops[] = {
	{ DO(STOCKADE_CMD_STATUS, do_status) },
	{ DO_WITH(STOCKADE_CMD_BEGIN, do_begin, begin_policy) },
	{ DO_WITH(STOCKADE_CMD_PUT, do_put, stk_put_policy) },
	{ DO_WITH(STOCKADE_CMD_DEL, do_del, stk_del_policy) },
	{ DO_WITH(STOCKADE_CMD_COMMIT, do_commit, commit_policy) },
	{ DO(STOCKADE_CMD_ABORT, do_abort) },
	{ DO(STOCKADE_CMD_TEARDOWN, do_teardown) },
	{ DUMP(STOCKADE_CMD_GET_ENDPOINTS, stk_dump_start, stk_dump_endpoints) },
	{ DUMP(STOCKADE_CMD_GET_BLOCKS, stk_dump_start, stk_dump_blocks) },
	{ DUMP(STOCKADE_CMD_GET_SUBJECTS, stk_dump_start, stk_dump_subjects) },
	{ DUMP(STOCKADE_CMD_GET_PROGRAMS, stk_dump_start, stk_dump_programs) },
	{ DUMP(STOCKADE_CMD_GET_RULES, stk_dump_start, stk_dump_rules) },
	{ DUMP(STOCKADE_CMD_GET_COUNTERS, stk_dump_start, stk_dump_counters) },
	{ DO_WITH(STOCKADE_CMD_JUDGE, do_judge, stk_judge_policy) },
};

static const struct genl_multicast_group groups[] = {
	{ .name = STOCKADE_MCGRP_DROPS, .flags = STK_MCGRP_FLAGS },
};

struct genl_family stk_genl_family __ro_after_init = {
	.name = STOCKADE_GENL_NAME,
	.version = STOCKADE_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.module = THIS_MODULE,
};

bool stk_netlink_drops_heard(const struct net *net)
{
	return READ_ONCE(drops_open) && genl_has_listeners(&stk_genl_family, (struct net *)net, 0);
}

void *stk_netlink_drop_header(struct sk_buff *skb)
{
	return genlmsg_put(skb, 0, 0, &stk_genl_family, 0, STOCKADE_CMD_DROP);
}

void stk_netlink_drop_send(struct net *net, struct sk_buff *skb)
{
	genlmsg_multicast_netns(&stk_genl_family, net, skb, 0, 0, GFP_ATOMIC);
}

int __init stk_netlink_init(void)
{
	int err = genl_register_family(&stk_genl_family);

	WRITE_ONCE(drops_open, !err);
	return err;
}

void stk_netlink_exit(void)
{
	WRITE_ONCE(drops_open, false);
	/* Hooks that saw it open are done with the group before the group goes. */
	synchronize_rcu();
	genl_unregister_family(&stk_genl_family);
}
