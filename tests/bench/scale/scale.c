// SPDX-License-Identifier: GPL-2.0
/*
 * scale [-n NODES] [-p PODS] [-s NAMESPACES] [-k POLICIES] [-r RATE] [-t SECONDS] [-l]
 *
 * The controller on a large cluster, up to the messages it would send: memory, time to the first table,
 * and from an event being sent to the difference it makes being encoded, at the daemon's pace.  The kernel's part
 * is not in it.  -l: lists by pages.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "compile/compile.h"
#include "daemon/pace.h"
#include "generator.h"
#include "kube/http.h"
#include "kube/kube.h"
#include "nl/encode.h"

struct options {
	unsigned nodes, pods, namespaces, policies, rate, seconds;
	bool pages;
};

struct bench {
	struct options o;
	struct scale_shared *shared;
	struct model *model;
	struct source *source;
	struct compile_options compile;
	struct compiler *compiler;
	struct pace pace;
	uint64_t *latency_ns;
	size_t n_latency;
	unsigned seen;			/* pod events whose difference was compiled */
	unsigned compiles, commits;
	uint64_t compile_ns, longest_ns;
	struct stnl_sent sent;
};

static int drop(void *ctx, struct nl_msg *msg)
{
	nlmsg_free(msg);
	return 0;
}

/* As stnl_commit() does, but for the kernel. */
static void commit(struct bench *b, const struct table *from, const struct table *to)
{
	struct encode_stream s = { .send = drop };

	table_diff(from, to, encode_stream_add, &s);
	encode_stream_end(&s, false);
	b->commits += s.sent.put || s.sent.deleted;
	b->sent.put += s.sent.put;
	b->sent.deleted += s.sent.deleted;
	b->sent.bytes += s.sent.bytes;
}

static void compile(struct bench *b)
{
	uint64_t start = kube_now_ns(), took;
	struct table_pair pair;
	bool known;

	compiler_update(b->compiler, 1700000000);
	known = compiler_difference(b->compiler, &pair);
	if (!known)
		compiler_whole(b->compiler, &pair);
	commit(b, known ? &pair.from : NULL, &pair.to);
	table_pair_free(&pair);
	compiler_settle(b->compiler);
	took = kube_now_ns() - start;
	b->compiles++;
	b->compile_ns += took;
	b->longest_ns = took > b->longest_ns ? took : b->longest_ns;
	pace_applied(&b->pace, kube_now_ms(), (took + 500000) / 1000000);
}

static enum source_change step(struct bench *b, int timeout)
{
	struct pollfd fds[4];
	size_t n = b->source->poll_fds(b->source, fds, 4, &timeout);

	poll(fds, n, timeout);
	return b->source->step(b->source, fds, n);
}

static unsigned pod_events(struct bench *b)
{
	return kube_source_stats(b->source)->kind[KIND_POD].events;
}

static void note_latencies(struct bench *b, unsigned upto)
{
	uint64_t now = kube_now_ns();

	for (; b->seen < upto; b->seen++)
		b->latency_ns[b->n_latency++] = now - b->shared->sent_ns[b->seen % CHANGES_MAX];
}

