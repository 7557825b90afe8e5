// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "base/mem.h"
#include "server.h"

struct listener {
	struct wire wire;
	struct server *server;
	struct listener *next;
	int ns_fd;
	struct ip ip;
	uint8_t proto;
	uint16_t port;
};

struct conn {
	struct wire wire;
	struct server *server;
	struct conn *next, **at;
};

struct server {
	struct wire_loop *loop;
	struct listener *listeners;
	struct conn *conns;
};

struct server *server_new(struct wire_loop *loop)
{
	struct server *s = mem_new(struct server);

	s->loop = loop;
	return s;
}

static void hang_up(struct conn *c)
{
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	wire_close(&c->wire);
	free(c);
}

/* A stream: questions arrive whole, for they are short and the first in their packets. */
static void conn_ready(struct wire *w, uint32_t events)
{
	struct conn *c = (struct conn *)w;
	char buf[WIRE_MAX];
	ssize_t n = recv(w->fd, buf, sizeof(buf), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(c);
		return;
	}
	for (ssize_t at = 0; at + WIRE_LEN <= n; at += WIRE_LEN)
		wire_to_answer(buf + at, WIRE_LEN);
	send(w->fd, buf, n, MSG_NOSIGNAL);
}

static void accept_conn(struct listener *l)
{
	int fd = accept4(l->wire.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct server *s = l->server;
	struct conn *c;

	if (fd < 0)
		return;
	c = mem_new(struct conn);
	*c = (struct conn){ .wire = { fd, conn_ready }, .server = s, .next = s->conns, .at = &s->conns };
	if (s->conns)
		s->conns->at = &c->next;
	s->conns = c;
	if (wire_add(s->loop, &c->wire, EPOLLIN))
		hang_up(c);
}

/* Raw IPv4 sockets see the IP header too. */
static size_t header_len(const struct listener *l, const char *buf, size_t len)
{
	if (l->proto == PROTO_UDP || !ip_is4(&l->ip) || !len)
		return 0;
	return (buf[0] & 0xf) * 4;
}

static void answer_datagram(struct listener *l)
{
	struct sockaddr_storage peer;
	socklen_t peer_len = sizeof(peer);
	char buf[WIRE_MAX];
	ssize_t n = recvfrom(l->wire.fd, buf, sizeof(buf), 0, (struct sockaddr *)&peer, &peer_len);
	size_t head = n > 0 ? header_len(l, buf, n) : 0;

	if (n < 0 && errno != EAGAIN) {
		/* An ICMP error about an answer: taken off the queue, or it would be told for ever. */
		struct msghdr m = {};

		recvmsg(l->wire.fd, &m, MSG_ERRQUEUE);
	}
	if (n > (ssize_t)head && wire_to_answer(buf + head, n - head))
		sendto(l->wire.fd, buf + head, n - head, MSG_NOSIGNAL, (struct sockaddr *)&peer, peer_len);
}

static void listener_ready(struct wire *w, uint32_t events)
{
	struct listener *l = (struct listener *)w;

	if (wire_is_stream(l->proto))
		accept_conn(l);
	else
		answer_datagram(l);
}

static bool listens(const struct server *s, const struct listener *want)
{
	for (const struct listener *l = s->listeners; l; l = l->next)
		if (l->ns_fd == want->ns_fd && l->proto == want->proto && l->port == want->port &&
		    !ip_cmp(&l->ip, &want->ip))
			return true;
	return false;
}

static int open_listener(struct listener *l, const struct netns *ns, struct err *err)
{
	l->wire.fd = wire_socket(ns, l->proto, &l->ip, l->port, err);
	if (l->wire.fd < 0)
		return -1;
	if (wire_is_stream(l->proto) && listen(l->wire.fd, 1024))
		return err_set(err, "listen: %s", strerror(errno));
	if (wire_add(l->server->loop, &l->wire, EPOLLIN))
		return err_set(err, "epoll: %s", strerror(errno));
	return 0;
}

int server_listen(struct server *s, const struct netns *ns, const struct ip *ip, uint8_t proto, uint16_t port,
		  struct err *err)
{
	struct listener want = {
		.wire = { -1, listener_ready }, .server = s, .next = s->listeners, .ns_fd = ns->fd, .ip = *ip,
		.proto = proto, .port = port,
	};
	struct listener *l;

	if (proto == PROTO_ICMP || proto == PROTO_ICMPV6 || listens(s, &want))
		return 0;
	l = mem_new(struct listener);
	*l = want;
	if (open_listener(l, ns, err)) {
		wire_close(&l->wire);
		free(l);
		return -1;
	}
	s->listeners = l;
	return 0;
}

void server_deafen(struct server *s)
{
	struct listener *next;

	for (struct listener *l = s->listeners; l; l = next) {
		next = l->next;
		wire_close(&l->wire);
		free(l);
	}
	s->listeners = NULL;
}

void server_free(struct server *s)
{
	server_deafen(s);
	while (s->conns)
		hang_up(s->conns);
	free(s);
}
