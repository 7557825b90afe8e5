// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "api.h"
#include "easy.h"
#include "http.h"

#define EVENTS 16
#define BODY_MAX 4096u
/* How long the sign of life may take. */
#define PROBE_MS 10000
/* The server begins to answer at once, also where there is nothing to tell yet. */
#define ANSWER_MS 30000

struct kube_http {
	struct kube_easy *easy;		/* what all requests have in common */
	CURLM *multi;
	int epoll;
	curl_socket_t *socks;		/* of requests under way */
	size_t n_socks, cap_socks;
	uint64_t timer_ms;		/* when libcurl wants to be called; UINT64_MAX: not at all */
	struct kube_request *requests;	/* under way */
	struct kube_request probe;
	unsigned idle_ms;
	bool asked, greeted;		/* the first probe was sent; has ended */
	bool http2;			/* what the last answer came by */
	uint64_t heard_ms;		/* when any byte last came */
	uint64_t bytes;
};

uint64_t kube_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

uint64_t kube_now_ms(void)
{
	return kube_now_ns() / 1000000;
}

static void forget_socket(struct kube_http *h, curl_socket_t fd)
{
	for (size_t i = 0; i < h->n_socks; i++)
		if (h->socks[i] == fd)
			h->socks[i] = h->socks[--h->n_socks];
	epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static void know_socket(struct kube_http *h, curl_socket_t fd, int what)
{
	struct epoll_event ev = { .data.fd = fd };

	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	if (!epoll_ctl(h->epoll, EPOLL_CTL_MOD, fd, &ev))
		return;
	epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev);
	mem_grow(h->socks, h->n_socks, h->cap_socks);
	h->socks[h->n_socks++] = fd;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *unused)
{
	struct kube_http *h = ctx;

	if (what == CURL_POLL_REMOVE)
		forget_socket(h, fd);
	else
		know_socket(h, fd, what);
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct kube_http *h = ctx;

	h->timer_ms = timeout_ms < 0 ? UINT64_MAX : kube_now_ms() + timeout_ms;
	return 0;
}

static void heard(struct kube_request *r, size_t len)
{
	r->heard_ms = r->http->heard_ms = kube_now_ms();
	r->http->bytes += len;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct kube_request *r = ctx;
	long version = 0;

	heard(r, 0);
	if (!r->answered) {
		curl_easy_getinfo(r->easy, CURLINFO_HTTP_VERSION, &version);
		r->http->http2 = version == CURL_HTTP_VERSION_2_0;
		r->answered = true;
	}
	return n;
}

static void keep_body(struct kube_request *r, const char *p, size_t len)
{
	size_t room = BODY_MAX - r->body_len;

	if (!r->body)
		r->body = mem_array(BODY_MAX + 1, 1);
	memcpy(r->body + r->body_len, p, len < room ? len : room);
	r->body_len += len < room ? len : room;
}

static size_t on_data(char *p, size_t size, size_t n, void *ctx)
{
	struct kube_request *r = ctx;
	long status = 0;

	heard(r, n);
	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		keep_body(r, p, n);
		return n;
	}
	/* Anything but n ends the transfer, also where n is 0. */
	return r->ops->data(r, p, n) ? n + 1 : n;
}

static int setup_multi(struct kube_http *h, struct err *err)
{
	h->multi = curl_multi_init();
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!h->multi || h->epoll < 0)
		return err_set(err, "no HTTP client: %s", strerror(errno));
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	return 0;
}

static int probe_data(struct kube_request *r, const char *p, size_t len)
{
	return 0;
}

/* Every connection is ended under libcurl's hands: it sees them closed and says so to each request. */
static void sever(struct kube_http *h)
{
	for (size_t i = 0; i < h->n_socks; i++)
		shutdown(h->socks[i], SHUT_RDWR);
}

