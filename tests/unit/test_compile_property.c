// SPDX-License-Identifier: GPL-2.0
/*
 * Random clusters: every door of every node, for all pairs of addresses and half of the ports worth
 * asking about, says what the oracle says; the order objects came in does not matter; and a
 * table changed by difference is the table meant.  Explanations of some come to the same.
 *
 *	STOCKADE_PROPERTY_CLUSTERS=N	how many clusters (default 20000)
 *	STOCKADE_PROPERTY_SEED=S	the first one's seed (default 1)
 *	STOCKADE_PROPERTY_JOBS=J	processes (default: processors, at most 4)
 *
 * A failure names its seed, and shows the least of its cluster that still fails.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/mem.h"
#include "compile/judge.h"
#include "compile/why.h"
#include "lib/dump.h"
#include "lib/gen.h"
#include "lib/oracle.h"

static const char *const nodes[] = { "n1", "n2", "n3" };
#define N_NODES 3

/* One node's table, and the last cluster's, to change from. */
struct side {
	struct table *table;
	struct stk_snapshot *snapshot;
};

struct trial {
	uint64_t seed;
	const bool *skip;
	struct model *model;
	struct compile_options options;
	struct side sides[N_NODES];
	char complaint[2048];	/* "": none */
	unsigned long long asked;
};

static void complain(struct trial *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct trial *t, const char *fmt, ...)
{
	va_list ap;

	if (*t->complaint)
		return;
	va_start(ap, fmt);
	vsnprintf(t->complaint, sizeof(t->complaint), fmt, ap);
	va_end(ap);
}

static void side_free(struct side *s)
{
	table_free(s->table);
	stk_snapshot_put(s->snapshot);
	*s = (struct side){};
}

static uint64_t snapshot_digest(const struct stk_snapshot *s)
{
	struct stk_snapshot_stats stats;

	stk_snapshot_stats(s, &stats);
	return stats.digest;
}

static void load(struct trial *t, int node)
{
	struct side *s = &t->sides[node];
	struct err err;

	t->options.node = nodes[node];
	s->table = compile_table(t->model, &t->options);
	s->snapshot = judge_snapshot(s->table, &err);
	if (!s->snapshot)
		complain(t, "node %s: %s", nodes[node], err.msg);
	else if (snapshot_digest(s->snapshot) != table_digest(s->table))
		complain(t, "node %s: the digest of the table is not the snapshot's", nodes[node]);
}

static void shuffled(struct trial *t)
{
	struct compile_options o;
	struct model *m = model_new();

	gen_cluster(m, &o, t->seed, t->seed * 7919 + 1, t->skip);
	for (int i = 0; i < N_NODES && !*t->complaint; i++) {
		struct table *table;

		o.node = nodes[i];
		table = compile_table(m, &o);
		if (table_digest(table) != table_digest(t->sides[i].table))
			complain(t, "node %s: another order of objects gives another table", nodes[i]);
		table_free(table);
	}
	model_free(m);
}

/* From the table of another cluster to this one, by difference. */
static void changed(struct trial *t, const struct side *before, int node)
{
	struct side *s = &t->sides[node];
	struct err err;
	struct stk_snapshot *snap;

	if (!before->table || *t->complaint)
		return;
	snap = judge_change(before->snapshot, before->table, s->table, &err);
	if (!snap) {
		complain(t, "node %s: change from seed %llu: %s", nodes[node], (unsigned long long)t->seed - 1, err.msg);
		return;
	}
	if (snapshot_digest(snap) != snapshot_digest(s->snapshot))
		complain(t, "node %s: the change from the cluster before makes another table", nodes[node]);
	/* The questions are asked of the table that was changed: it has to be as good. */
	stk_snapshot_put(s->snapshot);
	s->snapshot = snap;
}

static const char *const doors[] = { "egress", "ingress" };

static void describe(struct trial *t, int node, const struct oracle_flow *f, enum stockade_door door,
		     const struct oracle_answer *want, const struct stk_verdict *got, const char *rule)
{
	char a[IP_STRLEN], b[IP_STRLEN];

	complain(t, "node %s, %s door, %s -> %s proto %u port %u: expected verdict %u reason %u tier %u rule '%s', "
		 "got verdict %u reason %u rule '%s'", nodes[node], doors[door], ip_format(&f->opener, a),
		 ip_format(&f->target, b), f->proto, f->port, want->verdict, want->reason, want->tier, want->rule,
		 got->verdict, got->reason, rule);
}

