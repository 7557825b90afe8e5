// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/mem.h"
#include "httpd.h"

#define CONNECTIONS_MAX 128
#define HEAD_MAX 16384

struct connection {
	struct httpd *server;
	pthread_t thread;
	int fd;			/* -1: the slot is free */
	bool joinable;
};

struct httpd {
	int fd, port;
	httpd_handler handler;
	void *ctx;
	atomic_bool stopping;
	pthread_t acceptor;
	pthread_mutex_t lock;		/* of connections */
	struct connection connections[CONNECTIONS_MAX];
};

static void die(const char *what)
{
	perror(what);
	abort();
}

bool httpd_write(struct httpd_req *r, const void *p, size_t len)
{
	while (len) {
		ssize_t n = send(r->fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p = (const char *)p + n;
		len -= n;
	}
	return true;
}

bool httpd_printf(struct httpd_req *r, const char *fmt, ...)
{
	va_list ap;
	char *s;
	bool ok;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	ok = httpd_write(r, s, n);
	free(s);
	return ok;
}

bool httpd_answer(struct httpd_req *r, int status, const char *headers, const char *json)
{
	return httpd_printf(r, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
			    status, strlen(json), headers, json);
}

bool httpd_chunked(struct httpd_req *r)
{
	return httpd_printf(r, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

/* One send for it all: a watcher should not wait for the second of two. */
bool httpd_chunk(struct httpd_req *r, const char *p, size_t len)
{
	char *s = mem_array(len + 32, 1);
	int head = sprintf(s, "%zx\r\n", len);
	bool ok;

	memcpy(s + head, p, len);
	memcpy(s + head + len, "\r\n", 2);
	ok = httpd_write(r, s, head + len + 2);
	free(s);
	return ok;
}

bool httpd_chunks_end(struct httpd_req *r)
{
	return httpd_printf(r, "0\r\n\r\n");
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *p = strchr(digits, c | 0x20);

	return c && p ? p - digits : 0;
}

static void decode(const char *s, size_t n, char *out, size_t size)
{
	size_t o = 0;

	for (size_t i = 0; i < n && o + 1 < size; i++) {
		if (s[i] == '%' && i + 2 < n) {
			out[o++] = hex(s[i + 1]) << 4 | hex(s[i + 2]);
			i += 2;
		} else {
			out[o++] = s[i] == '+' ? ' ' : s[i];
		}
	}
	out[o] = 0;
}

bool httpd_param(const struct httpd_req *r, const char *name, char *value, size_t size)
{
	const char *s = r->query;
	size_t n = strlen(name);

	while (*s) {
		size_t len = strcspn(s, "&");

		if (len > n && !strncmp(s, name, n) && s[n] == '=') {
			decode(s + n + 1, len - n - 1, value, size);
			return true;
		}
		s += len + (s[len] == '&');
	}
	return false;
}

/* Reads up to and with the empty line; what lies behind it is @*extra bytes of body. */
static bool read_head(int fd, char *head, size_t *len, size_t *extra)
{
	char *end;
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(fd, head + n, HEAD_MAX - n - 1, 0);

		if (got <= 0)
			return false;
		n += got;
		head[n] = 0;
		end = strstr(head, "\r\n\r\n");
		if (end)
			break;
		if (n + 1 >= HEAD_MAX)
			return false;
	}
	*len = end + 4 - head;
	*extra = n - *len;
	return true;
}

static bool parse_head(struct httpd_req *r, char *head, size_t *content)
{
	char *line, *save, target[2560] = "", *q;

	*content = 0;
	r->authorization[0] = r->query[0] = 0;
	line = strtok_r(head, "\r\n", &save);
	if (!line || sscanf(line, "%7s %2559s", r->method, target) != 2)
		return false;
	q = strchr(target, '?');
	if (q) {
		*q++ = 0;
		snprintf(r->query, sizeof(r->query), "%s", q);
	}
	snprintf(r->path, sizeof(r->path), "%.511s", target);
	while ((line = strtok_r(NULL, "\r\n", &save))) {
		if (!strncasecmp(line, "content-length:", 15))
			*content = strtoul(line + 15, NULL, 10);
		else if (!strncasecmp(line, "authorization:", 14))
			snprintf(r->authorization, sizeof(r->authorization), "%s", line + 14 + strspn(line + 14, " "));
	}
	return true;
}

static bool read_body(struct httpd_req *r, const char *have, size_t n_have, size_t content)
{
	r->body = NULL;
	r->body_len = content;
	if (!content)
		return true;
	r->body = mem_array(content + 1, 1);
	if (n_have > content)
		n_have = content;
	memcpy(r->body, have, n_have);
	while (n_have < content) {
		ssize_t got = recv(r->fd, r->body + n_have, content - n_have, 0);

		if (got <= 0)
			return false;
		n_have += got;
	}
	return true;
}

static bool serve_one(struct connection *c)
{
	struct httpd_req r = { .server = c->server, .fd = c->fd };
	char *head = mem_array(HEAD_MAX, 1);
	size_t len, extra, content;
	bool go_on = false;

	if (read_head(c->fd, head, &len, &extra)) {
		char *body = mem_strndup(head + len, extra);

		head[len] = 0;
		if (parse_head(&r, head, &content) && read_body(&r, body, extra, content))
			go_on = c->server->handler(c->server->ctx, &r);
		free(body);
		free(r.body);
	}
	free(head);
	return go_on;
}

static void *serve(void *arg)
{
	struct connection *c = arg;

	while (!c->server->stopping && serve_one(c))
		;
	pthread_mutex_lock(&c->server->lock);
	close(c->fd);
	c->fd = -1;
	pthread_mutex_unlock(&c->server->lock);
	return NULL;
}

static void take_connection(struct httpd *h, int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	pthread_mutex_lock(&h->lock);
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &h->connections[i];

		if (c->fd >= 0)
			continue;
		if (c->joinable)
			pthread_join(c->thread, NULL);
		c->fd = fd;
		c->server = h;
		c->joinable = true;
		if (pthread_create(&c->thread, NULL, serve, c))
			die("pthread_create");
		fd = -1;
		break;
	}
	pthread_mutex_unlock(&h->lock);
	if (fd >= 0)
		close(fd);
}

static void *accept_all(void *arg)
{
	struct httpd *h = arg;
	int fd;

	while (!h->stopping) {
		fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			take_connection(h, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			break;
	}
	return NULL;
}

static int listen_on(int *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(*port) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&sin, sizeof(sin)) || listen(fd, 64) || getsockname(fd, (void *)&sin, &len))
		die("listen");
	*port = ntohs(sin.sin_port);
	return fd;
}

struct httpd *httpd_start(int port, httpd_handler handler, void *ctx)
{
	struct httpd *h = mem_new(struct httpd);

	h->handler = handler;
	h->ctx = ctx;
	h->port = port;
	h->fd = listen_on(&h->port);
	pthread_mutex_init(&h->lock, NULL);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		h->connections[i].fd = -1;
	if (pthread_create(&h->acceptor, NULL, accept_all, h))
		die("pthread_create");
	return h;
}

int httpd_port(const struct httpd *h)
{
	return h->port;
}

bool httpd_stopping(const struct httpd *h)
{
	return h->stopping;
}

void httpd_drop_all(struct httpd *h)
{
	pthread_mutex_lock(&h->lock);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (h->connections[i].fd >= 0)
			shutdown(h->connections[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&h->lock);
}

void httpd_stop(struct httpd *h)
{
	h->stopping = true;
	shutdown(h->fd, SHUT_RDWR);
	pthread_join(h->acceptor, NULL);
	httpd_drop_all(h);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (h->connections[i].joinable)
			pthread_join(h->connections[i].thread, NULL);
	close(h->fd);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
