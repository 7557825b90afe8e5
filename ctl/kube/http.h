/* SPDX-License-Identifier: GPL-2.0 */
/*
 * http: many requests to the one API server at a time, none of which blocks.
 *
 * libcurl does the work, over one connection where the server speaks HTTP/2.  What is added:
 * one descriptor to poll, credentials read again as they rotate, and a watch over silence.  A peer that
 * vanished is noticed by the kernel (keepalive); one that accepts but answers nothing, by a
 * small question of our own when nothing arrived for a while.
 */
#ifndef KUBE_HTTP_H
#define KUBE_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include "config.h"

struct kube_http;
struct kube_request;

/* How a request ended. */
struct kube_result {
	long status;			/* HTTP status; 0: there was no answer */
	bool complete;			/* the body came to its proper end */
	unsigned retry_after_ms;	/* what the server asked for; 0: nothing */
	char why[256];			/* of a failure, for the log; "" */
};

struct kube_request_ops {
	/* A piece of the body of a 200 answer; nonzero ends the request (not complete). */
	int (*data)(struct kube_request *r, const char *p, size_t len);
	/* The request ended; @r is idle again and may be started anew from here. */
	void (*done)(struct kube_request *r, const struct kube_result *res);
};

/* Zeroed by the caller, who embeds it and sets ops. */
struct kube_request {
	const struct kube_request_ops *ops;
	struct kube_http *http;		/* NULL: idle */
	struct kube_request *next;	/* of those under way */
	CURL *easy;
	struct curl_slist *headers;
	char *body;			/* of an answer that is not 200, cut to what a message needs */
	size_t body_len;
	uint64_t started_ms;
	uint64_t heard_ms;		/* when a byte last came */
	uint64_t end_ms;		/* it must have ended by then */
	bool answered;			/* the first line of an answer is there */
	unsigned silence_ms;		/* how long no byte may come; 0: not watched; may be changed at any time */
	unsigned retry_after_ms;
	char errbuf[CURL_ERROR_SIZE];
};

/* @c must outlive it.  @idle_ms: silence after which the server is asked for a sign of life. */
struct kube_http *kube_http_new(const struct kube_config *c, unsigned idle_ms, struct err *err);
/* No request may be under way. */
void kube_http_free(struct kube_http *h);

/* GET @path.  @limit_ms: how long it may take as a whole. */
void kube_request_start(struct kube_request *r, struct kube_http *h, const char *path, unsigned limit_ms);
/* The same with another @method and a @body of Content-Type @type; nothing of them need outlive the call. */
void kube_request_write(struct kube_request *r, struct kube_http *h, const char *method, const char *path,
			const char *type, const char *body, unsigned limit_ms);
/*
 * True once it is known which HTTP the server speaks, or that it does not answer.  Requests that go out
 * before would each open a connection of their own.  The first call asks.
 */
bool kube_http_greeted(struct kube_http *h);
/* Ends @r without a call of done(); nothing if it is idle. */
void kube_request_cancel(struct kube_request *r);

/* Readable whenever kube_http_step() has something to do. */
int kube_http_fd(const struct kube_http *h);
/* When it wants a step at the latest (ms, kube_now_ms()); UINT64_MAX: not at all. */
uint64_t kube_http_deadline(const struct kube_http *h);
void kube_http_step(struct kube_http *h);

/* The token was refused: read it again before it is used again. */
void kube_http_token_refused(struct kube_http *h);
uint64_t kube_http_bytes(const struct kube_http *h);

/* CLOCK_MONOTONIC. */
uint64_t kube_now_ms(void);
uint64_t kube_now_ns(void);

#endif
