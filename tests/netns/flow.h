/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flow: connections that stay open over the phases of a case, and whether data gets through.
 */
#ifndef NETNS_FLOW_H
#define NETNS_FLOW_H

#include "probe.h"

struct flow;

/*
 * Opens a flow; what is said of it later is found by @p->line's first four fields and the family.  Only
 * its address, protocol and line are used of @p.  NULL with @err.
 */
struct flow *flow_open(struct wire_loop *loop, const struct probe *p, struct flow **list, struct err *err);
/* The flow that was opened for such a line, in that family, NULL if none was. */
struct flow *flow_find(struct flow *list, const struct probe *p);
/*
 * Data is sent on the flows of @v (by flow_find()); .seen says whether the answer came.
 */
void flow_check(struct wire_loop *loop, struct flow *list, struct probe *v, size_t n);
void flow_free_all(struct flow *list);

#endif
