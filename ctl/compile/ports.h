/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ports: the named ports of egress rules, which mean something else in every pod.
 *
 * A name means, for its protocol, every containerPort of the pod the flow goes to that has
 * it: the API asks for names to be unique in a pod, but the server does not insist, and
 * where several containers use a name with different numbers each of them is
 * "a named port on a pod".  Addresses of nodes and of the outside have no names.
 */
#ifndef COMPILE_PORTS_H
#define COMPILE_PORTS_H

#include "peers.h"

struct ports {
	struct named {
		const char *name;	/* interned */
		uint8_t proto;
		struct named_use {
			bool any;		/* a rule without peers uses it */
			uint32_t *groups;	/* whose rules use it, ascending */
			size_t n, cap;
		} now, was;		/* before ports_renew() */
	} *v;
	size_t n, cap;
	struct wordset profiles;	/* index into v, number, index into v, number, ...; ascending */
};
void ports_init(struct ports *p, struct arena *arena);
void ports_free(struct ports *p);
/* No rule is known any more; names and profiles keep their numbers. */
void ports_renew(struct ports *p);
/*
 * Whose rules use other names than before ports_renew(), now that all are known: calls @fn for each group (some twice).
 * True: it may be any address.
 */
bool ports_changed(const struct ports *p, void (*fn)(void *ctx, uint32_t group), void *ctx);
/* Rule @r of group @group goes out. */
void ports_use(struct ports *p, const struct policy_rule *r, uint32_t group);
/* All rules are known. */
void ports_seal(struct ports *p);
/* What the names mean in @pod, as far as rules that concern the groups of @set use them; 0: nothing. */
uint32_t ports_profile(struct ports *p, const struct pod *pod, const struct words *set);
/* Index into v of a name that was used. */
uint32_t ports_name(const struct ports *p, const char *name, uint8_t proto);
uint64_t ports_hash(const struct ports *p, uint32_t profile);

#endif
