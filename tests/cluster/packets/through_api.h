/* SPDX-License-Identifier: GPL-2.0 */
/*
 * through_api: a case's objects by way of the Kubernetes API: created, replaced and deleted there, statuses
 * set, seen by the controllers.
 */
#ifndef PACKETS_THROUGH_API_H
#define PACKETS_THROUGH_API_H

#include "compile/compile.h"
#include "lib/admin.h"
#include "stage.h"

struct through_api {
	struct stage_source source;	/* first */
	struct admin *admin;
	const struct phase *before;	/* what the API has; NULL: nothing of this case */
	struct compile_options options;	/* as the case's flags say */
};

void through_api_init(struct through_api *a, struct admin *admin, char *const *flags, size_t n_flags);

#endif
