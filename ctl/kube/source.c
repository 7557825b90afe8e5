// SPDX-License-Identifier: GPL-2.0
/* source: the reflectors of all kinds behind the one interface the daemon knows. */
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "config.h"
#include "kube.h"
#include "reflector.h"

#define PAGE_LIMIT 500
#define WATCH_S 300
#define IDLE_MS 30000
#define BACKOFF_MS 250
/* So many strings more than there were are not worth a collection. */
#define STRINGS_SLACK 20000

struct kube_source {
	struct source source;		/* first */
	struct kube_config config;
	struct kube_shared shared;
	struct kube_reflector reflectors[KINDS];
	size_t n;			/* of them in use */
	bool asked;			/* the server was greeted */
	size_t strings;			/* in the model's pool when it was last collected */
	bool was_synced;
};

static struct kube_source *kube_source(struct source *s)
{
	return (struct kube_source *)s;
}

static bool synced(struct source *s)
{
	struct kube_source *k = kube_source(s);

	for (size_t i = 0; i < k->n; i++)
		if (!k->reflectors[i].synced)
			return false;
	return true;
}

static uint64_t deadline(const struct kube_source *k)
{
	uint64_t min = kube_http_deadline(k->shared.http);

	if (k->asked && !kube_http_greeted(k->shared.http))
		return min;
	if (kube_outbox_deadline(&k->shared.outbox) < min)
		min = kube_outbox_deadline(&k->shared.outbox);
	for (size_t i = 0; i < k->n; i++) {
		uint64_t due = kube_reflector_deadline(&k->reflectors[i]);

		if (due < min)
			min = due;
	}
	return min;
}

static size_t poll_fds(struct source *s, struct pollfd *fds, size_t max, int *timeout_ms)
{
	struct kube_source *k = kube_source(s);
	uint64_t due = deadline(k), now = kube_now_ms();
	uint64_t wait = due > now ? due - now : 0;

	if (due != UINT64_MAX && (*timeout_ms < 0 || wait < (uint64_t)*timeout_ms))
		*timeout_ms = wait < 3600000 ? wait : 3600000;
	if (!max)
		return 0;
	fds[0] = (struct pollfd){ .fd = kube_http_fd(k->shared.http), .events = POLLIN };
	return 1;
}

/*
 * Pods come and go, and each leaves a name behind.  What a list put aside is in no model yet, and
 * would lose its strings.
 */
static void collect_strings(struct kube_source *k)
{
	size_t n = model_strings(k->shared.model);

	if (n < k->strings * 3 / 2 + STRINGS_SLACK)
		return;
	for (size_t i = 0; i < k->n; i++)
		if (k->reflectors[i].stage.open)
			return;
	model_collect(k->shared.model);
	k->strings = model_strings(k->shared.model);
}

/* Before everything is there once, a change is nobody's business. */
static enum source_change what_happened(struct kube_source *k)
{
	bool changed = k->shared.changed, failed = k->shared.failed;

	k->shared.failed = false;
	if (!synced(&k->source))
		return failed ? SOURCE_BROKEN : SOURCE_NOTHING;
	k->shared.changed = false;
	kube_events_ready(&k->shared.events);
	if (!k->was_synced)
		log_info("every kind of object was read once", NULL);
	changed |= !k->was_synced;
	k->was_synced = true;
	if (changed)
		return SOURCE_CHANGED;
	return failed ? SOURCE_BROKEN : SOURCE_NOTHING;
}

static enum source_change step(struct source *s, const struct pollfd *fds, size_t n)
{
	struct kube_source *k = kube_source(s);
	bool greeted;

	kube_http_step(k->shared.http);
	greeted = kube_http_greeted(k->shared.http);
	k->asked = true;
	for (size_t i = 0; greeted && i < k->n; i++)
		kube_reflector_step(&k->reflectors[i], kube_now_ms());
	if (greeted)
		kube_outbox_step(&k->shared.outbox, kube_now_ms());
	collect_strings(k);
	k->shared.stats.bytes = kube_http_bytes(k->shared.http);
	k->shared.stats.refused = k->shared.outbox.refused;
	k->shared.stats.told = k->shared.events.sent;
	k->shared.stats.untold = k->shared.events.suppressed;
	return what_happened(k);
}

static enum source_change reload(struct source *s)
{
	struct kube_source *k = kube_source(s);

	for (size_t i = 0; i < k->n; i++)
		kube_reflector_relist(&k->reflectors[i]);
	return step(s, NULL, 0);
}

/* A reflector that has no version to watch from has a list to read. */
static bool reading(struct source *s)
{
	const struct kube_source *k = kube_source(s);

	for (size_t i = 0; i < k->n; i++)
		if (!k->reflectors[i].resource_version)
			return true;
	return false;
}

static void source_free(struct source *s)
{
	struct kube_source *k = kube_source(s);

	for (size_t i = 0; i < k->n; i++)
		kube_reflector_free(&k->reflectors[i]);
	kube_untaint_free(&k->shared.untaint);
	kube_events_free(&k->shared.events);
	kube_outbox_free(&k->shared.outbox);
	if (k->shared.http)
		kube_http_free(k->shared.http);
	kube_config_free(&k->config);
	free(k);
}

static void take_options(struct kube_source *k, const struct kube_options *o)
{
	struct kube_options *mine = &k->shared.options;

	*mine = *o;
	if (!mine->page_limit)
		mine->page_limit = PAGE_LIMIT;
	if (!mine->watch_s)
		mine->watch_s = WATCH_S;
	if (!mine->idle_ms)
		mine->idle_ms = IDLE_MS;
	if (!mine->backoff_ms)
		mine->backoff_ms = BACKOFF_MS;
}

struct source *kube_source_new(struct model *m, const struct kube_options *o, struct err *err)
{
	struct kube_source *k = mem_new(struct kube_source);

	k->source = (struct source){
		.synced = synced, .poll_fds = poll_fds, .step = step, .reload = reload, .reading = reading,
		.free = source_free,
	};
	take_options(k, o);
	k->shared.model = m;
	if (kube_config_load(&k->config, o, err))
		goto err;
	k->shared.http = kube_http_new(&k->config, k->shared.options.idle_ms, err);
	if (!k->shared.http)
		goto err;
	kube_outbox_init(&k->shared.outbox, k->shared.http, k->shared.options.backoff_ms);
	k->shared.events = (struct kube_events){ .outbox = &k->shared.outbox, .model = m, .node = o->events ? o->node : NULL };
	k->shared.untaint = (struct kube_untaint){ .outbox = &k->shared.outbox, .node = o->node, .key = o->untaint };
	for (int kind = 0; kind < KINDS; kind++)
		if (kind != KIND_SECRET || o->tls_secrets)
			kube_reflector_init(&k->reflectors[k->n++], &k->shared, kind);
	log_info("objects come from the Kubernetes API", "server=%s", k->config.server);
	return &k->source;
err:
	source_free(&k->source);
	return NULL;
}

const struct kube_stats *kube_source_stats(const struct source *s)
{
	return &((const struct kube_source *)s)->shared.stats;
}

void kube_source_untaint(struct source *s)
{
	kube_untaint_go(&kube_source(s)->shared.untaint);
}

void kube_source_tell(struct source *s, const struct networkpolicy *np, const char *message)
{
	kube_events_tell_of_node(&kube_source(s)->shared.events, np, message, kube_now_ms());
}

uint64_t kube_source_take_received(struct source *s)
{
	struct kube_shared *shared = &kube_source(s)->shared;
	uint64_t received = shared->received_ns;

	shared->received_ns = 0;
	return received;
}
