// SPDX-License-Identifier: GPL-2.0
/* What the daemon's source writes to the API: Events about objects, and its Node without a taint. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "kube/events.h"
#include "lib/client.h"
#include "model/decode.h"

static void put_bad_policy(struct fixture *f, const char *name, const char *port)
{
	char *meta = mem_printf(", \"uid\": \"uid-%s\"", name);
	char *body = mem_printf(", \"spec\": {\"podSelector\": {}, \"ingress\": [{\"ports\": [{\"port\": %s}]}]}", port);

	mock_put(f->mock, KIND_NETWORKPOLICY, "ns", name, meta, body);
	free(body);
	free(meta);
}

struct writes {
	struct mock *mock;
	int n;
};

static bool has_written(struct drive *d, const void *arg)
{
	const struct writes *w = arg;

	return mock_writes(w->mock, NULL) >= w->n;
}

static void wait_writes(struct fixture *f, int n)
{
	assert_true(drive_run(&f->drive, has_written, &(struct writes){ f->mock, n }, LONG_MS));
}

static bool is_untold(struct drive *d, const void *unused)
{
	return kube_source_stats(d->source)->untold > 0;
}

static void test_tells_by_event(void **state)
{
	struct fixture *f = *state;
	char *last;

	f->options.node = "n1";
	f->options.events = true;
	put_bad_policy(f, "p", "70000");
	sync_source(f);
	wait_writes(f, 1);
	mock_writes(f->mock, &last);
	assert_non_null(strstr(last, "POST /api/v1/namespaces/ns/events "));
	assert_non_null(strstr(last, "\"involvedObject\":{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\","
				     "\"name\":\"p\",\"uid\":\"uid-p\""));
	assert_non_null(strstr(last, "spec.ingress[0].ports[0].port"));
	free(last);
	/* The same again is not told again; another mistake is, and what the server refuses is no reason to stop. */
	mock_set_write_status(f->mock, 403);
	put_bad_policy(f, "p", "70000");
	put_bad_policy(f, "p", "70001");
	wait_writes(f, 2);
	put_pod(f, "later", "10.0.3.1");
	wait_pod(f, "later");
	assert_int_equal(mock_writes(f->mock, NULL), 2);
	assert_true(drive_run(&f->drive, is_untold, NULL, LONG_MS));
	assert_int_equal(kube_source_stats(f->drive.source)->untold, 1);
}

static void test_events_are_few(void **state)
{
	struct fixture *f = *state;
	char name[16];

	f->options.node = "n1";
	f->options.events = true;
	sync_source(f);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		put_bad_policy(f, name, "70000");
	}
	wait_writes(f, 10);
	put_pod(f, "later", "10.0.3.1");
	wait_pod(f, "later");
	assert_int_equal(mock_writes(f->mock, NULL), 10);
}

/* Of a hundred nodes, three tell: whoever this is. */
static void test_few_nodes_tell(void **state)
{
	static const char policy[] = "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"p\",\"uid\":\"u\"}}";
	struct model *m = model_new();
	struct diags diags = { 0 };
	unsigned told = 0;
	const char *why;
	struct doc *d;

	for (int i = 0; i < 100; i++) {
		char *node = mem_printf("{\"metadata\":{\"name\":\"n%d\"}}", i);

		d = doc_parse_json(node, strlen(node), &why);
		model_put(m, model_decode_api(m, KIND_NODE, d, &diags));
		doc_free(d);
		free(node);
	}
	diags_add(&diags, NULL, 0, "NetworkPolicy ns/p", "spec", "is odd");
	d = doc_parse_json(policy, strlen(policy), &why);
	for (int i = 0; i < 100; i++) {
		char *node = mem_printf("n%d", i);
		struct kube_outbox outbox;
		struct kube_events e = { .outbox = &outbox, .model = m, .node = node };

		kube_outbox_init(&outbox, NULL, 1);
		kube_events_tell(&e, KIND_NETWORKPOLICY, d, &diags, 1);
		assert_int_equal(outbox.n, 0);	/* not before the Nodes are known */
		kube_events_ready(&e);
		told += outbox.n;
		kube_events_free(&e);
		kube_outbox_free(&outbox);
		free(node);
	}
	assert_int_equal(told, 3);
	doc_free(d);
	diags_free(&diags);
	model_free(m);
}

