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
 */
#ifndef COMPILE_ADDRESSES_H
#define COMPILE_ADDRESSES_H

#include "classes.h"
#include "members.h"

struct address {
	struct ip ip;
	uint32_t class;
	uint32_t local;		/* index of the local pod + 1; 0: none */
	uint32_t flags;		/* STOCKADE_ENDPOINT_F_* */
};

struct addresses {
	const struct model *model;
	const char *node;	/* this node's name */
	const struct policies *policies;
	struct perimeter *perimeter;
	struct ports *ports;
	const struct ranges *ranges;
	struct wordset *sets;
	struct classes *classes;
	struct address *v;	/* ascending */
	size_t n, cap;
	struct arena memo_arena;
	struct wordset unions;	/* pairs of sets met, */
	uint32_t *joined;	/* and what they make together */
	size_t n_joined, cap_joined;
};
/* Fills @a, whose members down to classes are set. */
void addresses_collect(struct addresses *a);
void addresses_free(struct addresses *a);

#endif
