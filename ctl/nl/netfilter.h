/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netfilter: who else has rules in this network namespace, by the names of their chains; and whether
 * flows are carried past all rules.
 */
#ifndef NL_NETFILTER_H
#define NL_NETFILTER_H

#include "../base/err.h"

enum netfilter_thing { NETFILTER_CHAIN, NETFILTER_FLOWTABLE };
typedef void (*netfilter_each)(void *ctx, enum netfilter_thing thing, const char *table, const char *name);

/* nftables, iptables-nft included; every family.  0, or -1 with @err. */
int netfilter_nft(netfilter_each each, void *ctx, struct err *err);
/* The filter table of the older iptables (ip6tables: @v6), which must be in use; 0, or -1 with @err. */
int netfilter_xtables(int v6, netfilter_each each, void *ctx, struct err *err);

#endif
