/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stage: the objects of one kind on their way from a list into the model.
 *
 * While a list is under way nothing of it can be seen in the model: what differs is put aside, and goes
 * in at once, together with the removal of what the list did not have.  After a short
 * outage next to nothing differs, so next to nothing is put aside.  Only the very first list goes straight into the
 * model, which nobody looks at before it is whole.
 */
#ifndef KUBE_STAGE_H
#define KUBE_STAGE_H

#include "../base/hash.h"
#include "../model/model.h"

struct kube_stage {
	struct model *model;
	enum kind kind;
	bool open;		/* a list is under way */
	bool direct;		/* it goes straight into the model */
	bool changed;		/* by a direct put */
	struct hash seen;	/* of struct meta: what the list has, in the model or put aside */
	struct meta **aside;
	size_t n_aside, cap_aside;
};

/* What was put aside before is forgotten. */
void kube_stage_begin(struct kube_stage *s, bool direct);
/* Takes @obj over.  Without a list under way these change the model; true if they did. */
bool kube_stage_put(struct kube_stage *s, struct meta *obj);
bool kube_stage_delete(struct kube_stage *s, const char *ns, const char *name);
/* The list is complete; true if the model is another than before it began. */
bool kube_stage_commit(struct kube_stage *s);
/* The list will not be completed: the model is as it was (but for a direct one). */
void kube_stage_abort(struct kube_stage *s);

#endif
