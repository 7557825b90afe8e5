// SPDX-License-Identifier: GPL-2.0
/*
 * revoke: between a commit's acknowledgement and the next packet of an established flow there is no window.
 *
 * A commit denies a flow that has gone both ways; the moment it is acknowledged a packet of that flow is sent, from the
 * committer's own processor or from another, whose thread spins until it is told.  Behind it, on the same way, goes one
 * of a flow that is always allowed: when that has arrived the first one would have, too.  Then the flow is allowed
 * again, and its next packet must arrive.
 *
 * tracked: the same while conntrack comes and goes in the node's namespace, as a rule wants it that is loaded and
 * unloaded.  A flow older than that may be seen first by a reply, and is to be known as whose it is nevertheless: a reply
 * taken for a packet that opens passes while revoked, and is lost while permitted (tables.h).
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/mem.h"
#include "load.h"
#include "stress.h"
#include "tables.h"
#include "wire.h"

#define DISTURB_EVERY 9	/* so that it is in turn a packet and a reply that comes next */

/* One flow of UDP between Alice, who opened it, and Bob. */
struct flow {
	int fd[2];	/* hers and his */
};

/* The commits' thread, where that is not the sender's. */
struct committer {
	pthread_t thread;
	unsigned cpu;
	atomic_uint asked;	/* raised by the sender: commit @what */
	atomic_uint done;	/* raised by the committer */
	atomic_bool stop;
	enum revocation what;
	int rc;
};

struct revoke {
	struct bed bed;
	struct nlport port;
	struct load load[REVOCATIONS][REVOCATIONS];	/* from, to */
	uint64_t generation;
	enum revocation now;
	struct flow tried[FAMILIES], always[FAMILIES];
	struct committer committer;
	int (*disturb)(struct revoke *r, unsigned n, struct err *err);	/* every so many rounds; may be NULL */
	struct err err;		/* of a commit */
	/* By where the packet is sent from, and whether it is a reply. */
	uint64_t revoked[2][2], passed[2][2], allowed[2][2], lost[2][2];
};

/* --- flows --- */

static int flow_open(struct flow *f, struct bed *bed, int family, uint16_t port, struct err *err)
{
	f->fd[0] = f->fd[1] = -1;
	f->fd[1] = bed_socket(bed, BOB, family, port, err);
	if (f->fd[1] < 0)
		return -1;
	f->fd[0] = bed_sender(bed, ALICE, BOB, family, port, err);
	return f->fd[0] < 0 ? -1 : 0;
}

static void flow_close(struct flow *f)
{
	for (int i = 0; i < 2; i++)
		if (f->fd[i] >= 0)
			close(f->fd[i]);
	f->fd[0] = f->fd[1] = -1;
}

/* The first packet, from which he learns where she is, and a reply. */
static int flow_establish(struct flow *f, struct err *err)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char buf[8];
	int got = 0;

	if (getsockname(f->fd[0], (struct sockaddr *)&sa, &len) || connect(f->fd[1], (struct sockaddr *)&sa, len))
		return err_set(err, "connect");
	for (int i = 0; i < 2; i++) {
		send(f->fd[i], buf, 1, 0);
		got += bed_await(f->fd[!i], 1);
	}
	return got == 2 ? 0 : err_set(err, "the flow could not be established");
}

/* --- commits --- */

static int commit(struct revoke *r, enum revocation what)
{
	struct load *load = &r->load[r->now][what];

	if (load_commit(load, &r->port, &r->generation, &r->err))
		return -1;
	r->now = what;
	return 0;
}

static void *run_committer(void *arg)
{
	struct revoke *r = arg;
	struct committer *c = &r->committer;
	unsigned done = 0;

	bed_pin(c->cpu);
	while (!atomic_load(&c->stop)) {
		if (atomic_load(&c->asked) == done) {
			sched_yield();
			continue;
		}
		c->rc = commit(r, c->what);
		atomic_store(&c->done, ++done);
	}
	return NULL;
}

/* Back as soon as the acknowledgement is there, on whichever processor that was. */
static int commit_from(struct revoke *r, bool elsewhere, enum revocation what)
{
	struct committer *c = &r->committer;
	unsigned n;

	if (!elsewhere)
		return commit(r, what);
	c->what = what;
	n = atomic_fetch_add(&c->asked, 1) + 1;
	while (atomic_load(&c->done) != n)
		;
	return c->rc;
}

/* --- a round --- */

/* How many packets of @f arrive when one is sent, once what was sent behind it has. */
static int try(struct revoke *r, struct flow *f, int family, bool reply, unsigned *got)
{
	struct flow *always = &r->always[family];

	send(f->fd[reply], "x", 1, 0);
	send(always->fd[reply], "x", 1, 0);
	if (bed_await(always->fd[!reply], 1) != 1)
		return err_set(&r->err, "a packet that is always allowed did not arrive");
	*got = bed_drain(f->fd[!reply]);
	return 0;
}

static int round_of(struct revoke *r, unsigned i)
{
	bool elsewhere = i & 1, reply = i & 2;
	int family = i & 4 ? V6 : V4;
	struct flow *f = &r->tried[family];
	unsigned got;

	if (commit_from(r, elsewhere, i & 8 ? REVOKED_OUT : REVOKED_IN) || try(r, f, family, reply, &got))
		return -1;
	r->revoked[elsewhere][reply]++;
	r->passed[elsewhere][reply] += got;
	if (commit_from(r, elsewhere, PERMITTED) || try(r, f, family, reply, &got))
		return -1;
	r->allowed[elsewhere][reply]++;
	r->lost[elsewhere][reply] += got != 1;
	return 0;
}

