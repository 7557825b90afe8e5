// SPDX-License-Identifier: GPL-2.0
/*
 * packets DIR STOCKADED [CASE...]: in the guest, with a real API server outside (its state in DIR): cases played through the API;
 * or, with none, a cluster whose packets flow while everything around them fails.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "force.h"
#include "model/decode.h"
#include "through_api.h"
#include "uplink.h"
#include "world.h"

#define KILLS 50
#define KILL_WITHIN_MS 1500	/* a controller's life: from its first instructions to long after its commit */
#define CROWD 250
#define BURST 5000
#define SENDERS 4

static const char *dir, *stockaded;
static struct bed *bed;
static struct world *world;

/* --- cases --- */

static void test_case(void **state)
{
	char *flags[] = { mem_printf("--kubeconfig=%s", bed->kubeconfig), mem_strdup("--tls-secrets") };
	struct stage_options o = { .stockaded = stockaded };
	struct text report = {};
	struct through_api source;
	size_t n_probes;
	bool good;

	through_api_init(&source, bed->admin, flags, 2);
	o.source = &source.source;
	good = stage_play(*state, &o, &report, &n_probes);
	if (!good)
		print_error("%s", report.s);
	assert_true(good);
	assert_true(n_probes > 0);
	text_free(&report);
	free(flags[0]);
	free(flags[1]);
}

/* Also what a case left that failed half way: the next one begins with nothing. */
static int clear(void **state)
{
	admin_clear(bed->admin);
	return 0;
}

/* --- faults --- */

static int begin_world(void **state)
{
	world = world_new(bed, stockaded);
	world_check(world, "the cluster");
	return 0;
}

static int end_world(void **state)
{
	world_free(world);
	admin_clear(bed->admin);
	return 0;
}

/* That changes still come through, both ways, and that nothing was judged wrongly meanwhile. */
static void swing(const char *what)
{
	static const char *const labels[] = { "friend", "foe" };

	for (int i = 0; i < 2; i++) {
		world_label(world, "a", "swing", labels[i]);
		world_settle(world);
		assert_int_equal(world_reaches(world, "a/swing", "a/server", !i), !i);
	}
	world_check(world, what);
}

/* So long nothing is done; controllers are listened to. */
static void idle(unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 100) {
		world_drain(world);
		usleep(100000);
	}
}

static void test_api_server_killed(void **state)
{
	admin_server(bed->admin, "stop-api");
	idle(3000);
	admin_server(bed->admin, "start-api");
	swing("API server killed and restarted");
}

static void cut(bool on)
{
	struct err err;

	if (uplink_cut(world->topo, on, &err))
		fail_msg("%s", err.msg);
}

static void test_versions_gone(void **state)
{
	cut(true);
	world_pod(world, "n1", "a", "new", "10.244.1.9", "friend");
	world_label(world, "a", "swing", "friend");
	world_delete(world, KIND_POD, "a", "new");
	admin_server(bed->admin, "compact");
	admin_server(bed->admin, "stop-api");
	admin_server(bed->admin, "start-api");
	cut(false);
	world_settle(world);
	swing("API server restarted, what was watched from compacted");
}

static uint64_t generation(unsigned i)
{
	size_t n;
	struct topo_node **v = topo_nodes(world->topo, &n);
	uint64_t g;
	struct err err;

	if (force_of(v[i], &g, NULL, &err))
		fail_msg("%s", err.msg);
	return g;
}

static void test_network_cut(void **state)
{
	uint64_t before = generation(0);

	cut(true);
	world_label(world, "a", "swing", "friend");
	idle(5000);
	assert_int_equal(generation(0), before);
	assert_false(world_reaches(world, "a/swing", "a/server", false));
	cut(false);
	world_settle(world);
	assert_true(world_reaches(world, "a/swing", "a/server", true));
	swing("network to the API server cut");
}

static void test_controllers_killed(void **state)
{
	uint64_t random = 20260101;

	for (int i = 0; i < KILLS; i++) {
		random = random * 6364136223846793005ull + 1442695040888963407ull;
		usleep((random >> 33) % KILL_WITHIN_MS * 1000);
		world_kill(world, i % WORLD_NODES);
		assert_true(generation(i % WORLD_NODES) > 0);
		world_label(world, "a", "swing", i % 4 < 2 ? "friend" : "foe");
		world_start(world, i % WORLD_NODES);
	}
	swing("controllers killed 50 times");
}

