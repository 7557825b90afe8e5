/* SPDX-License-Identifier: GPL-2.0 */
/* conntrack: does it run in a namespace, on whose behalf ever, and what does it know when it does not? */
#ifndef STK_CONNTRACK_H
#define STK_CONNTRACK_H

#include <linux/types.h>

struct net;
struct sk_buff;

/**
 * stk_conntrack_runs() - does conntrack follow this family's packets here?
 * @net: the namespace
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Told by its hooks, for its own count of users is nobody else's to see.
 * Context: any; RCU read side or not.
 */
bool stk_conntrack_runs(const struct net *net, u8 family);

/**
 * stk_conntrack_was_reply() - does a packet without an entry go to the opener of a flow that conntrack followed?
 * @net: the namespace; conntrack does not run there any more, but its entries stay until they time out
 * @skb: with its network header set
 * @family: the packet's
 *
 * Of what conntrack translated nothing can be said, for it no longer is.
 * Context: any; RCU read side or not.
 */
bool stk_conntrack_was_reply(struct net *net, const struct sk_buff *skb, u8 family);

#endif
