// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "base/mem.h"
#include "flow.h"

#define PATIENCE_MS 30000	/* a stream that was cut sends again ever more seldom */
#define QUIET_MS 1500		/* in which TCP sends thrice: after 200, 600 and 1400 ms at the latest */
#define REPEAT_MS 250		/* datagrams are sent again by us */

struct flow {
	struct wire wire;
	struct flow *next;
	char *from, *to, *proto_word;
	uint8_t proto;
	uint16_t port;
	bool v4;
	uint64_t asked, answered;	/* serials; asked >= answered */
	char partial[WIRE_LEN];		/* of an answer of a stream */
	size_t n_partial;
	bool broken;			/* reset or refused: it never comes back */
};

static void hear_stream(struct flow *f, const char *buf, size_t n)
{
	while (n) {
		size_t part = WIRE_LEN - f->n_partial < n ? WIRE_LEN - f->n_partial : n;

		memcpy(f->partial + f->n_partial, buf, part);
		f->n_partial += part;
		buf += part;
		n -= part;
		if (f->n_partial < WIRE_LEN)
			return;
		f->n_partial = 0;
		if (wire_is_answer(f->partial, WIRE_LEN, f->answered + 1))
			f->answered++;
		else
			f->broken = true;
	}
}

static void hear_datagram(struct flow *f, const char *buf, size_t n)
{
	for (uint64_t serial = f->answered + 1; serial <= f->asked; serial++)
		if (wire_is_answer(buf, n, serial))
			f->answered = serial;
}

static void flow_ready(struct wire *w, uint32_t events)
{
	struct flow *f = (struct flow *)w;
	char buf[WIRE_MAX];
	ssize_t n = recv(w->fd, buf, sizeof(buf), 0);

	if (n > 0 && wire_is_stream(f->proto)) {
		hear_stream(f, buf, n);
	} else if (n > 0) {
		hear_datagram(f, buf, n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		f->broken = true;
		wire_close(w);
	}
}

static void ask(struct flow *f, uint64_t serial)
{
	char buf[WIRE_LEN];

	wire_question(buf, sizeof(buf), serial);
	if (f->wire.fd >= 0 && send(f->wire.fd, buf, sizeof(buf), MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		f->broken = true;
}

static int await_connection(struct wire_loop *loop, int fd, struct err *err)
{
	int64_t end = wire_now_ms() + PATIENCE_MS;
	struct sockaddr_storage sa;
	int error = 0;

	for (;;) {
		socklen_t len = sizeof(sa), error_len = sizeof(error);

		if (!getpeername(fd, (struct sockaddr *)&sa, &len))
			return 0;
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len);
		if (error || wire_now_ms() > end)
			return err_set(err, "%s", strerror(error ? error : ETIMEDOUT));
		wire_loop_run(loop, 20);
	}
}

static int connect_flow(struct wire_loop *loop, struct flow *f, const struct probe *p, struct err *err)
{
	struct sockaddr_storage sa;
	socklen_t len = wire_sockaddr(&p->dst, p->port, &sa);

	f->wire.fd = wire_socket(p->from, p->proto, &p->src, 0, err);
	netns_enter(NULL, NULL);
	if (f->wire.fd < 0)
		return -1;
	if (connect(f->wire.fd, (struct sockaddr *)&sa, len) && errno != EINPROGRESS)
		return err_set(err, "%s", strerror(errno));
	if (wire_is_stream(p->proto) && await_connection(loop, f->wire.fd, err))
		return -1;
	return wire_add(loop, &f->wire, EPOLLIN) ? err_set(err, "epoll: %s", strerror(errno)) : 0;
}

struct flow *flow_open(struct wire_loop *loop, const struct probe *p, struct flow **list, struct err *err)
{
	struct flow *f = mem_new(struct flow);

	*f = (struct flow){
		.wire = { -1, flow_ready }, .next = *list, .from = mem_strdup(p->line->from), .to = mem_strdup(p->line->to),
		.proto_word = mem_strdup(p->line->proto_word), .proto = p->proto, .port = p->port, .v4 = ip_is4(&p->dst),
	};
	*list = f;
	return connect_flow(loop, f, p, err) ? NULL : f;
}

struct flow *flow_find(struct flow *list, const struct probe *p)
{
	const struct line *l = p->line;

	for (struct flow *f = list; f; f = f->next)
		if (f->port == l->port && f->v4 == ip_is4(&p->dst) && !strcmp(f->proto_word, l->proto_word) &&
		    !strcmp(f->from, l->from) && !strcmp(f->to, l->to))
			return f;
	return NULL;
}

/* What was lost of a datagram flow is asked again. */
static void repeat(struct flow *list, struct probe *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct flow *f = flow_find(list, &v[i]);

		if (f && !wire_is_stream(f->proto) && f->answered < f->asked)
			ask(f, f->asked);
	}
}

static size_t unanswered(struct flow *list, struct probe *v, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		struct flow *f = flow_find(list, &v[i]);

		count += f && v[i].expect == SEEN_ALLOW && !f->broken && f->answered < f->asked;
	}
	return count;
}

static void wait_for(struct wire_loop *loop, struct flow *list, struct probe *v, size_t n, int64_t ms, bool answers)
{
	int64_t end = wire_now_ms() + ms, again = 0, now;

	while ((now = wire_now_ms()) < end && (!answers || unanswered(list, v, n))) {
		if (now >= again) {
			repeat(list, v, n);
			again = now + REPEAT_MS;
		}
		while (wire_loop_run(loop, 20))
			;
	}
}

void flow_check(struct wire_loop *loop, struct flow *list, struct probe *v, size_t n)
{
	bool silence = false;

	for (size_t i = 0; i < n; i++) {
		struct flow *f = flow_find(list, &v[i]);

		if (f)
			ask(f, ++f->asked);
		silence |= v[i].expect == SEEN_DENY;
	}
	wait_for(loop, list, v, n, PATIENCE_MS, true);
	if (silence)
		wait_for(loop, list, v, n, QUIET_MS, false);
	for (size_t i = 0; i < n; i++) {
		struct flow *f = flow_find(list, &v[i]);

		v[i].seen = !f ? SEEN_BROKEN : f->broken ? SEEN_REFUSED :
			    f->answered == f->asked ? SEEN_ALLOW : SEEN_DENY;
	}
}

void flow_free_all(struct flow *list)
{
	struct flow *next;

	for (struct flow *f = list; f; f = next) {
		next = f->next;
		wire_close(&f->wire);
		free(f->from);
		free(f->to);
		free(f->proto_word);
		free(f);
	}
}
