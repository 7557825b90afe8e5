/* SPDX-License-Identifier: GPL-2.0 */
/*
 * backends: what is behind a Service, by its EndpointSlices.
 */
#ifndef COMPILE_BACKENDS_H
#define COMPILE_BACKENDS_H

#include "../model/model.h"

struct backends {
	const struct model *model;
	const struct endpointslice **slices;	/* those of a Service, by namespace and Service */
	size_t n;
};
void backends_init(struct backends *b, const struct model *m);
void backends_free(struct backends *b);

/*
 * Calls @fn for each (pod, port) of the Service @ns/@service (interned): each pod that has the address of
 * an endpoint not marked unready, with each port of that endpoint's slice; with @only, ports that stand for
 * that port of the Service (slices give it the same name and protocol).  An endpoint that
 * names a pod (targetRef) whose address another pod has now is stale, and stands for neither.
 */
typedef void (*backend_fn)(void *ctx, const struct pod *pod, const struct slice_port *port);
void backends_each(const struct backends *b, const char *ns, const char *service,
		   const struct service_port *only, backend_fn fn, void *ctx);

#endif
