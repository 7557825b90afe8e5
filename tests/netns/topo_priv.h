/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What topo.c and its parts share.
 */
#ifndef NETNS_TOPO_PRIV_H
#define NETNS_TOPO_PRIV_H

#include "topo.h"

struct topo_pod {
	char *ns_name;		/* "namespace/pod", or "?/ADDRESS" of one nobody was told of */
	struct netns ns;
	struct topo_node *node;
	int index;		/* of its link in the node */
	struct ip *ips;
	size_t n_ips;
	bool keep;
};

/* A host route of the fabric. */
struct topo_route {
	struct ip ip;
	int index;		/* the fabric's link */
	unsigned number;	/* the node's, 0: outside */
};

struct topo {
	struct netns fabric, outside;
	struct topo_node **nodes;
	size_t n_nodes, cap_nodes;
	struct topo_pod **pods;
	size_t n_pods, cap_pods;
	struct topo_route *routes;
	size_t n_routes;
	struct ip *outsiders;	/* addresses on outside's lo */
	size_t n_outsiders;
	const struct model *model;	/* applied last */
	unsigned last_number;
	bool services;
};

struct topo_node *topo_node_by_name(struct topo *t, const char *name);
struct topo_pod *topo_pod_by_name(struct topo *t, const char *name);

#endif
