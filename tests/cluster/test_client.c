// SPDX-License-Identifier: GPL-2.0
/*
 * The client of the Kubernetes API against a server that misbehaves in every way we could
 * think of.  Whatever happens, the model is one the server had, or as it was before.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "kube/events.h"
#include "kube/http.h"
#include "lib/drive.h"
#include "lib/mock.h"
#include "model/decode.h"

#define LONG_MS 90000

struct fixture {
	struct mock *mock;
	struct drive drive;
	struct kube_options options;
	char dir[64];
	char *kubeconfig;
	int count;		/* for hooks */
	uint64_t at_ms[16];
	volatile int mode;
};

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);

	f->mock = mock_start();
	strcpy(f->dir, "/tmp/stockade-client-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	f->kubeconfig = drive_kubeconfig(f->dir, mock_url(f->mock), NULL, NULL);
	f->options = (struct kube_options){ .kubeconfig = f->kubeconfig, .backoff_ms = 20 };
	f->drive.ctx = f;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *cmd = mem_printf("rm -rf %s", f->dir);

	drive_close(&f->drive);
	mock_stop(f->mock);
	if (system(cmd))
		return -1;
	free(cmd);
	free(f->kubeconfig);
	free(f);
	return 0;
}

static void open_source(struct fixture *f)
{
	struct err err;

	if (!drive_open(&f->drive, &f->options, &err))
		fail_msg("%s", err.msg);
}

static void put_pod(struct fixture *f, const char *name, const char *ip)
{
	char *body = mem_printf(", \"spec\": {\"nodeName\": \"n1\", \"containers\": [{\"name\": \"c\", \"image\": \"i\"}]},"
				"\"status\": {\"phase\": \"Running\", \"podIP\": \"%s\", \"podIPs\": [{\"ip\": \"%s\"}]}", ip, ip);

	mock_put(f->mock, KIND_POD, "ns", name, ", \"labels\": {\"app\": \"a\"}", body);
	free(body);
}

static void put_pods(struct fixture *f, int n)
{
	for (int i = 0; i < n; i++) {
		char name[16], ip[32];

		snprintf(name, sizeof(name), "p%d", i);
		snprintf(ip, sizeof(ip), "10.0.0.%d", i + 1);
		put_pod(f, name, ip);
	}
}

static void sync_source(struct fixture *f)
{
	if (!f->drive.source)
		open_source(f);
	assert_true(drive_run(&f->drive, drive_synced, NULL, LONG_MS));
}

static size_t n_pods(struct fixture *f)
{
	return model_count(f->drive.model, KIND_POD);
}

static bool has_pod(struct drive *d, const void *name)
{
	return model_get(d->model, KIND_POD, "ns", name);
}

static bool has_no_pod(struct drive *d, const void *name)
{
	return !has_pod(d, name);
}

static void wait_pod(struct fixture *f, const char *name)
{
	if (!drive_run(&f->drive, has_pod, name, LONG_MS))
		fail_msg("pod %s never came", name);
}

static void wait_no_pod(struct fixture *f, const char *name)
{
	if (!drive_run(&f->drive, has_no_pod, name, LONG_MS))
		fail_msg("pod %s never went", name);
}

static const struct kube_kind_stats *pod_stats(struct fixture *f)
{
	return &kube_source_stats(f->drive.source)->kind[KIND_POD];
}

static bool noticed(struct drive *d, const void *unused)
{
	return d->broken > 0;
}

static bool was_refused(struct drive *d, const void *unused)
{
	return kube_source_stats(d->source)->kind[KIND_POD].errors > 0;
}

/* The ways to get everything. */

static void test_streams(void **state)
{
	struct fixture *f = *state;

	put_pods(f, 5);
	mock_put(f->mock, KIND_NAMESPACE, "", "ns", "", "");
	sync_source(f);
	assert_int_equal(n_pods(f), 5);
	assert_int_equal(model_count(f->drive.model, KIND_NAMESPACE), 1);
	assert_int_equal(mock_counts(f->mock, KIND_POD).pages, 0);
	assert_int_equal(mock_counts(f->mock, KIND_POD).streams, 1);
	assert_int_equal(f->drive.changes, 1);
	assert_int_equal(mock_counts(f->mock, KIND_SECRET).streams, 0);
}

