// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "base/mem.h"
#include "cast.h"
#include "force.h"
#include "model/decode.h"
#include "probe.h"
#include "uplink.h"
#include "world.h"

#define PROBE_PORT 5001

static const char *const nodes[WORLD_NODES] = { "n1", "n2" };

/* Neighbours and pods of two nodes, let and stopped at either door. */
static const struct traffic_pair pairs[] = {
	{ "a/friend", "a/server", true },
	{ "a/foe", "a/server", false },
	{ "b/friend", "a/server", true },
	{ "b/foe", "a/server", false },
	{ "b/caged", "a/friend", false },
	{ "a/friend", "b/friend", true },
};
#define N_PAIRS (sizeof(pairs) / sizeof(*pairs))

static void must(int rc, const struct err *err)
{
	if (rc)
		fail_msg("%s", err->msg);
}

static void put(void *ctx, struct meta *obj)
{
	model_put(ctx, obj);
}

static void keep(struct world *w, const char *json, size_t len)
{
	struct diags diags = {};
	const char *why;
	struct doc *d = doc_parse_json(json, len, &why);

	if (!d)
		fail_msg("%s: %s", why, json);
	model_decode(w->model, d, NULL, &diags, put, w->model);
	diags_free(&diags);
	doc_free(d);
}

void world_apply(struct world *w, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	admin_apply_text(w->bed->admin, text, strlen(text));
	keep(w, text, strlen(text));
	free(text);
}

#define POD "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\",\"labels\":{\"app\":\"%s\"}}," \
	    "\"spec\":{\"nodeName\":\"%s\",\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}," \
	    "\"status\":{\"phase\":\"Running\",\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%s\"}]}}"

void world_pod(struct world *w, const char *node, const char *ns, const char *name, const char *ip, const char *app)
{
	world_apply(w, POD, ns, name, app, node, ip, ip);
}

void world_delete(struct world *w, enum kind kind, const char *ns, const char *name)
{
	admin_delete(w->bed->admin, kind, ns, name);
	model_delete(w->model, kind, ns, name);
	if (kind != KIND_NAMESPACE)
		return;
	for (int k = 0; k < KINDS; k++) {
		size_t n;
		const struct meta *const *v;

		while (kind_namespaced(k) && (v = model_list_ns(w->model, k, name, &n)) && n)
			model_delete(w->model, k, name, v[0]->name);
	}
}

char *world_pod_json(struct world *w, const char *node, const char *ns, const char *name, const char *ip, const char *app)
{
	char *json = mem_printf(POD, ns, name, app, node, ip, ip);

	keep(w, json, strlen(json));
	return json;
}

void world_relabel(struct world *w, const char *ns, const char *name, const char *app)
{
	const struct pod *p = (const struct pod *)model_get(w->model, KIND_POD, ns, name);
	char ip[IP_STRLEN];

	ip_format(&p->ips[0], ip);
	free(world_pod_json(w, p->node, ns, name, ip, app));
}

void world_label(struct world *w, const char *ns, const char *name, const char *app)
{
	char *path = mem_printf("/api/v1/namespaces/%s/pods/%s", ns, name);
	char *patch = mem_printf("{\"metadata\":{\"labels\":{\"app\":\"%s\"}}}", app);

	assert_int_equal(admin_call(w->bed->admin, "PATCH", path, "application/merge-patch+json", patch, NULL), 200);
	world_relabel(w, ns, name, app);
	free(patch);
	free(path);
}

/* --- controllers --- */

static struct topo_node *node_of(struct world *w, unsigned i)
{
	size_t n;
	struct topo_node **v = topo_nodes(w->topo, &n);

	assert_int_equal(n, WORLD_NODES);
	return v[i];
}

void world_start(struct world *w, unsigned i)
{
	struct err err;

	must(agent_start(&w->agents[i], node_of(w, i), w->stockaded, NULL, w->flags, 2, &err), &err);
}

void world_kill(struct world *w, unsigned i)
{
	int status;

	kill(w->agents[i].pid, SIGKILL);
	waitpid(w->agents[i].pid, &status, 0);
	/* It was there to be killed. */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	w->agents[i].pid = 0;
	agent_free(&w->agents[i]);
}

void world_drain(void *world)
{
	struct world *w = world;

	for (unsigned i = 0; i < WORLD_NODES; i++)
		if (w->agents[i].pid > 0)
			agent_said(&w->agents[i]);
}

void world_settle(struct world *w)
{
	struct err err;

	if (!force_wait(w->topo, w->model, &w->options, world_drain, w, &err))
		return;
	for (unsigned i = 0; i < WORLD_NODES; i++)
		print_error("node %s's controller said at last:\n%s\n", nodes[i], agent_said(&w->agents[i]));
	fail_msg("%s", err.msg);
}

/* --- packets --- */

void world_wire(struct world *w)
{
	struct err err;

	must(topo_apply(w->topo, w->model, NULL, 0, &err), &err);
}

bool world_reaches(struct world *w, const char *from, const char *to, bool expected)
{
	struct line line = { .file = "", .from = (char *)from, .to = (char *)to, .proto_word = "udp", .proto = PROTO_UDP,
			     .port = PROBE_PORT, .expect = expected ? SEEN_ALLOW : SEEN_DENY };
	struct lines lines = { .v = &line, .n = 1 };
	struct cast cast = {};
	struct err err;
	bool seen;

	server_deafen(w->server);
	must(cast_lines(&cast, w->topo, &lines, &err), &err);
	must(cast_listen(&cast, w->topo, w->model, w->server, &err), &err);
	probe_run(&w->loop, cast.v, cast.n);
	seen = cast.v[0].seen == SEEN_ALLOW;
	cast_free(&cast);
	return seen;
}

