/* SPDX-License-Identifier: GPL-2.0 */
/*
 * why: what is behind a door's verdict, from the objects: who isolates, which rules allow, or
 * what came nearest to it, and what the perimeter asks.  The verdict itself is the
 * judge's (world.h); nothing here decides.
 */
#ifndef COMPILE_WHY_H
#define COMPILE_WHY_H

#include "world.h"

/* Lines of text, each malloc'ed. */
struct lines {
	char **v;
	size_t n, cap;
};
void lines_add(struct lines *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lines_free(struct lines *l);

/* A rule, named as in verdicts, and what keeps it from allowing. */
struct why_near {
	char *rule, *text;
	int nearness;		/* 2: only the port does not match, 1: only the peer, 0: neither */
};

struct why {
	const struct pod *subject;	/* whose door it is; NULL: nobody's, and nothing else is filled in */
	struct lines isolating;		/* policies, by "namespace/name" */
	struct lines allowing;		/* rules that allow the flow */
	struct why_near *near;		/* if isolated and none allows: the others, the nearest first */
	size_t n_near, cap_near;
	bool gate;			/* the perimeter asks about this flow (whatever its mode) */
	enum perimeter_mode mode;
	struct lines opening;		/* what declares it open */
	struct lines shut;		/* if nothing does: what is declared, and what was withheld for want of TLS */
};

/* About door @door of node @node, as @o says (o->node is not looked at). */
void why_find(struct why *w, const struct model *m, const struct compile_options *o, const char *node,
	      const struct flow *f, enum stockade_door door);
void why_free(struct why *w);

/* The halves, each a file: why_policy.c, why_gate.c. */
struct asking {
	const struct model *model;
	const struct compile_options *options;	/* with the door's node */
	struct ip peer;			/* the other end */
	const struct pod *peer_pod;	/* and the pod it is; NULL: none */
	const struct pod *target;	/* the pod named ports are looked up in; NULL: none */
	enum stockade_door door;
	uint8_t proto;
	uint16_t port;
};
void why_policy(struct why *w, const struct asking *a);
void why_gate(struct why *w, const struct asking *a);
/* "80/tcp", "all udp", "icmp", "everything"; into @buf. */
#define WHY_PORT_STRLEN 48
const char *why_port_text(uint8_t proto, uint16_t port, char buf[static WHY_PORT_STRLEN]);
const char *why_proto_text(uint8_t proto);	/* "tcp"; NULL: no name for it */

#endif
