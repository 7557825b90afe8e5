// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "api.h"
#include "reflector.h"

/* A page may take this long, and no answer may be silent for so long before its list is complete. */
#define PAGE_MS 120000u
#define SILENCE_MS 60000u
/* The server ends a watch by itself; one that lives on for so much longer is dead. */
#define WATCH_GRACE_MS 30000u
/* A watch that lived this long was a success even if nothing happened. */
#define STABLE_MS 5000u
/* After so many unreadable or refused answers in a row, try the other way. */
#define BAD_ANSWERS 3

static int on_data(struct kube_request *req, const char *p, size_t len)
{
	return kube_split_feed(&((struct kube_reflector *)req)->split, p, len);
}

static void on_done(struct kube_request *req, const struct kube_result *res);

static const struct kube_request_ops ops = { .data = on_data, .done = on_done };

void kube_reflector_init(struct kube_reflector *r, struct kube_shared *s, enum kind kind)
{
	*r = (struct kube_reflector){
		.request.ops = &ops,
		.shared = s,
		.kind = kind,
		.pages = s->options.no_streaming_lists,
		.stage = { .model = s->model, .kind = kind },
		.backoff.first_ms = s->options.backoff_ms,
	};
	s->stats.kind[kind].enabled = true;
}

void kube_reflector_free(struct kube_reflector *r)
{
	kube_request_cancel(&r->request);
	kube_stage_abort(&r->stage);
	kube_split_free(&r->split);
	free(r->pruned.s);
	free(r->resource_version);
	free(r->cont);
}

static void set(char **slot, const char *s)
{
	char *copy = s ? mem_strdup(s) : NULL;

	free(*slot);
	*slot = copy;
}

static void start(struct kube_reflector *r, const struct kube_query *q, unsigned limit_ms, unsigned silence_ms)
{
	char *path = kube_api_path(q);

	kube_split_free(&r->split);
	kube_split_init(&r->split, !q->watch, q->watch ? kube_receive_event : kube_receive_item, r);
	r->event_status = 0;
	r->event_why[0] = 0;
	r->request.silence_ms = silence_ms;
	kube_request_start(&r->request, r->shared->http, path, limit_ms);
	free(path);
}

static unsigned watch_s(const struct kube_reflector *r)
{
	unsigned s = r->shared->options.watch_s;

	return kube_random(s, s * 2);
}

static void start_watch(struct kube_reflector *r)
{
	struct kube_query q = { .kind = r->kind, .watch = true, .timeout_s = watch_s(r) };

	r->phase = KUBE_WATCHING;
	q.resource_version = r->resource_version;
	start(r, &q, q.timeout_s * 1000 + WATCH_GRACE_MS, 0);
}

static void start_streaming(struct kube_reflector *r)
{
	struct kube_query q = { .kind = r->kind, .watch = true, .initial_events = true, .timeout_s = watch_s(r) };

	r->phase = KUBE_STREAMING;
	kube_stage_begin(&r->stage, !r->synced);
	start(r, &q, q.timeout_s * 1000 + WATCH_GRACE_MS, SILENCE_MS);
}

static void start_page(struct kube_reflector *r)
{
	struct kube_query q = { .kind = r->kind, .limit = r->shared->options.page_limit, .cont = r->cont };

	r->phase = KUBE_LISTING;
	if (!r->cont)
		kube_stage_begin(&r->stage, !r->synced);
	start(r, &q, PAGE_MS, SILENCE_MS);
}

static void go(struct kube_reflector *r)
{
	if (r->resource_version)
		start_watch(r);
	else if (r->pages || r->pages_once || r->cont)
		start_page(r);
	else
		start_streaming(r);
}

void kube_reflector_step(struct kube_reflector *r, uint64_t now_ms)
{
	if (r->phase == KUBE_WAITING && r->retry_ms <= now_ms)
		go(r);
}

uint64_t kube_reflector_deadline(const struct kube_reflector *r)
{
	return r->phase == KUBE_WAITING ? r->retry_ms : UINT64_MAX;
}

/* What was received of an unfinished list is not used. */
static void forget_list(struct kube_reflector *r)
{
	set(&r->resource_version, NULL);
	set(&r->cont, NULL);
	kube_stage_abort(&r->stage);
}

void kube_reflector_relist(struct kube_reflector *r)
{
	kube_request_cancel(&r->request);
	forget_list(r);
	r->phase = KUBE_WAITING;
	r->retry_ms = 0;
}

static const char *doing(const struct kube_reflector *r)
{
	return r->phase == KUBE_WATCHING ? "watch" : "list";
}

