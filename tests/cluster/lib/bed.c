// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/mem.h"
#include "bed.h"
#include "kube/config.h"
#include "kube/http.h"

long bed_ask(struct bed *b, const char *path)
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

static void write_kubeconfig(struct bed *b)
{
	FILE *f = fopen(b->kubeconfig, "we");

	if (!f)
		abort();
	fprintf(f, "current-context: x\n"
		"clusters: [{name: c, cluster: {server: \"%s\", certificate-authority: ca.crt}}]\n"
		"users: [{name: u, user: {tokenFile: token}}]\n"
		"contexts: [{name: x, context: {cluster: c, user: u}}]\n", admin_url(b->admin));
	fclose(f);
}

/*
 * A server that is ready still loads what it lists from, and the rights given last: it says 429 and 403
 * until then, on a busy machine for a while.
 */
static void wait_until_served(struct bed *b)
{
	uint64_t end = kube_now_ms() + CONVERGE_MS;

	for (int k = 0; k < KINDS; k++) {
		char *path = admin_collection(k, "");

		while (k != KIND_SECRET && bed_ask(b, path) != 200) {
			if (kube_now_ms() > end)
				fail_msg("the service account is not let at %s", path);
			usleep(100000);
		}
		free(path);
	}
}

/* The controller's account, its rights and a kubeconfig that uses it. */
static void make_ready(struct bed *b)
{
	b->token_file = mem_printf("%s/token", b->dir);
	b->kubeconfig = mem_printf("%s/controller.kubeconfig", b->dir);
	b->options = (struct kube_options){ .kubeconfig = b->kubeconfig, .backoff_ms = 50 };
	write_kubeconfig(b);
	bed_apply_deploy(b, "namespace.yaml", false);
	bed_apply_deploy(b, "rbac.yaml", false);
	bed_renew_token(b);
	wait_until_served(b);
}

struct bed *bed_start(const char *etcd)
{
	struct bed *b = mem_new(struct bed);
	char dir[] = "/tmp/stockade-cluster-XXXXXX";

	if (!getenv("KUBE_ASSETS") || !mkdtemp(dir))
		return b;
	b->dir = mem_strdup(dir);
	b->admin = admin_start(dir, etcd);
	if (b->admin)
		make_ready(b);
	return b;
}

struct bed *bed_join(const char *dir, const char *kubeconfig)
{
	struct bed *b = mem_new(struct bed);

	b->dir = mem_strdup(dir);
	b->admin = admin_join(dir, kubeconfig);
	if (b->admin)
		make_ready(b);
	return b;
}

static void bed_free(struct bed *b)
{
	free(b->dir);
	free(b->token_file);
	free(b->kubeconfig);
	free(b);
}

void bed_leave(struct bed *b)
{
	admin_leave(b->admin);
	bed_free(b);
}

void bed_stop(struct bed *b)
{
	char *cmd;

	bed_close(b);
	admin_stop(b->admin);
	if (b->dir) {
		cmd = mem_printf("rm -rf %s", b->dir);
		if (system(cmd))
			perror(cmd);
		free(cmd);
	}
	bed_free(b);
}

struct deploy {
	struct bed *bed;
	bool dry_run;
};

static const char *path_of(const char *kind)
{
	static const char *const paths[][2] = {
		{ "Namespace", "/api/v1/namespaces" },
		{ "ServiceAccount", "/api/v1/namespaces/stockade/serviceaccounts" },
		{ "ClusterRole", "/apis/rbac.authorization.k8s.io/v1/clusterroles" },
		{ "ClusterRoleBinding", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings" },
		{ "DaemonSet", "/apis/apps/v1/namespaces/stockade/daemonsets" },
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (!strcmp(paths[i][0], kind))
			return paths[i][1];
	fail_msg("ctl/deploy has a %s", kind);
	return NULL;
}

static void deploy_object(void *ctx, struct doc *d)
{
	const struct deploy *p = ctx;
	char *path = mem_printf("%s?fieldManager=test&fieldValidation=Strict%s", path_of(doc_get(d, "kind")->string.s),
				p->dry_run ? "&dryRun=All" : "");
	char *json = admin_json(d), *answer;
	long code = admin_call(p->bed->admin, "POST", path, NULL, json, &answer);

	if (code != 201)
		fail_msg("POST %s: HTTP %ld %s", path, code, answer);
	free(answer);
	free(json);
	free(path);
	doc_free(d);
}

void bed_apply_deploy(struct bed *b, const char *file, bool dry_run)
{
	char *path = mem_printf("ctl/deploy/%s", file), *text;
	struct diags diags = { 0 };
	struct err err;
	size_t len;

	text = kube_read_file(path, &len, &err);
	if (!text)
		fail_msg("%s", err.msg);
	if (doc_parse_yaml(text, len, path, &diags, deploy_object, &(struct deploy){ b, dry_run }))
		fail_msg("%s: no YAML", path);
	diags_free(&diags);
	free(text);
	free(path);
}

void bed_renew_token(struct bed *b)
{
	char *token = admin_token(b->admin, "stockade", "stockade", 86400), *tmp = mem_printf("%s.new", b->token_file);
	FILE *f = fopen(tmp, "we");

	if (!f)
		abort();
	fprintf(f, "%s", token);
	fclose(f);
	if (rename(tmp, b->token_file))
		abort();
	free(token);
	free(tmp);
}

void bed_sync(struct bed *b)
{
	struct err err;

	if (!drive_open(&b->drive, &b->options, &err))
		fail_msg("%s", err.msg);
	if (!drive_run(&b->drive, drive_synced, NULL, CONVERGE_MS))
		fail_msg("the source never got everything");
}

void bed_close(struct bed *b)
{
	if (b->drive.source)
		drive_close(&b->drive);
}

struct expectation {
	const struct model *model;
	const struct compile_options *options;
	const char *differs;
	unsigned at_change;	/* when it was last looked at */
};

static bool is_as_expected(struct drive *d, const void *arg)
{
	struct expectation *e = (struct expectation *)(uintptr_t)arg;

	if (e->at_change == d->changes + 1)
		return !e->differs;
	e->at_change = d->changes + 1;
	e->differs = judge_differs(d->model, e->model, e->options);
	return !e->differs;
}

void bed_expect(struct bed *b, const struct model *expected, const struct compile_options *o, const char *what)
{
	struct expectation e = { .model = expected, .options = o };

	if (!drive_run(&b->drive, is_as_expected, &e, CONVERGE_MS)) {
		for (int k = 0; k < KINDS; k++)
			print_error("%s: %zu, expected %zu\n", kind_name(k), model_count(b->drive.model, k), model_count(expected, k));
		fail_msg("%s: the table of node %s never became what it must be", what, e.differs);
	}
}

void bed_expect_fresh(struct bed *b, const char *what)
{
	struct drive kept = b->drive, fresh;
	struct compile_options o;

	compile_options_init(&o);
	b->drive = (struct drive){ 0 };
	bed_sync(b);
	fresh = b->drive;
	b->drive = kept;
	bed_expect(b, fresh.model, &o, what);
	for (int k = 0; k < KINDS; k++)
		assert_int_equal(model_count(fresh.model, k), model_count(b->drive.model, k));
	drive_close(&fresh);
}
