// SPDX-License-Identifier: GPL-2.0
/*
 * demo --stockaded PROGRAM --stockadectl PROGRAM CASE: plays one case as `play` does, and shows it: for each
 * phase who reached whom, expected against seen, what became of open connections, and what the nodes said
 * of the packets they dropped. CASE/about and CASE/steps/NN-name/about are told first.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/mem.h"
#include "grid.h"
#include "spawn.h"
#include "stage.h"

#define DROPS_SHOWN 4	/* a node's */
#define DROPS_WAIT_MS 1500
#define LISTEN_TRIES 400	/* of 50 ms */

/* `stockadectl drops` on one node. */
struct listener {
	char *node;
	pid_t pid;
	int out;
};

struct demo {
	struct stage_watch watch;	/* first: the callbacks get its address */
	struct stage_options options;
	const char *dir, *stockadectl;
	struct listener *v;
	size_t n, cap;
};

/* --- the words --- */

static void tell_about(const struct demo *d, const char *step)
{
	char *path = *step ? mem_printf("%s/steps/%s/about", d->dir, step) : mem_printf("%s/about", d->dir);
	struct text t = {};
	struct err err;

	if (!text_read(&t, path, &err) && t.s)
		printf("\n\033[1m%s\033[0m", t.s);
	else
		printf("\n\033[1m%s\033[0m\n", *step ? step : "The policies are in force.");
	text_free(&t);
	free(path);
}

static void tell_flows(const struct stage_seen *seen)
{
	for (size_t i = 0; i < seen->n_flows; i++) {
		const struct probe *p = &seen->flows[i];
		const struct line *l = p->line;
		bool passes = p->seen == SEEN_ALLOW;

		printf("  open connection %s -> %s %s/%u (IPv%c): %s%s\033[0m%s\n", l->from, l->to, l->proto_word, l->port,
		       ip_is4(&p->dst) ? '4' : '6',
		       passes ? "\033[32m" : "\033[33m", passes ? "data passes" : "its very next packet was dropped",
		       p->seen == p->expect ? "" : "  \033[31;1mNOT AS EXPECTED\033[0m");
	}
}

/* --- what the nodes say --- */

static void listen_on(struct demo *d, const struct topo_node *n)
{
	char *const argv[] = { (char *)d->stockadectl, "drops", "-f", (char *)d->options.scratch, NULL };
	struct listener *l;
	struct err err;

	mem_grow(d->v, d->n, d->cap);
	l = &d->v[d->n];
	l->pid = spawn(&n->ns, argv, NULL, &l->out, &err);
	if (l->pid < 0) {
		printf("  (%s)\n", err.msg);
		return;
	}
	l->node = mem_strdup(n->name);
	d->n++;
}

/* Has some generic netlink socket of the listener's namespace joined a multicast group? */
static bool has_joined(const struct listener *l)
{
	char *path = mem_printf("/proc/%d/net/netlink", l->pid), line[256];
	FILE *f = fopen(path, "r");
	unsigned protocol, groups;
	bool joined = false;

	free(path);
	while (f && fgets(line, sizeof(line), f))
		joined |= sscanf(line, "%*x %u %*u %x", &protocol, &groups) == 2 && protocol == 16 && groups;
	if (f)
		fclose(f);
	return joined;
}

static void begin(struct stage_watch *w, struct topo *t)
{
	struct demo *d = (struct demo *)w;
	size_t n;
	struct topo_node **v = topo_nodes(t, &n);

	for (size_t i = 0; i < n; i++)
		listen_on(d, v[i]);
	/* They must be listening before the first packet. */
	for (size_t i = 0; i < d->n; i++)
		for (int tries = 0; tries < LISTEN_TRIES && !has_joined(&d->v[i]); tries++)
			usleep(50 * 1000);
}