static void probe_done(struct kube_request *r, const struct kube_result *res)
{
	struct kube_http *h = (struct kube_http *)((char *)r - offsetof(struct kube_http, probe));

	h->heard_ms = kube_now_ms();
	h->greeted = true;
	if (res->status || h->heard_ms - r->started_ms < PROBE_MS)
		return;		/* it answered, or there is no connection in any case */
	log_warn("the API server fell silent; its connections are given up", "why=%s", res->why);
	sever(h);
}

static const struct kube_request_ops probe_ops = { .data = probe_data, .done = probe_done };

struct kube_http *kube_http_new(const struct kube_config *c, unsigned idle_ms, struct err *err)
{
	struct kube_http *h = mem_new(struct kube_http);

	h->epoll = -1;
	h->timer_ms = UINT64_MAX;
	h->idle_ms = idle_ms;
	h->probe.ops = &probe_ops;
	h->heard_ms = kube_now_ms();
	h->easy = kube_easy_new(c, err);
	if (h->easy && !setup_multi(h, err))
		return h;
	kube_http_free(h);
	return NULL;
}

void kube_http_free(struct kube_http *h)
{
	kube_request_cancel(&h->probe);
	if (h->multi)
		curl_multi_cleanup(h->multi);
	if (h->epoll >= 0)
		close(h->epoll);
	kube_easy_free(h->easy);
	free(h->socks);
	free(h);
}

static void prepare(struct kube_request *r, struct kube_http *h, const char *path, unsigned limit_ms)
{
	uint64_t now = kube_now_ms();

	r->http = h;
	r->started_ms = r->heard_ms = now;
	r->end_ms = now + limit_ms;
	r->answered = false;
	r->body_len = 0;
	r->errbuf[0] = 0;
	r->easy = kube_easy_get(h->easy, path, now, &r->headers);
	/* Only where it is known to end in one connection: else waiting for it may never end. */
	curl_easy_setopt(r->easy, CURLOPT_PIPEWAIT, h->http2 ? 1L : 0L);
	curl_easy_setopt(r->easy, CURLOPT_PRIVATE, r);
	curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, r->errbuf);
	curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(r->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(r->easy, CURLOPT_HEADERDATA, r);
	if (!h->requests)
		h->heard_ms = now;
}

static void launch(struct kube_request *r)
{
	r->next = r->http->requests;
	r->http->requests = r;
	curl_multi_add_handle(r->http->multi, r->easy);
}

void kube_request_start(struct kube_request *r, struct kube_http *h, const char *path, unsigned limit_ms)
{
	prepare(r, h, path, limit_ms);
	launch(r);
}

void kube_request_write(struct kube_request *r, struct kube_http *h, const char *method, const char *path,
			const char *type, const char *body, unsigned limit_ms)
{
	prepare(r, h, path, limit_ms);
	kube_easy_write(r->easy, method, type, body, &r->headers);
	launch(r);
}

static void unlink_request(struct kube_request *r)
{
	struct kube_request **p = &r->http->requests;

	while (*p != r)
		p = &(*p)->next;
	*p = r->next;
}

void kube_request_cancel(struct kube_request *r)
{
	if (r->http) {
		curl_multi_remove_handle(r->http->multi, r->easy);
		curl_easy_cleanup(r->easy);
		curl_slist_free_all(r->headers);
		unlink_request(r);
	}
	free(r->body);
	r->http = NULL;
	r->easy = NULL;
	r->headers = NULL;
	r->body = NULL;
}

/* The server's own words where it sent a Status object. */
static void say_status(struct kube_request *r, struct kube_result *res)
{
	const char *why, *message = "";
	struct doc *d = r->body ? doc_parse_json(r->body, r->body_len, &why) : NULL;

	kube_api_status(d, &message);
	snprintf(res->why, sizeof(res->why), "HTTP %ld%s%s", res->status, *message ? ": " : "", message);
	doc_free(d);
}

