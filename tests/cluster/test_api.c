// SPDX-License-Identifier: GPL-2.0
/*
 * A real kube-apiserver: the controller's own manifests, its rights and no more, and every case's objects,
 * which must come to the same tables as from manifests.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "lib/bed.h"

/* Skips the test where there is no API server; else returns the bed. */
static struct bed *bed_of(void **state)
{
	struct bed *b = *state;

	if (!b->admin) {
		assert_null(getenv("KUBE_ASSETS"));	/* there is one and it did not start: a failure */
		skip();
	}
	return b;
}

static void test_deploys(void **state)
{
	struct bed *b = bed_of(state);

	/* The namespace and the rights were really made, by the bed. */
	bed_apply_deploy(b, "daemonset.yaml", true);
	bed_apply_deploy(b, "tls-secrets/rbac.yaml", true);
	bed_apply_deploy(b, "untaint/rbac.yaml", true);
}

static void test_image_has_its_libraries(void **state)
{
	assert_int_equal(system("tests/cluster/image build/stockaded build/stockadectl"), 0);
}

static void test_rights_and_no_more(void **state)
{
	struct bed *b = bed_of(state);
	static const char *const may[] = {
		"/api/v1/namespaces", "/api/v1/nodes", "/api/v1/pods", "/api/v1/services",
		"/apis/discovery.k8s.io/v1/endpointslices", "/apis/networking.k8s.io/v1/networkpolicies",
		"/apis/networking.k8s.io/v1/ingresses", "/apis/networking.k8s.io/v1/ingressclasses",
	};
	static const char *const may_not[] = {
		"/api/v1/secrets", "/api/v1/configmaps", "/api/v1/nodes/n1", "/api/v1/serviceaccounts",
		"/apis/apps/v1/daemonsets", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
	};

	for (size_t i = 0; i < sizeof(may) / sizeof(*may); i++)
		assert_int_equal(bed_ask(b, may[i]), 200);
	for (size_t i = 0; i < sizeof(may_not) / sizeof(*may_not); i++)
		assert_int_equal(bed_ask(b, may_not[i]), 403);
}

static bool was_refused(struct drive *d, const void *unused)
{
	return kube_source_stats(d->source)->kind[KIND_SECRET].errors > 0;
}

static void test_secrets_need_their_right(void **state)
{
	struct bed *b = bed_of(state);
	struct err err;

	b->options.tls_secrets = true;
	assert_true(drive_open(&b->drive, &b->options, &err));
	assert_true(drive_run(&b->drive, was_refused, NULL, CONVERGE_MS));
	assert_false(b->drive.source->synced(b->drive.source));
	bed_apply_deploy(b, "tls-secrets/rbac.yaml", false);
	assert_true(drive_run(&b->drive, drive_synced, NULL, CONVERGE_MS));
	b->options.tls_secrets = false;
	bed_close(b);
}

/* The server makes them after it said that it is ready. */
static bool has_own_namespaces(struct drive *d, const void *unused)
{
	return model_count(d->model, KIND_NAMESPACE) >= 4;
}

/* Has all come by streams, none by pages? */
static bool all_streamed(struct bed *b)
{
	bool all = true;

	for (int k = 0; k < KINDS; k++) {
		const struct kube_kind_stats *s = &kube_source_stats(b->drive.source)->kind[k];

		assert_int_equal(s->synced, k != KIND_SECRET);
		all &= s->streamed == s->relists;
	}
	return all;
}

/* A server that is slow to fill its cache asks to be listed instead. */
static void test_streams_where_it_can(void **state)
{
	struct bed *b = bed_of(state);
	unsigned tries = 0;

	bed_sync(b);
	while (!all_streamed(b)) {
		assert_true(++tries < 3);
		bed_close(b);
		bed_sync(b);
	}
	assert_true(drive_run(&b->drive, has_own_namespaces, NULL, CONVERGE_MS));
	bed_close(b);
}

