// SPDX-License-Identifier: GPL-2.0
/*
 * Random changes of random clusters: whatever happens to the objects, the table that each node's compiler keeps is the one a
 * compilation from nothing makes, and the difference it gives leads there from the table that was last settled, in
 * the judge's own code.
 *
 *	STOCKADE_CHANGES_STEPS=N	how many changes (default 24000; built with few ids 8000)
 *	STOCKADE_CHANGES_SEED=S		the first cluster's seed (default 1)
 *
 * A failure names the seed of its cluster and the step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/mem.h"
#include "compile/judge.h"
#include "lib/gen.h"

#ifdef COMPILE_ID_MAX
#define STEPS 8000
#else
#define STEPS 24000
#endif
#define STEPS_A_CLUSTER 150
#define JOBS 2

static const char *const nodes[] = { "n1", "n2", "n3" };
#define N_NODES 3

struct side {
	struct compiler *compiler;
	struct stk_snapshot *settled;	/* what is in force; NULL: nobody knows */
};

struct trial {
	struct gen g;
	uint64_t seed;
	unsigned step;
	const char *did;
	struct compile_options options;
	struct side sides[N_NODES];
	struct compiler_stats sum;	/* of all compilers */
	unsigned long long updates, closed, crowded;	/* tables with doors shut, and with all the rules there may be */
	bool failed;
};

static void complain(struct trial *t, int node, const char *what)
{
	printf("seed %llu, step %u (%s), node %s: %s\n", (unsigned long long)t->seed, t->step, t->did, nodes[node], what);
	t->failed = true;
}

/* Something is published through gateways, which the random objects rarely amount to. */

static struct slice_endpoint *endpoints_of(struct trial *t, const char *ns, unsigned *n)
{
	size_t pods;
	const struct meta *const *v = model_list_ns(t->g.m, KIND_POD, ns, &pods);
	struct slice_endpoint *out = mem_array(pods + 1, sizeof(*out));

	*n = 0;
	for (size_t i = 0; i < pods; i++) {
		const struct pod *p = (const void *)v[i];

		if (!p->n_ips)
			continue;
		out[*n].ips = mem_array(1, sizeof(struct ip));
		out[*n].ips[0] = p->ips[0];
		out[(*n)++].n_ips = 1;
	}
	return out;
}

/* A certificate that is good today, for whatever host. */
static void certify(struct trial *t, struct ingress *in)
{
	struct secret *s = gen_object(&t->g, KIND_SECRET, sizeof(*s), in->meta.ns, gen_secrets[0].name);
	const struct gen_pem *pem = gen_secret_pem(0);

	s->crt = mem_strdup(pem->crt);
	s->crt_len = strlen(pem->crt);
	s->key = mem_strdup(pem->key);
	s->key_len = strlen(pem->key);
	in->tls = mem_array(1, sizeof(*in->tls));
	in->tls[in->n_tls++].secret = s->meta.name;
	model_put(t->g.m, &s->meta);
}

static void publish_namespace(struct trial *t, const char *ns)
{
	struct service *s = gen_object(&t->g, KIND_SERVICE, sizeof(*s), ns, "s1");
	struct endpointslice *e = gen_object(&t->g, KIND_ENDPOINTSLICE, sizeof(*e), ns, "e1");
	struct ingress *in = gen_object(&t->g, KIND_INGRESS, sizeof(*in), ns, "i1");

	s->type = gen_below(&t->g, 3);
	s->ports = mem_array(1, sizeof(*s->ports));
	s->ports[s->n_ports++] = (struct service_port){ .name = gen_string(&t->g, ""), .proto = PROTO_TCP, .port = 80 };
	e->service = s->meta.name;
	e->ports = mem_array(1, sizeof(*e->ports));
	e->ports[e->n_ports++] = (struct slice_port){ .name = gen_string(&t->g, ""), .proto = PROTO_TCP, .port = 80 };
	e->endpoints = endpoints_of(t, ns, &e->n_endpoints);
	in->default_backend = (struct ingress_backend){ .service = s->meta.name, .port = 80 };
	certify(t, in);
	model_put(t->g.m, &s->meta);
	model_put(t->g.m, &e->meta);
	model_put(t->g.m, &in->meta);
}