static void test_pages_where_no_streams(void **state)
{
	struct fixture *f = *state;

	mock_set_no_streaming(f->mock);
	f->options.page_limit = 2;
	put_pods(f, 5);
	sync_source(f);
	assert_int_equal(n_pods(f), 5);
	assert_int_equal(mock_counts(f->mock, KIND_POD).streams, 1);
	assert_int_equal(mock_counts(f->mock, KIND_POD).pages, 3);
	put_pod(f, "later", "10.0.1.1");
	wait_pod(f, "later");
	assert_int_equal(mock_counts(f->mock, KIND_POD).watches, 1);
}

static void test_secrets_only_if_asked_for(void **state)
{
	struct fixture *f = *state;

	f->options.tls_secrets = true;
	sync_source(f);
	assert_int_equal(mock_counts(f->mock, KIND_SECRET).streams, 1);
}

static void test_follows(void **state)
{
	struct fixture *f = *state;
	const struct pod *p;

	sync_source(f);
	put_pod(f, "a", "10.0.0.1");
	wait_pod(f, "a");
	put_pod(f, "a", "10.0.0.2");
	put_pod(f, "b", "10.0.0.3");
	wait_pod(f, "b");
	p = (const void *)model_get(f->drive.model, KIND_POD, "ns", "a");
	assert_int_equal(p->ips[0].b[15], 2);
	mock_delete(f->mock, KIND_POD, "ns", "a");
	wait_no_pod(f, "a");
	assert_int_equal(pod_stats(f)->events, 4);
	assert_true(kube_source_take_received(f->drive.source));
	assert_false(kube_source_take_received(f->drive.source));
}

static bool three_ignored(struct drive *d, const void *unused)
{
	return kube_source_stats(d->source)->kind[KIND_POD].ignored == 3;
}

static void test_what_changes_nothing_is_no_change(void **state)
{
	struct fixture *f = *state;
	unsigned changes;

	put_pod(f, "a", "10.0.0.1");
	sync_source(f);
	changes = f->drive.changes;
	for (int i = 0; i < 3; i++)
		put_pod(f, "a", "10.0.0.1");
	assert_true(drive_run(&f->drive, three_ignored, NULL, LONG_MS));
	assert_int_equal(f->drive.changes, changes);
	assert_int_equal(kube_source_take_received(f->drive.source), 0);
}

/* A version that is gone. */

static void check_two_states(struct drive *d)
{
	bool old = model_get(d->model, KIND_POD, "ns", "old"), new1 = model_get(d->model, KIND_POD, "ns", "new1");
	bool new2 = model_get(d->model, KIND_POD, "ns", "new2");

	/* Before the change or after it, never between. */
	assert_true((old && !new1 && !new2) || (!old && new1 && new2));
}

static void change_unseen(struct fixture *f)
{
	mock_delete(f->mock, KIND_POD, "ns", "old");
	put_pod(f, "new1", "10.0.0.1");	/* old's address */
	put_pod(f, "new2", "10.0.0.2");
	mock_compact(f->mock);
}

/* Watches of pods end at once while mode is 1. */
static enum mock_verdict refuse_watches(void *ctx, struct mock *m, const struct mock_call *call)
{
	struct fixture *f = ctx;

	return call->kind == KIND_POD && f->mode == 1 ? MOCK_CLOSE : MOCK_BEHAVE;
}

static void go_stale(struct fixture *f)
{
	put_pod(f, "old", "10.0.0.1");
	sync_source(f);
	f->drive.check = check_two_states;
	f->mode = 1;
	mock_set_hook(f->mock, refuse_watches, f);
	mock_drop(f->mock);
	drive_for(&f->drive, 100);
	change_unseen(f);
	drive_for(&f->drive, 100);
	assert_non_null(model_get(f->drive.model, KIND_POD, "ns", "old"));
}

static void test_gone_as_status(void **state)
{
	struct fixture *f = *state;

	go_stale(f);
	f->mode = 0;
	wait_no_pod(f, "old");
	wait_pod(f, "new2");
	assert_int_equal(pod_stats(f)->relists, 2);
}

