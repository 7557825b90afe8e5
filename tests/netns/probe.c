// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <linux/errqueue.h>	/* wants struct timespec */
#include <unistd.h>
#include "base/mem.h"
#include "probe.h"

/* An answer is there at once, unless the machine is busy: then nothing is ready for long times, and much after. */
#define RETRY_MS 250		/* then twice as long, and so on */
#define RETRY_MAX_MS 2000
#define MAX_TRIES 8
#define GIVE_UP_MS 4000		/* after the last try and the last event */
#define QUIET_TRIES 3
#define QUIET_MS 250		/* after each */
#define QUIET_MAX_MS 2000

/* One socket of a probe: streams and the like make a new one for each try. */
struct attempt {
	struct wire wire;
	struct attempt *next;
	struct probe *probe;
	struct run *run;
	uint64_t serial;
	bool asked;		/* the question is under way */
};

struct run {
	struct wire_loop *loop;
	struct probe *v;
	size_t n;
	size_t waiting;		/* who should be answered and is not yet */
	int64_t active;		/* when last something was sent or came */
};

static uint64_t next_serial;

static void finish(struct run *r, struct probe *p, enum seen seen, const char *why)
{
	if (p->done)
		return;
	p->done = true;
	p->seen = seen;
	snprintf(p->why, sizeof(p->why), "%.79s", why ? why : "");
	if (p->expect != SEEN_DENY)
		r->waiting--;
	for (struct attempt *a = p->attempts; a; a = a->next)
		wire_close(&a->wire);
}

static bool is_ping(uint8_t proto)
{
	return proto == PROTO_ICMP || proto == PROTO_ICMPV6;
}

static size_t question_len(const struct probe *p)
{
	return p->dress == DRESS_LARGE ? WIRE_LARGE_LEN : WIRE_LEN;
}

/* The head of an echo request: its checksum and identifier are the kernel's. */
static size_t put_head(const struct probe *p, char *buf)
{
	struct icmphdr head = { .type = p->proto == PROTO_ICMP ? ICMP_ECHO : ICMPV6_ECHO_REQUEST };

	if (!is_ping(p->proto))
		return 0;
	head.un.echo.sequence = p->tries;
	memcpy(buf, &head, sizeof(head));
	return sizeof(head);
}

static size_t head_len(const struct probe *p, const char *buf, size_t len)
{
	if (is_ping(p->proto))
		return sizeof(struct icmphdr);
	if (wire_is_stream(p->proto) || p->proto == PROTO_UDP || !ip_is4(&p->dst) || !len)
		return 0;
	return (buf[0] & 0xf) * 4;	/* raw IPv4 */
}

/* The kernel answers an echo with what it was sent, so that question and answer are the same. */
static bool is_answer(const struct attempt *a, char *buf, size_t len)
{
	if (is_ping(a->probe->proto))
		wire_to_answer(buf, len);
	return wire_is_answer(buf, len, a->serial) && len == question_len(a->probe);
}

/* Was it somebody who told us so, or our own side that could not send? */
static bool told_by_icmp(int fd)
{
	char control[512], data[64];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	bool told = false;

	for (;;) {
		m.msg_controllen = sizeof(control);
		if (recvmsg(fd, &m, MSG_ERRQUEUE) < 0)
			return told;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			struct sock_extended_err ee;

			if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
			    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
				continue;
			memcpy(&ee, CMSG_DATA(c), sizeof(ee));
			told |= ee.ee_origin == SO_EE_ORIGIN_ICMP || ee.ee_origin == SO_EE_ORIGIN_ICMP6;
		}
	}
}

/* Who should be answered is asked again: a pod's routes come a moment after its links. */
static void failed(struct attempt *a, int error)
{
	bool refused = error == ECONNREFUSED || error == ECONNRESET || error == ECONNABORTED || told_by_icmp(a->wire.fd);

	if (a->probe->expect == SEEN_ALLOW && a->probe->tries < MAX_TRIES)
		wire_close(&a->wire);
	else
		finish(a->run, a->probe, refused ? SEEN_REFUSED : SEEN_BROKEN, strerror(error));
}

static int ask(struct attempt *a)
{
	char buf[WIRE_MAX];
	size_t head = put_head(a->probe, buf), len = question_len(a->probe);

	wire_question(buf + head, len, a->serial);
	a->asked = true;
	return send(a->wire.fd, buf, head + len, MSG_NOSIGNAL) < 0 ? errno : 0;
}

static void hear(struct attempt *a)
{
	char buf[WIRE_MAX];
	ssize_t n = recv(a->wire.fd, buf, sizeof(buf), 0);
	size_t head = n > 0 ? head_len(a->probe, buf, n) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		failed(a, errno);
	else if (!n && wire_is_stream(a->probe->proto))
		finish(a->run, a->probe, SEEN_REFUSED, "closed by the other end");
	else if (n >= (ssize_t)head && is_answer(a, buf + head, n - head))
		finish(a->run, a->probe, SEEN_ALLOW, NULL);
}

static void attempt_ready(struct wire *w, uint32_t events)
{
	struct attempt *a = (struct attempt *)w;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };
	socklen_t len = sizeof(int);
	int error = 0;

	if (events & EPOLLERR)
		getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (!error && (events & EPOLLERR) && told_by_icmp(w->fd))
		error = ECONNREFUSED;
	if (!error && a->asked) {
		hear(a);
		return;
	}
	if (!error) {	/* connected */
		epoll_ctl(a->run->loop->epoll, EPOLL_CTL_MOD, w->fd, &ev);
		error = ask(a);
	}
	if (error)
		failed(a, error);
}