/* The pods of x are gateways; what they serve, and what they may reach besides. */
static void publish(struct trial *t)
{
	struct ingressclass *c = gen_object(&t->g, KIND_INGRESSCLASS, sizeof(*c), "", "c1");

	c->controller = gen_string(&t->g, "example.com/ingress");
	c->is_default = true;
	c->require_tls = gen_chance(&t->g, 50);
	c->gateway = mem_new(struct pod_ref_selector);
	c->gateway->ns = gen_string(&t->g, "x");
	c->reach = mem_new(struct pod_ref_selector);
	c->reach->ns = gen_string(&t->g, "z");
	c->reach->selector = gen_selector(&t->g);
	c->n_reach = 1;
	model_put(t->g.m, &c->meta);
	publish_namespace(t, "x");
	publish_namespace(t, "y");
	t->did = "publishing";
}

/* What happens to the objects. */

static struct meta *some(struct trial *t, enum kind kind)
{
	size_t n;
	const struct meta *const *v = model_list(t->g.m, kind, &n);

	return n ? (struct meta *)(uintptr_t)v[gen_below(&t->g, n)] : NULL;
}

/* One object of another cluster, which may replace one that is there. */
static void put_another(struct trial *t)
{
	struct compile_options ignored;
	bool skip[256];

	memset(skip, true, sizeof(skip));
	skip[gen_below(&t->g, 40)] = false;
	gen_cluster(t->g.m, &ignored, t->seed * 1000003 + t->step, 0, skip);
	t->did = "another object";
}

static void delete_one(struct trial *t)
{
	const struct meta *obj = some(t, gen_below(&t->g, KINDS));

	if (obj)
		model_delete(t->g.m, obj->kind, obj->ns, obj->name);
	t->did = "a deletion";
}

static void *copy(const void *v, size_t n, size_t size)
{
	void *out = mem_array(n + 1, size);

	return n ? memcpy(out, v, n * size) : out;
}

static struct pod *pod_copy(const struct pod *old)
{
	struct pod *p = copy(old, 1, sizeof(*p));

	p->ips = copy(old->ips, old->n_ips, sizeof(*p->ips));
	p->ports = copy(old->ports, old->n_ports, sizeof(*p->ports));
	return p;
}

/* What kubelet and the scheduler do to pods, and what they should not do. */
static void change_pod(struct trial *t)
{
	const struct pod *old = (const void *)some(t, KIND_POD), *other;
	struct pod *p;

	t->did = "a pod";
	if (!old)
		return;
	other = (const void *)some(t, KIND_POD);
	p = pod_copy(old);
	switch (gen_below(&t->g, 8)) {
	case 0:
		p->ready = !p->ready;
		break;
	case 1:
		p->finished = !p->finished;
		break;
	case 2:
		p->node = gen_string(&t->g, nodes[gen_below(&t->g, N_NODES)]);
		break;
	case 3:
		p->meta.labels = gen_labels(&t->g, NULL, NULL);
		break;
	case 4:		/* an address that another has, too */
		free(p->ips);
		p->ips = copy(other->ips, other->n_ips, sizeof(*p->ips));
		p->n_ips = other->n_ips;
		break;
	case 5:
		free(p->ports);
		p->ports = copy(other->ports, other->n_ports, sizeof(*p->ports));
		p->n_ports = other->n_ports;
		break;
	case 6:
		p->n_ips = 0;
		break;
	case 7:		/* nothing */
		break;
	}
	model_put(t->g.m, &p->meta);
}

static void change_slice(struct trial *t)
{
	const struct endpointslice *old = (const void *)some(t, KIND_ENDPOINTSLICE);
	struct endpointslice *s;

	t->did = "an EndpointSlice";
	if (!old)
		return;
	s = copy(old, 1, sizeof(*s));
	s->ports = copy(old->ports, old->n_ports, sizeof(*s->ports));
	s->endpoints = copy(old->endpoints, old->n_endpoints, sizeof(*s->endpoints));
	for (unsigned i = 0; i < s->n_endpoints; i++)
		s->endpoints[i].ips = copy(s->endpoints[i].ips, s->endpoints[i].n_ips, sizeof(struct ip));
	if (s->n_endpoints) {
		struct slice_endpoint *e = &s->endpoints[gen_below(&t->g, s->n_endpoints)];

		e->unready = !e->unready;
	}
	model_put(t->g.m, &s->meta);
}

/* The ports of an egress rule, its peers as they were. */
static void change_policy(struct trial *t)
{
	static const char *const names[] = { "http", "dns", "metrics" };
	struct networkpolicy *old = (void *)some(t, KIND_NETWORKPOLICY), *np;

	t->did = "a policy's ports";
	if (!old)
		return;
	np = copy(old, 1, sizeof(*np));
	/* The rules are moved. */
	old->pod_selector = (struct selector){};
	old->ingress = old->egress = NULL;
	old->n_ingress = old->n_egress = 0;
	for (unsigned i = 0; i < np->n_egress; i++) {
		struct policy_rule *r = &np->egress[i];

		free(r->ports);
		r->ports = mem_array(1, sizeof(*r->ports));
		r->n_ports = 1;
		r->ports[0] = (struct policy_port){ .proto = PROTO_TCP, .name = GEN_PICK(&t->g, names) };
	}
	model_put(t->g.m, &np->meta);
}

