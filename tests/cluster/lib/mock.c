// SPDX-License-Identifier: GPL-2.0
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/mem.h"
#include "mock.h"

struct object {
	enum kind kind;
	char *ns, *name, *json;
};
struct event {
	long rv;
	enum kind kind;
	char *json;		/* the whole event */
};

struct mock {
	struct httpd *httpd;
	char url[64];
	pthread_mutex_t lock;	/* of all below */
	pthread_cond_t news;
	struct object *objects;
	size_t n_objects, cap_objects;
	struct event *events;
	size_t n_events, cap_events;
	long rv, compacted;
	mock_hook hook;
	void *hook_ctx;
	bool no_streaming, muted;
	char *authorization;
	int write_status, writes;
	char *written;		/* the last; NULL: none */
	struct mock_counts counts[KINDS];
};

static const char *const resources[KINDS] = {
	[KIND_NAMESPACE] = "namespaces", [KIND_NODE] = "nodes", [KIND_POD] = "pods",
	[KIND_NETWORKPOLICY] = "networkpolicies", [KIND_SERVICE] = "services",
	[KIND_ENDPOINTSLICE] = "endpointslices", [KIND_INGRESS] = "ingresses",
	[KIND_INGRESSCLASS] = "ingressclasses", [KIND_SECRET] = "secrets",
};

static bool find_kind(const char *path, enum kind *kind)
{
	const char *last = strrchr(path, '/');

	for (int k = 0; last && k < KINDS; k++)
		if (!strcmp(last + 1, resources[k])) {
			*kind = k;
			return true;
		}
	return false;
}

static struct object *find_object(struct mock *m, enum kind kind, const char *ns, const char *name)
{
	for (size_t i = 0; i < m->n_objects; i++) {
		struct object *o = &m->objects[i];

		if (o->kind == kind && !strcmp(o->ns, ns) && !strcmp(o->name, name))
			return o;
	}
	return NULL;
}

static void add_event(struct mock *m, const char *type, enum kind kind, const char *json)
{
	mem_grow(m->events, m->n_events, m->cap_events);
	m->events[m->n_events++] = (struct event){
		.rv = m->rv, .kind = kind, .json = mem_printf("{\"type\":\"%s\",\"object\":%s}\n", type, json),
	};
	pthread_cond_broadcast(&m->news);
}

static char *object_json(struct mock *m, const char *ns, const char *name, const char *meta, const char *body)
{
	return mem_printf("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\",\"resourceVersion\":\"%ld\"%s}%s}",
			  name, ns, m->rv, meta, body);
}

void mock_put(struct mock *m, enum kind kind, const char *ns, const char *name, const char *meta, const char *body)
{
	struct object *o;

	pthread_mutex_lock(&m->lock);
	m->rv++;
	o = find_object(m, kind, ns, name);
	if (!o) {
		mem_grow(m->objects, m->n_objects, m->cap_objects);
		o = &m->objects[m->n_objects++];
		*o = (struct object){ .kind = kind, .ns = mem_strdup(ns), .name = mem_strdup(name) };
	}
	free(o->json);
	o->json = object_json(m, ns, name, meta, body);
	add_event(m, "MODIFIED", kind, o->json);
	pthread_mutex_unlock(&m->lock);
}

static void free_object(struct object *o)
{
	free(o->ns);
	free(o->name);
	free(o->json);
}

void mock_delete(struct mock *m, enum kind kind, const char *ns, const char *name)
{
	struct object *o;
	char *json;

	pthread_mutex_lock(&m->lock);
	m->rv++;
	o = find_object(m, kind, ns, name);
	if (o) {
		json = object_json(m, ns, name, "", "");
		add_event(m, "DELETED", kind, json);
		free(json);
		free_object(o);
		*o = m->objects[--m->n_objects];
	}
	pthread_mutex_unlock(&m->lock);
}

void mock_compact(struct mock *m)
{
	pthread_mutex_lock(&m->lock);
	m->compacted = ++m->rv;
	pthread_mutex_unlock(&m->lock);
}

void mock_drop(struct mock *m)
{
	httpd_drop_all(m->httpd);
}

struct mock_counts mock_counts(struct mock *m, enum kind kind)
{
	struct mock_counts c;