static int disturb(struct revoke *r, unsigned i)
{
	return r->disturb && i % DISTURB_EVERY == 0 ? r->disturb(r, i / DISTURB_EVERY, &r->err) : 0;
}

static int play(struct revoke *r, unsigned times, struct err *err)
{
	unsigned i;

	r->committer.cpu = 1;
	if (pthread_create(&r->committer.thread, NULL, run_committer, r))
		return err_set(err, "no thread");
	for (i = 0; i < times && !disturb(r, i) && !round_of(r, i); i++)
		;
	atomic_store(&r->committer.stop, true);
	pthread_join(r->committer.thread, NULL);
	if (i < times)
		*err = r->err;
	return i < times ? err_prefix(err, "round %u", i) : 0;
}

static void report(const struct revoke *r)
{
	for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
		for (int reply = 0; reply < 2; reply++) {
			const char *packet = reply ? "reply" : "packet";
			const char *cpu = elsewhere ? "another" : "the same";

			check(r->revoked[elsewhere][reply] && !r->passed[elsewhere][reply],
			      "revoked, then a %s from %s processor: %" PRIu64 " sent, %" PRIu64 " passed", packet, cpu,
			      r->revoked[elsewhere][reply], r->passed[elsewhere][reply]);
			check(r->allowed[elsewhere][reply] && !r->lost[elsewhere][reply],
			      "allowed again, then a %s from %s processor: %" PRIu64 " sent, %" PRIu64 " lost", packet,
			      cpu, r->allowed[elsewhere][reply], r->lost[elsewhere][reply]);
		}
	}
}

/* --- setting up --- */

static int make_loads(struct revoke *r, struct err *err)
{
	struct table *t[REVOCATIONS];
	int rc = 0;

	for (int i = 0; i < REVOCATIONS; i++)
		t[i] = tables_revocation(i);
	/* The first is the whole table, for there is nothing to change yet. */
	rc = load_init(&r->load[PERMITTED][PERMITTED], &r->port, NULL, t[PERMITTED], err);
	for (int from = 0; !rc && from < REVOCATIONS; from++)
		for (int to = 0; !rc && to < REVOCATIONS; to++)
			if (from != to)
				rc = load_init(&r->load[from][to], &r->port, t[from], t[to], err);
	for (int i = 0; i < REVOCATIONS; i++)
		table_free(t[i]);
	return rc;
}

/* From the processor they will be tried from: what is kept of a flow is kept by each for itself. */
static int make_flows(struct revoke *r, struct err *err)
{
	bed_pin(0);
	for (int f = 0; f < FAMILIES; f++) {
		if (flow_open(&r->tried[f], &r->bed, f, tables_port(PEER_DENIED, 0), err) ||
		    flow_establish(&r->tried[f], err) ||
		    flow_open(&r->always[f], &r->bed, f, tables_port(PEER_ALLOWED, 0), err) ||
		    flow_establish(&r->always[f], err))
			return -1;
	}
	return 0;
}

static void close_flows(struct revoke *r)
{
	for (int f = 0; f < FAMILIES; f++) {
		flow_close(&r->tried[f]);
		flow_close(&r->always[f]);
	}
}

static void revoke_exit(struct revoke *r)
{
	close_flows(r);
	for (int i = 0; i < REVOCATIONS * REVOCATIONS; i++)
		load_exit(&r->load[i / REVOCATIONS][i % REVOCATIONS]);
	nlport_close(&r->port);
	bed_exit(&r->bed);
}

static int run(const struct options *o, int (*disturb)(struct revoke *r, unsigned n, struct err *err))
{
	struct revoke *r = mem_new(struct revoke);
	struct err err;
	int rc;

	r->port.fd = -1;
	r->disturb = disturb;
	for (int f = 0; f < FAMILIES; f++)
		r->tried[f] = r->always[f] = (struct flow){ { -1, -1 } };
	rc = bed_init(&r->bed, &err) || nlport_open(&r->port, &r->bed, &err) || make_loads(r, &err);
	if (!rc && commit(r, PERMITTED)) {
		err = r->err;
		rc = -1;
	}
	if (!rc)
		rc = make_flows(r, &err) || play(r, o->times, &err) ? -1 : 0;
	if (rc)
		printf("# %s\n", err.msg);
	else
		report(r);
	revoke_exit(r);
	free(r);
	return rc;
}

int verb_revoke(const struct options *o)
{
	return run(o, NULL);
}

/* --- the same while conntrack comes and goes --- */

/* Under flows that only who followed them so far knows. */
static int toggle_conntrack(struct revoke *r, unsigned n, struct err *err)
{
	const char *nft = n & 1 ? "nft add chain inet stress c '{ type filter hook forward priority 0; }' && "
				  "nft add rule inet stress c ct state invalid counter" :
				  "nft add table inet stress && nft flush table inet stress";
	int rc;

	close_flows(r);
	rc = make_flows(r, err) || netns_enter(&r->bed.node, err);
	if (!rc && system(nft))
		rc = err_set(err, "nft failed: %s", nft);
	return netns_enter(NULL, rc ? NULL : err) || rc ? -1 : 0;
}

int verb_tracked(const struct options *o)
{
	return run(o, toggle_conntrack);
}