static void finish(struct kube_request *r, CURLcode code, const char *why)
{
	struct kube_result res = { 0 };
	curl_off_t retry_after = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &res.status);
	curl_easy_getinfo(r->easy, CURLINFO_RETRY_AFTER, &retry_after);
	res.retry_after_ms = retry_after < 3600 ? retry_after * 1000 : 3600000;
	res.complete = code == CURLE_OK;
	if (res.status && res.status != 200)
		say_status(r, &res);
	else if (why)
		snprintf(res.why, sizeof(res.why), "%s", why);
	else if (code != CURLE_OK)
		snprintf(res.why, sizeof(res.why), "%s", *r->errbuf ? r->errbuf : curl_easy_strerror(code));
	kube_request_cancel(r);
	r->ops->done(r, &res);
}

static void finish_ended(struct kube_http *h)
{
	struct kube_request *r;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(h->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &r);
		finish(r, msg->data.result, NULL);
	}
}

static uint64_t request_deadline(const struct kube_request *r)
{
	unsigned silence_ms = r->answered ? r->silence_ms : ANSWER_MS;
	uint64_t silence = silence_ms ? r->heard_ms + silence_ms : UINT64_MAX;

	return silence < r->end_ms ? silence : r->end_ms;
}

static void finish_overdue(struct kube_http *h, uint64_t now)
{
	struct kube_request *r = h->requests;

	while (r) {
		if (request_deadline(r) > now) {
			r = r->next;
			continue;
		}
		finish(r, CURLE_OPERATION_TIMEDOUT, "the server did not answer in time");
		r = h->requests;	/* done() may have started others */
	}
}

static void start_probe(struct kube_http *h)
{
	kube_request_start(&h->probe, h, "/version", PROBE_MS);
}

static void ask_for_life(struct kube_http *h, uint64_t now)
{
	if (h->requests && !h->probe.http && now >= h->heard_ms + h->idle_ms)
		start_probe(h);
}

bool kube_http_greeted(struct kube_http *h)
{
	if (!h->asked)
		start_probe(h);
	h->asked = true;
	return h->greeted;
}

int kube_http_fd(const struct kube_http *h)
{
	return h->epoll;
}

uint64_t kube_http_deadline(const struct kube_http *h)
{
	uint64_t min = h->timer_ms;

	for (const struct kube_request *r = h->requests; r; r = r->next)
		if (request_deadline(r) < min)
			min = request_deadline(r);
	if (h->requests && !h->probe.http && h->heard_ms + h->idle_ms < min)
		min = h->heard_ms + h->idle_ms;
	return min;
}

static int events_of(uint32_t epoll)
{
	int ev = 0;

	if (epoll & EPOLLIN)
		ev |= CURL_CSELECT_IN;
	if (epoll & EPOLLOUT)
		ev |= CURL_CSELECT_OUT;
	if (epoll & (EPOLLERR | EPOLLHUP))
		ev |= CURL_CSELECT_ERR;
	return ev;
}

/* True if there was something to do. */
static bool serve_sockets(struct kube_http *h)
{
	struct epoll_event ev[EVENTS];
	int running, n = epoll_wait(h->epoll, ev, EVENTS, 0);
	bool due = h->timer_ms <= kube_now_ms();

	for (int i = 0; i < n; i++)
		curl_multi_socket_action(h->multi, ev[i].data.fd, events_of(ev[i].events), &running);
	if (due) {
		h->timer_ms = UINT64_MAX;
		curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	return due || n > 0;
}

/*
 * Whoever was away for long (a large compilation, a starved processor) finds deadlines passed and the answers
 * lying there: nobody is late before all that has come is read.
 */
void kube_http_step(struct kube_http *h)
{
	bool served = serve_sockets(h);

	finish_ended(h);
	if (served)
		return;
	finish_overdue(h, kube_now_ms());
	ask_for_life(h, kube_now_ms());
}

void kube_http_token_refused(struct kube_http *h)
{
	kube_easy_token_refused(h->easy);
}

uint64_t kube_http_bytes(const struct kube_http *h)
{
	return h->bytes;
}
