/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oracle: what one door must say about one flow, straight from the NetworkPolicy API reference
 * and the rules of the perimeter.  It looks at every object for every question and
 * remembers nothing; it shares the model's structs with the compiler, and no code:
 * neither selectors, nor addresses, nor certificates.
 */
#ifndef LIB_ORACLE_H
#define LIB_ORACLE_H

#include <linux/stockade.h>
#include "compile/compile.h"

/* What a Secret of this name is known to be (nobody parses it). */
struct oracle_secret {
	const char *name;
	bool sound;		/* parses, in date, key and certificate belong together */
	const char *hosts[4];	/* names in the certificate, NULL-terminated */
};

struct oracle {
	const struct model *model;
	const struct compile_options *options;	/* .node is the door's */
	const struct oracle_secret *secrets;	/* ends with a NULL name */
};

struct oracle_flow {
	struct ip opener, target;
	uint8_t proto;
	uint16_t port;
};

/* What is expected; the fields behind reason only where reason is RULE. */
struct oracle_answer {
	uint8_t verdict, reason;
	uint8_t tier;		/* of the rule it comes from; 0: none */
	char rule[STOCKADE_RULE_NAME_MAX + 1];	/* its name; "": not foretold */
	bool by_default;	/* all allowed: no program may be there at all (reason NOT_ISOLATED) */
};
struct oracle_answer oracle_door(const struct oracle *o, const struct oracle_flow *f, enum stockade_door door);

/* Finer questions, for tests of their own. */
bool oracle_selects(const struct selector *s, const struct labels *l);
bool oracle_in_cidr(const struct cidr *c, const struct ip *ip);

#endif