/* Every event counts, also where all it needs is to be found out to change nothing. */
static void follow(struct bench *b)
{
	uint64_t end = kube_now_ns() + b->o.seconds * 1000000000ull;
	int64_t apply_at = INT64_MAX;

	b->pace = (struct pace){ 0 };	/* the rest after the first table is over */
	b->shared->rate = b->o.rate;
	while (kube_now_ns() < end && b->shared->sent + 2 < CHANGES_MAX) {
		int64_t now = kube_now_ms();

		if (step(b, apply_at < now ? 0 : apply_at - now < 100 ? apply_at - now : 100) == SOURCE_CHANGED &&
		    apply_at == INT64_MAX)
			apply_at = pace_next(&b->pace, kube_now_ms());
		if (apply_at == INT64_MAX) {
			note_latencies(b, pod_events(b));
		} else if ((int64_t)kube_now_ms() >= apply_at) {
			compile(b);
			note_latencies(b, pod_events(b));
			apply_at = INT64_MAX;
		}
	}
	b->shared->rate = 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static double percentile_ms(const struct bench *b, double p)
{
	return b->n_latency ? b->latency_ns[(size_t)(p * (b->n_latency - 1))] / 1e6 : 0;
}

static double peak_mb(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024.0;
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int open_source(struct bench *b)
{
	char path[] = "/tmp/stockade-scale-XXXXXX";
	int fd = mkstemp(path);
	struct err err;

	dprintf(fd, "current-context: x\nclusters: [{name: c, cluster: {server: \"http://127.0.0.1:%d\"}}]\n"
		"contexts: [{name: x, context: {cluster: c}}]\n", b->shared->port);
	close(fd);
	b->model = model_new();
	b->source = kube_source_new(b->model, &(struct kube_options){
		.kubeconfig = path, .no_streaming_lists = b->o.pages }, &err);
	unlink(path);
	if (!b->source)
		fprintf(stderr, "%s\n", err.msg);
	return b->source ? 0 : -1;
}

static void row(const char *what, double value, const char *unit, const char *target)
{
	printf("%-46s %10.1f %-6s %s\n", what, value, unit, target);
	fflush(stdout);
}

static int measure(struct bench *b)
{
	uint64_t start = kube_now_ns(), bytes;
	double cpu;

	if (open_source(b))
		return 1;
	while (!b->source->synced(b->source))
		step(b, 1000);
	row("from start until everything is read", (kube_now_ns() - start) / 1e9, "s", "");
	row("bytes of it", kube_source_stats(b->source)->bytes / 1e6, "MB", "");
	b->compiler = compiler_follow(b->model, &b->compile);
	compile(b);
	row("from start to the first table", (kube_now_ns() - start) / 1e9, "s", "< 60");
	row("of which compiling", b->compile_ns / 1e6, "ms", "");
	row("CPU until then", cpu_s(), "s", "");
	row("peak memory until then", peak_mb(), "MB", "< 120");
	row("objects of the first transaction", b->sent.put, "", "");
	row("bytes of it", b->sent.bytes / 1e6, "MB", "");
	bytes = kube_source_stats(b->source)->bytes;
	cpu = cpu_s();
	b->compile_ns = b->longest_ns = b->compiles = b->commits = 0;
	b->sent = (struct stnl_sent){ 0 };
	follow(b);
	if (!b->n_latency)
		return 1;
	qsort(b->latency_ns, b->n_latency, sizeof(*b->latency_ns), compare);
	row("changes followed", b->seen, "", "");
	row("API event to encoded difference, median", percentile_ms(b, 0.5), "ms", "");
	row("API event to encoded difference, 99th", percentile_ms(b, 0.99), "ms", "< 20 (to the kernel)");
	row("CPU while following", (cpu_s() - cpu) / b->o.seconds * 100, "%", "< 50");
	row("compilations", b->compiles, "", "");
	row("a compilation", b->compiles ? b->compile_ns / 1e6 / b->compiles : 0, "ms", "");
	row("the longest", b->longest_ns / 1e6, "ms", "");
	row("commits", b->commits, "", "");
	row("bytes from the API per change", (kube_source_stats(b->source)->bytes - bytes) / (double)b->seen, "B", "");
	row("objects to the kernel per change", (b->sent.put + b->sent.deleted) / (double)b->seen, "", "");
	row("bytes to the kernel per change", b->sent.bytes / (double)b->seen, "B", "");
	row("peak memory", peak_mb(), "MB", "< 120");
	return 0;
}

static int parse(struct options *o, int argc, char **argv)
{
	int opt;

	*o = (struct options){ 5000, 150000, 5000, 10000, 500, 20 };
	while ((opt = getopt(argc, argv, "n:p:s:k:r:t:l")) != -1) {
		unsigned v = optarg ? strtoul(optarg, NULL, 10) : 0;

		switch (opt) {
		case 'n':
			o->nodes = v;
			break;
		case 'p':
			o->pods = v;
			break;
		case 's':
			o->namespaces = v;
			break;
		case 'k':
			o->policies = v;
			break;
		case 'r':
			o->rate = v;
			break;
		case 't':
			o->seconds = v;
			break;
		case 'l':
			o->pages = true;
			break;
		default:
			return -1;
		}
	}
	return o->nodes && o->pods && o->namespaces && o->rate ? 0 : -1;
}

static void serve(const struct options *o, struct scale_shared *shared)
{
	struct world w;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	world_init(&w, o->nodes, o->pods, o->namespaces, o->policies);
	generator_run(&w, shared);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	pid_t pid;
	int ret;

	if (parse(&b.o, argc, argv)) {
		fputs("usage: scale [-n NODES] [-p PODS] [-s NAMESPACES] [-k POLICIES] [-r RATE] [-t SECONDS] [-l]\n", stderr);
		return 2;
	}
	log_init(LOG_LEVEL_WARN, LOG_FORMAT_KV);
	b.shared = mmap(NULL, sizeof(*b.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b.shared == MAP_FAILED)
		return 1;
	pid = fork();
	if (!pid)
		serve(&b.o, b.shared);
	while (!b.shared->port)
		usleep(1000);
	b.latency_ns = mem_array(CHANGES_MAX, sizeof(*b.latency_ns));
	compile_options_init(&b.compile);
	b.compile.node = "node-0017";
	printf("%u nodes, %u pods, %u namespaces, %u policies; %u changes a second for %u s\n", b.o.nodes, b.o.pods,
	       b.o.namespaces, b.o.policies, b.o.rate, b.o.seconds);
	ret = measure(&b);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return ret;
}
