/* SPDX-License-Identifier: GPL-2.0 */
/*
 * api: where the API server has each kind, and what one of its answers says.
 */
#ifndef KUBE_API_H
#define KUBE_API_H

#include <stdbool.h>
#include "../base/doc.h"
#include "../model/model.h"

/* What to ask for.  A query is one of three: a page of a list, a streaming list, a watch. */
struct kube_query {
	enum kind kind;
	bool watch;
	bool initial_events;		/* watch only: begin with all there is */
	unsigned limit;			/* list only */
	const char *cont;		/* list only: the page after this token; NULL: the first */
	const char *resource_version;	/* plain watch only */
	unsigned timeout_s;		/* watch only */
};
/* Path and query, to put behind the server's address; malloc'ed. */
char *kube_api_path(const struct kube_query *q);

/* "v1", "networking.k8s.io/v1": an object's apiVersion. */
const char *kube_api_version(enum kind kind);

/* Both NULL where the field is missing. */
const char *kube_api_resource_version(const struct doc *obj);
const char *kube_api_continue(const struct doc *list);
/* True for the bookmark that ends a streaming list. */
bool kube_api_ends_initial_events(const struct doc *bookmark);

/* A Status object's code, or 0; *@message is its text ("" if none), which lives as long as @status. */
int kube_api_status(const struct doc *status, const char **message);

#endif
