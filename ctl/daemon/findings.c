// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../base/log.h"
#include "findings.h"
#include "prom.h"

#define REST 20		/* times as long as it took, before it is made again */
#define FRESH_S 3600	/* certificates age though nothing changes */

_Static_assert(sizeof(struct findings_result) <= PIPE_BUF, "a result is written at once");

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool is_due(const struct findings *s, const struct loop *loop, double now)
{
	if (!s->begun)
		return true;
	if (now - s->begun < (REST + 1) * s->took)
		return false;
	return s->changes != loop->stats.changed || now - s->begun > FRESH_S;
}

static void audit(const struct loop *loop, struct findings_result *r)
{
	struct audit_options o;
	struct audit a;

	audit_options_init(&o);
	o.compile = loop->enforce->options;
	o.compile.now = o.now;
	audit_run(loop->model, &o, &a);
	for (size_t i = 0; i < a.n; i++) {
		if (a.v[i].suppressed)
			r->suppressed++;
		else
			r->count[a.v[i].rule][a.v[i].severity]++;
	}
	audit_free(&a);
}

static void limit(int what, rlim_t most)
{
	setrlimit(what, &(struct rlimit){ most, most });
}

/* A child that gets no memory aborts, quietly; nobody needs its core. */
static void restrain(void)
{
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	if (statm && fscanf(statm, "%lu", &pages) == 1)
		limit(RLIMIT_AS, (rlim_t)pages * sysconf(_SC_PAGESIZE) + ((rlim_t)AUDIT_MB << 20));
	if (statm)
		fclose(statm);
	limit(RLIMIT_CPU, AUDIT_CPU_S);
	limit(RLIMIT_CORE, 0);
	setpriority(PRIO_PROCESS, 0, 19);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void work(const struct loop *loop, int fd)
{
	struct findings_result r = {};

	restrain();
	audit(loop, &r);
	_exit(write(fd, &r, sizeof(r)) == sizeof(r) ? 0 : 1);
}

static void begin(struct findings *s, const struct loop *loop, double now)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return;
	s->child = fork();
	if (!s->child)
		work(loop, fds[1]);
	close(fds[1]);
	s->fd = fds[0];
	if (s->child < 0) {
		close(s->fd);
		s->child = 0;
		return;
	}
	s->begun = now;
	s->changes = loop->stats.changed;
}

static void end(struct findings *s)
{
	close(s->fd);
	waitpid(s->child, NULL, 0);
	s->child = 0;
}

/* Takes the result if it is there, or comes within @wait_ms. */
static void collect(struct findings *s, int wait_ms)
{
	struct pollfd p = { s->fd, POLLIN, 0 };
	struct findings_result r;
	bool good;

	if (poll(&p, 1, wait_ms) <= 0)
		return;
	good = read(s->fd, &r, sizeof(r)) == sizeof(r);
	end(s);
	s->took = now_s() - s->begun;
	if (!good) {
		s->failed++;
		log_warn("the audit of all objects was given up, it took more than it may have",
			 "seconds=%.1f cpu_seconds_max=%d mb_max=%d", s->took, AUDIT_CPU_S, AUDIT_MB);
		return;
	}
	s->result = r;
	s->made = true;
	s->of = s->begun;
}

static void samples(const struct findings *s, FILE *f)
{
	const struct findings_result *res = &s->result;

	prom_head(f, "stockade_audit_findings", "gauge", "What stockadectl audit finds, by kind of finding.");
	for (int r = 0; r < AUDIT_RULES; r++)
		for (int v = 0; v <= SEVERITY_ERROR; v++)
			if (res->count[r][v] || v == (int)audit_rules[r].severity)
				prom_sample(f, "stockade_audit_findings", res->count[r][v], "id", audit_rules[r].id,
					    "severity", severity_name(v), NULL);
	prom_single(f, "stockade_audit_suppressed", "gauge", "Findings suppressed by annotations.", res->suppressed);
	prom_single(f, "stockade_audit_age_seconds", "gauge", "Age of the objects the findings are about.",
		    now_s() - s->of);
}

void findings_put(struct findings *s, const struct loop *loop, FILE *f)
{
	double now = now_s();

	if (!loop->enforce->known)
		return;
	if (s->child)
		collect(s, 0);
	if (!s->child && is_due(s, loop, now)) {
		begin(s, loop, now);
		if (s->child)
			collect(s, AUDIT_WAIT_MS);
	}
	if (s->made)
		samples(s, f);
	prom_single(f, "stockade_audit_failures_total", "counter", "Audits that were given up, as they took too much.",
		    s->failed);
}

void findings_end(struct findings *s)
{
	if (!s->child)
		return;
	kill(s->child, SIGKILL);
	end(s);
}
