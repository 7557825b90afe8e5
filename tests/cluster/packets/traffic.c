// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/mem.h"
#include "traffic.h"
#include "wire.h"

#define ROUND_MS 20		/* between rounds */
#define WHOSE (WIRE_LEN - 1)	/* which byte of a question holds its lane's number */
#define PATIENCE_MS 30000	/* for an answer, under emulation on a busy machine */

/* An open way of a pair: what is sent on fd must come back on it. */
struct way {
	int fd;			/* -1: none */
	bool waits;
};

struct lane {
	struct traffic_pair pair;
	struct end from, to;
	int family;
	int sink;		/* where the questions of UDP arrive */
	int listener, accepted;	/* TCP; -1: none */
	bool owns;		/* the first two, which later lanes to the same place share */
	struct way old, fresh, stream;
};

struct traffic {
	pid_t pid;
	struct traffic_seen *seen;	/* shared with the process */
	struct lane *lanes;
	size_t n;
	uint64_t serial;
	struct pollfd *fds;	/* room for all of the lanes' */
};

#define LANE_FDS 5

static void wrong(struct traffic *t, const struct lane *l, uint64_t *count, const char *what)
{
	if (!t->seen->unanswered && !t->seen->leaked)
		snprintf(t->seen->first, sizeof(t->seen->first), "%s to %s: %s, round %llu", l->pair.from, l->pair.to, what,
			 (unsigned long long)t->seen->rounds);
	++*count;
}

static int socket_at(const struct end *e, int family, uint8_t proto, uint16_t port, struct err *err)
{
	int fd = wire_socket(e->ns, proto, &e->ip[family], port, err);

	netns_enter(NULL, NULL);
	return fd;
}

static int connect_to(const struct lane *l, uint8_t proto, struct err *err)
{
	struct sockaddr_storage sa;
	socklen_t len = wire_sockaddr(&l->to.ip[l->family], TRAFFIC_PORT, &sa);
	int fd = socket_at(&l->from, l->family, proto, 0, err);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, len) && errno != EINPROGRESS) {
		err_set(err, "connect: %s", strerror(errno));
		close(fd);
		fd = -1;
	}
	return fd;
}

static int open_stream(struct lane *l, struct err *err)
{
	struct pollfd p;

	if (l->listener < 0) {
		l->listener = socket_at(&l->to, l->family, PROTO_TCP, TRAFFIC_PORT, err);
		if (l->listener < 0 || listen(l->listener, 16))
			return -1;
	}
	l->stream.fd = connect_to(l, PROTO_TCP, err);
	p = (struct pollfd){ l->listener, POLLIN, 0 };
	if (l->stream.fd < 0 || poll(&p, 1, PATIENCE_MS) != 1)
		return err_set(err, "no connection from %s to %s", l->pair.from, l->pair.to);
	l->accepted = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return l->accepted < 0 ? err_set(err, "accept: %s", strerror(errno)) : 0;
}

/* Lanes that lead to one place share its socket, and each sees only what came from its own end. */
static int open_sink(struct traffic *t, struct lane *l, struct err *err)
{
	l->owns = true;
	for (struct lane *other = t->lanes; other < l; other++)
		if (!strcmp(other->pair.to, l->pair.to)) {
			l->owns = false;
			l->sink = other->sink;
			if (other->listener >= 0)
				l->listener = other->listener;
		}
	if (!l->owns)
		return 0;
	l->sink = socket_at(&l->to, l->family, PROTO_UDP, TRAFFIC_PORT, err);
	return l->sink < 0 ? -1 : 0;
}

static int open_lane(struct traffic *t, struct lane *l, struct topo *topo, struct err *err)
{
	if (topo_find(topo, l->pair.from, &l->from, err) || topo_find(topo, l->pair.to, &l->to, err))
		return -1;
	l->family = l->from.has[V4] && l->to.has[V4] ? V4 : V6;
	if (open_sink(t, l, err))
		return -1;
	l->old.fd = connect_to(l, PROTO_UDP, err);
	if (l->old.fd < 0)
		return -1;
	return l->pair.may ? open_stream(l, err) : 0;
}

static void ask(struct traffic *t, const struct lane *l, struct way *w)
{
	char buf[WIRE_LEN];

	wire_question(buf, sizeof(buf), t->serial);
	buf[WHOSE] = l - t->lanes;
	w->waits = w->fd >= 0 && send(w->fd, buf, sizeof(buf), MSG_NOSIGNAL) == sizeof(buf);
}

/* Where UDP arrives: a question says whose it is, and one that may not arrive is a leak. */
static void serve_sink(struct traffic *t, struct lane *l)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	char buf[WIRE_MAX];
	ssize_t n;

	while ((n = recvfrom(l->sink, buf, sizeof(buf), 0, (struct sockaddr *)&peer, &len)) > 0) {
		struct lane *from = n == WIRE_LEN && (uint8_t)buf[WHOSE] < t->n ? &t->lanes[(uint8_t)buf[WHOSE]] : NULL;

		if (from && !from->pair.may)
			wrong(t, from, &t->seen->leaked, "arrived, and may not");
		if (wire_to_answer(buf, n))
			sendto(l->sink, buf, n, MSG_NOSIGNAL, (struct sockaddr *)&peer, len);
		len = sizeof(peer);
	}
}

