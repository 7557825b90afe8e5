/* SPDX-License-Identifier: GPL-2.0 */
/*
 * world: a small cluster that lives: two nodes with their controllers on a real API server, pods that talk all
 * the time, and a model of what the API was told, by which the tables in force are judged.
 *
 * Everything here fails the running test where it cannot be done.
 */
#ifndef PACKETS_WORLD_H
#define PACKETS_WORLD_H

#include "agent.h"
#include "lib/bed.h"
#include "server.h"
#include "topo.h"
#include "traffic.h"

#define WORLD_NODES 2

struct world {
	struct bed *bed;
	const char *stockaded;
	struct topo *topo;
	struct model *model;		/* what the API was told */
	struct compile_options options;
	struct agent agents[WORLD_NODES];
	char *flags[2];
	struct traffic *traffic;
	struct wire_loop loop;
	struct server *server;
	struct traffic_seen before;	/* what the traffic had seen when the test began */
};

/* The cluster's objects in the API, its network, its controllers, its traffic. */
struct world *world_new(struct bed *bed, const char *stockaded);
void world_free(struct world *w);

/* JSON, into the API and the model. */
void world_apply(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void world_pod(struct world *w, const char *node, const char *ns, const char *name, const char *ip, const char *app);
void world_delete(struct world *w, enum kind kind, const char *ns, const char *name);
/* The same for the model alone; what is to be sent, malloc'ed. */
char *world_pod_json(struct world *w, const char *node, const char *ns, const char *name, const char *ip, const char *app);
void world_relabel(struct world *w, const char *ns, const char *name, const char *app);
/* The pod's labels, and nothing else. */
void world_label(struct world *w, const char *ns, const char *name, const char *app);
/* The network as the model says now. */
void world_wire(struct world *w);

/* The controller of node @i: killed at once; started; what it said read, so that it is never held up. */
void world_kill(struct world *w, unsigned i);
void world_start(struct world *w, unsigned i);
void world_drain(void *w);
/* Until the tables are what the API was told; while it waits, controllers are drained. */
void world_settle(struct world *w);
/* One question from pod to pod, at a port that the traffic leaves alone. */
bool world_reaches(struct world *w, const char *from, const char *to, bool expected);
/* No packet of the traffic was judged wrongly, and it did flow; @what is told with the figures. */
void world_check(struct world *w, const char *what);

#endif
