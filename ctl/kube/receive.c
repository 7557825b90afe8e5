// SPDX-License-Identifier: GPL-2.0
/* receive: items of lists and events of watches, on their way into the stage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../model/decode.h"
#include "api.h"
#include "prune.h"
#include "reflector.h"

/* Complaints a minute about what can't be read; the rest is only counted. */
#define SAID_MAX 20
#define SAID_PERIOD_MS 60000

static void complain(struct kube_shared *s, const struct diags *diags)
{
	uint64_t now = kube_now_ms();

	if (now - s->said_ms > SAID_PERIOD_MS) {
		s->said = 0;
		s->said_ms = now;
	}
	s->stats.diags += diags->n + diags->suppressed;
	for (size_t i = 0; i < diags->n && s->said < SAID_MAX; i++, s->said++) {
		char *what = diag_format(&diags->v[i]);

		log_warn("part of an object cannot be read and is left out", "what=%s", what);
		free(what);
	}
}

static void note_change(struct kube_reflector *r)
{
	struct kube_shared *s = r->shared;

	s->changed = true;
	if (r->synced && !s->received_ns)
		s->received_ns = kube_now_ns();
}

static struct meta *decode(struct kube_reflector *r, const struct doc *d)
{
	struct diags diags = { 0 };
	struct meta *obj = model_decode_api(r->shared->model, r->kind, d, &diags);

	complain(r->shared, &diags);
	if (r->kind == KIND_NODE)
		kube_untaint_see(&r->shared->untaint, d);
	kube_events_tell(&r->shared->events, r->kind, d, &diags, kube_now_ms());
	diags_free(&diags);
	return obj;
}

/* True if the object is news. */
static bool put(struct kube_reflector *r, const struct doc *d)
{
	struct meta *obj = decode(r, d);
	bool changed = obj && kube_stage_put(&r->stage, obj);

	if (changed)
		note_change(r);
	return changed;
}

static const char *text(const struct doc *d, const char *key)
{
	const struct doc *v = doc_get(d, key);

	return v && v->type == DOC_STRING ? v->string.s : "";
}

static bool delete(struct kube_reflector *r, const struct doc *d)
{
	const struct doc *meta = doc_get(d, "metadata");
	bool changed = kube_stage_delete(&r->stage, text(meta, "namespace"), text(meta, "name"));

	if (changed)
		note_change(r);
	return changed;
}

static struct doc *parse(struct kube_reflector *r, const char *json, size_t len, bool event)
{
	struct kube_text *t = &r->pruned;
	const char *why;
	struct doc *d;
	size_t n;

	if (len > t->cap) {
		t->s = mem_resize(t->s, len, 1);
		t->cap = len;
	}
	n = kube_prune(r->kind, event, json, len, t->s);
	d = n ? doc_parse_json(t->s, n, &why) : doc_parse_json(json, len, &why);
	if (!d)
		r->split.why = why;
	return d;
}

int kube_receive_item(void *reflector, const char *json, size_t len)
{
	struct kube_reflector *r = reflector;
	struct doc *d = parse(r, json, len, false);

	if (!d)
		return -1;
	put(r, d);
	doc_free(d);
	return 0;
}

static void set_resource_version(struct kube_reflector *r, const struct doc *obj)
{
	const char *rv = kube_api_resource_version(obj);

	if (!rv || r->phase != KUBE_WATCHING)
		return;
	free(r->resource_version);
	r->resource_version = mem_strdup(rv);
}

void kube_receive_complete(struct kube_reflector *r, const char *resource_version)
{
	bool changed = kube_stage_commit(&r->stage);

	if (changed || !r->synced)
		note_change(r);
	r->synced = true;
	r->pages_once = false;
	r->shared->stats.kind[r->kind].synced = true;
	r->shared->stats.kind[r->kind].relists++;
	free(r->resource_version);
	r->resource_version = mem_strdup(resource_version);
}

static int bookmark(struct kube_reflector *r, const struct doc *obj)
{
	const char *rv = kube_api_resource_version(obj);

	if (!rv) {
		r->split.why = "a bookmark without a resourceVersion";
		return -1;
	}
	if (r->phase == KUBE_STREAMING && kube_api_ends_initial_events(obj)) {
		kube_receive_complete(r, rv);
		r->shared->stats.kind[r->kind].streamed++;
		r->phase = KUBE_WATCHING;
		r->request.silence_ms = 0;
	}
	set_resource_version(r, obj);
	return 0;
}

/* The server ends a watch with a Status where there is no HTTP status left to say it with. */
static int error_event(struct kube_reflector *r, const struct doc *status)
{
	const char *message;
	int code = kube_api_status(status, &message);

	r->event_status = code ? code : 500;
	snprintf(r->event_why, sizeof(r->event_why), "%s", message);
	return -1;
}

static int object_event(struct kube_reflector *r, const char *type, const struct doc *obj)
{
	struct kube_kind_stats *stats = &r->shared->stats.kind[r->kind];
	bool changed;

	if (!strcmp(type, "DELETED")) {
		changed = delete(r, obj);
	} else if (!strcmp(type, "ADDED") || !strcmp(type, "MODIFIED")) {
		changed = put(r, obj);
	} else {
		r->split.why = "an event of an unknown type";
		return -1;
	}
	if (r->phase == KUBE_WATCHING) {
		stats->events++;
		stats->ignored += !changed;
	}
	set_resource_version(r, obj);
	return 0;
}

static int event(struct kube_reflector *r, const struct doc *d)
{
	const char *type = text(d, "type");
	const struct doc *obj = doc_get(d, "object");

	if (!obj || obj->type != DOC_MAP) {
		r->split.why = "an event without an object";
		return -1;
	}
	if (!strcmp(type, "ERROR"))
		return error_event(r, obj);
	if (r->phase == KUBE_WATCHING) {
		kube_backoff_reset(&r->backoff);
		r->bad_answers = 0;
	}
	return strcmp(type, "BOOKMARK") ? object_event(r, type, obj) : bookmark(r, obj);
}

int kube_receive_event(void *reflector, const char *json, size_t len)
{
	struct kube_reflector *r = reflector;
	struct doc *d = parse(r, json, len, true);
	int ret;

	if (!d)
		return -1;
	ret = event(r, d);
	doc_free(d);
	return ret;
}
