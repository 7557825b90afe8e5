/* SPDX-License-Identifier: GPL-2.0 */
/*
 * perimeter: what Ingresses and Services declare, as far as it concerns this node: the
 * exposed ports of its pods (P1), and what its gateways may reach (P2, P3).
 */
#ifndef COMPILE_PERIMETER_H
#define COMPILE_PERIMETER_H

#include "backends.h"
#include "compile.h"
#include "openings.h"
#include "policies.h"

/* What all gateways of the same IngressClasses may reach. */
struct view {
	struct words classes;	/* indexes of the model's list of IngressClasses, ascending */
	struct openings reach;
	const char *names;	/* of the classes, with commas between them */
	uint64_t hash;		/* of them */
};

struct perimeter {
	const struct model *model;
	const struct compile_options *options;
	struct rules *rules;
	struct wordset lists;	/* openings_paint() */
	struct wordset profiles;	/* view, list, view, list, ...: what a pod is to the views that reach it */
	struct declared {
		bool asks_inside;	/* some local pod's P1 is not off */
		bool asks_time;		/* some view's class requires TLS */
		struct openings exposed;	/* ports of local pods */
		struct view *views;	/* views[0] is that of pods which are no gateways (or P2 is off for) */
		size_t n_views, cap_views;
		uint32_t *view_of;	/* by local pod */
		struct asked asked;	/* about backends, by the views */
	} now;
};

void perimeter_init(struct perimeter *p, const struct model *m, const struct compile_options *o,
		    struct rules *rules, struct arena *arena);
/* Fills p->now, which is empty, for the local pods; lists and profiles keep their numbers. */
void perimeter_collect(struct perimeter *p, const struct policies *policies);
void declared_free(struct declared *d);
void perimeter_free(struct perimeter *p);

enum perimeter_mode perimeter_mode(const struct model *m, const struct compile_options *o, const char *ns);
/* The profile of a pod; 0: no view reaches it. */
uint32_t perimeter_profile(struct perimeter *p, const struct pod *pod);
/* The list of view @view in profile @profile. */
uint32_t perimeter_list(const struct perimeter *p, uint32_t profile, uint32_t view);
/* Of what the profile says, whatever numbers things happen to have. */
uint64_t perimeter_hash(const struct perimeter *p, uint32_t profile);

/* The parts, each a file: exposure.c, gateway.c. */
/* Of type NodePort or LoadBalancer, or with externalIPs. */
bool service_is_exposed(const struct service *s);
/* Ports of Services' backends on @node, and the hostPorts of @pods, which are on it. */
void exposure_collect(struct openings *out, const struct backends *b, struct rules *rules, const char *node,
		      const struct pod *const *pods, size_t n);
/* Does the class name @pod its gateway? */
bool gateway_is(const struct ingressclass *c, const struct pod *pod);
/* Fills @v->reach for @v->classes. */
void gateway_collect(struct view *v, const struct backends *b, struct rules *rules, time_t now);
/* What @c's Ingresses would declare if it did not require TLS; the rules' names say what is wrong with it. */
void gateway_withheld(struct openings *out, const struct ingressclass *c, const struct backends *b,
		      struct rules *rules, time_t now);
/* What @c's Ingresses declare. */
void gateway_declared(struct openings *out, const struct ingressclass *c, const struct backends *b,
		      struct rules *rules, time_t now);
/* Is @in of class @c? */
bool gateway_serves(const struct ingressclass *c, const struct ingress *in);

#endif
