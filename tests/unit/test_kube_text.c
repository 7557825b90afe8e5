// SPDX-License-Identifier: GPL-2.0
/*
 * The text side of the API client: splitting a response into objects wherever its bytes are cut,
 * pruning them, and how long to wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/doc.h"
#include "base/mem.h"
#include "kube/api.h"
#include "kube/backoff.h"
#include "kube/prune.h"
#include "kube/split.h"

struct got {
	char text[4096];
	int n;
};

static int append(void *ctx, const char *json, size_t len)
{
	struct got *g = ctx;

	strncat(g->text, json, len);
	strcat(g->text, "|");
	g->n++;
	return 0;
}

/* In pieces of @step bytes; NULL: it must fail. */
static void split(bool list, const char *text, size_t step, const char *expected, const char *outer)
{
	struct kube_split s;
	struct got g = { "", 0 };
	int ret = 0;

	kube_split_init(&s, list, append, &g);
	for (size_t at = 0, len = strlen(text); at < len && !ret; at += step) {
		/* On the heap, to the byte: reading past it is seen. */
		size_t n = len - at < step ? len - at : step;
		char *piece = mem_array(n, 1);

		memcpy(piece, text + at, n);
		ret = kube_split_feed(&s, piece, n);
		free(piece);
	}
	if (!ret)
		ret = kube_split_end(&s);
	assert_int_equal(!!ret, !expected);
	assert_int_equal(!!s.why, !expected);
	if (expected)
		assert_string_equal(g.text, expected);
	if (outer) {
		assert_int_equal(s.outer.len, strlen(outer));
		assert_memory_equal(s.outer.s, outer, s.outer.len);
	}
	kube_split_free(&s);
}

static void split_anyhow(bool list, const char *text, const char *expected, const char *outer)
{
	for (size_t step = 1; step <= strlen(text) + 1; step++)
		split(list, text, step, expected, outer);
}

static void test_streams_are_split(void **state)
{
	split_anyhow(false, "", "", NULL);
	split_anyhow(false, " \n", "", NULL);
	split_anyhow(false, "{\"a\":1}\n{\"b\":[{},{\"c\":\"}\\\"{\\\\\"}]}{}\n", "{\"a\":1}|{\"b\":[{},{\"c\":\"}\\\"{\\\\\"}]}|{}|", NULL);
	split_anyhow(false, "{\"a\":1", NULL, NULL);
	split_anyhow(false, "{\"a\":\"}", NULL, NULL);
	split_anyhow(false, "[1]", NULL, NULL);
	split_anyhow(false, "}", NULL, NULL);
	split_anyhow(false, "{} x", NULL, NULL);
}

static void test_lists_are_split(void **state)
{
	split_anyhow(true, "{\"kind\":\"L\",\"metadata\":{\"items\":\"no\"},\"items\":[{\"a\":[{}]} , {\"b\":\"]}\"}\n]}",
		     "{\"a\":[{}]}|{\"b\":\"]}\"}|", "{\"kind\":\"L\",\"metadata\":{\"items\":\"no\"},\"items\":[]}");
	split_anyhow(true, "{ \"items\" : [ {} ] , \"m\" : [ { \"items\": [ {} ] } ] }", "{}|",
		     "{\"items\":[],\"m\":[{\"items\":[{}]}]}");
	split_anyhow(true, "{\"items\":null,\"metadata\":{}}\n", "", "{\"items\":null,\"metadata\":{}}");
	split_anyhow(true, "{\"x\":\"items\",\"y\":[{}]}", "", "{\"x\":\"items\",\"y\":[{}]}");
	split_anyhow(true, "{\"items\":[]}", "", "{\"items\":[]}");
	split_anyhow(true, "{\"items\":[{}", NULL, NULL);
	split_anyhow(true, "{\"items\":[{}]", NULL, NULL);
	split_anyhow(true, "{\"items\":[{}}", NULL, NULL);
	split_anyhow(true, "{\"items\":[1]}", NULL, NULL);
	split_anyhow(true, "{\"items\":[\"{}\"]}", NULL, NULL);
	split_anyhow(true, "{\"items\":[]}{}", NULL, NULL);
	split_anyhow(true, "{}}", NULL, NULL);
	split_anyhow(true, "<html>", NULL, NULL);
	split_anyhow(true, "", NULL, NULL);
}

static int refuse(void *ctx, const char *json, size_t len)
{
	return 7;
}

static void test_each_may_stop(void **state)
{
	struct kube_split s;

	kube_split_init(&s, false, refuse, NULL);
	assert_int_equal(kube_split_feed(&s, "{}{}", 4), 7);
	kube_split_free(&s);
}

static void test_huge_objects_are_refused(void **state)
{
	char *spaces = mem_array(1 << 20, 1);
	struct kube_split s;
	int ret;

	memset(spaces, ' ', 1 << 20);
	kube_split_init(&s, false, append, NULL);
	ret = kube_split_feed(&s, "{\"a\":\"", 6);
	for (int i = 0; i < 17 && !ret; i++)
		ret = kube_split_feed(&s, spaces, 1 << 20);
	assert_int_equal(ret, -1);
	assert_string_equal(s.why, "an object is too large");
	kube_split_free(&s);
	free(spaces);
}

static void prune(enum kind kind, bool event, const char *text, const char *expected)
{
	size_t len = strlen(text), n;
	/* A byte in front, so that there is a pointer also where there is no text. */
	char *copy = mem_array(len + 1, 1), *out = mem_array(len + 1, 1);

	memcpy(copy + 1, text, len);
	n = kube_prune(kind, event, copy + 1, len, out + 1);
	assert_int_equal(n, strlen(expected));
	assert_memory_equal(out + 1, expected, n);
	free(copy);
	free(out);
}