static void serve_stream(struct lane *l)
{
	char buf[WIRE_LEN];

	while (l->accepted >= 0 && recv(l->accepted, buf, sizeof(buf), 0) == sizeof(buf))
		if (wire_to_answer(buf, sizeof(buf)))
			send(l->accepted, buf, sizeof(buf), MSG_NOSIGNAL);
}

static void hear(struct traffic *t, struct lane *l, struct way *w)
{
	char buf[WIRE_MAX];
	ssize_t n;

	while (w->fd >= 0 && (n = recv(w->fd, buf, sizeof(buf), 0)) > 0)
		if (w->waits && wire_is_answer(buf, n, t->serial)) {
			w->waits = false;
			t->seen->answered++;
		}
}

static bool any_waits(const struct traffic *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct lane *l = &t->lanes[i];

		if (l->pair.may && (l->old.waits || l->fresh.waits || l->stream.waits))
			return true;
	}
	return false;
}

/* Until something came, or @until. */
static void await(struct traffic *t, int64_t until)
{
	int64_t left = until - wire_now_ms();
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct lane *l = &t->lanes[i];
		const int fds[LANE_FDS] = { l->owns ? l->sink : -1, l->accepted, l->old.fd, l->fresh.fd, l->stream.fd };

		for (int k = 0; k < LANE_FDS; k++)
			t->fds[n++] = (struct pollfd){ fds[k], POLLIN, 0 };
	}
	poll(t->fds, n, left > 0 ? left : 0);
}

static void serve(struct traffic *t, int64_t until, bool answers)
{
	while (wire_now_ms() < until && (!answers || any_waits(t))) {
		await(t, until);
		for (size_t i = 0; i < t->n; i++) {
			struct lane *l = &t->lanes[i];

			serve_sink(t, l);
			serve_stream(l);
			hear(t, l, &l->old);
			hear(t, l, &l->fresh);
			hear(t, l, &l->stream);
		}
	}
}

static void note_unanswered(struct traffic *t, struct lane *l, const struct way *w, const char *what)
{
	if (l->pair.may && w->waits)
		wrong(t, l, &t->seen->unanswered, what);
}

static void play_round(struct traffic *t)
{
	t->serial++;
	for (size_t i = 0; i < t->n; i++) {
		struct lane *l = &t->lanes[i];
		struct err err;

		if (l->fresh.fd >= 0)
			close(l->fresh.fd);
		l->fresh.fd = connect_to(l, PROTO_UDP, &err);
		ask(t, l, &l->old);
		ask(t, l, &l->fresh);
		if (l->pair.may)
			ask(t, l, &l->stream);
	}
	serve(t, wire_now_ms() + PATIENCE_MS, true);
	for (size_t i = 0; i < t->n; i++) {
		struct lane *l = &t->lanes[i];

		note_unanswered(t, l, &l->old, "a known flow was not answered");
		note_unanswered(t, l, &l->fresh, "a new flow was not answered");
		note_unanswered(t, l, &l->stream, "a connection is stuck");
	}
	t->seen->rounds++;
	serve(t, wire_now_ms() + ROUND_MS, false);
}

struct traffic *traffic_start(struct topo *topo, const struct traffic_pair *v, size_t n, struct err *err)
{
	struct traffic *t = mem_new(struct traffic);

	t->n = n;
	t->lanes = mem_array(n, sizeof(*t->lanes));
	t->fds = mem_array(n * LANE_FDS, sizeof(*t->fds));
	t->seen = mmap(NULL, sizeof(*t->seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < n; i++) {
		t->lanes[i] = (struct lane){ .pair = v[i], .sink = -1, .listener = -1, .accepted = -1,
					     .old.fd = -1, .fresh.fd = -1, .stream.fd = -1 };
		if (open_lane(t, &t->lanes[i], topo, err))
			return NULL;
	}
	t->pid = fork();
	if (!t->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			play_round(t);
	}
	return t;
}

struct traffic_seen traffic_look(const struct traffic *t)
{
	return *t->seen;
}

int traffic_wait(struct traffic *t, uint64_t n, struct err *err)
{
	volatile uint64_t *rounds = &t->seen->rounds;
	uint64_t until = *rounds + n + 1;	/* the one under way began before */
	int64_t end = wire_now_ms() + 4 * PATIENCE_MS;

	while (*rounds < until) {
		if (wire_now_ms() > end)
			return err_set(err, "the traffic stands still in round %llu", (unsigned long long)*rounds);
		usleep(10000);
	}
	return 0;
}

void traffic_stop(struct traffic *t)
{
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	for (size_t i = 0; i < t->n; i++) {
		struct lane *l = &t->lanes[i];
		int fds[] = { l->accepted, l->old.fd, l->fresh.fd, l->stream.fd, l->owns ? l->sink : -1,
			      l->owns ? l->listener : -1 };

		for (size_t j = 0; j < sizeof(fds) / sizeof(*fds); j++)
			if (fds[j] >= 0)
				close(fds[j]);
	}
	munmap(t->seen, sizeof(*t->seen));
	free(t->fds);
	free(t->lanes);
	free(t);
}
