/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names: what an address is called, as manifests say or, where they do not, as the
 * kernel's table does for the pods of this node.
 */
#ifndef CMD_NAMES_H
#define CMD_NAMES_H

#include "../model/model.h"
#include "../nl/nl.h"

struct names {
	struct stnl *nl;
	struct model *model;
	struct table *table;	/* read when first needed, and again as generations pass */
	uint64_t generation;
	uint64_t looked_at;	/* seconds; the table is not read more than once in one */
};

/* Takes @model (may be NULL: without manifests) over. */
void names_init(struct names *n, struct stnl *nl, struct model *model);
void names_exit(struct names *n);

/*
 * "shop/api", "node/worker-1", or NULL where nobody knows.  @generation is of the table the address was seen
 * under.  Valid until the next call.
 */
const char *names_of(struct names *n, const struct ip *ip, uint64_t generation);

#endif
