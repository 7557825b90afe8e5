/* SPDX-License-Identifier: GPL-2.0 */
/* netlink: the generic netlink family, its requests and its multicast group. */
#ifndef STK_NETLINK_H
#define STK_NETLINK_H

#include <net/genetlink.h>

struct net;

extern struct genl_family stk_genl_family;

int stk_netlink_init(void);
/* No request, no dump and no event is under way when it returns. */
void stk_netlink_exit(void);

/* Is anyone listening to drop events?  Any context. */
bool stk_netlink_drops_heard(const struct net *net);
/* A drop event: the header (NULL: no room), and, once it is complete, the sending.  Never sleep. */
void *stk_netlink_drop_header(struct sk_buff *skb);
void stk_netlink_drop_send(struct net *net, struct sk_buff *skb);

#endif
