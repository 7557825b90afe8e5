// SPDX-License-Identifier: GPL-2.0
/*
 * The client of the Kubernetes API against a server that misbehaves in every way we could
 * think of.  Whatever happens, the model is one the server had, or as it was before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "kube/http.h"
#include "lib/client.h"
#include "model/decode.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(test_streams),
		CLIENT_TEST(test_pages_where_no_streams),
		CLIENT_TEST(test_secrets_only_if_asked_for),
		CLIENT_TEST(test_follows),
		CLIENT_TEST(test_what_changes_nothing_is_no_change),
		CLIENT_TEST(test_gone_as_status),
		CLIENT_TEST(test_gone_as_event),
		CLIENT_TEST(test_gone_between_pages),
		CLIENT_TEST(test_retry_after),
		CLIENT_TEST(test_storm_of_5xx),
		CLIENT_TEST(test_forbidden_is_not_given_up),
		CLIENT_TEST(test_connections_lost),
		CLIENT_TEST(test_watch_ends_and_goes_on),
		CLIENT_TEST(test_bad_lists),
		CLIENT_TEST(test_bad_events),
		CLIENT_TEST(test_garbage_objects),
		CLIENT_TEST(test_silent_from_the_start),
		CLIENT_TEST(test_falls_silent),
		CLIENT_TEST(test_token_rotates),
		CLIENT_TEST(test_in_cluster),
		CLIENT_TEST(test_reload_lists_again),
	};

	log_init(LOG_LEVEL_WARN, LOG_FORMAT_KV);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
