/* SPDX-License-Identifier: GPL-2.0 */
/*
 * events: what of an object can't be enforced as it is written, told where its author looks: as a Kubernetes
 * Event on the object (kubectl describe).
 *
 * Every node reads every object, and one Event is enough: of all Nodes, the few whose names rank
 * first for the object tell it, by one name, so that the API has it once.  An Event tells as many mistakes as
 * fit; what was told is not told again until it may have expired; and no more are told in a minute than
 * somebody could read.
 */
#ifndef KUBE_EVENTS_H
#define KUBE_EVENTS_H

#include "../base/diag.h"
#include "../base/doc.h"
#include "../model/model.h"
#include "outbox.h"

/* Nodes that tell of one object: so many may be gone at once. */
#define KUBE_EVENTS_TELLERS 3
#define KUBE_EVENTS_TOLD 256

struct kube_events {
	struct kube_outbox *outbox;
	const struct model *model;
	const char *node;		/* NULL: nothing is told */
	struct {
		uint64_t hash, at_ms;	/* 0: free */
	} told[KUBE_EVENTS_TOLD];	/* by hash; a newer one takes an older's place */
	unsigned minute_n;		/* told in the minute */
	uint64_t minute_ms;		/* that began then */
	uint64_t sent, suppressed;
	bool ready;			/* the Nodes are known; until then, what is to be told is held */
	struct kube_held {
		uint64_t object;	/* by which the tellers rank; 0: whoever knows tells */
		struct kube_letter letter;
	} held[KUBE_OUTBOX_MAX];
	unsigned n_held;
};

/* @d is the object as the API sent it, @diags what of it can't be read (none: nothing is done). */
void kube_events_tell(struct kube_events *e, enum kind kind, const struct doc *d, const struct diags *diags,
		      uint64_t now_ms);
/* What only nodes see that it concerns: each tells it, by one name if they say the same.  An object without uid isn't the API's. */
void kube_events_tell_of_node(struct kube_events *e, const struct networkpolicy *np, const char *message, uint64_t now_ms);
/* The model holds every Node: once this is known, what is held goes, or is another's to tell. */
void kube_events_ready(struct kube_events *e);
void kube_events_free(struct kube_events *e);

#endif
