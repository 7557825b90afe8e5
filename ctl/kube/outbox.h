/* SPDX-License-Identifier: GPL-2.0 */
/*
 * outbox: the few things the controller writes to the API, one at a time and never in the way of what it reads.
 */
#ifndef KUBE_OUTBOX_H
#define KUBE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>
#include "backoff.h"
#include "http.h"

/* What waits past this many is dropped, the newest first. */
#define KUBE_OUTBOX_MAX 32

struct kube_letter {
	const char *method;	/* static, as is type */
	const char *type;	/* Content-Type */
	char *path, *body;
	bool must;		/* tried until the server takes it, or a newer one to that path; else once */
};

struct kube_outbox {
	struct kube_request request;	/* first: ops get a pointer to it */
	struct kube_http *http;
	struct kube_letter letters[KUBE_OUTBOX_MAX];	/* the first is on its way, or next */
	unsigned n;
	struct kube_backoff backoff;
	uint64_t retry_ms;		/* not before */
	uint64_t sent, refused, dropped;
};

void kube_outbox_init(struct kube_outbox *o, struct kube_http *h, unsigned backoff_ms);
void kube_outbox_free(struct kube_outbox *o);
/* Takes over the strings of @l.  False, and the strings are gone, if there is no room. */
bool kube_outbox_put(struct kube_outbox *o, const struct kube_letter *l);
/* Sends what is due at @now_ms. */
void kube_outbox_step(struct kube_outbox *o, uint64_t now_ms);
/* When it wants a step (ms); UINT64_MAX: it does not. */
uint64_t kube_outbox_deadline(const struct kube_outbox *o);

#endif