static void test_token_rotated(void **state)
{
	/* A new account of the same name: the old token is no longer one of its, and the server forgets what it let. */
	assert_int_equal(admin_call(bed->admin, "DELETE", "/api/v1/namespaces/stockade/serviceaccounts/stockade", NULL, NULL, NULL), 200);
	assert_int_equal(admin_call(bed->admin, "POST", "/api/v1/namespaces/stockade/serviceaccounts", NULL,
				    "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"stockade\"}}", NULL), 201);
	admin_server(bed->admin, "stop-api");
	admin_server(bed->admin, "start-api");
	idle(1000);
	bed_renew_token(bed);
	swing("token revoked and renewed");
}

/* One more of many requests that are made outside, where they take no time; a file's on one connection, in order. */
static void add_request(FILE *f, const char *method, const char *path, const char *type, const char *json)
{
	fprintf(f, "%surl = \"https://127.0.0.1:%s\"\nrequest = %s\nheader = \"Content-Type: application/%s\"\n",
		ftell(f) ? "next\n" : "", path, method, type);
	fprintf(f, "cacert = %s/ca.crt\ncert = %s/admin.crt\nkey = %s/admin.key\nfail\noutput = /dev/null\ndata = \"",
		dir, dir, dir);
	for (; *json; json++)
		fprintf(f, *json == '"' ? "\\%c" : "%c", *json);
	fputs("\"\n", f);
}

static void add_pod(FILE *f, const char *at, int i)
{
	char *status = mem_printf("%s/p%d/status", at, i), ip[32];
	char *name = mem_printf("p%d", i), *json;

	snprintf(ip, sizeof(ip), "10.244.%d.%d", 1 + i % 2, 10 + i / 2);
	json = world_pod_json(world, i % 2 ? "n2" : "n1", "crowd", name, ip, "foe");
	add_request(f, "POST", at, "json", json);
	add_request(f, "PUT", status, "json", json);
	free(json);
	free(name);
	free(status);
}

static void add_label(FILE *f, const char *at, int i, const char *app)
{
	char *path = mem_printf("%s/p%d", at, i), *name = mem_printf("p%d", i);
	char *patch = mem_printf("{\"metadata\":{\"labels\":{\"app\":\"%s\"}}}", app);

	add_request(f, "PATCH", path, "merge-patch+json", patch);
	world_relabel(world, "crowd", name, app);
	free(patch);
	free(name);
	free(path);
}

/* All about one pod in one file. */
static void write_burst(FILE *const *f)
{
	char *at = mem_printf("%s/api/v1/namespaces/crowd/pods", strrchr(admin_url(bed->admin), ':') + 1);

	for (int i = 0; i < CROWD; i++)
		add_pod(f[i % SENDERS], at, i);
	for (int i = 2 * CROWD; i < BURST; i++)
		add_label(f[i % CROWD % SENDERS], at, i % CROWD, i / CROWD % 2 ? "friend" : "foe");
	free(at);
}

static void test_burst(void **state)
{
	FILE *f[SENDERS];

	world_apply(world, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"crowd\",\"labels\":{\"team\":\"b\"}}}");
	for (int i = 0; i < SENDERS; i++) {
		char *path = mem_printf("%s/requests.%d", dir, i);

		f[i] = fopen(path, "we");
		assert_non_null(f[i]);
		free(path);
	}
	write_burst(f);
	for (int i = 0; i < SENDERS; i++)
		fclose(f[i]);
	admin_server(bed->admin, "send");
	swing("5,000 changes");
}

static void test_namespace_deleted(void **state)
{
	world_label(world, "crowd", "p0", "friend");
	world_wire(world);
	world_settle(world);
	assert_true(world_reaches(world, "crowd/p0", "a/server", true));
	world_delete(world, KIND_NAMESPACE, "", "crowd");
	world_settle(world);
	/* Its packets still come, as those of pods that have not gone yet do. */
	assert_false(world_reaches(world, "ip/10.244.1.10", "a/server", false));
	world_wire(world);
	swing("namespace deleted with its pods");
}

static void test_address_reused(void **state)
{
	world_pod(world, "n2", "b", "old", "10.244.2.50", "friend");
	world_settle(world);
	world_wire(world);
	assert_true(world_reaches(world, "b/old", "a/server", true));
	world_delete(world, KIND_POD, "b", "old");
	world_pod(world, "n2", "b", "heir", "10.244.2.50", "foe");
	world_settle(world);
	world_wire(world);
	assert_false(world_reaches(world, "b/heir", "a/server", false));
	world_label(world, "b", "heir", "friend");
	world_settle(world);
	assert_true(world_reaches(world, "b/heir", "a/server", true));
	world_delete(world, KIND_POD, "b", "heir");
	swing("a pod's address reused by another");
}

