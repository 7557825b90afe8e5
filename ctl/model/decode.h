/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode: a document tree to an object of the model, checked as the API server would check it.
 */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include "../base/diag.h"
#include "../base/doc.h"
#include "model.h"

/*
 * Decodes @d into an object of @m's pool (not put into @m), strictly: what the API server would refuse is an
 * error.  A List (kind List, or XyzList) calls @each for each item.  Kinds we do not keep are
 * skipped silently.  Every mistake goes to @diags with object and field; an object with a
 * mistake is not given to @each.  @file may be NULL (the API).  Returns the number of mistakes.
 */
int model_decode(struct model *m, const struct doc *d, const char *file, struct diags *diags,
		 void (*each)(void *ctx, struct meta *obj), void *ctx);

/* The same, otherwise: */
enum decode_flags {
	DECODE_TEMPLATES = 1,	/* pod templates of Deployments and the like are pods (struct pod.workload) */
	DECODE_LENIENT = 2,	/* of an object with mistakes the rest is given to @each, if it has a name */
};
int model_decode_as(struct model *m, const struct doc *d, const char *file, unsigned flags, struct diags *diags,
		    void (*each)(void *ctx, struct meta *obj), void *ctx);

/*
 * As model_decode for one object known to be of @kind (watch events carry no kind in lists' items), leniently:
 * it comes from the API server, so what can't be read is left out and reported, never fatal
 * unless the object has no name.  NULL if it can't be kept.
 */
struct meta *model_decode_api(struct model *m, enum kind kind, const struct doc *d, struct diags *diags);

#endif
