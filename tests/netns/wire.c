// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"

int wire_loop_init(struct wire_loop *l, struct err *err)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? err_set(err, "epoll: %s", strerror(errno)) : 0;
}

void wire_loop_exit(struct wire_loop *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	l->epoll = -1;
}

/* A descriptor that serving another one closed is -1; what is freed is so only by its own event. */
int wire_loop_run(struct wire_loop *l, int timeout_ms)
{
	struct epoll_event events[64];
	int n = epoll_wait(l->epoll, events, 64, timeout_ms);

	for (int i = 0; i < n; i++) {
		struct wire *w = events[i].data.ptr;

		if (w->fd >= 0)
			w->ready(w, events[i].events);
	}
	return n > 0 ? n : 0;
}

int wire_add(struct wire_loop *l, struct wire *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &ev);
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

int64_t wire_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

socklen_t wire_sockaddr(const struct ip *ip, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (ip_is4(ip)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, ip->b + 12, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, ip->b, 16);
	return sizeof(*v6);
}

static int socket_type(uint8_t proto)
{
	switch (proto) {
	case PROTO_TCP:
	case PROTO_SCTP:
		return SOCK_STREAM;
	case PROTO_UDP:
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		return SOCK_DGRAM;
	default:
		return SOCK_RAW;
	}
}

static bool has_ports(uint8_t proto)
{
	return wire_is_stream(proto) || proto == PROTO_UDP;
}

static int set_up(int fd, uint8_t proto, const struct ip *ip, uint16_t port, struct err *err)
{
	struct sockaddr_storage sa;
	socklen_t len = wire_sockaddr(ip, has_ports(proto) ? port : 0, &sa);
	char text[IP_STRLEN];
	int one = 1;

	/* Of sockets that may share a port, the kernel may give two the same: then one hears what the other asked for. */
	if (port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ip_is4(ip)) {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	} else {
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
		if (has_ports(proto))
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	}
	if (bind(fd, (struct sockaddr *)&sa, len))
		return err_set(err, "bind %s port %u: %s", ip_format(ip, text), port, strerror(errno));
	return 0;
}

int wire_socket(const struct netns *ns, uint8_t proto, const struct ip *ip, uint16_t port, struct err *err)
{
	int fd;

	if (netns_enter(ns, err))
		return -1;
	fd = socket(ip_is4(ip) ? AF_INET : AF_INET6, socket_type(proto) | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
	if (fd < 0)
		return err_set(err, "socket of protocol %u: %s", proto, strerror(errno));
	if (!set_up(fd, proto, ip, port, err))
		return fd;
	close(fd);
	return -1;
}

void wire_question(char *buf, size_t len, uint64_t serial)
{
	memset(buf, 'x', len);
	buf[0] = 'Q';
	memcpy(buf + 1, &serial, sizeof(serial));
}

bool wire_to_answer(char *buf, size_t len)
{
	if (len < WIRE_LEN || buf[0] != 'Q')
		return false;
	buf[0] = 'R';
	return true;
}

bool wire_is_answer(const char *buf, size_t len, uint64_t serial)
{
	return len >= WIRE_LEN && buf[0] == 'R' && !memcmp(buf + 1, &serial, sizeof(serial));
}
