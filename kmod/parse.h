/* SPDX-License-Identifier: GPL-2.0 */
/* parse: the objects of a PUT or DEL out of their netlink attributes and into a candidate. */
#ifndef STK_PARSE_H
#define STK_PARSE_H

#include <linux/netlink.h>
#include <net/netlink.h>
#include "match.h"
#include "snapshot.h"
#include "txn.h"

/**
 * stk_parse_objects() - do what a message says, all of it or nothing
 * @txn: an open transaction; the caller holds its namespace's lock
 * @nlh: the message, validated by stk_put_policy or stk_del_policy
 * @del: delete, else put
 * @inherit: snapshot in force, or NULL
 * @extack: names the attribute that was refused
 */
int stk_parse_objects(struct stk_txn *txn, const struct nlmsghdr *nlh, bool del,
		      const struct stk_snapshot *inherit, struct netlink_ext_ack *extack);

/* A STOCKADE_A_FLOW as a key; the HERE flags are not set. */
int stk_parse_flow(const struct nlattr *attr, struct stk_key *key, struct netlink_ext_ack *extack);

/* Refuses with @err; @why, a static string, may be NULL. */
static inline int stk_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
			     stk_why why, int err)
{
	if (!extack)
		return err;
	NL_SET_BAD_ATTR(extack, attr);
	if (why)
		extack->_msg = why;
	return err;
}

#endif
