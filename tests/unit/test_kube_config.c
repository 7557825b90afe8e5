// SPDX-License-Identifier: GPL-2.0
/* Kubeconfig files: what they may say, and in which words they are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "kube/config.h"
#include "kube/token.h"

static char dir[] = "/tmp/stockade-kubeconfig-XXXXXX";

static char *path_of(const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static void write_file(const char *name, const char *text)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(path);
}

#define CONTEXT "current-context: x\ncontexts:\n- {name: x, context: {cluster: c, user: u}}\n- {name: y, context: {cluster: d}}\n"
#define CLUSTER "clusters:\n- name: c\n  cluster: {server: \"https://api.example:6443/\"}\n- name: d\n  cluster: {server: \"https://d\"}\n"

static int load(struct kube_config *c, const char *context, struct err *err)
{
	char *path = path_of("config");
	struct kube_options o = { .kubeconfig = path, .context = context };
	int ret = kube_config_load(c, &o, err);

	free(path);
	return ret;
}

static void refused(const char *text, const char *why)
{
	struct kube_config c;
	struct err err = { "" };

	write_file("config", text);
	assert_int_equal(load(&c, NULL, &err), -1);
	if (!strstr(err.msg, why))
		fail_msg("\"%s\" instead of \"%s\"", err.msg, why);
}

static void test_token(void **state)
{
	struct kube_config c;
	struct err err;

	write_file("config", CONTEXT CLUSTER "users:\n- name: u\n  user: {token: abc.def}\n");
	assert_int_equal(load(&c, NULL, &err), 0);
	assert_string_equal(c.server, "https://api.example:6443");
	assert_string_equal(c.token, "abc.def");
	assert_null(c.token_file);
	assert_false(c.insecure);
	kube_config_free(&c);
	assert_int_equal(load(&c, "y", &err), 0);
	assert_string_equal(c.server, "https://d");
	assert_null(c.token);
	kube_config_free(&c);
	assert_int_equal(load(&c, "z", &err), -1);
	assert_non_null(strstr(err.msg, "there is nothing named \"z\" in \"contexts\""));
}

static void test_inline_certificates(void **state)
{
	struct kube_config c;
	struct err err;

	write_file("config", CONTEXT "clusters:\n- name: c\n  cluster: {server: \"https://h\", certificate-authority-data: aGVsbG8K,"
		   " tls-server-name: kubernetes, proxy-url: \"http://p:1\"}\n"
		   "users:\n- name: u\n  user: {client-certificate-data: Y2VydA==, client-key-data: \"a2V5\\n\"}\n");
	if (load(&c, NULL, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(c.ca.len, 6);
	assert_memory_equal(c.ca.data, "hello\n", 6);
	assert_int_equal(c.cert.len, 4);
	assert_memory_equal(c.key.data, "key", 3);
	assert_string_equal(c.tls_server_name, "kubernetes");
	assert_string_equal(c.proxy, "http://p:1");
	kube_config_free(&c);
}

static void test_files_are_relative_to_it(void **state)
{
	struct kube_config c;
	struct err err;
	char *token = path_of("token"), *ca = path_of("ca.crt");

	write_file("token", "t\n");
	write_file("ca.crt", "x");
	write_file("config", CONTEXT "clusters:\n- name: c\n  cluster: {server: \"https://h\", certificate-authority: ca.crt}\n"
		   "users:\n- name: u\n  user: {tokenFile: token, token: ignored}\n");
	assert_int_equal(load(&c, NULL, &err), 0);
	assert_string_equal(c.token_file, token);
	assert_string_equal(c.ca.path, ca);
	assert_null(c.token);
	kube_config_free(&c);
	free(token);
	free(ca);
}

static void test_several_files_merge(void **state)
{
	struct kube_config c;
	struct kube_options o = { 0 };
	struct err err;
	char *list = mem_printf("%s/none:%s/one::%s/two", dir, dir, dir);

	write_file("one", "current-context: x\nclusters:\n- {name: c, cluster: {server: \"https://first\"}}\n");
	write_file("two", "current-context: y\nclusters:\n- {name: c, cluster: {server: \"https://second\"}}\n"
		   "contexts:\n- {name: x, context: {cluster: c, user: \"\"}}\n");
	setenv("KUBECONFIG", list, 1);
	assert_int_equal(kube_config_load(&c, &o, &err), 0);
	assert_string_equal(c.server, "https://first");
	kube_config_free(&c);
	unsetenv("KUBECONFIG");
	free(list);
}

static void test_refusals(void **state)
{
	refused("", "no current-context");
	refused("- 1\n", "not a map");
	refused("a: [\n", "config:");
	refused("current-context: x\n", "there is nothing named \"x\"");
	refused("current-context: x\ncontexts:\n- {name: x}\n", "has no \"context\"");
	refused("current-context: x\ncontexts: 7\n", "there is nothing named \"x\"");
	refused("current-context: x\ncontexts:\n- {name: x, context: {user: u}}\n", "no cluster");
	refused(CONTEXT "clusters:\n- {name: c, cluster: {insecure-skip-tls-verify: true}}\n", "no server");
	refused(CONTEXT CLUSTER, "there is nothing named \"u\" in \"users\"");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {exec: {command: aws}}\n", "users \"u\": exec plugins are not run");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {auth-provider: {name: gcp}}\n", "auth-provider");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {username: a, password: b}\n", "password");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {as: root, token: x}\n", "impersonation");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {tokenFile: /nowhere/t}\n", "/nowhere/t: No such file");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {client-certificate-data: \"!\", client-key-data: a2V5}\n", "client-certificate-data is not base64");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {client-certificate-data: a2V5}\n", "must be given together");
	refused(CONTEXT CLUSTER "users:\n- name: u\n  user: {token: \"a\\r\\nX-Evil: 1\"}\n", "not one word");
	refused(CONTEXT "clusters:\n- {name: c, cluster: {server: \"ftp://h\"}}\nusers:\n- {name: u, user: {}}\n", "neither https:// nor http://");
	refused(CONTEXT "clusters:\n- {name: c, cluster: {server: \"http://h\"}}\nusers:\n- {name: u, user: {token: t}}\n", "in the clear");
	refused(CONTEXT "clusters:\n- {name: c, cluster: {server: \"http://127.0.0.1.example\"}}\nusers:\n- {name: u, user: {token: t}}\n", "in the clear");
	refused(CONTEXT "clusters:\n- name: c\n  cluster: {server: \"https://h\", insecure-skip-tls-verify: true, certificate-authority-data: aGVsbG8K}\n"
		"users:\n- {name: u, user: {}}\n", "exclude each other");
}

static void test_missing_file(void **state)
{
	struct kube_config c;
	struct kube_options o = { .kubeconfig = "/nowhere/config" };
	struct err err;

	assert_int_equal(kube_config_load(&c, &o, &err), -1);
	assert_string_equal(err.msg, "/nowhere/config: No such file or directory");
	o.kubeconfig = "/nowhere/a:/nowhere/b";
	assert_int_equal(kube_config_load(&c, &o, &err), -1);
	assert_string_equal(err.msg, "none of the kubeconfig files exists");
}

static void test_in_cluster(void **state)
{
	struct kube_config c;
	struct kube_options o = { .sa_dir = dir };
	struct err err;

	write_file("token", "t\n");
	write_file("ca.crt", "x");
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "6443", 1);
	assert_int_equal(kube_config_load(&c, &o, &err), 0);
	assert_string_equal(c.server, "https://[fd00::1]:6443");
	assert_non_null(c.token_file);
	assert_non_null(c.ca.path);
	kube_config_free(&c);
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
}

static void test_tokens_are_read_again(void **state)
{
	char *path = path_of("token");
	struct kube_token t = { .path = path };

	write_file("token", "one\n");
	assert_string_equal(kube_token_get(&t, 1000, 500), "one");
	write_file("token", "two");
	assert_string_equal(kube_token_get(&t, 1400, 500), "one");
	assert_string_equal(kube_token_get(&t, 1500, 500), "two");
	write_file("token", "two words");
	assert_string_equal(kube_token_get(&t, 2500, 500), "two");
	write_file("token", "\n");
	assert_string_equal(kube_token_get(&t, 3500, 500), "two");
	unlink(path);
	assert_string_equal(kube_token_get(&t, 4500, 500), "two");
	free(t.text);
	free(path);
}

static int setup(void **state)
{
	log_init(LOG_LEVEL_ERROR, LOG_FORMAT_KV);
	unsetenv("KUBECONFIG");
	unsetenv("KUBERNETES_SERVICE_HOST");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char *cmd = mem_printf("rm -rf %s", dir);
	int ret = system(cmd);

	free(cmd);
	return ret;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_inline_certificates),
		cmocka_unit_test(test_files_are_relative_to_it),
		cmocka_unit_test(test_several_files_merge),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_in_cluster),
		cmocka_unit_test(test_tokens_are_read_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