static const char garbage_spec[] = "\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}";

/* What the server takes is in the model as the decoder of API objects reads it; what it refuses is nowhere. */
static unsigned offer_pod(const char *name, const char *annotation, const char *status)
{
	char *json = mem_printf("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"b\",\"name\":\"%s\","
				"\"annotations\":{\"huge\":\"%s\"}},%s,\"status\":%s}", name, annotation, garbage_spec, status);
	char *path = mem_printf("/api/v1/namespaces/b/pods/%s/status", name), *answer;
	struct diags diags = {};
	const char *why;
	struct meta *obj;
	struct doc *d;
	unsigned taken = 0;

	if (admin_call(bed->admin, "POST", "/api/v1/namespaces/b/pods", NULL, json, NULL) == 201) {
		taken = admin_call(bed->admin, "PUT", path, NULL, json, NULL) == 200;
		path[strlen(path) - strlen("/status")] = 0;
		assert_int_equal(admin_call(bed->admin, "GET", path, NULL, NULL, &answer), 200);
		d = doc_parse_json(answer, strlen(answer), &why);
		obj = model_decode_api(world->model, KIND_POD, d, &diags);
		if (obj)
			model_put(world->model, obj);
		diags_free(&diags);
		doc_free(d);
		free(answer);
	}
	free(path);
	free(json);
	return taken;
}

static void test_garbage(void **state)
{
	char *huge = mem_array(250001, 1), *huger = mem_array(300001, 1);
	unsigned taken = 0;

	memset(huge, 'x', 250000);
	memset(huger, 'x', 300000);
	taken += offer_pod("empty", "", "{}");
	taken += offer_pod("melting", "", "{\"phase\":\"Melting\",\"podIP\":\"10.244.1.200\",\"podIPs\":[{\"ip\":\"10.244.1.200\"}]}");
	taken += offer_pod("twice", "", "{\"phase\":\"Running\",\"podIP\":\"10.244.1.201\",\"podIPs\":[{\"ip\":\"10.244.1.201\"},{\"ip\":\"10.244.1.201\"}]}");
	taken += offer_pod("mapped", "", "{\"phase\":\"Running\",\"podIP\":\"::ffff:10.244.1.202\",\"podIPs\":[{\"ip\":\"::ffff:10.244.1.202\"}]}");
	taken += offer_pod("huge", huge, "{\"phase\":\"Running\",\"podIP\":\"10.244.1.203\",\"podIPs\":[{\"ip\":\"10.244.1.203\"}]}");
	taken += offer_pod("huger", huger, "{}");
	/* An address that is the server's: nobody may become it, nor be let as one who has it. */
	taken += offer_pod("thief", "", "{\"phase\":\"Running\",\"podIP\":\"10.244.2.3\",\"podIPs\":[{\"ip\":\"10.244.2.3\"}]}");
	printf("# %u of 7 strange pods were taken by the API server\n", taken);
	assert_true(taken >= 3);
	free(huge);
	free(huger);
	swing("objects that nobody expects");
}

static int join(void)
{
	bed = bed_join(dir, "guest.kubeconfig");
	if (!bed->admin)
		return -1;
	bed_apply_deploy(bed, "tls-secrets/rbac.yaml", false);
	return 0;
}

static int play_cases(char **cases, int n)
{
	struct CMUnitTest *tests = mem_array(n, sizeof(*tests));
	int failed;

	for (int i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){
			.name = cases[i], .test_func = test_case, .teardown_func = clear, .initial_state = cases[i],
		};
	failed = _cmocka_run_group_tests("cases", tests, n, NULL, NULL);
	free(tests);
	return failed;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest faults[] = {
		cmocka_unit_test(test_api_server_killed),
		cmocka_unit_test(test_versions_gone),
		cmocka_unit_test(test_network_cut),
		cmocka_unit_test(test_controllers_killed),
		cmocka_unit_test(test_token_rotated),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_namespace_deleted),
		cmocka_unit_test(test_address_reused),
		cmocka_unit_test(test_garbage),
	};
	struct rlimit files = { 65536, 65536 };
	int failed;

	if (argc < 3)
		return 2;
	dir = argv[1];
	stockaded = argv[2];
	log_init(LOG_LEVEL_ERROR, LOG_FORMAT_KV);
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (join())
		return 1;
	failed = argc > 3 ? play_cases(argv + 3, argc - 3) : cmocka_run_group_tests(faults, begin_world, end_world);
	bed_leave(bed);
	return failed ? 1 : 0;
}
