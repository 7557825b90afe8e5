/* SPDX-License-Identifier: GPL-2.0 */
/* What the rule files share while one audit runs. */
#ifndef AUDIT_CTX_H
#define AUDIT_CTX_H

#include "audit.h"
#include "../compile/backends.h"
#include "../compile/world.h"

struct audit_ctx {
	const struct model *m;
	const struct audit_options *o;
	struct audit *out;
	struct backends backends;
	struct exposures {	/* ports of pods published to the outside, ascending by the pod's address */
		struct exposure {
			const struct pod *pod;
			uint8_t proto;
			bool any;	/* all of the protocol */
			uint16_t port;
		} *v;
		size_t n, room;
	} exposed;
	bool no_pods;		/* nothing is known of any pod: what selectors match can't be told */
	bool checkout;		/* pods are workloads' templates, or Pods that never ran */
	struct world *world;	/* what NetworkPolicies alone allow */
};

/* @fix is taken over (malloc'ed, or NULL). */
void audit_add(struct audit_ctx *c, enum audit_rule_id rule, const struct meta *obj, char *fix,
	       const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void audit_add_as(struct audit_ctx *c, enum audit_rule_id rule, enum severity severity,
		  const struct meta *obj, char *fix, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* What findings call the kind of @obj. */
const char *audit_kind_word(const struct meta *obj);
/* Like asprintf, for fixes; aborts on out of memory. */
char *audit_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void audit_segmentation(struct audit_ctx *c);	/* policies and the pods they select */
void audit_peers(struct audit_ctx *c);		/* rules, peers, ports */
void audit_dns(struct audit_ctx *c);		/* egress without DNS */
void audit_settings(struct audit_ctx *c);	/* labels and annotations of ours */
void audit_ingresses(struct audit_ctx *c);	/* Ingress: classes, hosts, paths, backends */
void audit_tls(struct audit_ctx *c);		/* Ingress: certificates */
void audit_exposure_collect(struct audit_ctx *c);	/* fills c->exposed, before the rules */
void audit_exposure(struct audit_ctx *c);	/* what is open to the outside */

/* Do policies keep a gateway of @in from the endpoints of @port of Service @s? (reach.c) */
void audit_reach_backend(struct audit_ctx *c, const struct ingress *in, const struct service *s,
			 const struct service_port *port);

/* Objects of a kind in order: const struct pod *p; for_each(c->m, KIND_POD, p) { ... } */
struct audit_iter {
	const struct meta *const *next, *const *end;
};
struct audit_iter audit_iter_begin(const struct model *m, enum kind kind, const char *ns);
const void *audit_iter_next(struct audit_iter *it);
#define for_each_ns(m, kind, ns, var)							\
	for (struct audit_iter it_##var = audit_iter_begin(m, kind, ns);		\
	     (var = audit_iter_next(&it_##var));)
#define for_each(m, kind, var) for_each_ns(m, kind, NULL, var)

bool audit_policy_selects(const struct networkpolicy *np, const struct pod *p);
/* Does @peer of a rule of @np match @p, as a pod or by its address? */
bool audit_peer_matches(const struct audit_ctx *c, const struct networkpolicy *np,
			const struct policy_peer *peer, const struct pod *p);
/* Do the selectors of @peer, which is no block, select @p, whether or not it is one that is matched? */
bool audit_peer_selects(const struct audit_ctx *c, const struct networkpolicy *np,
			const struct policy_peer *peer, const struct pod *p);
/* A pod that a Service of type NodePort or LoadBalancer, externalIPs or a hostPort publishes. */
bool audit_is_exposed(const struct audit_ctx *c, const struct pod *p);
/* Is all of @port of @p published so? */
bool audit_exposes(const struct audit_ctx *c, const struct pod *p, const struct policy_port *port);
/* A pod some IngressClass names as its gateway. */
bool audit_is_gateway(const struct audit_ctx *c, const struct pod *p);

#endif
