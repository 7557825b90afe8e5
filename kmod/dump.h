/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dump: the table in force, read back.
 *
 * A dump holds a reference on the snapshot it began with until it is done, however many
 * calls that takes and whatever is committed meanwhile.
 */
#ifndef STK_DUMP_H
#define STK_DUMP_H

struct netlink_callback;
struct sk_buff;

/* For struct genl_ops. */
int stk_dump_start(struct netlink_callback *cb);
int stk_dump_done(struct netlink_callback *cb);
int stk_dump_endpoints(struct sk_buff *skb, struct netlink_callback *cb);
int stk_dump_blocks(struct sk_buff *skb, struct netlink_callback *cb);
int stk_dump_subjects(struct sk_buff *skb, struct netlink_callback *cb);
int stk_dump_programs(struct sk_buff *skb, struct netlink_callback *cb);
int stk_dump_rules(struct sk_buff *skb, struct netlink_callback *cb);
int stk_dump_counters(struct sk_buff *skb, struct netlink_callback *cb);

#endif