/* What only some nodes see, each of these tells, by one name. */
static void test_events_of_nodes(void **state)
{
	struct model *m = model_new();
	struct networkpolicy np = { .meta = { .kind = KIND_NETWORKPOLICY, .ns = "ns", .name = "p" } };
	char name[2][256];

	for (int i = 0; i < 2; i++) {
		struct kube_outbox outbox;
		struct kube_events e = { .outbox = &outbox, .model = m, .node = i ? "n1" : "n2", .ready = true };
		char *at;

		kube_outbox_init(&outbox, NULL, 1);
		np.uid = NULL;
		kube_events_tell_of_node(&e, &np, "closed", 1);
		assert_int_equal(outbox.n, 0);	/* none of the API's */
		np.uid = "u-1";
		kube_events_tell_of_node(&e, &np, "closed", 1);
		kube_events_tell_of_node(&e, &np, "closed", 2);
		assert_int_equal(outbox.n, 1);
		assert_string_equal(outbox.letters[0].path, "/api/v1/namespaces/ns/events");
		assert_non_null(strstr(outbox.letters[0].body, "\"reason\":\"NotEnforcedAsWritten\""));
		assert_non_null(strstr(outbox.letters[0].body, "\"uid\":\"u-1\""));
		at = strstr(outbox.letters[0].body, "\"name\":\"p.");
		snprintf(name[i], sizeof(name[i]), "%.30s", at);
		kube_events_free(&e);
		kube_outbox_free(&outbox);
	}
	assert_string_equal(name[0], name[1]);
	model_free(m);
}

#define TAINTED ", \"spec\": {\"taints\": [{\"key\": \"other\", \"effect\": \"NoSchedule\"}, " \
		"{\"key\": \"stockade.io/not-ready\", \"effect\": \"NoSchedule\"}, {\"key\": \"stockade.io/not-ready\", \"effect\": \"NoExecute\"}]}"

static void test_untaints(void **state)
{
	struct fixture *f = *state;
	char *last;

	f->options.node = "n1";
	f->options.untaint = "stockade.io/not-ready";
	mock_put(f->mock, KIND_NODE, "", "n1", "", TAINTED);
	mock_put(f->mock, KIND_NODE, "", "n2", "", TAINTED);
	sync_source(f);
	put_pod(f, "later", "10.0.3.1");
	wait_pod(f, "later");
	assert_int_equal(mock_writes(f->mock, NULL), 0);	/* no table is in force yet */
	mock_set_write_status(f->mock, 403);
	kube_source_untaint(f->drive.source);
	wait_writes(f, 3);
	/* The Node changed meanwhile: what is sent from then on is of that version, 104. */
	mock_put(f->mock, KIND_NODE, "", "n1", ", \"labels\": {\"a\": \"b\"}", TAINTED);
	put_pod(f, "last", "10.0.3.2");
	wait_pod(f, "last");
	wait_writes(f, mock_writes(f->mock, NULL) + 2);
	mock_set_write_status(f->mock, 200);
	wait_writes(f, mock_writes(f->mock, NULL) + 1);
	mock_writes(f->mock, &last);
	assert_string_equal(last, "PATCH /api/v1/nodes/n1 {\"metadata\":{\"resourceVersion\":\"104\"},"
				  "\"spec\":{\"taints\":[{\"key\":\"other\",\"effect\":\"NoSchedule\"}]}}");
	free(last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(test_tells_by_event),
		CLIENT_TEST(test_events_are_few),
		CLIENT_TEST(test_events_of_nodes),
		CLIENT_TEST(test_few_nodes_tell),
		CLIENT_TEST(test_untaints),
	};

	log_init(LOG_LEVEL_WARN, LOG_FORMAT_KV);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