static void wait_and_retry(struct kube_reflector *r, const char *why, unsigned retry_after_ms)
{
	unsigned ms = kube_backoff_next(&r->backoff, retry_after_ms);

	log_warn("the API server's objects cannot be read; what is in force stays", "kind=%s doing=%s why=%s retry_ms=%u",
		 kind_name(r->kind), doing(r), why, ms);
	r->shared->stats.kind[r->kind].errors++;
	r->shared->failed = true;
	r->phase = KUBE_WAITING;
	r->retry_ms = kube_now_ms() + ms;
}

/* A streamed list starts over; a page, or a watch, is asked for again. */
static void failed(struct kube_reflector *r, const char *why, unsigned retry_after_ms)
{
	if (r->phase == KUBE_STREAMING)
		forget_list(r);
	wait_and_retry(r, why, retry_after_ms);
}

/* Too old to go on from: a watch's resourceVersion or a page's token. */
static void gone(struct kube_reflector *r, const char *why)
{
	log_info("the API server no longer has that version; listing again", "kind=%s doing=%s why=%s",
		 kind_name(r->kind), doing(r), why);
	forget_list(r);
	r->phase = KUBE_WAITING;
	r->retry_ms = kube_now_ms() + kube_backoff_next(&r->backoff, 0);
}

/* What the server does not serve in one way, it may in the other. */
static void bad_answer(struct kube_reflector *r)
{
	if (++r->bad_answers < BAD_ANSWERS)
		return;
	r->bad_answers = 0;
	if (r->phase == KUBE_STREAMING)
		r->pages_once = true;
	forget_list(r);
}

/* "Invalid" and "bad request" are how servers without streaming lists answer. */
static bool has_no_streaming(const struct kube_reflector *r, long status)
{
	return r->phase == KUBE_STREAMING && (status == 400 || status == 422);
}

/* A server in trouble (5xx), or one that asks for patience or for rights, is asked the same again. */
static bool is_mistake(long status)
{
	return status < 500 && status != 429 && status != 403;
}

static void refused(struct kube_reflector *r, long status, const char *why, unsigned retry_after_ms)
{
	if (status == 410) {
		gone(r, why);
		return;
	}
	if (has_no_streaming(r, status)) {
		log_info("the API server has no streaming lists; listing by pages", "kind=%s why=%s",
			 kind_name(r->kind), why);
		r->pages = true;
		kube_reflector_relist(r);
		return;
	}
	/* A server whose etcd is too old for it says so in the stream itself. */
	if (r->phase == KUBE_STREAMING && r->event_status)
		r->pages_once = true;
	if (status == 401)
		kube_http_token_refused(r->shared->http);
	else if (r->phase == KUBE_STREAMING || is_mistake(status))
		bad_answer(r);
	failed(r, why, retry_after_ms);
}

static void page_done(struct kube_reflector *r)
{
	const char *why = NULL, *rv;
	struct doc *list = doc_parse_json(r->split.outer.s, r->split.outer.len, &why);

	rv = kube_api_resource_version(list);
	if (!rv) {
		bad_answer(r);
		failed(r, why ? why : "a list without a resourceVersion", 0);
	} else {
		set(&r->cont, kube_api_continue(list));
		if (!r->cont)
			kube_receive_complete(r, rv);
		kube_backoff_reset(&r->backoff);
		r->bad_answers = 0;
		go(r);
	}
	doc_free(list);
}

static void watch_done(struct kube_reflector *r, uint64_t lived_ms)
{
	if (r->phase == KUBE_STREAMING) {
		bad_answer(r);
		failed(r, "the watch ended before the list was complete", 0);
		return;
	}
	if (lived_ms < STABLE_MS && r->backoff.failures) {
		wait_and_retry(r, "the watch ended at once", 0);
		return;
	}
	/* One that ends at once is waited for only if the next does too. */
	if (lived_ms < STABLE_MS)
		r->backoff.failures++;
	else
		kube_backoff_reset(&r->backoff);
	go(r);
}

static void on_done(struct kube_request *req, const struct kube_result *res)
{
	struct kube_reflector *r = (struct kube_reflector *)req;
	uint64_t lived_ms = kube_now_ms() - req->started_ms;

	if (res->status && res->status != 200) {
		refused(r, res->status, res->why, res->retry_after_ms);
	} else if (r->event_status) {
		refused(r, r->event_status, r->event_why, 0);
	} else if (r->split.why) {
		bad_answer(r);
		failed(r, r->split.why, 0);
	} else if (!res->complete) {
		failed(r, res->why, 0);
	} else if (kube_split_end(&r->split)) {
		failed(r, r->split.why, 0);
	} else if (r->phase == KUBE_LISTING) {
		page_done(r);
	} else {
		watch_done(r, lived_ms);
	}
}