	pthread_mutex_lock(&m->lock);
	c = m->counts[kind];
	pthread_mutex_unlock(&m->lock);
	return c;
}

static const char too_old[] = "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old resource version\"}";

static bool list_page(struct mock *m, const struct mock_call *call)
{
	char limit[16] = "0", *out = mem_strdup(""), *old;
	size_t n = 0, at = 0, max;
	bool ok, more = false;

	httpd_param(call->http, "limit", limit, sizeof(limit));
	max = strtoul(limit, NULL, 10);
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->n_objects; i++) {
		if (m->objects[i].kind != call->kind || at++ < (size_t)call->from)
			continue;
		more = max && n == max;
		if (more)
			break;
		old = out;
		out = mem_printf("%s%s%s", old, n++ ? "," : "", m->objects[i].json);
		free(old);
	}
	old = out;
	if (more)
		out = mem_printf("{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"%ld\",\"continue\":\"at=%zu&%%\"},\"items\":[%s]}",
				 m->rv, call->from + n, old);
	else
		out = mem_printf("{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"%ld\"},\"items\":[%s]}", m->rv, old);
	pthread_mutex_unlock(&m->lock);
	ok = httpd_answer(call->http, 200, "", out);
	free(old);
	free(out);
	return ok;
}

static bool send_line(struct mock *m, const struct mock_call *call, char *line)
{
	bool ok;

	pthread_mutex_unlock(&m->lock);
	ok = httpd_chunk(call->http, line, strlen(line));
	free(line);
	pthread_mutex_lock(&m->lock);
	return ok;
}

static bool send_initial(struct mock *m, const struct mock_call *call)
{
	for (size_t i = 0; i < m->n_objects; i++)
		if (m->objects[i].kind == call->kind &&
		    !send_line(m, call, mem_printf("{\"type\":\"ADDED\",\"object\":%s}\n", m->objects[i].json)))
			return false;
	return send_line(m, call, mem_printf("{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"%ld\","
					     "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n", m->rv));
}

static void wait_news(struct mock *m)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 50000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&m->news, &m->lock, &ts);
}

/* Events after @from, until the server stops, the peer goes or the time is up. */
static bool send_events(struct mock *m, const struct mock_call *call, long from, time_t until)
{
	size_t i = 0;

	while (!httpd_stopping(m->httpd) && time(NULL) < until) {
		for (; i < m->n_events && !m->muted; i++)
			if (m->events[i].kind == call->kind && m->events[i].rv > from &&
			    !send_line(m, call, mem_strdup(m->events[i].json)))
				return false;
		wait_news(m);
	}
	return true;
}

static bool watch(struct mock *m, const struct mock_call *call)
{
	char timeout[16] = "300";
	long from = call->from;
	bool ok;

	httpd_param(call->http, "timeoutSeconds", timeout, sizeof(timeout));
	if (!httpd_chunked(call->http))
		return false;
	pthread_mutex_lock(&m->lock);
	if (call->initial)
		from = m->rv;
	ok = (!call->initial || send_initial(m, call)) &&
	     send_events(m, call, from, time(NULL) + strtol(timeout, NULL, 10));
	pthread_mutex_unlock(&m->lock);
	return ok && httpd_chunks_end(call->http);
}

static bool behave(struct mock *m, const struct mock_call *call)
{
	bool old;

	if (!call->watch)
		return list_page(m, call);
	if (call->initial && m->no_streaming)
		return httpd_answer(call->http, 422, "", "{\"kind\":\"Status\",\"code\":422,\"message\":\"sendInitialEvents: Forbidden\"}");
	pthread_mutex_lock(&m->lock);
	old = !call->initial && call->from < m->compacted;
	pthread_mutex_unlock(&m->lock);
	return old ? httpd_answer(call->http, 410, "", too_old) : watch(m, call);
}

