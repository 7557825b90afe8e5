// SPDX-License-Identifier: GPL-2.0
/*
 * faults: a commit that is refused memory anywhere changes nothing.
 *
 * Each message of a transaction is sent again and again, and each time the kernel has the next one of the allocations
 * it makes for it fail (/proc/thread-self/fail-nth), until none is left to fail.  Whoever asked is told, and the table is
 * as it was: generation, digest, memory, verdicts, and what packets meet.  What the kernel can do without, or has another
 * way to get, may fail without a word.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/mem.h"
#include "load.h"
#include "model/model.h"
#include "nl/nl.h"
#include "stress.h"
#include "tables.h"

#define FAULTS "/sys/kernel/debug"
#define NTH_MAX 20000

struct faults {
	struct bed bed;
	struct nlport port;
	struct stnl *nl;
	int nth_fd;
	uint64_t failed;	/* allocations made to */
	uint64_t told;		/* with an error, */
	uint64_t silent;	/* and without */
	uint64_t unheard;	/* the answer itself was lost */
	uint64_t wrong;		/* something had changed */
};

/* --- how the kernel is made to fail --- */

static int put(const char *path, const char *text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rc = fd >= 0 && write(fd, text, strlen(text)) > 0 ? 0 : err_set(err, "%s: %s", path, strerror(errno));

	if (fd >= 0)
		close(fd);
	return rc;
}

static int arm_kernel(struct faults *f, struct err *err)
{
	f->nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (f->nth_fd < 0)
		return err_set(err, "this kernel injects no faults");
	return put(FAULTS "/failslab/ignore-gfp-wait", "N", err) ||
	       put(FAULTS "/failslab/verbose", "0", err) ||
	       put(FAULTS "/fail_page_alloc/ignore-gfp-wait", "N", err) ||
	       put(FAULTS "/fail_page_alloc/min-order", "0", err) ||
	       put(FAULTS "/fail_page_alloc/verbose", "0", err) ? -1 : 0;
}

static void set_nth(struct faults *f, unsigned nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(f->nth_fd, text, len, 0) != len)
		abort();
}

/* Has the allocation asked for come?  None fails from now on. */
static bool disarm(struct faults *f)
{
	char text[16] = "";

	if (pread(f->nth_fd, text, sizeof(text) - 1, 0) < 1)
		abort();
	set_nth(f, 0);
	return !strtoul(text, NULL, 10);
}

/* --- one message --- */

#define UNHEARD 1

