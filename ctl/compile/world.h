/* SPDX-License-Identifier: GPL-2.0 */
/*
 * world: a cluster with every node's table in force, and flows walked through the doors
 * they would pass.
 *
 * A flow crosses its opener's node and its target's.  On each, unless the node itself opened
 * it, it passes PRE_ROUTING and meets the egress door; unless it is for the node itself, it
 * passes FORWARD and meets the ingress door.  An address of nobody's is outside; in the pod
 * CIDRs of a node it is met there, where routes lead, as one that node does not know.
 */
#ifndef COMPILE_WORLD_H
#define COMPILE_WORLD_H

#include "compile.h"
#include "judge.h"

struct world;

/*
 * @o->node is not looked at; @only: the one node whose table is in force, NULL for all.  @m
 * and @o are borrowed, and must not change while the world lives.
 */
struct world *world_new(const struct model *m, const struct compile_options *o, const char *only);
void world_free(struct world *w);

enum end_kind { END_POD, END_NODE, END_OUTSIDE };
struct end {
	enum end_kind kind;
	const struct pod *pod;	/* END_POD */
	const char *node;	/* where it is, interned or the model's; "" for nowhere */
	bool has[2];		/* an IPv6 address, an IPv4 one */
	struct ip ip[2];
};
/*
 * "namespace/pod", "node/NAME" or "ip/ADDRESS".  A hostNetwork pod is its node, and of a finished one only its
 * addresses are left.  -1 with @err.
 */
int world_end(const struct world *w, const char *ref, struct end *out, struct err *err);
void world_end_pod(const struct world *w, const struct pod *p, struct end *out);

struct flow {
	const struct end *from, *to;
	bool v4;		/* both ends must have the family */
	uint8_t proto;		/* PROTO_* */
	uint16_t port;
};
/* What one door said; in the order they are met. */
struct meeting {
	const char *node;
	enum stockade_door door;
	struct stk_verdict verdict;
	const char *rule;	/* its rule's name, NULL: none; lives as long as the world */
	uint8_t tier;		/* enum stockade_tier; 0: none */
};
struct walk {
	struct meeting v[2 * STOCKADE_DOORS];
	size_t n;
	bool denied;		/* some door denies */
};
/* Returns 0, or -1 with @err where a node's table is one the kernel would refuse. */
int world_walk(struct world *w, const struct flow *f, struct walk *out, struct err *err);
/* A node's table, compiled when it is first asked for; NULL as above. */
const struct table *world_table(struct world *w, const char *node, struct err *err);

#endif