static bool read_call(struct mock *m, struct mock_call *call, struct httpd_req *r)
{
	char value[64];
	int *count;

	call->http = r;
	if (!find_kind(r->path, &call->kind))
		return false;
	call->watch = httpd_param(r, "watch", value, sizeof(value));
	call->initial = httpd_param(r, "sendInitialEvents", value, sizeof(value));
	if (httpd_param(r, "resourceVersion", value, sizeof(value)))
		call->from = strtol(value, NULL, 10);
	else if (httpd_param(r, "continue", value, sizeof(value)))
		call->from = strtol(value + 3, NULL, 10);
	pthread_mutex_lock(&m->lock);
	count = call->initial ? &m->counts[call->kind].streams :
		call->watch ? &m->counts[call->kind].watches : &m->counts[call->kind].pages;
	call->nth = ++*count;
	pthread_mutex_unlock(&m->lock);
	return true;
}

static void hold_while_muted(struct mock *m)
{
	pthread_mutex_lock(&m->lock);
	while (m->muted && !httpd_stopping(m->httpd))
		wait_news(m);
	pthread_mutex_unlock(&m->lock);
}

static bool allowed(struct mock *m, const struct httpd_req *r)
{
	bool ok;

	pthread_mutex_lock(&m->lock);
	ok = !m->authorization || !strcmp(m->authorization, r->authorization);
	pthread_mutex_unlock(&m->lock);
	return ok;
}

static bool take_write(struct mock *m, struct httpd_req *r)
{
	int status;

	pthread_mutex_lock(&m->lock);
	free(m->written);
	m->written = mem_printf("%s %s %s", r->method, r->path, r->body ? r->body : "");
	m->writes++;
	status = m->write_status;
	pthread_mutex_unlock(&m->lock);
	return httpd_answer(r, status, "", "{}");
}

void mock_set_write_status(struct mock *m, int status)
{
	pthread_mutex_lock(&m->lock);
	m->write_status = status;
	pthread_mutex_unlock(&m->lock);
}

int mock_writes(struct mock *m, char **last)
{
	int n;

	pthread_mutex_lock(&m->lock);
	n = m->writes;
	if (last)
		*last = mem_strdup(m->written ? m->written : "");
	pthread_mutex_unlock(&m->lock);
	return n;
}

static bool handle(void *ctx, struct httpd_req *r)
{
	struct mock *m = ctx;
	struct mock_call call = { 0 };
	enum mock_verdict v = MOCK_BEHAVE;

	hold_while_muted(m);
	if (!allowed(m, r))
		return httpd_answer(r, 401, "", "{\"kind\":\"Status\",\"code\":401,\"message\":\"Unauthorized\"}");
	if (strcmp(r->method, "GET"))
		return take_write(m, r);
	if (!read_call(m, &call, r))
		return httpd_answer(r, 404, "", "{}");
	if (m->hook)
		v = m->hook(m->hook_ctx, m, &call);
	return v == MOCK_BEHAVE ? behave(m, &call) : v == MOCK_KEEP;
}

struct mock *mock_start(void)
{
	struct mock *m = mem_new(struct mock);

	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->news, NULL);
	m->rv = 100;
	m->write_status = 201;
	m->httpd = httpd_start(0, handle, m);
	snprintf(m->url, sizeof(m->url), "http://127.0.0.1:%d", httpd_port(m->httpd));
	return m;
}

void mock_stop(struct mock *m)
{
	httpd_stop(m->httpd);
	for (size_t i = 0; i < m->n_objects; i++)
		free_object(&m->objects[i]);
	for (size_t i = 0; i < m->n_events; i++)
		free(m->events[i].json);
	free(m->objects);
	free(m->events);
	free(m->authorization);
	free(m->written);
	free(m);
}

const char *mock_url(const struct mock *m)
{
	return m->url;
}

void mock_set_hook(struct mock *m, mock_hook hook, void *ctx)
{
	m->hook_ctx = ctx;
	m->hook = hook;
}

void mock_set_no_streaming(struct mock *m)
{
	m->no_streaming = true;
}

void mock_mute(struct mock *m, bool mute)
{
	pthread_mutex_lock(&m->lock);
	m->muted = mute;
	pthread_mutex_unlock(&m->lock);
}

void mock_set_token(struct mock *m, const char *authorization)
{
	pthread_mutex_lock(&m->lock);
	free(m->authorization);
	m->authorization = authorization ? mem_strdup(authorization) : NULL;
	pthread_mutex_unlock(&m->lock);
}
