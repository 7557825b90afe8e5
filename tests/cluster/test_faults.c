// SPDX-License-Identifier: GPL-2.0
/*
 * A real kube-apiserver with an etcd behind it, both failing.  Whatever happens, the model comes
 * to what the API server has, and what is shown on the way there was true at some time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "kube/http.h"
#include "lib/bed.h"

static struct bed *bed_of(void **state)
{
	struct bed *b = *state;

	if (!b->admin) {
		assert_null(getenv("KUBE_ASSETS"));
		skip();
	}
	return b;
}

static void apply_text(struct bed *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void apply_text(struct bed *b, const char *fmt, ...)
{
	const char *why;
	struct doc *d;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	d = doc_parse_json(text, strlen(text), &why);
	if (!d)
		fail_msg("%s: %s", why, text);
	admin_apply(b->admin, d);
	doc_free(d);
	free(text);
}

static void apply_pod(struct bed *b, const char *ns, const char *name, const char *ip, const char *label, const char *phase)
{
	apply_text(b, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\",\"labels\":{\"app\":\"%s\"}},"
		   "\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]},"
		   "\"status\":{\"phase\":\"%s\",\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%s\"}]}}", ns, name, label, phase, ip, ip);
}

static void apply_namespace(struct bed *b, const char *name)
{
	apply_text(b, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}", name);
}

static void apply_world(struct bed *b)
{
	apply_text(b, "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n1\"},\"spec\":{\"podCIDR\":\"10.244.0.0/16\","
		   "\"podCIDRs\":[\"10.244.0.0/16\"]},\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"172.30.0.1\"}]}}");
	apply_namespace(b, "a");
	apply_text(b, "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\",\"metadata\":{\"namespace\":\"a\",\"name\":\"p\"},"
		   "\"spec\":{\"podSelector\":{},\"ingress\":[{\"from\":[{\"podSelector\":{\"matchLabels\":{\"app\":\"friend\"}}}]}]}}");
	apply_pod(b, "a", "old", "10.244.0.1", "friend", "Running");
	apply_pod(b, "a", "stays", "10.244.0.9", "foe", "Running");
}

struct pod_name {
	const char *ns, *name;
};

static bool has_pod(struct drive *d, const void *arg)
{
	const struct pod_name *p = arg;

	return model_get(d->model, KIND_POD, p->ns, p->name);
}

static void wait_pod(struct bed *b, const char *ns, const char *name)
{
	if (!drive_run(&b->drive, has_pod, &(struct pod_name){ ns, name }, CONVERGE_MS))
		fail_msg("pod %s/%s never came", ns, name);
}

static uint64_t relists(struct bed *b)
{
	return kube_source_stats(b->drive.source)->kind[KIND_POD].relists;
}

static void begin(struct bed *b)
{
	apply_world(b);
	bed_sync(b);
}

/* Nothing the server has now, and nothing in between: before "old" went, or after. */
static void check_whole(struct drive *d)
{
	bool old = model_get(d->model, KIND_POD, "a", "old"), new1 = model_get(d->model, KIND_POD, "a", "new1");
	bool new2 = model_get(d->model, KIND_POD, "a", "new2");

	assert_non_null(model_get(d->model, KIND_POD, "a", "stays"));
	assert_true((old && !new1 && !new2) || (!old && new1 && new2));
}

static void test_server_killed(void **state)
{
	struct bed *b = bed_of(state);

	begin(b);
	for (int i = 0; i < 2; i++) {
		char name[16];

		admin_server(b->admin, "stop-api");
		drive_for(&b->drive, 500);
		assert_non_null(model_get(b->drive.model, KIND_POD, "a", "stays"));
		admin_server(b->admin, "start-api");
		snprintf(name, sizeof(name), "n%d", i);
		apply_pod(b, "a", name, "10.244.0.3", "foe", "Running");
		wait_pod(b, "a", name);
	}
	bed_expect_fresh(b, "after restarts");
}

/* The source sleeps while the world changes and its resourceVersions are forgotten. */
static void test_compacted_meanwhile(void **state)
{
	struct bed *b = bed_of(state);

	begin(b);
	admin_server(b->admin, "stop-api");
	admin_server(b->admin, "start-api");
	admin_delete(b->admin, KIND_POD, "a", "old");
	apply_pod(b, "a", "new1", "10.244.0.1", "foe", "Running");
	apply_pod(b, "a", "new2", "10.244.0.2", "friend", "Running");
	admin_server(b->admin, "compact");
	admin_server(b->admin, "stop-api");
	admin_server(b->admin, "start-api");
	b->drive.check = check_whole;
	wait_pod(b, "a", "new2");
	bed_expect_fresh(b, "after compaction");
	assert_int_equal(relists(b), 2);
}

static bool has_broken_since(struct drive *d, const void *broken)
{
	return d->broken > *(const unsigned *)broken;
}

static void test_server_frozen(void **state)
{
	struct bed *b = bed_of(state);
	unsigned broken;

	b->options.idle_ms = 3000;
	begin(b);
	broken = b->drive.broken;
	admin_server(b->admin, "pause");
	assert_true(drive_run(&b->drive, has_broken_since, &broken, CONVERGE_MS));
	assert_non_null(model_get(b->drive.model, KIND_POD, "a", "stays"));
	admin_server(b->admin, "resume");
	apply_pod(b, "a", "thawed", "10.244.0.4", "foe", "Running");
	wait_pod(b, "a", "thawed");
	b->options.idle_ms = 0;
	bed_expect_fresh(b, "after the frost");
}

static bool was_refused(struct drive *d, const void *unused)
{
	return kube_source_stats(d->source)->kind[KIND_POD].errors > 0;
}