static enum mock_verdict gone_as_event(void *ctx, struct mock *m, const struct mock_call *call)
{
	static const char event[] = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\","
				    "\"message\":\"The resourceVersion for the provided watch is too old.\"}}\n";

	if (call->kind != KIND_POD || !call->watch || call->initial)
		return MOCK_BEHAVE;
	httpd_chunked(call->http);
	httpd_chunk(call->http, event, strlen(event));
	httpd_chunks_end(call->http);
	return MOCK_KEEP;
}

static void test_gone_as_event(void **state)
{
	struct fixture *f = *state;

	go_stale(f);
	mock_set_hook(f->mock, gone_as_event, f);
	wait_no_pod(f, "old");
	assert_int_equal(pod_stats(f)->relists, 2);
}

static enum mock_verdict gone_between_pages(void *ctx, struct mock *m, const struct mock_call *call)
{
	struct fixture *f = ctx;

	if (call->kind != KIND_POD || call->watch || !call->from || f->count++)
		return MOCK_BEHAVE;
	/* What the first page had is gone by the time of the second try. */
	mock_delete(m, KIND_POD, "ns", "p0");
	httpd_answer(call->http, 410, "", "{\"kind\":\"Status\",\"code\":410,\"message\":\"The provided continue parameter is too old\"}");
	return MOCK_KEEP;
}

static void test_gone_between_pages(void **state)
{
	struct fixture *f = *state;

	put_pods(f, 6);
	f->options.page_limit = 2;
	f->options.no_streaming_lists = true;
	mock_set_hook(f->mock, gone_between_pages, f);
	sync_source(f);
	assert_int_equal(n_pods(f), 5);
	assert_null(model_get(f->drive.model, KIND_POD, "ns", "p0"));
}

/* Trouble. */

static enum mock_verdict slow_down(void *ctx, struct mock *m, const struct mock_call *call)
{
	struct fixture *f = ctx;

	if (call->kind != KIND_POD)
		return MOCK_BEHAVE;
	f->at_ms[f->count] = kube_now_ms();
	if (f->count++)
		return MOCK_BEHAVE;
	httpd_answer(call->http, 429, "Retry-After: 1\r\n", "{\"kind\":\"Status\",\"code\":429,\"message\":\"slow down\"}");
	return MOCK_KEEP;
}

static void test_retry_after(void **state)
{
	struct fixture *f = *state;

	put_pods(f, 1);
	mock_set_hook(f->mock, slow_down, f);
	sync_source(f);
	assert_int_equal(n_pods(f), 1);
	assert_true(f->at_ms[1] - f->at_ms[0] >= 1000);
}

static enum mock_verdict storm(void *ctx, struct mock *m, const struct mock_call *call)
{
	struct fixture *f = ctx;

	if (call->kind != KIND_POD)
		return MOCK_BEHAVE;
	f->at_ms[f->count] = kube_now_ms();
	if (f->count++ >= 6)
		return MOCK_BEHAVE;
	httpd_answer(call->http, f->count % 2 ? 503 : 500, "", "upstream says <no>");
	return MOCK_KEEP;
}

static void test_storm_of_5xx(void **state)
{
	struct fixture *f = *state;

	put_pods(f, 3);
	mock_set_hook(f->mock, storm, f);
	sync_source(f);
	assert_int_equal(n_pods(f), 3);
	assert_int_equal(pod_stats(f)->errors, 6);
	/* 20 ms doubled five times, give or take half of it. */
	assert_true(f->at_ms[6] - f->at_ms[5] >= 320);
	assert_true(f->at_ms[6] - f->at_ms[0] >= 630);
}

static void test_forbidden_is_not_given_up(void **state)
{
	struct fixture *f = *state;

	f->mode = 1;
	mock_set_token(f->mock, "Bearer right");
	open_source(f);
	assert_true(drive_run(&f->drive, noticed, NULL, LONG_MS));
	assert_false(f->drive.source->synced(f->drive.source));
	assert_int_equal(f->drive.changes, 0);
	mock_set_token(f->mock, NULL);
	sync_source(f);
}

