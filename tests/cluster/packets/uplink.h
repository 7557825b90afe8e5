/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uplink: the way from a case's nodes to the API server outside the guest, through the player's own
 * namespace, and a switch in it.  Everything of it goes through the nodes' links, as it would on a real node.
 */
#ifndef PACKETS_UPLINK_H
#define PACKETS_UPLINK_H

#include "topo.h"

/* Where QEMU's user network has the host's loopback. */
#define UPLINK_API "10.0.2.2"

/* -1 with @err. */
int uplink_open(struct topo *t, struct err *err);
/* From then on not a packet passes, either way; or they pass again. */
int uplink_cut(struct topo *t, bool cut, struct err *err);

#endif
