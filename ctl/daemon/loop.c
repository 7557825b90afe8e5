// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "../base/log.h"
#include "loop.h"
#include "pace.h"

/* How often to look whether the kernel still holds our table. */
#define CHECK_MS 5000
/* How often certificates may expire unnoticed. */
#define CLOCK_MS 30000
/* Failed commits are tried again after this long, doubling up to that. */
#define RETRY_MS 100
#define RETRY_MAX_MS 10000

#define NEVER INT64_MAX
#define MAX_FDS 32

struct run {
	struct loop *l;
	int signals;
	bool stop, reload, broken;
	bool reloading;		/* whoever sent SIGHUP waits */
	bool dirty;
	struct pace pace;
	int64_t apply_at, check_at, clock_at;
	int64_t retry_ms;	/* 0: the last commit succeeded */
	struct pollfd fds[MAX_FDS];	/* signals, guest, then the source's */
	size_t n_fds, n_source;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int signals_open(struct err *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_set(err, "signalfd: %s", strerror(errno)) : fd;
}

static void signals_read(struct run *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			r->reload = true;
			continue;
		}
		log_info("stopping, the table stays in force", "signal=%s generation=%" PRIu64,
			 strsignal(info.ssi_signo), r->l->enforce->generation);
		r->stop = true;
	}
}

/* New content: in a little while it is applied, with what else has come till then. */
static void mark_dirty(struct run *r, int64_t now)
{
	if (r->dirty)	/* while commits fail, changes wait for the next try */
		return;
	r->dirty = true;
	r->apply_at = pace_next(&r->pace, now);
}

static void take_change(struct run *r, enum source_change change)
{
	if (change == SOURCE_NOTHING)
		return;
	r->broken = change == SOURCE_BROKEN;
	if (r->broken) {
		r->l->stats.broken++;
		return;
	}
	r->l->stats.changed++;
	mark_dirty(r, now_ms());
}

/* P3 is about certificates in date, so what is compiled depends on the clock. */
static bool wants_clock(const struct model *m)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_INGRESSCLASS, &n);

	for (size_t i = 0; i < n; i++)
		if (((const struct ingressclass *)v[i])->require_tls)
			return true;
	return false;
}

static void retry_later(struct run *r, const struct err *err)
{
	r->retry_ms = r->retry_ms ? min64(2 * r->retry_ms, RETRY_MAX_MS) : RETRY_MS;
	r->apply_at = now_ms() + r->retry_ms;
	log_error("the table could not be committed, the one in force stays",
		  "error=%s generation=%" PRIu64 " retry_ms=%" PRId64, err->msg, r->l->enforce->generation, r->retry_ms);
}

static int apply(struct run *r, struct err *err)
{
	struct enforce_result result;
	struct loop *l = r->l;
	int64_t start = now_ms();

	if (enforce_apply(l->enforce, l->model, &result, err)) {
		retry_later(r, err);
		return -1;
	}
	pace_applied(&r->pace, now_ms(), now_ms() - start);
	r->dirty = false;
	r->retry_ms = 0;
	r->apply_at = NEVER;
	r->clock_at = wants_clock(l->model) ? now_ms() + CLOCK_MS : NEVER;
	if (l->applied)
		l->applied(l->applied_ctx, &result);
	return 0;
}

static void reload(struct run *r)
{
	struct source *s = r->l->source;

	r->reload = false;
	r->reloading = true;
	take_change(r, s->reload(s));
}

/* Whoever sent SIGHUP waits for this line: what was read is in force, or was refused. */
static void end_reload(struct run *r)
{
	struct source *s = r->l->source;
	bool ok;
	struct err err;

	if (s->reading && s->reading(s))
		return;
	r->reloading = false;
	/* Who takes a while tries until it works. */
	ok = (s->reading || !r->broken) && s->synced(s);
	if (ok && r->dirty)
		ok = !apply(r, &err);
	log_info("reloaded", "result=%s generation=%" PRIu64, ok ? "ok" : "refused", r->l->enforce->generation);
}

static void by_time(struct run *r, int64_t now)
{
	if (now >= r->check_at) {
		r->check_at = now + CHECK_MS;
		if (!enforce_check(r->l->enforce))
			mark_dirty(r, now);
	}
	if (now >= r->clock_at) {
		r->clock_at = NEVER;
		mark_dirty(r, now);
	}
}

static void fill_fds(struct run *r, int64_t now, int *timeout)
{
	const struct loop_guest *guest = r->l->guest;
	int64_t next = min64(r->apply_at, min64(r->check_at, r->clock_at)) - now;
	int wanted;

	*timeout = next < 0 ? 0 : (int)min64(next, CLOCK_MS);
	r->fds[0] = (struct pollfd){ r->signals, POLLIN, 0 };
	r->fds[1] = (struct pollfd){ guest ? guest->fd : -1, POLLIN, 0 };
	r->n_source = r->l->source->poll_fds(r->l->source, r->fds + 2, MAX_FDS - 2, timeout);
	r->n_fds = 2 + r->n_source;
	wanted = guest ? guest->timeout_ms(guest->ctx) : -1;
	if (wanted >= 0 && wanted < *timeout)
		*timeout = wanted;
}

static void step(struct run *r)
{
	const struct loop_guest *guest = r->l->guest;
	struct source *s = r->l->source;
	bool was_synced = s->synced(s);

	signals_read(r);
	take_change(r, s->step(s, r->fds + 2, r->n_source));
	if (s->synced(s) && !was_synced)
		mark_dirty(r, now_ms());
	by_time(r, now_ms());
	if (r->reload)
		reload(r);
	if (r->reloading)
		end_reload(r);
	if (guest)
		guest->run(guest->ctx);
}

/* 1: it was not time to, 0, or -1 with @err. */
static int apply_if_due(struct run *r, struct err *err)
{
	if (!r->dirty || !r->l->source->synced(r->l->source) || now_ms() < r->apply_at)
		return 1;
	return apply(r, err);
}

int loop_run(struct loop *l, struct err *err)
{
	struct run r = { .l = l, .apply_at = NEVER, .clock_at = NEVER, .check_at = now_ms() + CHECK_MS };
	int rc = 0, timeout = 0;

	r.signals = signals_open(err);
	if (r.signals < 0)
		return -1;
	if (l->source->synced(l->source))
		mark_dirty(&r, now_ms());
	while (!r.stop) {
		int applied = apply_if_due(&r, err);

		if (l->once && r.broken)
			applied = err_set(err, "the source could not be read, nothing was committed");
		if (l->once && applied <= 0) {
			rc = applied;
			break;
		}
		fill_fds(&r, now_ms(), &timeout);
		if (poll(r.fds, r.n_fds, timeout) < 0 && errno != EINTR) {
			rc = err_set(err, "poll: %s", strerror(errno));
			break;
		}
		step(&r);
	}
	close(r.signals);
	return rc;
}
