/* SPDX-License-Identifier: GPL-2.0 */
/* One rule of one policy, as findings about it name it. */
#ifndef AUDIT_AT_H
#define AUDIT_AT_H

#include "ctx.h"

struct at {
	const struct networkpolicy *np;
	const struct policy_rule *rule;
	unsigned index;
	bool egress;
};

#define AT_FMT "%s[%u] of %s/%s"
#define AT_ARGS(a) (a)->egress ? "egress" : "ingress", (a)->index, (a)->np->meta.ns, (a)->np->meta.name

/* Does the rule concern @p: for ingress as a pod the policy selects, for egress as a peer? */
bool at_reaches(const struct audit_ctx *c, const struct at *at, const struct pod *p);
/* Has it ports, all of which are DNS's? */
bool at_is_dns(const struct at *at);
/* One for everyone of its family, whatever it excepts; halves of everyone count, too. */
bool at_is_everyone(const struct policy_peer *peer);

/* Is any of the cluster's DNS pods known? (dns.c) */
bool at_dns_is_known(const struct audit_ctx *c);
void at_check_shadowed(struct audit_ctx *c, const struct at *at);	/* shadow.c */

#endif
