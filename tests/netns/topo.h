/* SPDX-License-Identifier: GPL-2.0 */
/*
 * topo: the network a case is played in.
 *
 *	 pod a        pod b             pod c
 *	   | eth0       | eth0            | eth0        each address alone (/32, /128)
 *	   | p10        | p11             | p10         gateway 169.254.1.1, fe80::1
 *	 +-+------------+-+             +-+--------+
 *	 |    node n1     |             |  node n2 |    node addresses on lo, forwarding, and
 *	 +-------+--------+             +----+-----+    what judges: its table, its controller
 *	     up0 |    169.254.8.K, fe80::2   | up0
 *	      n0 |    169.254.9.1, fe80::1   | n1
 *	 +-------+---------------------------+-----+
 *	 |                 fabric                  |    a host route for every address
 *	 +--------------------+--------------------+
 *	                  out |
 *	                  up0 |
 *	 +--------------------+--------------------+
 *	 |                 outside                 |    every ip/ address that is nobody's, on lo
 *	 +-----------------------------------------+
 *
 * An ip/ address in a node's pod CIDRs that no pod has is behind a veth of that node too: a pod
 * nobody was told of yet.  Next hops have addresses of their own, so that those of the cluster are just addresses.
 * A change of the model changes the network by its difference.
 */
#ifndef NETNS_TOPO_H
#define NETNS_TOPO_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "model/model.h"
#include "netns.h"
#include "text.h"

enum { V4, V6, FAMILIES };

/* A place packets start from or go to. */
struct end {
	struct netns *ns;	/* NULL: an address that leads on to others (a Service's) */
	struct ip ip[FAMILIES];
	bool has[FAMILIES];
};

struct topo_node {
	char *name;
	struct netns ns;
	unsigned number;	/* 1.. */
	int next_index;		/* of pod links */
	struct ip *ips;		/* of the Node, and of pods that are it (hostNetwork); on lo */
	size_t n_ips, cap;
	struct text dnat;	/* the rules that stand in for kube-proxy, as loaded */
	bool keep;
};

struct topo;

struct topo *topo_new(struct err *err);
void topo_free(struct topo *t);

/*
 * Join the fabric to @home, the player's own namespace, through which @beyond is reached.  Addresses of nodes mean
 * nothing there: what the fabric sends by the link TOPO_HOME_LINK is to be masqueraded.
 */
#define TOPO_HOME_LINK "home"
int topo_join(struct topo *t, struct netns *home, const struct ip *beyond, struct err *err);
const struct netns *topo_fabric(const struct topo *t);

/* Make the network what @m says; @outside are the addresses that somebody must have. */
int topo_apply(struct topo *t, const struct model *m, const struct ip *outside, size_t n_outside, struct err *err);

/* From the next topo_apply() on, nodes translate the addresses of Services (service.h). */
void topo_use_services(struct topo *t);
bool topo_uses_services(const struct topo *t);

/* Nodes by number; the pointers hold until the next topo_apply(). */
struct topo_node **topo_nodes(struct topo *t, size_t *n);

/*
 * Who is meant by "namespace/pod", "node/NAME" or "ip/ADDRESS"?  -1 with @err if nobody has it.  A pod that is
 * finished, not there, or has no address is an error.
 */
int topo_find(struct topo *t, const char *ref, struct end *out, struct err *err);

#endif
