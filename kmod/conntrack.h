/* SPDX-License-Identifier: GPL-2.0 */
/* conntrack: does it run in a namespace, on whose behalf ever? */
#ifndef STK_CONNTRACK_H
#define STK_CONNTRACK_H

#include <linux/types.h>

struct net;

/**
 * stk_conntrack_runs() - does conntrack follow this family's packets here?
 * @net: the namespace
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Told by its hooks, for its own count of users is nobody else's to see.
 * Context: any; RCU read side or not.
 */
bool stk_conntrack_runs(const struct net *net, u8 family);

#endif
