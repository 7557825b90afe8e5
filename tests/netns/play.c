// SPDX-License-Identifier: GPL-2.0
/*
 * play [--jobs N] [--timeout S] [--control] --stockaded PROGRAM CASE...: plays case folders with real packets,
 * each in network namespaces of its own, several at a time; a line for each:
 *
 *	ok CASE  N probes  S s
 *	FAIL CASE  N probes  S s
 *	  FROM TO PROTO PORT expected X seen Y
 *
 * --control plays without any table, only to see that packets would arrive.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/mem.h"
#include "stage.h"
#include "wire.h"

struct job {
	const char *dir;
	pid_t pid;
	int report;
	int64_t start;
};

struct play {
	struct stage_options options;
	char *const *cases;
	size_t n_cases, next;
	struct job *jobs;
	size_t n_jobs;
	int timeout_s;
	size_t failed;
};

static char *make_scratch(void)
{
	char *dir = mem_printf("%s/play.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");

	return mkdtemp(dir) ? dir : NULL;
}

static void remove_scratch(char *dir)
{
	char *file = mem_printf("%s/cluster.yaml", dir);

	unlink(file);
	rmdir(dir);
	free(file);
	free(dir);
}

/* In a process of its own: what it leaves behind goes with it. */
static int play_one(const struct play *p, const struct job *j)
{
	struct stage_options o = p->options;
	struct text report = {};
	char *scratch = make_scratch();
	size_t n_probes = 0;
	bool good;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!scratch) {
		dprintf(j->report, "FAIL %s\n  no folder for its manifests: %s\n", j->dir, strerror(errno));
		return 1;
	}
	o.scratch = scratch;
	good = stage_play(j->dir, &o, &report, &n_probes);
	dprintf(j->report, "%s %s  %zu probes  %.1f s\n", good ? "ok" : "FAIL", j->dir, n_probes,
		(wire_now_ms() - j->start) / 1e3);
	if (report.s && !good)
		dprintf(j->report, "%s", report.s);
	text_free(&report);
	remove_scratch(scratch);
	return good ? 0 : 1;
}

static void start_job(struct play *p, struct job *j)
{
	*j = (struct job){ .dir = p->cases[p->next++], .report = memfd_create("report", MFD_CLOEXEC), .start = wire_now_ms() };
	fflush(stdout);
	j->pid = fork();
	if (!j->pid)
		exit(play_one(p, j));
}

static void print_report(struct job *j)
{
	char buf[4096];
	ssize_t n;

	lseek(j->report, 0, SEEK_SET);
	while ((n = read(j->report, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	fflush(stdout);
}

static void end_job(struct play *p, struct job *j, int status)
{
	struct stat st;

	if (status)
		p->failed++;
	if (WIFSIGNALED(status) || fstat(j->report, &st) || !st.st_size)
		printf("FAIL %s  0 probes  %.1f s\n  %s\n", j->dir, (wire_now_ms() - j->start) / 1e3,
		       WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? "took too long, or was killed" : "the player broke");
	else
		print_report(j);
	close(j->report);
	j->pid = 0;
}

static void reap(struct play *p)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	for (size_t i = 0; i < p->n_jobs; i++) {
		struct job *j = &p->jobs[i];

		if (pid > 0 && j->pid == pid)
			end_job(p, j, status);
		else if (j->pid > 0 && wire_now_ms() - j->start > p->timeout_s * 1000LL)
			kill(j->pid, SIGKILL);
	}
	if (pid <= 0)
		usleep(10000);
}

static bool busy(const struct play *p)
{
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].pid > 0)
			return true;
	return false;
}

static void play_all(struct play *p)
{
	p->jobs = mem_array(p->n_jobs, sizeof(*p->jobs));
	while (p->next < p->n_cases || busy(p)) {
		for (size_t i = 0; i < p->n_jobs && p->next < p->n_cases; i++)
			if (p->jobs[i].pid <= 0)
				start_job(p, &p->jobs[i]);
		reap(p);
	}
	free(p->jobs);
}

static int usage(void)
{
	fprintf(stderr, "usage: play [--jobs N] [--timeout S] (--stockaded PROGRAM | --control) CASE...\n");
	return 2;
}

static int parse(struct play *p, int argc, char **argv)
{
	static const struct option options[] = {
		{ "jobs", required_argument, NULL, 'j' }, { "timeout", required_argument, NULL, 't' },
		{ "stockaded", required_argument, NULL, 's' }, { "control", no_argument, NULL, 'c' }, {}
	};
	bool control = false;
	int opt;

	*p = (struct play){ .n_jobs = 4, .timeout_s = 300 };
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'j': p->n_jobs = atoi(optarg); break;
		case 't': p->timeout_s = atoi(optarg); break;
		case 's': p->options.stockaded = optarg; break;
		case 'c': control = true; break;
		default: return -1;
		}
	}
	p->cases = argv + optind;
	p->n_cases = argc - optind;
	return p->n_cases && p->n_jobs && p->timeout_s > 0 && control == !p->options.stockaded ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };
	struct play p;

	if (parse(&p, argc, argv))
		return usage();
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	play_all(&p);
	return p.failed ? 1 : 0;
}
