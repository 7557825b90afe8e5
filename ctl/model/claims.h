/* SPDX-License-Identifier: GPL-2.0 */
/*
 * claims: which objects say they have an address, and which of them is taken to have it.
 * Private to model/.
 *
 * Nearly every address has one claimant, which costs a slot of a hash; several are kept in
 * a group, the best of them first, so that look-ups cost the same however many there are.
 */
#ifndef MODEL_CLAIMS_H
#define MODEL_CLAIMS_H

#include "../base/hash.h"
#include "../base/ip.h"

struct claims {
	struct hash by_ip;	/* of objects, or of groups with the lowest bit set */
	/* A strict order, the same whatever happened before. */
	bool (*better)(const void *a, const void *b);
	bool (*has)(const void *obj, const struct ip *ip);
};

/* @obj has @ip, and does not change until it is taken out. */
void claims_add(struct claims *c, const struct ip *ip, void *obj);
void claims_del(struct claims *c, const struct ip *ip, void *obj);
/* The best claimant, NULL if there is none. */
void *claims_get(const struct claims *c, const struct ip *ip);
void claims_free(struct claims *c);

#endif
