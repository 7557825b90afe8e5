/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reflector: keeps the model's objects of one kind as the API server has them.
 *
 *   WAITING --> LISTING (pages) ------------+
 *      |                                    v
 *      +------> STREAMING (a watch that --> WATCHING --> WAITING, to go on from the last
 *               begins with everything)                  resourceVersion, or to list again (410)
 *
 * Every failure leads to WAITING, for as long as the backoff says; the model stays as it was.
 */
#ifndef KUBE_REFLECTOR_H
#define KUBE_REFLECTOR_H

#include "backoff.h"
#include "events.h"
#include "http.h"
#include "kube.h"
#include "outbox.h"
#include "split.h"
#include "stage.h"
#include "untaint.h"

/* What the reflectors of a source share. */
struct kube_shared {
	struct model *model;
	struct kube_http *http;
	struct kube_outbox outbox;
	struct kube_events events;
	struct kube_untaint untaint;
	struct kube_options options;	/* defaults filled in */
	struct kube_stats stats;
	bool changed;			/* the model was, since the last step */
	bool failed;			/* a request did, since the last step */
	uint64_t received_ns;		/* of the oldest change not yet taken; 0: none */
	unsigned said;			/* objects complained of in the log, and */
	uint64_t said_ms;		/* since when, to keep it readable */
};

enum kube_phase { KUBE_WAITING, KUBE_LISTING, KUBE_STREAMING, KUBE_WATCHING };

struct kube_reflector {
	struct kube_request request;	/* first: ops get a pointer to it */
	struct kube_shared *shared;
	enum kind kind;
	enum kube_phase phase;
	bool synced;			/* a list was completed once */
	bool pages;			/* the server has no streaming lists, */
	bool pages_once;		/* or did not get one done: the next is by pages */
	char *resource_version;		/* to watch from; NULL: list first */
	char *cont;			/* the next page; NULL: the first */
	struct kube_split split;
	struct kube_text pruned;	/* room for one object */
	struct kube_stage stage;
	struct kube_backoff backoff;
	uint64_t retry_ms;		/* WAITING: until when */
	unsigned bad_answers;		/* in a row that could not be read or were refused */
	int event_status;		/* code of an ERROR event; 0: none came */
	char event_why[200];
};

void kube_reflector_init(struct kube_reflector *r, struct kube_shared *s, enum kind kind);
void kube_reflector_free(struct kube_reflector *r);
/* Starts what is due at @now_ms. */
void kube_reflector_step(struct kube_reflector *r, uint64_t now_ms);
/* When it wants a step (ms); UINT64_MAX: a request is under way. */
uint64_t kube_reflector_deadline(const struct kube_reflector *r);
/* List again now. */
void kube_reflector_relist(struct kube_reflector *r);

/* receive.c: what arrives in the body of an answer. */
int kube_receive_item(void *reflector, const char *json, size_t len);
int kube_receive_event(void *reflector, const char *json, size_t len);
/* The list (of pages or streamed) is complete as of @resource_version. */
void kube_receive_complete(struct kube_reflector *r, const char *resource_version);

#endif