static void test_prunes_what_is_not_read(void **state)
{
	prune(KIND_POD, false, "{\"metadata\": {\"managedFields\": [{\"a\": \"}\"}], \"name\": \"p\", \"labels\": {\"env\": \"x\"}},"
	      " \"spec\": {\"volumes\": [], \"containers\": [{\"env\": 1, \"ports\": [ {\"containerPort\": 80} ]}, {\"env\": []}],"
	      " \"nodeName\": \"n\"}, \"status\": {\"containerStatuses\": null}}",
	      "{\"metadata\":{\"name\":\"p\",\"labels\":{\"env\": \"x\"}},\"spec\":{\"containers\":[{\"ports\":[ {\"containerPort\": 80} ]},{}],"
	      "\"nodeName\":\"n\"},\"status\":{}}");
	prune(KIND_POD, true, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"ownerReferences\":[]},\"spec\":null}}",
	      "{\"type\":\"ADDED\",\"object\":{\"metadata\":{},\"spec\":null}}");
	prune(KIND_SERVICE, false, "{\"spec\":{\"env\":1},\"metadata\":{\"managedFields\":{},\"name\":\"s\"}}",
	      "{\"spec\":{\"env\":1},\"metadata\":{\"name\":\"s\"}}");
	prune(KIND_NODE, false, "{\"status\":{\"images\":[[[]]],\"addresses\":[]},\"x\":[]}", "{\"status\":{\"addresses\":[]},\"x\":[]}");
	prune(KIND_NODE, false, "{}", "{}");
	prune(KIND_NODE, false, "[]", "[]");
}

static void test_prunes_no_garbage(void **state)
{
	static const char *const garbage[] = {
		"", "{", "{\"metadata\"", "{\"metadata\":", "{\"metadata\":{\"managedFields\":[}", "{\"a\" 1}", "{1:2}", "{} {}",
		"{\"metadata\":{\"managedFields\":\"\\", "{\"spec\":[{]}", "{,}", "[1,", "{\"a\":1,}",
	};

	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++)
		prune(KIND_POD, false, garbage[i], "");
}

/* A cut anywhere is seen, or leaves what the parser sees to be cut. */
static void test_pruned_prefixes_are_no_objects(void **state)
{
	static const char whole[] = "{\"metadata\":{\"managedFields\":[{}],\"name\":\"p\"},\"spec\":{\"containers\":[{\"env\":[\"x\"]}]}}";
	const char *why;
	char out[sizeof(whole)];

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		size_t n = kube_prune(KIND_POD, false, whole, len, out);

		assert_null(n ? doc_parse_json(out, n, &why) : NULL);
	}
}

static void check_path(const struct kube_query *q, const char *expected)
{
	char *path = kube_api_path(q);

	assert_string_equal(path, expected);
	free(path);
}

static void test_paths(void **state)
{
	check_path(&(struct kube_query){ .kind = KIND_NODE, .limit = 500 }, "/api/v1/nodes?limit=500");
	check_path(&(struct kube_query){ .kind = KIND_NETWORKPOLICY, .limit = 1, .cont = "a+/=&b" },
		   "/apis/networking.k8s.io/v1/networkpolicies?limit=1&continue=a%2B%2F%3D%26b");
	check_path(&(struct kube_query){ .kind = KIND_SECRET, .watch = true, .resource_version = "5&x", .timeout_s = 9 },
		   "/api/v1/secrets?watch=true&resourceVersion=5%26x&allowWatchBookmarks=true&timeoutSeconds=9"
		   "&fieldSelector=type%3Dkubernetes.io%2Ftls");
	check_path(&(struct kube_query){ .kind = KIND_ENDPOINTSLICE, .watch = true, .initial_events = true, .timeout_s = 9 },
		   "/apis/discovery.k8s.io/v1/endpointslices?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
		   "&allowWatchBookmarks=true&timeoutSeconds=9");
}

static void test_backoff_grows_and_ends(void **state)
{
	struct kube_backoff b = { .first_ms = 100 };
	unsigned step = 100;

	for (int i = 0; i < 40; i++) {
		unsigned ms = kube_backoff_next(&b, 0);

		assert_in_range(ms, step / 2, step + step / 2);
		step = step * 2 < KUBE_BACKOFF_MAX_MS ? step * 2 : KUBE_BACKOFF_MAX_MS;
	}
	kube_backoff_reset(&b);
	assert_in_range(kube_backoff_next(&b, 0), 50, 150);
	assert_in_range(kube_backoff_next(&b, 5000), 5000, 5150);
	assert_in_range(kube_backoff_next(&b, 4000000), KUBE_RETRY_AFTER_MAX_MS, KUBE_RETRY_AFTER_MAX_MS + 600);
}

static void test_jitter(void **state)
{
	struct kube_backoff b = { .first_ms = 10000 };
	bool differ = false;
	unsigned first = kube_backoff_next(&b, 0);

	for (int i = 0; i < 20; i++) {
		kube_backoff_reset(&b);
		differ |= kube_backoff_next(&b, 0) != first;
	}
	assert_true(differ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams_are_split),
		cmocka_unit_test(test_lists_are_split),
		cmocka_unit_test(test_each_may_stop),
		cmocka_unit_test(test_huge_objects_are_refused),
		cmocka_unit_test(test_prunes_what_is_not_read),
		cmocka_unit_test(test_prunes_no_garbage),
		cmocka_unit_test(test_pruned_prefixes_are_no_objects),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_backoff_grows_and_ends),
		cmocka_unit_test(test_jitter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