/* The kernel's answer to what was sent: 0, -errno, or UNHEARD. */
static int hear(struct faults *f, uint32_t seq)
{
	static char buf[65536] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = recv(f->port.fd, buf, sizeof(buf), 0)) > 0) {
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, (size_t)n); h = NLMSG_NEXT(h, n))
			if (h->nlmsg_type == NLMSG_ERROR && h->nlmsg_seq == seq)
				return ((struct nlmsgerr *)NLMSG_DATA(h))->error;
	}
	/* What was on its way before the answer got lost belongs to the same message. */
	while (recv(f->port.fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	return UNHEARD;
}

/* With the @nth allocation failing, 0: none.  @fired: it came to that. */
static int say(struct faults *f, struct nlmsghdr *h, unsigned nth, bool *fired)
{
	static uint32_t seq = 1000;
	const struct nlmsghdr was = *h;
	int rc;

	h->nlmsg_flags |= NLM_F_ACK;
	h->nlmsg_seq = ++seq;
	set_nth(f, nth);
	rc = send(f->port.fd, h, h->nlmsg_len, 0) < 0 ? -errno : 0;
	*fired = disarm(f) && nth;
	/* Its load may yet be sent whole. */
	*h = was;
	return rc ? rc : hear(f, seq);
}

/* --- what must not change --- */

/* What JUDGE says, and what becomes of a packet. */
struct verdicts {
	bool allowed[TRIALS];
	unsigned arrived[TRIALS];
};

static int see_judge(struct faults *f, struct verdicts *v, struct err *err)
{
	for (int k = 0; k < TRIALS; k++) {
		struct stnl_flow flow = { bed_ip(trials[k].from, V4), bed_ip(BOB, V4), PROTO_UDP, tables_port(k, 0) };
		struct stnl_verdict door[STOCKADE_DOORS];

		if (stnl_judge(f->nl, &flow, door, err))
			return -1;
		v->allowed[k] = door[0].verdict == STOCKADE_VERDICT_ALLOW && door[1].verdict == STOCKADE_VERDICT_ALLOW;
	}
	return 0;
}

static int see_packet(struct faults *f, int k, bool wait, unsigned *arrived, struct err *err)
{
	int sink = bed_socket(&f->bed, BOB, V4, tables_port(k, 0), err);
	int fd = sink < 0 ? -1 : bed_sender(&f->bed, trials[k].from, BOB, V4, tables_port(k, 0), err);

	if (fd >= 0) {
		send(fd, "x", 1, 0);
		*arrived = wait ? bed_await(sink, 1) : bed_drain(sink);
		close(fd);
	}
	if (sink >= 0)
		close(sink);
	return fd < 0 ? -1 : 0;
}

static int see(struct faults *f, struct verdicts *v, struct err *err)
{
	*v = (struct verdicts){};
	if (see_judge(f, v, err))
		return -1;
	for (int k = 0; k < TRIALS; k++)
		if (see_packet(f, k, v->allowed[k], &v->arrived[k], err))
			return -1;
	return 0;
}

static bool same(const struct stnl_status *a, const struct stnl_status *b)
{
	return a->generation == b->generation && a->digest == b->digest && a->memory == b->memory;
}

/* --- a transaction --- */

/* From a table (@from NULL: none) to another, and how to get back. */
struct course {
	const char *name;
	const struct table *from;
	struct load *load, *back;
	struct verdicts verdicts;	/* while it has not come to anything */
};

static uint8_t command(const struct nlmsghdr *h)
{
	return ((const struct genlmsghdr *)NLMSG_DATA(h))->cmd;
}

/* A transaction an answer got lost of may be open. */
static int abandon(struct faults *f, struct err *err)
{
	struct { struct nlmsghdr h; struct genlmsghdr g; } m = {
		.h = { .nlmsg_len = sizeof(m), .nlmsg_type = f->port.family, .nlmsg_flags = NLM_F_REQUEST },
		.g = { .cmd = STOCKADE_CMD_ABORT, .version = STOCKADE_GENL_VERSION },
	};
	bool fired;
	int rc = say(f, &m.h, 0, &fired);

	return !rc || rc == -ENOENT ? 0 : err_set(err, "ABORT: %s", strerror(-rc));
}

/* The course's first table in force, and no transaction open. */
static int go_back(struct faults *f, struct course *c, struct stnl_status *now, struct err *err)
{
	uint64_t digest = c->from ? table_digest(c->from) : 0;

	if (abandon(f, err) || stnl_status(f->nl, now, err))
		return -1;
	if (now->digest == digest)
		return 0;
	if (!c->from ? stnl_teardown(f->nl, err) : load_commit(c->back, &f->port, &now->generation, err))
		return -1;
	return stnl_status(f->nl, now, err);
}

/* The messages before @end, with nothing failing. */
static int replay(struct faults *f, struct course *c, const struct nlmsghdr *end, struct err *err)
{
	bool fired;
	int rc;

	for (struct nlmsghdr *h = load_next(c->load, NULL); h != end; h = load_next(c->load, h)) {
		rc = say(f, h, 0, &fired);
		if (rc)
			return err_set(err, "without a fault: %s", strerror(rc < 0 ? -rc : ENOBUFS));
	}
	return 0;
}

/* Sends @h with its @nth allocation failing; *@fired is false if it has fewer, and then it must be taken. */
static int fail_one(struct faults *f, struct course *c, struct nlmsghdr *h, unsigned nth, bool *fired, struct err *err)
{
	struct stnl_status before, after;
	struct verdicts v;
	int rc;

	if (go_back(f, c, &before, err))
		return -1;
	load_set_base(c->load, before.generation);
	if (replay(f, c, h, err))
		return -1;
	rc = say(f, h, nth, fired);
	if (!*fired)
		return rc ? err_set(err, "nothing failed, and yet: %s", strerror(rc < 0 ? -rc : ENOBUFS)) : 0;
	f->failed++;
	f->told += rc < 0;
	f->silent += !rc;
	f->unheard += rc == UNHEARD;
	if (command(h) == STOCKADE_CMD_COMMIT && rc >= 0)
		return 0;
	if (stnl_status(f->nl, &after, err) || see(f, &v, err))
		return -1;
	f->wrong += !same(&before, &after) || memcmp(&v, &c->verdicts, sizeof(v));
	return 0;
}

static int fail_message(struct faults *f, struct course *c, struct nlmsghdr *h, struct err *err)
{
	bool fired = true;

	for (unsigned nth = 1; fired; nth++)
		if (nth == NTH_MAX || fail_one(f, c, h, nth, &fired, err))
			return err_prefix(err, "%s, command %u, allocation %u", c->name, command(h), nth);
	return 0;
}

static int fail_course(struct faults *f, struct course *c, struct err *err)
{
	struct stnl_status now;
	uint64_t failed = f->failed, told = f->told;

	if (go_back(f, c, &now, err) || see(f, &c->verdicts, err))
		return -1;
	for (struct nlmsghdr *h = load_next(c->load, NULL); h; h = load_next(c->load, h))
		if (fail_message(f, c, h, err))
			return -1;
	check(f->told > told, "%s: %" PRIu64 " allocations failed, %" PRIu64 " refusals", c->name, f->failed - failed,
	      f->told - told);
	return 0;
}

/* --- setting up --- */

static int play(struct faults *f, const struct options *o, struct err *err)
{
	struct table *a = tables_new(false, o->filler), *b = tables_new(true, o->filler);
	struct load whole_a = {}, whole_b = {}, change = {};
	struct course courses[] = {
		{ .name = "the first table", .from = NULL, .load = &whole_a },
		{ .name = "a change", .from = a, .load = &change, .back = &whole_a },
		{ .name = "another whole table", .from = a, .load = &whole_b, .back = &whole_a },
	};
	int rc;

	rc = load_init(&whole_a, &f->port, NULL, a, err) || load_init(&whole_b, &f->port, NULL, b, err) ||
	     load_init(&change, &f->port, a, b, err);
	for (size_t i = 0; !rc && i < sizeof(courses) / sizeof(*courses); i++)
		rc = fail_course(f, &courses[i], err);
	load_exit(&whole_a);
	load_exit(&whole_b);
	load_exit(&change);
	table_free(a);
	table_free(b);
	return rc;
}

static int open_all(struct faults *f, struct err *err)
{
	if (arm_kernel(f, err) || bed_init(&f->bed, err) || nlport_open(&f->port, &f->bed, err) ||
	    netns_enter(&f->bed.node, err))
		return -1;
	f->nl = stnl_open(err);
	return netns_enter(NULL, f->nl ? err : NULL) || !f->nl ? -1 : 0;
}

static void report(const struct faults *f)
{
	printf("# %" PRIu64 " allocations failed: %" PRIu64 " refusals, %" PRIu64 " times it went on without, %" PRIu64
	       " answers lost\n", f->failed, f->told, f->silent, f->unheard);
	check(!f->wrong, "after a refusal the table was as before, but for %" PRIu64 " times", f->wrong);
}

int verb_faults(const struct options *o)
{
	struct faults *f = mem_new(struct faults);
	struct err err;
	int rc;

	f->port.fd = f->nth_fd = -1;
	rc = open_all(f, &err) || play(f, o, &err) ? -1 : 0;
	if (rc)
		printf("# %s\n", err.msg);
	else
		report(f);
	if (f->nth_fd >= 0)
		close(f->nth_fd);
	if (f->nl)
		stnl_close(f->nl);
	nlport_close(&f->port);
	bed_exit(&f->bed);
	free(f);
	return rc;
}
