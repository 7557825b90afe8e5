/* SPDX-License-Identifier: GPL-2.0 */
/*
 * addresses: which addresses the table names, and of which class each is.
 *
 * Entered are the addresses of every Node, of every live pod of this node, and of every live
 * pod elsewhere whose class is not the one its address would have without an entry
 * (its longest block's) or that has an address of this node's pod CIDRs, where the kernel drops
 * what it does not know.  Finished pods' addresses are nobody's.
 *
 * Where a live pod claims an address of a node: of this node, it is the node's, for kubelet
 * must not be cut off, and no pod can send from it.  Of another node, it is the pod's
 * and the node's: the pod stays judged, its policies hold for it, and tunnels to it
 * stay closed.  So no Node object, which its kubelet writes, can lift another node's pods out of policy.
 *
 * What an address is depends on who claims it, and on nothing that is said of other addresses.
 */
#ifndef COMPILE_ADDRESSES_H
#define COMPILE_ADDRESSES_H

#include "addrmap.h"
#include "classes.h"
#include "members.h"

struct addresses {
	const struct model *model;
	const char *node;	/* this node's name */
	const struct policies *policies;
	const uint32_t *const *subjects;	/* ids of its local pods */
	struct perimeter *perimeter;
	struct ports *ports;
	const struct ranges *ranges;
	struct wordset *sets;
	struct classes *classes;
	const struct node *own;	/* this node; NULL: no such object */
	struct members members;
	struct pod_view {	/* what the pod last met is whatever its address: by labels and ports */
		const struct pod *pod;
		uint32_t set, reach, subject;
	} last;
	struct arena memo_arena;
	struct wordset unions;	/* pairs of sets met, */
	uint32_t *joined;	/* and what they make together */
	size_t n_joined, cap_joined;
};
/* @a's members down to classes are set. */
void addresses_init(struct addresses *a);
void addresses_free(struct addresses *a);
/* Policies, perimeter, ranges or peers are others now. */
void addresses_renew(struct addresses *a);
/* Objects may be others now. */
void addresses_look_again(struct addresses *a);
/* What is to be entered for @ip; false: nothing. */
bool addresses_find(struct addresses *a, const struct ip *ip, struct address *out);

#endif