static void control(struct world *w)
{
	struct traffic_pair all[N_PAIRS];
	struct traffic_seen seen;
	struct traffic *t;
	struct err err;

	/* Without a table everything is let: what is silent later is so by a verdict. */
	memcpy(all, pairs, sizeof(all));
	for (size_t i = 0; i < N_PAIRS; i++)
		all[i].may = true;
	t = traffic_start(w->topo, all, N_PAIRS, &err);
	must(!t, &err);
	must(traffic_wait(t, 2, &err), &err);
	seen = traffic_look(t);
	traffic_stop(t);
	if (seen.unanswered)
		fail_msg("before any table: %s", seen.first);
}

void world_check(struct world *w, const char *what)
{
	struct traffic_seen now;
	struct err err;

	must(traffic_wait(w->traffic, 2, &err), &err);
	now = traffic_look(w->traffic);
	printf("# %s: %" PRIu64 " rounds, %" PRIu64 " answers, %" PRIu64 " wrong\n", what, now.rounds - w->before.rounds,
	       now.answered - w->before.answered, now.unanswered + now.leaked);
	if (now.unanswered || now.leaked)
		fail_msg("%" PRIu64 " unanswered, %" PRIu64 " leaked; first: %s", now.unanswered, now.leaked, now.first);
	w->before = now;
}

/* --- the cluster --- */

#define NETWORKING "\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\""
#define PORTS "\"ports\":[{\"protocol\":\"UDP\",\"port\":5000,\"endPort\":5001},{\"protocol\":\"TCP\",\"port\":5000}]"

static void make_objects(struct world *w)
{
	for (int i = 0; i < WORLD_NODES; i++)
		world_apply(w, "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"%s\"},\"spec\":{\"podCIDR\":\"10.244.%d.0/24\","
			    "\"podCIDRs\":[\"10.244.%d.0/24\"]},\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"172.30.0.%d\"}]}}",
			    nodes[i], i + 1, i + 1, i + 1);
	world_apply(w, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}");
	world_apply(w, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"b\",\"labels\":{\"team\":\"b\"}}}");
	world_apply(w, "{" NETWORKING ",\"metadata\":{\"namespace\":\"a\",\"name\":\"guard\"},\"spec\":{\"podSelector\":{\"matchLabels\":"
		    "{\"app\":\"server\"}},\"ingress\":[{" PORTS ",\"from\":[{\"podSelector\":{\"matchLabels\":{\"app\":\"friend\"}}},"
		    "{\"namespaceSelector\":{\"matchLabels\":{\"team\":\"b\"}},\"podSelector\":{\"matchLabels\":{\"app\":\"friend\"}}}]}]}}");
	world_apply(w, "{" NETWORKING ",\"metadata\":{\"namespace\":\"b\",\"name\":\"cage\"},\"spec\":{\"podSelector\":{\"matchLabels\":"
		    "{\"app\":\"caged\"}},\"policyTypes\":[\"Egress\"],\"egress\":[{\"to\":[{\"ipBlock\":{\"cidr\":\"203.0.113.0/24\"}}]}]}}");
	world_pod(w, "n1", "a", "server", "10.244.1.2", "server");
	world_pod(w, "n1", "a", "friend", "10.244.1.3", "friend");
	world_pod(w, "n1", "a", "foe", "10.244.1.4", "foe");
	world_pod(w, "n2", "b", "friend", "10.244.2.2", "friend");
	world_pod(w, "n2", "b", "foe", "10.244.2.3", "foe");
	world_pod(w, "n2", "b", "caged", "10.244.2.4", "caged");
	/* Whose label the tests change, to see that a change still comes through. */
	world_pod(w, "n2", "a", "swing", "10.244.2.5", "foe");
}

struct world *world_new(struct bed *bed, const char *stockaded)
{
	struct world *w = mem_new(struct world);
	struct err err;

	*w = (struct world){ .bed = bed, .stockaded = stockaded, .model = model_new(), .loop = { -1 } };
	compile_options_init(&w->options);
	w->flags[0] = mem_printf("--kubeconfig=%s", bed->kubeconfig);
	w->flags[1] = mem_strdup("--log-level=warn");
	for (unsigned i = 0; i < WORLD_NODES; i++)
		w->agents[i].out = -1;
	make_objects(w);
	must(wire_loop_init(&w->loop, &err), &err);
	w->server = server_new(&w->loop);
	w->topo = topo_new(&err);
	must(!w->topo, &err);
	world_wire(w);
	must(uplink_open(w->topo, &err), &err);
	control(w);
	for (unsigned i = 0; i < WORLD_NODES; i++)
		world_start(w, i);
	world_settle(w);
	w->traffic = traffic_start(w->topo, pairs, N_PAIRS, &err);
	must(!w->traffic, &err);
	return w;
}

void world_free(struct world *w)
{
	if (w->traffic)
		traffic_stop(w->traffic);
	for (unsigned i = 0; i < WORLD_NODES; i++)
		agent_free(&w->agents[i]);
	server_free(w->server);
	wire_loop_exit(&w->loop);
	topo_free(w->topo);
	model_free(w->model);
	free(w->flags[0]);
	free(w->flags[1]);
	free(w);
}
