/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cast: the lines of a phase as probes between real ends, and the listeners they need.
 */
#ifndef NETNS_CAST_H
#define NETNS_CAST_H

#include "probe.h"
#include "server.h"
#include "topo.h"

struct cast {
	struct probe *v;
	size_t n, cap;
};

/*
 * A probe for every line and family.  Ends that share no family, or a line whose end is not
 * there, are mistakes of the case: -1 with @err.
 */
int cast_lines(struct cast *c, struct topo *t, const struct lines *lines, struct err *err);
void cast_free(struct cast *c);

/*
 * Listen wherever a probe may arrive, and on each containerPort of each pod.
 */
int cast_listen(const struct cast *c, struct topo *t, const struct model *m, struct server *s, struct err *err);

#endif
