/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cluster: a small cluster from YAML text, and what its nodes' tables say.
 */
#ifndef LIB_CLUSTER_H
#define LIB_CLUSTER_H

#include "compile/world.h"

struct cluster {
	struct model *model;
	struct compile_options options;
	struct world *world;
};

/* Fails the test (cmocka) on a mistake in @yaml.  The perimeter is off unless the options are changed. */
void cluster_init(struct cluster *c, const char *yaml);
/* Puts more objects; the world is made anew. */
void cluster_apply(struct cluster *c, const char *yaml);
/* After a change of the options. */
void cluster_renew(struct cluster *c);
void cluster_free(struct cluster *c);

/*
 * Fails the test unless each line "FROM TO PROTO PORT VERDICT" (spaces between, # comments) of @lines is so; PROTO
 * "tcp" and so on are asked in each family both ends have.  VERDICT is allow, deny or would-deny.
 */
void cluster_expect(struct cluster *c, const char *lines);
/* Fails the test unless the first door that does not just allow, else the last one, says so by this rule. */
void cluster_expect_rule(struct cluster *c, const char *flow, const char *rule);

#endif