/* What the administrator reads at @path; malloc'ed. */
static char *read_path(struct bed *b, const char *path)
{
	char *out;

	assert_int_equal(admin_call(b->admin, "GET", path, NULL, NULL, &out), 200);
	return out;
}

struct awaited {
	struct bed *bed;
	const char *path, *text;
	bool there;
};

static bool reads(struct drive *d, const void *arg)
{
	const struct awaited *a = arg;
	char *out = read_path(a->bed, a->path);
	bool there = strstr(out, a->text);

	free(out);
	return there == a->there;
}

/* The server takes a class whose annotation we can't read. */
static void test_tells_by_event(void **state)
{
	static const char class[] = "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"IngressClass\",\"metadata\":{\"name\":\"odd\","
				    "\"annotations\":{\"stockade.io/gateway\":\"ingress/app in (\"}},\"spec\":{\"controller\":\"c.io/c\"}}";
	struct bed *b = bed_of(state);
	char *events;

	b->options.node = "n1";
	b->options.events = true;
	bed_sync(b);
	admin_apply_text(b->admin, class, strlen(class));
	assert_true(drive_run(&b->drive, reads, &(struct awaited){ b, "/api/v1/namespaces/default/events", "\"odd\"", true },
			      CONVERGE_MS));
	events = read_path(b, "/api/v1/namespaces/default/events?fieldSelector=involvedObject.kind%3DIngressClass,type%3DWarning");
	assert_non_null(strstr(events, "metadata.annotations.stockade.io/gateway"));
	free(events);
	b->options.events = false;
	bed_close(b);
	admin_clear(b->admin);
}

static bool write_was_refused(struct drive *d, const void *unused)
{
	return kube_source_stats(d->source)->refused > 0;
}

static void test_untaints(void **state)
{
	static const char node[] = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\"},\"spec\":{\"taints\":["
				   "{\"key\":\"other\",\"effect\":\"NoSchedule\"},{\"key\":\"stockade.io/not-ready\",\"effect\":\"NoSchedule\"},"
				   "{\"key\":\"stockade.io/not-ready\",\"effect\":\"NoExecute\"}]}}";
	struct bed *b = bed_of(state);
	char *now;

	b->options.node = "n1";
	b->options.untaint = "stockade.io/not-ready";
	admin_apply_text(b->admin, node, strlen(node));
	bed_sync(b);
	kube_source_untaint(b->drive.source);
	/* Without the right it is asked for again and again. */
	assert_true(drive_run(&b->drive, write_was_refused, NULL, CONVERGE_MS));
	bed_apply_deploy(b, "untaint/rbac.yaml", false);
	assert_true(drive_run(&b->drive, reads, &(struct awaited){ b, "/api/v1/nodes/n1", "stockade.io/not-ready\",", false },
			      CONVERGE_MS));
	now = read_path(b, "/api/v1/nodes/n1");
	assert_non_null(strstr(now, "\"other\""));
	free(now);
	b->options.untaint = NULL;
	bed_close(b);
	admin_clear(b->admin);
}

/* Cases. */

/* Where a namespace without an object can't be: no API server takes what is in one. */
#define MANIFESTS_ONLY "tests/cases/namespace-without-object"

static void load(struct model *m, const char *dir, const char *file)
{
	char *path = mem_printf("%s/%s", dir, file);

	if (!access(path, R_OK))
		judge_load(m, path);
	free(path);
}

static void apply(struct bed *b, const char *dir, const char *file)
{
	char *path = mem_printf("%s/%s", dir, file);

	if (!access(path, R_OK))
		admin_apply_file(b->admin, path);
	free(path);
}

