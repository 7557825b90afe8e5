/* SPDX-License-Identifier: GPL-2.0 */
/*
 * classes: addresses no rule of this node tells apart are of one class, and have one
 * identity.  What a class is, is the whole of what rules ask of an address.
 *
 * Class 0 is that of an address of the outside which no rule mentions; the kernel calls it
 * identity 0 where no endpoint says so.  Its other id is for endpoints, which must have one
 * (a local pod, a node).  Ids are hashes of what the class is, so that they, and the
 * programs that list them, stay the same while other things change.
 */
#ifndef COMPILE_CLASSES_H
#define COMPILE_CLASSES_H

#include "perimeter.h"
#include "ranges.h"

#define CLASS_INSIDE 1	/* a pod's or a node's address, where P1 asks for that */
#define CLASS_POD 2	/* a pod's address, where P2 does */

struct class {
	uint32_t set;		/* groups it belongs to */
	uint32_t ports;		/* what named ports mean */
	uint32_t reach;		/* what gateways may reach of it */
	uint32_t flags;
	uint32_t id;		/* endpoints have this; 0: not decided yet */
	uint32_t refs;		/* addresses entered with it */
	bool block;		/* some block's, or class 0 */
};

struct classes {
	struct wordset keys;
	struct class *v;
	size_t n, cap;
	uint32_t *live;		/* those that blocks or addresses have, in order: class 0 first */
	size_t n_live;
};
void classes_init(struct classes *c, struct arena *arena);
void classes_free(struct classes *c);
uint32_t classes_put(struct classes *c, uint32_t set, uint32_t ports, uint32_t reach, uint32_t flags);
/* Finds out which are alive. */
void classes_count(struct classes *c);

/* How many identities the class at @live, of .live, is: class 0 is one, and another where an endpoint has it. */
static inline uint32_t class_identities(const struct classes *c, size_t live)
{
	return live ? 1 : 1 + !!c->v[c->live[0]].refs;
}

/* Ids are 32 bits; with few, as in a test, wishes collide all the time. */
#ifndef COMPILE_ID_MAX
#define COMPILE_ID_MAX (UINT32_MAX - 1)
#endif
/* Ids 1 .. @max (below UINT32_MAX) for things with a hash each, no two alike, which depend on the hashes alone. */
struct id_wish {
	uint64_t hash;
	uint32_t *id;	/* where the answer goes */
};
void ids_assign(struct id_wish *v, size_t n, uint32_t max);

#endif
