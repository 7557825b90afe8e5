/* SPDX-License-Identifier: GPL-2.0 */
/*
 * backends: what is behind a Service, by its EndpointSlices.  Can remember what it was asked, so that
 * whoever keeps the answers knows which changes may have changed them.
 */
#ifndef COMPILE_BACKENDS_H
#define COMPILE_BACKENDS_H

#include "../model/model.h"
#include "intern.h"

struct backends {
	const struct model *model;
	struct asked *asked;	/* NULL: not remembered */
};
/* The Services asked about, and the addresses their endpoints have. */
struct asked {
	struct arena arena;
	struct wordset services, ips;
};
void asked_init(struct asked *a);
void asked_free(struct asked *a);
bool asked_service(const struct asked *a, const char *ns, const char *service);
bool asked_ip(const struct asked *a, const struct ip *ip);

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