/* Lines of Kind, tab, namespace/name or name. */
static void delete_listed(struct bed *b, struct model *m, const char *dir)
{
	char *path = mem_printf("%s/delete.txt", dir), line[512];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		char *save, *kind_text = strtok_r(line, "\t\n", &save), *what = strtok_r(NULL, "\t\n", &save), *slash;
		enum kind kind;

		if (!kind_text || *kind_text == '#')
			continue;
		if (!what || !kind_parse(kind_text, &kind))
			fail_msg("%s: %s", path, kind_text);
		slash = strchr(what, '/');
		if (slash)
			*slash = 0;
		admin_delete(b->admin, kind, slash ? what : "", slash ? slash + 1 : what);
		model_delete(m, kind, slash ? what : "", slash ? slash + 1 : what);
	}
	if (f)
		fclose(f);
	free(path);
}

static void play_steps(struct bed *b, struct model *expected, const struct compile_options *o, const char *dir)
{
	char *pattern = mem_printf("%s/steps/*", dir);
	glob_t g;

	if (!glob(pattern, 0, NULL, &g)) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			apply(b, g.gl_pathv[i], "apply.yaml");
			load(expected, g.gl_pathv[i], "apply.yaml");
			delete_listed(b, expected, g.gl_pathv[i]);
			bed_expect(b, expected, o, g.gl_pathv[i]);
		}
		globfree(&g);
	}
	free(pattern);
}

static bool has_no_nodes_nor_pods(struct drive *d, const void *unused)
{
	return !model_count(d->model, KIND_NODE) && !model_count(d->model, KIND_POD);
}

static void play_case(struct bed *b, const char *dir)
{
	struct model *expected = model_new();
	char *flags = mem_printf("%s/flags", dir);
	struct compile_options o;

	compile_options_init(&o);
	judge_read_flags(flags, &o);
	load(expected, dir, "cluster.yaml");
	load(expected, dir, "policies.yaml");
	assert_true(drive_run(&b->drive, has_no_nodes_nor_pods, NULL, CONVERGE_MS));
	assert_non_null(judge_differs(b->drive.model, expected, &o));
	apply(b, dir, "cluster.yaml");
	apply(b, dir, "policies.yaml");
	bed_expect(b, expected, &o, dir);
	play_steps(b, expected, &o, dir);
	admin_clear(b->admin);
	model_free(expected);
	free(flags);
	printf("# %s\n", dir);
}

static void test_cases(void **state)
{
	struct bed *b = bed_of(state);
	const char *more = getenv("CASES");
	glob_t g = { 0 };

	glob("tests/cases/*/cluster.yaml", 0, NULL, &g);
	glob("tests/cluster/cases/*/cluster.yaml", GLOB_APPEND, NULL, &g);
	if (more)
		glob(more, GLOB_APPEND, NULL, &g);
	assert_true(g.gl_pathc > 0);
	bed_sync(b);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		*strrchr(g.gl_pathv[i], '/') = 0;
		if (strcmp(g.gl_pathv[i], MANIFESTS_ONLY))
			play_case(b, g.gl_pathv[i]);
	}
	/* Through all of them by watching alone. */
	assert_int_equal(kube_source_stats(b->drive.source)->kind[KIND_POD].relists, 1);
	globfree(&g);
	bed_close(b);
}

static int start(void **state)
{
	*state = bed_start(NULL);
	return 0;
}

static int stop(void **state)
{
	bed_stop(*state);
	return 0;
}

static int reset(void **state)
{
	struct bed *b = *state;

	bed_close(b);
	if (b->admin)
		admin_clear(b->admin);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deploys),
		cmocka_unit_test(test_image_has_its_libraries),
		cmocka_unit_test(test_rights_and_no_more),
		cmocka_unit_test(test_secrets_need_their_right),
		cmocka_unit_test(test_streams_where_it_can),
		cmocka_unit_test_teardown(test_tells_by_event, reset),
		cmocka_unit_test_teardown(test_untaints, reset),
		cmocka_unit_test_teardown(test_cases, reset),
	};

	log_init(LOG_LEVEL_WARN, LOG_FORMAT_KV);
	return cmocka_run_group_tests(tests, start, stop);
}