static void test_token_revoked_and_renewed(void **state)
{
	struct bed *b = bed_of(state);

	begin(b);
	/* A new account of the same name: the old token is no longer one of its. */
	assert_int_equal(admin_call(b->admin, "DELETE", "/api/v1/namespaces/stockade/serviceaccounts/stockade", NULL, NULL, NULL), 200);
	assert_int_equal(admin_call(b->admin, "POST", "/api/v1/namespaces/stockade/serviceaccounts", NULL,
				    "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"stockade\"}}", NULL), 201);
	admin_server(b->admin, "stop-api");
	admin_server(b->admin, "start-api");
	assert_true(drive_run(&b->drive, was_refused, NULL, CONVERGE_MS));
	drive_for(&b->drive, 1000);
	bed_renew_token(b);
	apply_pod(b, "a", "later", "10.244.0.5", "foe", "Running");
	wait_pod(b, "a", "later");
	bed_expect_fresh(b, "with the new token");
}

static void test_burst(void **state)
{
	struct bed *b = bed_of(state);
	char name[32], ip[32], body[128], path[96];

	begin(b);
	for (int i = 0; i < 250; i++) {
		snprintf(name, sizeof(name), "burst-%d", i);
		snprintf(ip, sizeof(ip), "10.244.1.%d", i);
		apply_pod(b, "a", name, ip, "foe", "Running");
	}
	/* Unread so far: thousands of changes wait in the connection. */
	for (int i = 0; i < 4500; i++) {
		snprintf(path, sizeof(path), "/api/v1/namespaces/a/pods/burst-%d", i % 250);
		snprintf(body, sizeof(body), "{\"metadata\":{\"labels\":{\"app\":\"%s\",\"n\":\"%d\"}}}", i % 7 ? "foe" : "friend", i);
		assert_int_equal(admin_call(b->admin, "PATCH", path, "application/merge-patch+json", body, NULL), 200);
	}
	apply_pod(b, "a", "last", "10.244.2.1", "friend", "Running");
	wait_pod(b, "a", "last");
	assert_int_equal(model_count(b->drive.model, KIND_POD), 253);
	bed_expect_fresh(b, "after the burst");
}

static bool has_no_pods(struct drive *d, const void *ns)
{
	size_t n;

	model_list_ns(d->model, KIND_POD, ns, &n);
	return !n && !model_get(d->model, KIND_NAMESPACE, "", ns);
}

static void test_namespace_deleted(void **state)
{
	struct bed *b = bed_of(state);
	char name[32], ip[32];

	apply_namespace(b, "doomed");
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "d-%d", i);
		snprintf(ip, sizeof(ip), "10.244.3.%d", i);
		apply_pod(b, "doomed", name, ip, "friend", "Running");
	}
	begin(b);
	assert_non_null(model_get(b->drive.model, KIND_POD, "doomed", "d-39"));
	admin_delete(b->admin, KIND_NAMESPACE, "", "doomed");
	assert_true(drive_run(&b->drive, has_no_pods, "doomed", CONVERGE_MS));
	bed_expect_fresh(b, "without the namespace");
}

static bool address_is_new(struct drive *d, const void *ip)
{
	const struct pod *p = model_pod_by_ip(d->model, ip);

	return p && !strcmp(p->meta.name, "heir");
}

static void test_address_reused(void **state)
{
	struct bed *b = bed_of(state);
	struct ip ip;

	assert_true(ip_parse("10.244.0.1", &ip));
	begin(b);
	apply_pod(b, "a", "old", "10.244.0.1", "friend", "Succeeded");
	apply_pod(b, "a", "heir", "10.244.0.1", "foe", "Running");
	assert_true(drive_run(&b->drive, address_is_new, &ip, CONVERGE_MS));
	/* A finished pod costs nothing. */
	assert_null(model_get(b->drive.model, KIND_POD, "a", "old"));
	bed_expect_fresh(b, "with the heir");
}

static int start(void **state)
{
	*state = bed_start(NULL);
	return 0;
}

#define OLD_ETCD "/usr/bin/etcd"

/* Debian's etcd is too old for streaming lists: everything by pages. */
static int start_old_etcd(void **state)
{
	*state = bed_start(OLD_ETCD);
	return 0;
}

static void test_pages_with_an_old_etcd(void **state)
{
	struct bed *b = bed_of(state);

	b->options.page_limit = 2;
	begin(b);
	assert_int_equal(model_count(b->drive.model, KIND_POD), 2);
	apply_pod(b, "a", "later", "10.244.0.5", "foe", "Running");
	wait_pod(b, "a", "later");
	bed_expect_fresh(b, "by pages");
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
	b->drive = (struct drive){ 0 };
	if (b->admin)
		admin_clear(b->admin);
	return 0;
}

#define T(name) cmocka_unit_test_teardown(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_server_killed),
		T(test_compacted_meanwhile),
		T(test_server_frozen),
		T(test_token_revoked_and_renewed),
		T(test_burst),
		T(test_namespace_deleted),
		T(test_address_reused),
	};
	const struct CMUnitTest old_etcd[] = {
		T(test_pages_with_an_old_etcd),
		T(test_server_killed),
		T(test_compacted_meanwhile),
	};
	int failed;

	log_init(LOG_LEVEL_ERROR, LOG_FORMAT_KV);
	failed = cmocka_run_group_tests(tests, start, stop);
	if (access(OLD_ETCD, X_OK)) {
		puts("skip: there is no " OLD_ETCD " to try an old etcd with");
		return failed;
	}
	return failed + cmocka_run_group_tests(old_etcd, start_old_etcd, stop);
}
