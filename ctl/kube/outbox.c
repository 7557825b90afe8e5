// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "outbox.h"

#define LETTER_MS 30000u

static void on_done(struct kube_request *r, const struct kube_result *res);

static int on_data(struct kube_request *r, const char *p, size_t len)
{
	return 0;
}

static const struct kube_request_ops ops = { .data = on_data, .done = on_done };

void kube_outbox_init(struct kube_outbox *o, struct kube_http *h, unsigned backoff_ms)
{
	*o = (struct kube_outbox){ .request.ops = &ops, .http = h, .backoff.first_ms = backoff_ms };
}

static void free_letter(struct kube_letter *l)
{
	free(l->path);
	free(l->body);
}

void kube_outbox_free(struct kube_outbox *o)
{
	kube_request_cancel(&o->request);
	for (unsigned i = 0; i < o->n; i++)
		free_letter(&o->letters[i]);
	o->n = 0;
}

/* Waiting letters to the same place. */
static void drop_older(struct kube_outbox *o, const char *path)
{
	for (unsigned i = o->request.http ? 1 : 0; i < o->n; i++)
		if (o->letters[i].must && !strcmp(o->letters[i].path, path)) {
			free_letter(&o->letters[i]);
			memmove(&o->letters[i], &o->letters[i + 1], (--o->n - i) * sizeof(*o->letters));
			return;
		}
}

bool kube_outbox_put(struct kube_outbox *o, const struct kube_letter *l)
{
	struct kube_letter mine = *l;

	/* What must arrive, and is not on its way yet, is replaced by what is newer. */
	if (l->must)
		drop_older(o, l->path);
	if (o->n == KUBE_OUTBOX_MAX) {
		free_letter(&mine);
		o->dropped++;
		return false;
	}
	o->letters[o->n++] = mine;
	return true;
}

static struct kube_letter take_first(struct kube_outbox *o)
{
	struct kube_letter first = o->letters[0];

	memmove(&o->letters[0], &o->letters[1], --o->n * sizeof(*o->letters));
	return first;
}

/* An Event that is there already is as good as sent; a version that is no longer the last has a newer letter coming. */
static bool is_taken(const struct kube_result *res)
{
	return res->status / 100 == 2 || res->status == 409;
}

static bool has_letter(const struct kube_outbox *o, const char *path)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->letters[i].must && !strcmp(o->letters[i].path, path))
			return true;
	return false;
}

static void on_done(struct kube_request *r, const struct kube_result *res)
{
	struct kube_outbox *o = (struct kube_outbox *)r;
	struct kube_letter l = take_first(o);

	if (res->status == 401)
		kube_http_token_refused(o->http);
	if (is_taken(res)) {
		o->sent++;
		kube_backoff_reset(&o->backoff);
		free_letter(&l);
		return;
	}
	o->refused++;
	o->retry_ms = kube_now_ms() + kube_backoff_next(&o->backoff, res->retry_after_ms);
	log_warn("the API server did not take what was written", "method=%s path=%s why=%s again=%s", l.method, l.path,
		 res->why, l.must ? "yes" : "no");
	/* Behind the others, which need not wait for it; unless there is a newer one. */
	if (l.must && !has_letter(o, l.path))
		o->letters[o->n++] = l;
	else
		free_letter(&l);
}

void kube_outbox_step(struct kube_outbox *o, uint64_t now_ms)
{
	const struct kube_letter *l = &o->letters[0];

	if (o->n && !o->request.http && now_ms >= o->retry_ms)
		kube_request_write(&o->request, o->http, l->method, l->path, l->type, l->body, LETTER_MS);
}

uint64_t kube_outbox_deadline(const struct kube_outbox *o)
{
	return o->n && !o->request.http ? o->retry_ms : UINT64_MAX;
}
