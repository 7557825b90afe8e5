/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kube: the cluster's objects from the Kubernetes API, listed once and watched from then on.
 *
 * One thread, nothing blocks: the daemon's loop polls one descriptor and calls step().  Each kind
 * has a reflector of its own; the model is shown (SOURCE_CHANGED) only in states that the API
 * server had for that kind, never in the middle of a list.  A step may free strings that no object uses
 * any more (model_collect), so nobody may keep any of the model's from one step to the next.
 */
#ifndef KUBE_KUBE_H
#define KUBE_KUBE_H

#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"
#include "../model/model.h"
#include "../source.h"

struct kube_options {
	const char *kubeconfig;		/* --kubeconfig; NULL: $KUBECONFIG, in-cluster, ~/.kube/config */
	const char *context;		/* --context; NULL: current-context */
	const char *node;		/* whose controller this is; NULL: it writes nothing */
	const char *untaint;		/* key of the taint to take from it; NULL: none */
	bool events;			/* tell of objects that can't be enforced as written by Events on them */
	bool tls_secrets;		/* also watch Secrets of type kubernetes.io/tls (for require-tls classes) */
	/* Below for tests; 0 or NULL is what production wants. */
	const char *sa_dir;		/* where the service account is mounted */
	unsigned page_limit;		/* objects a list page (500) */
	unsigned watch_s;		/* how long the server may keep one watch (300..600) */
	unsigned idle_ms;		/* silence before the server is asked for a sign of life (30000) */
	unsigned backoff_ms;		/* the first delay after a failure (250) */
	bool no_streaming_lists;	/* always page */
};

/*
 * Reads the configuration and starts; the first requests go out with the first step().
 * @m must outlive the source, which alone may change it.  NULL with @err set where the
 * configuration can't be used.
 */
struct source *kube_source_new(struct model *m, const struct kube_options *o, struct err *err);

/* Counters, all since the start. */
struct kube_kind_stats {
	bool enabled, synced;
	uint64_t events;		/* watch events received, bookmarks not counted */
	uint64_t ignored;		/* of these, events that changed nothing we keep */
	uint64_t relists;		/* full lists completed, the first included */
	uint64_t streamed;		/* of these, lists that came as a stream */
	uint64_t errors;		/* requests that failed */
};
struct kube_stats {
	struct kube_kind_stats kind[KINDS];
	uint64_t bytes;			/* of response bodies */
	uint64_t diags;			/* objects or fields that could not be read */
	uint64_t refused;		/* writes that the server did not take */
	uint64_t told, untold;		/* Events of these: sent, and suppressed as too many or told before */
};
/* @s must be from kube_source_new(); valid until it is freed. */
const struct kube_stats *kube_source_stats(const struct source *s);

/* A table is in force: from now on the options' taint is taken from the node. */
void kube_source_untaint(struct source *s);

/* Tell, by an Event on it, that @np is not enforced as written on this node; nothing where Events are not wanted. */
void kube_source_tell(struct source *s, const struct networkpolicy *np, const char *message);

/*
 * When the oldest change since the last call was received (CLOCK_MONOTONIC, ns); 0: there was
 * none.  Asked after a commit, it tells how long the API's change took to be in force.
 */
uint64_t kube_source_take_received(struct source *s);

#endif
