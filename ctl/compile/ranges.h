/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ranges: the ipBlocks of all rules, flattened.
 *
 * The prefixes named by cidr and except lists nest or are apart, never overlap
 * in part.  So in a walk over them in order of address and length, a stack holds the
 * prefixes around the one at hand, and counters tell which groups hold in it: an
 * atom holds where its cidr is on the stack and none of its excepts is, a
 * group where one of its atoms does.  Each prefix whose groups differ from those of
 * the one around it becomes a block, and the longest one that covers an address has
 * its groups.
 */
#ifndef COMPILE_RANGES_H
#define COMPILE_RANGES_H

#include "peers.h"

struct ranges {
	struct range_start {	/* ascending; holds up to the next one's ip */
		struct ip ip;
		uint32_t set;
	} *starts[2];		/* IPv6, IPv4 */
	size_t n_starts[2], cap_starts[2];
	struct range_prefix {	/* what makes the same as longest prefixes; in order */
		struct cidr cidr;
		uint32_t set;
	} *prefixes;
	size_t n_prefixes, cap_prefixes;
};

/* Sets of groups are numbered by @sets, whose set 0, the empty one, holds outside all blocks. */
void ranges_build(struct ranges *r, const struct peers *p, struct wordset *sets);
void ranges_free(struct ranges *r);
/* Do both say the same of every address?  Of one numbering of sets. */
bool ranges_equal(const struct ranges *a, const struct ranges *b);
/* The set of groups whose blocks contain @ip. */
uint32_t ranges_set(const struct ranges *r, const struct ip *ip);

#endif
