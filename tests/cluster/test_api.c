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
}

static void test_image_has_its_libraries(void **state)
{
	assert_int_equal(system("tests/cluster/image build/stockaded build/stockadectl"), 0);
}

/* What the service account is told of @path. */
static long as_controller(struct bed *b, const char *path)
{
	char *cmd = mem_printf("curl -s -o /dev/null -w '%%{http_code}' --cacert %s/ca.crt -H \"Authorization: Bearer $(cat %s)\" '%s%s'",
			       b->dir, b->token_file, admin_url(b->admin), path);
	FILE *f = popen(cmd, "r");
	long code = 0;

	if (!f || fscanf(f, "%ld", &code) != 1)
		code = 0;
	if (f)
		pclose(f);
	free(cmd);
	return code;
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
		assert_int_equal(as_controller(b, may[i]), 200);
	for (size_t i = 0; i < sizeof(may_not) / sizeof(*may_not); i++)
		assert_int_equal(as_controller(b, may_not[i]), 403);
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
	assert_true(drive_run(&b->drive, was_refused, NULL, 20000));
	assert_false(b->drive.source->synced(b->drive.source));
	bed_apply_deploy(b, "tls-secrets/rbac.yaml", false);
	assert_true(drive_run(&b->drive, drive_synced, NULL, 60000));
	b->options.tls_secrets = false;
	bed_close(b);
}

static void test_streams_where_it_can(void **state)
{
	struct bed *b = bed_of(state);
	struct diags diags = { 0 };

	bed_sync(b);
	for (int k = 0; k < KINDS; k++) {
		const struct kube_kind_stats *s = &kube_source_stats(b->drive.source)->kind[k];

		assert_int_equal(s->errors, 0);
		assert_int_equal(s->synced, k != KIND_SECRET);
	}
	assert_true(model_count(b->drive.model, KIND_NAMESPACE) >= 4);
	diags_free(&diags);
	bed_close(b);
}

/* Cases. */

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
	assert_true(drive_run(&b->drive, has_no_nodes_nor_pods, NULL, 20000));
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
		cmocka_unit_test_teardown(test_cases, reset),
	};

	log_init(LOG_LEVEL_WARN, LOG_FORMAT_KV);
	return cmocka_run_group_tests(tests, start, stop);
}
