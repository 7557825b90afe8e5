// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "../base/ip.h"
#include "../base/mem.h"
#include "http.h"

/* Scrapers and probes are few; whoever else comes shall not keep us busy. */
#define CONNECTIONS 32
#define TIMEOUT_S 10

struct http {
	struct MHD_Daemon *daemon;
	const struct http_route *routes;
	void *ctx;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
};

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *type, char *body, size_t len)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result rc = MHD_NO;

	if (!r) {
		free(body);
		return MHD_NO;
	}
	if (MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES)
		rc = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result reply_text(struct MHD_Connection *c, unsigned status, const char *text)
{
	return reply(c, status, "text/plain; charset=utf-8", mem_strdup(text), strlen(text));
}

static enum MHD_Result reply_route(struct http *h, struct MHD_Connection *c, const struct http_route *route)
{
	char *body = NULL;
	unsigned status;
	size_t len = 0;
	FILE *out = open_memstream(&body, &len);

	if (!out)
		abort();
	status = route->answer(h->ctx, out);
	if (fclose(out))
		abort();
	return reply(c, status, route->type, body, len);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_size, void **state)
{
	static int seen;
	struct http *h = ctx;

	if (!*state) {	/* headers are read; answer once the body is, too */
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return reply_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	for (const struct http_route *r = h->routes; r->path; r++)
		if (!strcmp(url, r->path))
			return reply_route(h, c, r);
	return reply_text(c, MHD_HTTP_NOT_FOUND, "not found\n");
}

static bool parse_port(const char *s, uint16_t *out)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || !v || v > 65535)
		return false;
	*out = v;
	return true;
}

/* Text before the last colon, without brackets, into @host. */
static bool split(const char *where, char *host, size_t size, uint16_t *port)
{
	const char *colon = strrchr(where, ':'), *from = where;
	size_t len;

	if (!colon || !parse_port(colon + 1, port))
		return false;
	len = colon - where;
	if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
		from++;
		len -= 2;
	} else if (memchr(from, ':', len)) {
		return false;
	}
	if (len >= size)
		return false;
	memcpy(host, from, len);
	host[len] = '\0';
	return true;
}

static int parse_address(struct http *h, const char *where, struct err *err)
{
	char host[IP_STRLEN + 1];
	uint16_t port;

	if (!split(where, host, sizeof(host), &port))
		return err_set(err, "--listen=%s: must be ADDRESS:PORT, [ADDRESS]:PORT or :PORT", where);
	if (!*host || inet_pton(AF_INET6, host, &h->addr.v6.sin6_addr) == 1) {
		h->addr.v6.sin6_family = AF_INET6;
		h->addr.v6.sin6_port = htons(port);
	} else if (inet_pton(AF_INET, host, &h->addr.v4.sin_addr) == 1) {
		h->addr.v4.sin_family = AF_INET;
		h->addr.v4.sin_port = htons(port);
	} else {
		return err_set(err, "--listen=%s: %s is no address", where, host);
	}
	return 0;
}

static void discard(void *ctx, const char *fmt, va_list ap)
{
}

struct http *http_new(const char *where, const struct http_route *routes, void *ctx, struct err *err)
{
	struct http *h = mem_new(struct http);
	unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;

	h->routes = routes;
	h->ctx = ctx;
	if (parse_address(h, where, err))
		goto err_free;
	if (h->addr.any.sa_family == AF_INET6)
		flags |= where[0] == ':' ? MHD_USE_DUAL_STACK : MHD_USE_IPv6;
	errno = 0;
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h,
				     MHD_OPTION_EXTERNAL_LOGGER, discard, NULL,
				     MHD_OPTION_SOCK_ADDR, &h->addr.any,
				     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
				     MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, MHD_OPTION_END);
	if (h->daemon)
		return h;
	err_set(err, "--listen=%s: %s", where, errno ? strerror(errno) : "cannot listen there");
err_free:
	free(h);
	return NULL;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	MHD_stop_daemon(h->daemon);
	free(h);
}

static void guest_run(void *ctx)
{
	struct http *h = ctx;

	MHD_run(h->daemon);
}

static int guest_timeout(void *ctx)
{
	struct http *h = ctx;
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(h->daemon, &ms) != MHD_YES)
		return -1;
	return ms < 1000 ? (int)ms : 1000;
}

struct loop_guest http_guest(struct http *h)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	return (struct loop_guest){
		.fd = info ? info->epoll_fd : -1, .run = guest_run, .timeout_ms = guest_timeout, .ctx = h,
	};
}
