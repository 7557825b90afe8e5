/* SPDX-License-Identifier: GPL-2.0 */
/*
 * addrmap: the addresses that are entered, by address.  One flat table, probed linearly: with an entry for every pod
 * of a large cluster, each byte of one is a hundred kilobytes.
 */
#ifndef COMPILE_ADDRMAP_H
#define COMPILE_ADDRMAP_H

#include <stdbool.h>
#include <stddef.h>
#include "../base/ip.h"

struct address {
	struct ip ip;
	uint32_t class;
	uint32_t subject;	/* id of the local pod; 0: none */
	uint32_t flags;		/* STOCKADE_ENDPOINT_F_* */
};

/* Begins as { 0 }. */
struct addrmap {
	struct address *v;	/* .class ADDRMAP_FREE: a free slot */
	size_t cap, n;
};
#define ADDRMAP_FREE UINT32_MAX

/* NULL if it is not entered; valid until the next change. */
const struct address *addrmap_get(const struct addrmap *m, const struct ip *ip);
/* Enters @a, or replaces what its address had. */
void addrmap_put(struct addrmap *m, const struct address *a);
void addrmap_del(struct addrmap *m, const struct ip *ip);
void addrmap_free(struct addrmap *m);
/* All of them, in no order: *@at starts at 0, NULL ends. */
const struct address *addrmap_next(const struct addrmap *m, size_t *at);

#endif
