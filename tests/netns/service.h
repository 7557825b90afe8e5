/* SPDX-License-Identifier: GPL-2.0 */
/*
 * service: destination NAT on each node in the place of kube-proxy, by nftables.
 *
 * A case has it only if a line of its extra.tsv or flows.tsv aims at a Service: in expect.tsv an ip/
 * address is a host outside the cluster, whatever Services say.
 *
 * Only what a Service really declares is translated: its cluster, external and load balancer
 * addresses, and its nodePorts on the node's own addresses.  Nothing is left to chance: it
 * is always the first ready endpoint (in order of the slices' names) that is chosen, for a nodePort the first on
 * that node if there is one.  As with kube-proxy, the source is translated where the answer would
 * not find its way back else: a pod that reaches itself, a nodePort that leads to another node.
 */
#ifndef NETNS_SERVICE_H
#define NETNS_SERVICE_H

#include <stdbool.h>
#include "base/err.h"
#include "model/model.h"
#include "scene.h"
#include "topo.h"

bool service_has_ip(const struct model *m, const struct ip *ip);
/* The node traffic from outside to a Service's address is routed to: its first ready endpoint's.  NULL if there is none. */
const char *service_node(const struct model *m, const struct ip *ip);
/* Load the rules of @n, if they are not what they were. */
int service_load(struct topo_node *n, const struct model *m, struct err *err);

/* Does @l, a line of extra.tsv or flows.tsv, aim at a Service? */
bool service_is_meant(const struct model *m, const struct line *l);

/* What a packet to address @ip (a Service's) and port meets: false if nothing. */
bool service_backend(const struct model *m, const struct ip *ip, uint8_t proto, uint16_t port, struct ip *backend_ip,
		     uint16_t *backend_port);
/* The same for the nodePorts of node @node, one of whose addresses is @ip. */
bool service_node_backend(const struct model *m, const char *node, const struct ip *ip, uint8_t proto, uint16_t port,
			  struct ip *backend_ip, uint16_t *backend_port);

#endif