static void change_namespace(struct trial *t)
{
	const struct meta *old = some(t, KIND_NAMESPACE), *other = some(t, KIND_NAMESPACE);
	struct namespace *ns;

	t->did = "a namespace's labels";
	if (!old)
		return;
	ns = copy(old, 1, sizeof(*ns));
	ns->meta.labels = gen_chance(&t->g, 50) ? other->labels : gen_labels(&t->g, "kubernetes.io/metadata.name", old->name);
	model_put(t->g.m, &ns->meta);
}

/* All goes, its strings with it, and as much comes. */
static void replace_all(struct trial *t)
{
	struct compile_options ignored;

	for (int kind = 0; kind < KINDS; kind++) {
		const struct meta *obj;

		while ((obj = some(t, kind)))
			model_delete(t->g.m, obj->kind, obj->ns, obj->name);
	}
	model_collect(t->g.m);
	gen_cluster(t->g.m, &ignored, t->seed * 1000003 + t->step, 0, NULL);
	t->did = "everything";
}

/* In every other pair of clusters the kernel takes little, and another module is loaded now and then. */
static struct table_limits limits(struct trial *t)
{
	return t->seed / 2 % 2 ? (struct table_limits){} :
		(struct table_limits){ 2 + gen_below(&t->g, 4), 1 + gen_below(&t->g, 3), 1 + gen_below(&t->g, 400) };
}

static void change_limits(struct trial *t)
{
	struct table_limits max = limits(t);

	for (int i = 0; i < N_NODES; i++)
		compiler_limit(t->sides[i].compiler, &max);
	t->did = "limits";
}

static void change(struct trial *t)
{
	unsigned at = gen_below(&t->g, 100);

	if (at < 25)
		put_another(t);
	else if (at < 37)
		delete_one(t);
	else if (at < 77)
		change_pod(t);
	else if (at < 84)
		change_slice(t);
	else if (at < 90 && t->seed % 2)
		publish(t);
	else if (at < 94)
		change_policy(t);
	else if (at < 97)
		change_namespace(t);
	else if (at < 98)
		change_limits(t);
	else if (at < 99)
		t->options.now = GEN_NOW + (int)gen_below(&t->g, 3) * 86400;	/* certificates last a day */
	else if (gen_chance(&t->g, 50))
		model_collect(t->g.m);
	else
		replace_all(t);
}

/* What becomes of it. */

static int any(void *ctx, bool put, enum table_object what, const void *obj)
{
	return 1;
}

static uint64_t snapshot_digest(const struct stk_snapshot *s)
{
	struct stk_snapshot_stats stats;

	stk_snapshot_stats(s, &stats);
	return stats.digest;
}

static bool same_closed(const struct table *a, const struct table *b)
{
	return a->n_closed == b->n_closed && (!a->n_closed || !memcmp(a->closed, b->closed, a->n_closed * sizeof(*a->closed)));
}

static void check_limits(struct trial *t, int node, const struct table *table)
{
	struct table_limits max = compiler_options(t->sides[node].compiler)->max;

	if (table->n_blocks > max.blocks || table->n_rules > max.rules)
		complain(t, node, "the table is more than the kernel takes");
	t->closed += !!table->n_closed;
	t->crowded += table->n_rules == max.rules;
}

static void compare(struct trial *t, int node)
{
	const struct compiler *c = t->sides[node].compiler;
	struct table *fresh = compile_table(t->g.m, compiler_options(c));
	struct table_pair whole;

	compiler_whole(c, &whole);
	if (table_diff(fresh, &whole.to, any, NULL))
		complain(t, node, "the table is not the one that is compiled from nothing");
	else if (compiler_digest(c) != table_digest(fresh))
		complain(t, node, "the digest is not the table's");
	else if (compiler_counts(c).n_endpoints != fresh->n_endpoints)
		complain(t, node, "the number of endpoints is wrong");
	else if (!same_closed(&whole.to, fresh))
		complain(t, node, "other doors are shut");
	check_limits(t, node, fresh);
	table_pair_free(&whole);
	table_free(fresh);
}

static struct stk_snapshot *send(struct trial *t, struct side *s, struct err *err)
{
	struct table_pair pair;
	struct stk_snapshot *snap;