static bool agrees(const struct oracle_answer *want, const struct stk_verdict *got, const struct stk_rule_def *rule)
{
	if (want->verdict != got->verdict)
		return false;
	/* Where no tier has anything to say there need not be a program. */
	if (want->reason == STOCKADE_REASON_RULE && !want->tier && got->reason == STOCKADE_REASON_NOT_ISOLATED)
		return true;
	if (want->reason != got->reason || want->tier != rule->tier)
		return false;
	return !*want->rule || !strcmp(want->rule, rule->name);
}

/* Does explaining come to the same?  A rule and an opening there must be just where the tiers allow. */
static bool explains(const struct why *w, const struct oracle_answer *want)
{
	bool policy = !w->isolating.n || w->allowing.n;
	bool gate = !w->gate || w->mode == PERIMETER_OFF || w->opening.n;

	if (policy != !(want->verdict == STOCKADE_VERDICT_DENY && want->tier == STOCKADE_TIER_NETWORKPOLICY))
		return false;
	if (policy && gate != (want->verdict == STOCKADE_VERDICT_ALLOW))
		return false;
	/* The first of those that allow is the one verdicts name. */
	return want->tier != STOCKADE_TIER_NETWORKPOLICY || !w->allowing.n || !strcmp(w->allowing.v[0], want->rule);
}

static void ask_why(struct trial *t, int node, const struct oracle_flow *f, enum stockade_door door,
		    const struct oracle_answer *want)
{
	bool v4 = ip_is4(&f->opener);
	struct end from = {}, to = {};
	struct flow flow = { &from, &to, v4, f->proto, f->port };
	struct why w;

	from.ip[v4] = f->opener;
	to.ip[v4] = f->target;
	why_find(&w, t->model, &t->options, nodes[node], &flow, door);
	if (!w.subject || !explains(&w, want)) {
		const struct stk_verdict none = {};

		describe(t, node, f, door, want, &none, "(explaining comes to something else)");
	}
	why_free(&w);
}

static void ask(struct trial *t, int node, const struct oracle_flow *f, enum stockade_door door)
{
	const struct stk_snapshot *snap = t->sides[node].snapshot;
	struct oracle o = { t->model, &t->options, gen_secrets };
	struct stk_verdict got = judge_door(snap, &f->opener, &f->target, f->proto, f->port, door);
	struct stk_rule_def rule = { .name = "" };
	struct oracle_answer want;

	t->asked++;
	want = oracle_door(&o, f, door);
	if (got.rule && !stk_snapshot_find_rule(snap, got.rule, &rule))
		complain(t, "node %s: rule %u has no name", nodes[node], got.rule);
	if (!agrees(&want, &got, &rule))
		describe(t, node, f, door, &want, &got, rule.name);
	else if (want.reason == STOCKADE_REASON_RULE && t->asked % 31 == 0)
		ask_why(t, node, f, door, &want);
}

static void ask_pair(struct trial *t, int node, const struct ip *a, const struct ip *b)
{
	for (size_t i = 0; i < gen_n_ports && !*t->complaint; i++) {
		struct oracle_flow f = { *a, *b, gen_ports[i].proto, gen_ports[i].port };

		/* Half of the ports, others each time. */
		if ((t->seed >> i % 7 ^ i) & 1)
			continue;
		if (f.proto == PROTO_ICMP && !ip_is4(a))
			f.proto = PROTO_ICMPV6;
		ask(t, node, &f, STOCKADE_DOOR_EGRESS);
		ask(t, node, &f, STOCKADE_DOOR_INGRESS);
	}
}

static void ask_all(struct trial *t, int node)
{
	struct ip v[GEN_ADDRESSES_MAX];
	size_t n = gen_addresses(t->model, v);

	t->options.node = nodes[node];
	for (size_t i = 0; i < n && !*t->complaint; i++)
		for (size_t k = 0; k < n && !*t->complaint; k++)
			if (ip_is4(&v[i]) == ip_is4(&v[k]))
				ask_pair(t, node, &v[i], &v[k]);
}