/* A destination options header that holds nothing but padding. */
static int put_option(int fd)
{
	static const uint8_t header[8] = { 0, 0, 1, 4 };

	return setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, header, sizeof(header));
}

static int start(struct attempt *a, struct err *err)
{
	struct probe *p = a->probe;
	bool stream = wire_is_stream(p->proto);
	struct sockaddr_storage sa;
	socklen_t len = wire_sockaddr(&p->dst, stream || p->proto == PROTO_UDP ? p->port : 0, &sa);
	struct linger abort = { .l_onoff = 1 };	/* once closed, no more packets than need be */
	int error = 0;

	a->wire.fd = wire_socket(p->from, p->proto, &p->src, 0, err);
	if (a->wire.fd < 0)
		return -1;
	if (p->dress == DRESS_OPTION && put_option(a->wire.fd))
		return err_set(err, "IPV6_DSTOPTS: %s", strerror(errno));
	if (stream)
		setsockopt(a->wire.fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	if (wire_add(a->run->loop, &a->wire, stream ? EPOLLOUT : EPOLLIN))
		return err_set(err, "epoll: %s", strerror(errno));
	if (connect(a->wire.fd, (struct sockaddr *)&sa, len) && errno != EINPROGRESS)
		error = errno;
	else if (!stream)
		error = ask(a);
	if (error)
		failed(a, error);
	return 0;
}

static void new_attempt(struct run *r, struct probe *p)
{
	struct attempt *a = mem_new(struct attempt);
	struct err err;

	*a = (struct attempt){
		.wire = { -1, attempt_ready }, .next = p->attempts, .probe = p, .run = r, .serial = ++next_serial,
	};
	p->attempts = a;
	if (start(a, &err))
		finish(r, p, SEEN_BROKEN, err.msg);
}

/* Datagrams go by the same socket again: more of the same flow. */
static void try_again(struct run *r, struct probe *p)
{
	int error;

	p->tries++;
	if (wire_is_stream(p->proto) || !p->attempts || p->attempts->wire.fd < 0) {
		new_attempt(r, p);
		return;
	}
	error = ask(p->attempts);
	if (error)
		failed(p->attempts, error);
}

static int64_t backoff(unsigned tries)
{
	int64_t ms = RETRY_MS << (tries < 5 ? tries - 1 : 4);

	return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* Tries whose time has come, of those for whom @expect_denial. */
static void tick(struct run *r, int64_t now, bool expect_denial)
{
	for (size_t i = 0; i < r->n; i++) {
		struct probe *p = &r->v[i];

		if (p->done || (p->expect == SEEN_DENY) != expect_denial || now < p->next_try || p->tries >= MAX_TRIES)
			continue;
		try_again(r, p);
		r->active = wire_now_ms();
		p->next_try = r->active + backoff(p->tries);
	}
}

/* Everything that is ready, so that nothing is taken for silence that was only not heard yet. */
static void serve(struct run *r, int timeout_ms)
{
	while (wire_loop_run(r->loop, timeout_ms)) {
		r->active = wire_now_ms();
		timeout_ms = 0;
	}
}

static void run_answers(struct run *r)
{
	while (r->waiting && wire_now_ms() - r->active < GIVE_UP_MS) {
		tick(r, wire_now_ms(), false);
		serve(r, 20);
	}
}

static bool any_denied(const struct run *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].expect == SEEN_DENY && !r->v[i].done)
			return true;
	return false;
}

static void run_silence(struct run *r, int64_t pause)
{
	for (int i = 0; i < QUIET_TRIES && any_denied(r); i++) {
		int64_t end;

		for (size_t j = 0; j < r->n; j++)
			r->v[j].next_try = 0;
		tick(r, wire_now_ms(), true);
		end = wire_now_ms() + pause;
		do
			serve(r, 20);
		while (wire_now_ms() < end);
	}
}

static int by_namespace(const void *a, const void *b)
{
	const struct probe *p = a, *q = b;

	if (p->from != q->from)
		return p->from < q->from ? -1 : 1;
	return p->line < q->line ? -1 : p->line > q->line;
}

static void clean_up(struct probe *p)
{
	struct attempt *next;

	for (struct attempt *a = p->attempts; a; a = next) {
		next = a->next;
		wire_close(&a->wire);
		free(a);
	}
	p->attempts = NULL;
}

void probe_run(struct wire_loop *loop, struct probe *v, size_t n)
{
	struct run r = { .loop = loop, .v = v, .n = n };
	int64_t start = wire_now_ms(), took;

	if (!n)
		return;
	qsort(v, n, sizeof(*v), by_namespace);
	for (size_t i = 0; i < n; i++) {
		v[i].seen = SEEN_DENY;
		r.waiting += v[i].expect != SEEN_DENY;
	}
	tick(&r, start, true);
	r.active = wire_now_ms();
	run_answers(&r);
	took = (wire_now_ms() - start) / QUIET_TRIES;
	run_silence(&r, took < QUIET_MS ? QUIET_MS : took > QUIET_MAX_MS ? QUIET_MAX_MS : took);
	for (size_t i = 0; i < n; i++)
		clean_up(&v[i]);
	netns_enter(NULL, NULL);
}