	if (compiler_difference(s->compiler, &pair)) {
		snap = judge_change(s->settled, &pair.from, &pair.to, err);
	} else {
		compiler_whole(s->compiler, &pair);
		snap = judge_snapshot(&pair.to, err);
	}
	table_pair_free(&pair);
	return snap;
}

/* The difference is sent; now and then that fails, or somebody else commits. */
static void commit(struct trial *t, int node)
{
	struct side *s = &t->sides[node];
	struct err err;
	struct stk_snapshot *snap = send(t, s, &err);

	if (!snap) {
		complain(t, node, err.msg);
		return;
	}
	if (snapshot_digest(snap) != compiler_digest(s->compiler))
		complain(t, node, "the difference leads to another table");
	if (gen_chance(&t->g, 20)) {
		stk_snapshot_put(snap);
	} else {
		stk_snapshot_put(s->settled);
		s->settled = snap;
		compiler_settle(s->compiler);
	}
	if (gen_chance(&t->g, 2))
		compiler_forget(s->compiler);
}

static void step(struct trial *t)
{
	unsigned n = gen_chance(&t->g, 70) ? 1 : 1 + gen_below(&t->g, 6);

	while (n--)
		change(t);
	for (int i = 0; i < N_NODES && !t->failed; i++) {
		compiler_update(t->sides[i].compiler, t->options.now);
		t->updates++;
		compare(t, i);
		if (!t->failed)
			commit(t, i);
	}
}

static void begin(struct trial *t)
{
	t->g = (struct gen){ .state = t->seed + 77, .m = model_new() };
	gen_cluster(t->g.m, &t->options, t->seed, 0, NULL);
	if (t->seed % 2) {
		publish(t);
		t->options.perimeter = PERIMETER_ENFORCE;
	}
	for (int i = 0; i < N_NODES; i++) {
		t->options.node = nodes[i];
		t->sides[i].compiler = compiler_follow(t->g.m, &t->options);
	}
	change_limits(t);
}

static void end(struct trial *t)
{
	for (int i = 0; i < N_NODES; i++) {
		struct compiler_stats s = compiler_stats(t->sides[i].compiler);

		t->sum.whole += s.whole;
		t->sum.frames += s.frames;
		t->sum.programs += s.programs;
		t->sum.addresses += s.addresses;
		compiler_free(t->sides[i].compiler);
		stk_snapshot_put(t->sides[i].settled);
		t->sides[i] = (struct side){};
	}
	model_free(t->g.m);
	free(t->g.v);
}

static unsigned long env_number(const char *name, unsigned long otherwise)
{
	const char *s = getenv(name);

	return s && *s ? strtoul(s, NULL, 0) : otherwise;
}

/* A test of changes that are all compiled from nothing would prove nothing. */
static bool is_incremental(const struct trial *t)
{
	printf("%llu updates: %llu from nothing, %llu frames, %llu programs alone, %llu addresses\n", t->updates,
	       (unsigned long long)t->sum.whole, (unsigned long long)t->sum.frames,
	       (unsigned long long)t->sum.programs, (unsigned long long)t->sum.addresses);
	return t->sum.whole * 4 < t->updates && t->sum.programs && t->sum.addresses;
}

/* And so would one of tables that always fit. */
static bool is_tight(const struct trial *t)
{
	printf("%llu tables with doors shut, %llu with all the rules there may be\n", t->closed, t->crowded);
	return t->closed * 200 > t->updates && t->crowded * 200 > t->updates;
}

static int job(unsigned long seed, unsigned long steps)
{
	struct trial t = { .seed = seed };

	gen_secrets_make();
	for (unsigned long done = 0; done < steps && !t.failed; done += STEPS_A_CLUSTER, t.seed++) {
		begin(&t);
		for (t.step = 0; t.step < STEPS_A_CLUSTER && !t.failed; t.step++)
			step(&t);
		end(&t);
	}
	gen_secrets_free();
	return t.failed || !is_incremental(&t) || !is_tight(&t);
}

int main(void)
{
	unsigned long steps = env_number("STOCKADE_CHANGES_STEPS", STEPS);
	unsigned long seed = env_number("STOCKADE_CHANGES_SEED", 1);
	int status, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < JOBS; i++)
		if (!fork())
			exit(job(seed + i * 1000000, steps / JOBS));
	printf("1..%d\n", JOBS);
	for (int i = 1; wait(&status) > 0; i++) {
		bool good = WIFEXITED(status) && !WEXITSTATUS(status);

		printf("%sok %d - a share of %lu changes\n", good ? "" : "not ", i, steps);
		failed += !good;
	}
	return failed;
}