/* What two drops of one kind have in common: the line without its time and what stands in parentheses. */
static char *gist(const char *line)
{
	char *g = mem_strdup(line + strcspn(line, " ")), *out = g;
	int depth = 0;

	for (const char *in = g; *in; in++) {
		depth += *in == '(';
		if (!depth)
			*out++ = *in;
		depth -= *in == ')';
	}
	*out = '\0';
	return g;
}

/* One line of each kind; a packet asked for again and again is dropped again and again. */
static void print_said(const struct listener *l, char *said)
{
	char *next = said, *line, *seen[DROPS_SHOWN];
	int shown = 0, more = 0;

	while ((line = strsep(&next, "\n"))) {
		char *g = gist(line);
		bool fresh = *line;

		for (int i = 0; i < shown; i++)
			fresh = fresh && strcmp(g, seen[i]);
		if (fresh && shown < DROPS_SHOWN) {
			printf("  \033[2m%s:\033[0m %s\n", l->node, line);
			seen[shown++] = g;
			continue;
		}
		more += *line != '\0';
		free(g);
	}
	if (more)
		printf("  \033[2m%s: ... and %d more packets\033[0m\n", l->node, more);
	while (shown > 0)
		free(seen[--shown]);
}

static void hear(struct listener *l, bool expected)
{
	struct pollfd pfd = { l->out, POLLIN, 0 };
	int wait = expected ? DROPS_WAIT_MS : 0;
	struct text said = {};
	char buf[4096];
	ssize_t n;

	while (poll(&pfd, 1, wait) > 0 && (n = read(l->out, buf, sizeof(buf))) > 0) {
		text_add(&said, buf, n);
		wait = 200;
	}
	kill(l->pid, SIGTERM);
	waitpid(l->pid, NULL, 0);
	close(l->out);
	if (said.s)
		print_said(l, said.s);
	text_free(&said);
	free(l->node);
}

static bool anything_denied(const struct stage_seen *seen)
{
	for (size_t i = 0; i < seen->n_probes; i++)
		if (seen->probes[i].expect != SEEN_ALLOW)
			return true;
	return false;
}

static void end(struct stage_watch *w, const struct stage_seen *seen)
{
	struct demo *d = (struct demo *)w;
	bool denied = anything_denied(seen);

	if (seen->control && *seen->phase->name)
		return;
	if (seen->control)
		printf("\n\033[1mBefore any table: the module is loaded and lets everything pass.\033[0m\n");
	else
		tell_about(d, seen->phase->name);
	grid_print(stdout, seen->probes, seen->n_probes);
	tell_flows(seen);
	if (d->n && denied)
		printf("  stockadectl drops says who and why:\n");
	for (size_t i = 0; i < d->n; i++)
		hear(&d->v[i], denied);
	d->n = 0;
	fflush(stdout);
}

static int play(struct demo *d)
{
	char dir[] = "/tmp/stockade-demo.XXXXXX";
	struct text report = {};
	size_t n_probes;
	bool good;

	if (!mkdtemp(dir)) {
		perror("demo: a folder for its manifests");
		return 1;
	}
	d->options.scratch = dir;
	good = stage_play(d->dir, &d->options, &report, &n_probes);
	if (report.s)
		printf("%s", report.s);
	printf("\n%zu probes, %s\n", n_probes, good ? "every one as expected" : "NOT all as expected");
	text_free(&report);
	free(d->v);
	return !good;
}

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "stockaded", required_argument, NULL, 'd' }, { "stockadectl", required_argument, NULL, 'c' }, {} };
	struct demo d = { .watch = { begin, end } };
	int opt;

	d.options.watch = &d.watch;
	while ((opt = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (opt == 'd')
			d.options.stockaded = optarg;
		else if (opt == 'c')
			d.stockadectl = optarg;
		else
			return 2;
	}
	if (argc - optind != 1 || !d.options.stockaded || !d.stockadectl) {
		fprintf(stderr, "usage: demo --stockaded PROGRAM --stockadectl PROGRAM CASE\n");
		return 2;
	}
	d.dir = argv[optind];
	return play(&d);
}