/* One cluster; what it was compiled to is left in the trial, and @before, where not NULL, is used up. */
static void run(struct trial *t, struct side *before)
{
	t->model = model_new();
	gen_cluster(t->model, &t->options, t->seed, 0, t->skip);
	for (int i = 0; i < N_NODES && !*t->complaint; i++)
		load(t, i);
	if (!*t->complaint)
		shuffled(t);
	for (int i = 0; i < N_NODES && !*t->complaint; i++) {
		if (before)
			changed(t, &before[i], i);
		ask_all(t, i);
	}
	for (int i = 0; before && i < N_NODES; i++)
		side_free(&before[i]);
}

static void finish(struct trial *t)
{
	for (int i = 0; i < N_NODES; i++)
		side_free(&t->sides[i]);
	model_free(t->model);
}

static bool fails(uint64_t seed, const bool *skip)
{
	struct trial t = { .seed = seed, .skip = skip };
	bool failed;

	run(&t, NULL);
	failed = *t.complaint;
	finish(&t);
	return failed;
}

/* Leaves out what can be left out while it still fails, and shows the rest. */
static void shrink(uint64_t seed)
{
	struct trial t = { .seed = seed };
	struct compile_options o;
	struct model *m = model_new();
	size_t n = gen_cluster(m, &o, seed, 0, NULL);
	bool *skip = mem_array(n, sizeof(*skip)), less = true;

	model_free(m);
	while (less) {
		less = false;
		for (size_t i = 0; i < n; i++) {
			if (skip[i])
				continue;
			skip[i] = true;
			if (fails(seed, skip))
				less = true;
			else
				skip[i] = false;
		}
	}
	t.skip = skip;
	run(&t, NULL);
	if (*t.complaint) {
		printf("least that fails (perimeter mode %d, unknown %d): %s\n", t.options.perimeter,
		       t.options.unknown, t.complaint);
		dump_model(t.model, stdout);
	}
	finish(&t);
	free(skip);
}

static int work(uint64_t first, uint64_t n, unsigned job)
{
	struct side before[N_NODES] = {};
	unsigned long long asked = 0;
	int rc = 0;

	for (uint64_t i = 0; i < n && !rc; i++) {
		struct trial t = { .seed = first + i };

		run(&t, before);
		asked += t.asked;
		if (*t.complaint) {
			printf("seed %llu: %s\n", (unsigned long long)t.seed, t.complaint);
			finish(&t);
			memset(&t, 0, sizeof(t));
			shrink(first + i);
			rc = 1;
			break;
		}
		memcpy(before, t.sides, sizeof(before));
		model_free(t.model);
		if ((i + 1) % 1000 == 0)
			fprintf(stderr, "job %u: %llu of %llu clusters\n", job, (unsigned long long)i + 1,
				(unsigned long long)n);
	}
	for (int i = 0; i < N_NODES; i++)
		side_free(&before[i]);
	printf("seeds %llu..%llu: %llu questions%s\n", (unsigned long long)first, (unsigned long long)(first + n - 1),
	       asked, rc ? ", FAILED" : "");
	return rc;
}

static unsigned long env_number(const char *name, unsigned long otherwise)
{
	const char *s = getenv(name);

	return s && *s ? strtoul(s, NULL, 0) : otherwise;
}

static int job(uint64_t first, uint64_t n, unsigned number)
{
	int rc;

	gen_secrets_make();
	rc = work(first, n, number);
	gen_secrets_free();
	return rc;
}

int main(void)
{
	unsigned long n = env_number("STOCKADE_PROPERTY_CLUSTERS", 20000);
	unsigned long seed = env_number("STOCKADE_PROPERTY_SEED", 1);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long jobs = env_number("STOCKADE_PROPERTY_JOBS", cpus < 1 ? 1 : cpus > 4 ? 4 : cpus);
	unsigned long started = 0, failed = 0;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned long i = 0; i < jobs; i++) {
		unsigned long from = n * i / jobs, to = n * (i + 1) / jobs;

		if (from == to)
			continue;
		fflush(stdout);
		if (!fork())
			exit(job(seed + from, to - from, i));
		started++;
	}
	/* The plan first: a process that is gone without a word is a test that failed. */
	printf("1..%lu\n", started);
	for (unsigned long i = 1; wait(&status) > 0; i++) {
		bool good = WIFEXITED(status) && !WEXITSTATUS(status);

		printf("%sok %lu - a share of %lu clusters from seed %lu\n", good ? "" : "not ", i, n, seed);
		failed += !good;
	}
	return failed || !started;
}