static void test_connections_lost(void **state)
{
	struct fixture *f = *state;

	put_pods(f, 3);
	sync_source(f);
	for (int i = 0; i < 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "q%d", i);
		mock_drop(f->mock);
		put_pod(f, name, "10.0.2.1");
		wait_pod(f, name);
	}
	/* It went on from where it was. */
	assert_int_equal(pod_stats(f)->relists, 1);
}

static void test_watch_ends_and_goes_on(void **state)
{
	struct fixture *f = *state;

	f->options.watch_s = 1;
	put_pods(f, 1);
	sync_source(f);
	drive_for(&f->drive, 3500);
	put_pod(f, "later", "10.0.2.1");
	wait_pod(f, "later");
	assert_int_equal(pod_stats(f)->relists, 1);
	assert_in_range(mock_counts(f->mock, KIND_POD).watches, 2, 6);
}

/* Answers that are no answers. */

enum bad { TRUNCATED_BODY, TRUNCATED_ITEM, BAD_CHUNK, BAD_JSON, NO_ITEMS_END, NOT_JSON, TWO_LISTS, EMPTY, HUGE_NUMBERS, N_BAD };

static void answer_badly(struct httpd_req *r, enum bad how)
{
	static const char head[] = "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"half\",\"namespace\":\"ns\"}}";

	switch (how) {
	case TRUNCATED_BODY:
		httpd_printf(r, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n%s", head);
		break;
	case TRUNCATED_ITEM:
		httpd_answer(r, 200, "Connection: close\r\n", "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"na");
		break;
	case BAD_CHUNK:
		httpd_chunked(r);
		httpd_chunk(r, head, strlen(head));
		httpd_printf(r, "zz\r\nwhat is this\r\n");
		break;
	case BAD_JSON:
		httpd_answer(r, 200, "Connection: close\r\n", "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"half\",}}]}");
		break;
	case NO_ITEMS_END:
		httpd_printf(r, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s", head);
		break;
	case NOT_JSON:
		httpd_answer(r, 200, "Connection: close\r\n", "<html>please log in</html>");
		break;
	case TWO_LISTS:
		httpd_answer(r, 200, "Connection: close\r\n", "{\"items\":[],\"metadata\":{\"resourceVersion\":\"5\"}}{\"items\":[]}");
		break;
	case EMPTY:
		httpd_answer(r, 200, "Connection: close\r\n", "");
		break;
	default:
		httpd_answer(r, 200, "Connection: close\r\n", "{\"items\":[1,2],\"metadata\":{\"resourceVersion\":5e999}}");
		break;
	}
}

static enum mock_verdict bad_first(void *ctx, struct mock *m, const struct mock_call *call)
{
	struct fixture *f = ctx;

	if (call->kind != KIND_POD || f->count == N_BAD)
		return MOCK_BEHAVE;
	answer_badly(call->http, f->count++);
	return MOCK_CLOSE;
}

static void test_bad_lists(void **state)
{
	struct fixture *f = *state;

	f->options.no_streaming_lists = true;
	f->options.backoff_ms = 1;
	put_pods(f, 3);
	mock_set_hook(f->mock, bad_first, f);
	sync_source(f);
	assert_int_equal(f->count, N_BAD);
	assert_int_equal(pod_stats(f)->errors, N_BAD);
	assert_int_equal(n_pods(f), 3);
	assert_null(model_get(f->drive.model, KIND_POD, "ns", "half"));
}

static const char *const bad_events[] = {
	"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"half\",",
	"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"half\",}}}\n",
	"{\"type\":\"ADDED\"}\n",
	"{\"type\":\"EXPLODED\",\"object\":{\"metadata\":{\"name\":\"half\"}}}\n",
	"{\"type\":7,\"object\":[]}\n",
	"]]]]\n",
	"{\"type\":\"BOOKMARK\",\"object\":{}}\n",
	"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500,\"message\":\"etcdserver: leader changed\"}}\n",
	"{\"type\":\"ERROR\",\"object\":{}}\n",
};
#define N_BAD_EVENTS (int)(sizeof(bad_events) / sizeof(*bad_events))

static enum mock_verdict bad_watches(void *ctx, struct mock *m, const struct mock_call *call)
{
	struct fixture *f = ctx;

	if (call->kind != KIND_POD || !call->watch || f->count == N_BAD_EVENTS)
		return MOCK_BEHAVE;
	httpd_chunked(call->http);
	httpd_chunk(call->http, bad_events[f->count], strlen(bad_events[f->count]));
	f->count++;
	httpd_chunks_end(call->http);
	return MOCK_KEEP;
}

static bool all_told(struct drive *d, const void *unused)
{
	return ((struct fixture *)d->ctx)->count == N_BAD_EVENTS;
}

static void test_bad_events(void **state)
{
	struct fixture *f = *state;

	f->options.backoff_ms = 1;
	put_pods(f, 3);
	sync_source(f);
	mock_set_hook(f->mock, bad_watches, f);
	mock_drop(f->mock);
	assert_true(drive_run(&f->drive, all_told, NULL, LONG_MS));
	put_pod(f, "later", "10.0.3.1");
	wait_pod(f, "later");
	assert_int_equal(n_pods(f), 4);
	assert_null(model_get(f->drive.model, KIND_POD, "ns", "half"));
}

/* Objects nobody expects. */

static void test_garbage_objects(void **state)
{
	struct fixture *f = *state;
	char *annotations = mem_array(300001, 1), *meta;
	const struct pod *p;

	memset(annotations, 'x', 300000);
	meta = mem_printf(", \"annotations\": {\"a/huge\": \"%s\"}", annotations);
	mock_put(f->mock, KIND_POD, "ns", "huge", meta, ", \"status\": {\"podIPs\": [{\"ip\": \"10.0.0.9\"}]}");
	mock_put(f->mock, KIND_POD, "ns", "empty", "", "");
	mock_put(f->mock, KIND_POD, "ns", "strange", ", \"labels\": 7", ", \"spec\": [], \"status\": {\"phase\": \"Melting\", "
		 "\"podIPs\": [{\"ip\": \"10.0.0.8\"}, {\"ip\": \"10.0.0.8\"}, {\"ip\": \"::ffff:10.0.0.7\"}, {\"ip\": \"nowhere\"}, 5]}");
	mock_put(f->mock, KIND_POD, "", "", "", "");
	mock_put(f->mock, KIND_NETWORKPOLICY, "ns", "odd", "", ", \"spec\": {\"podSelector\": null, \"ingress\": [null, 3]}");
	mock_put(f->mock, KIND_ENDPOINTSLICE, "ns", "odd", "", ", \"endpoints\": {\"a\": 1}, \"ports\": \"many\"");
	mock_put(f->mock, KIND_SERVICE, "ns", "odd", "", ", \"spec\": {\"ports\": [{\"port\": 99999}]}");
	sync_source(f);
	assert_non_null(model_get(f->drive.model, KIND_POD, "ns", "empty"));
	p = (const void *)model_get(f->drive.model, KIND_POD, "ns", "huge");
	assert_int_equal(p->n_ips, 1);
	assert_int_equal(p->meta.annotations.n, 0);
	p = (const void *)model_get(f->drive.model, KIND_POD, "ns", "strange");
	assert_non_null(p);
	assert_in_range(p->n_ips, 1, 2);
	assert_true(kube_source_stats(f->drive.source)->diags > 0);
	free(annotations);
	free(meta);
}

/* A server that is there and says nothing. */

static void test_silent_from_the_start(void **state)
{
	struct fixture *f = *state;

	f->options.idle_ms = 150;
	put_pods(f, 2);
	mock_mute(f->mock, true);
	open_source(f);
	assert_true(drive_run(&f->drive, noticed, NULL, LONG_MS));
	assert_int_equal(n_pods(f), 0);
	mock_mute(f->mock, false);
	sync_source(f);
	assert_int_equal(n_pods(f), 2);
}

static void test_falls_silent(void **state)
{
	struct fixture *f = *state;

	f->options.idle_ms = 1500;
	put_pods(f, 2);
	sync_source(f);
	/* An idle server is no silent one: it is asked, and answers. */
	drive_for(&f->drive, 4000);
	assert_int_equal(f->drive.broken, 0);
	mock_mute(f->mock, true);
	put_pod(f, "later", "10.0.3.1");
	assert_true(drive_run(&f->drive, noticed, NULL, LONG_MS));
	assert_int_equal(n_pods(f), 2);
	mock_mute(f->mock, false);
	wait_pod(f, "later");
	assert_int_equal(pod_stats(f)->relists, 1);
}

/* The token. */

static void write_token(struct fixture *f, const char *token)
{
	char *path = mem_printf("%s/token", f->dir), *tmp = mem_printf("%s/token.new", f->dir);
	FILE *file = fopen(tmp, "we");

	fprintf(file, "%s\n", token);
	fclose(file);
	assert_int_equal(rename(tmp, path), 0);
	free(path);
	free(tmp);
}

static void test_token_rotates(void **state)
{
	struct fixture *f = *state;
	char *path = mem_printf("%s/token", f->dir);

	write_token(f, "one");
	free(f->kubeconfig);
	f->kubeconfig = drive_kubeconfig(f->dir, mock_url(f->mock), NULL, path);
	f->options.kubeconfig = f->kubeconfig;
	mock_set_token(f->mock, "Bearer one");
	sync_source(f);
	mock_set_token(f->mock, "Bearer two");
	mock_drop(f->mock);
	assert_true(drive_run(&f->drive, was_refused, NULL, LONG_MS));
	write_token(f, "two");
	put_pod(f, "later", "10.0.3.1");
	wait_pod(f, "later");
	free(path);
}

static void test_in_cluster(void **state)
{
	struct fixture *f = *state;
	struct err err;

	unsetenv("KUBECONFIG");
	unsetenv("KUBERNETES_SERVICE_HOST");
	setenv("HOME", f->dir, 1);
	f->options.kubeconfig = NULL;
	assert_false(drive_open(&f->drive, &f->options, &err));
	assert_non_null(strstr(err.msg, "KUBERNETES_SERVICE_HOST"));
	setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
	f->options.sa_dir = f->dir;
	assert_false(drive_open(&f->drive, &f->options, &err));
	assert_non_null(strstr(err.msg, "/token: "));
	unsetenv("KUBERNETES_SERVICE_HOST");
}

static bool has_read(struct drive *d, const void *arg)
{
	return !d->source->reading(d->source);
}

static void test_reload_lists_again(void **state)
{
	struct fixture *f = *state;

	put_pods(f, 2);
	sync_source(f);
	assert_false(f->drive.source->reading(f->drive.source));
	put_pod(f, "later", "10.0.3.1");
	f->drive.source->reload(f->drive.source);
	assert_true(f->drive.source->reading(f->drive.source));
	/* Once it says that all was read, it was. */
	if (!drive_run(&f->drive, has_read, NULL, LONG_MS))
		fail_msg("it reads for ever");
	assert_non_null(model_get(f->drive.model, KIND_POD, "ns", "later"));
	assert_int_equal(mock_counts(f->mock, KIND_POD).streams, 2);
}

/* What is written. */

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

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_streams),
		T(test_pages_where_no_streams),
		T(test_secrets_only_if_asked_for),
		T(test_follows),
		T(test_what_changes_nothing_is_no_change),
		T(test_gone_as_status),
		T(test_gone_as_event),
		T(test_gone_between_pages),
		T(test_retry_after),
		T(test_storm_of_5xx),
		T(test_forbidden_is_not_given_up),
		T(test_connections_lost),
		T(test_watch_ends_and_goes_on),
		T(test_bad_lists),
		T(test_bad_events),
		T(test_garbage_objects),
		T(test_silent_from_the_start),
		T(test_falls_silent),
		T(test_token_rotates),
		T(test_in_cluster),
		T(test_reload_lists_again),
		T(test_tells_by_event),
		T(test_events_are_few), T(test_events_of_nodes),
		T(test_few_nodes_tell),
		T(test_untaints),
	};

	log_init(LOG_LEVEL_WARN, LOG_FORMAT_KV);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
