// SPDX-License-Identifier: GPL-2.0
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/mem.h"
#include "generator.h"
#include "lib/httpd.h"

#define BATCH (256u << 10)

struct generator {
	struct world *world;
	struct scale_shared *shared;
	atomic_ulong rv;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static bool find_kind(const char *path, enum kind *kind)
{
	static const char *const resources[KINDS] = {
		"namespaces", "nodes", "pods", "networkpolicies", "services", "endpointslices", "ingresses",
		"ingressclasses", "secrets",
	};
	const char *last = strrchr(path, '/');

	for (int k = 0; last && k < KINDS; k++)
		if (!strcmp(last + 1, resources[k])) {
			*kind = k;
			return true;
		}
	return false;
}

/* Bytes on their way out, a chunk at a time. */
struct out {
	struct httpd_req *r;
	char *buf;
	size_t len;
	bool ok;
};

static void flush(struct out *o)
{
	if (o->len && o->ok)
		o->ok = httpd_chunk(o->r, o->buf, o->len);
	o->len = 0;
}

static void put(struct out *o, const char *s, size_t len)
{
	if (o->len + len > BATCH)
		flush(o);
	memcpy(o->buf + o->len, s, len);
	o->len += len;
}

static void put_event(struct generator *g, struct out *o, const char *type, enum kind kind, size_t i, unsigned long rv)
{
	char line[WORLD_JSON_MAX + 64];
	size_t len = sprintf(line, "{\"type\":\"%s\",\"object\":", type);

	len += world_json(g->world, kind, i, rv, line + len);
	len += sprintf(line + len, "}\n");
	put(o, line, len);
}

static void put_initial(struct generator *g, struct out *o, enum kind kind)
{
	char line[256];

	for (size_t i = 0; i < world_count(g->world, kind) && o->ok; i++)
		put_event(g, o, "ADDED", kind, i, 1);
	put(o, line, sprintf(line, "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"%lu\","
			     "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n", g->rv));
	flush(o);
}

static void send_change(struct generator *g, struct out *o, const char *type, size_t pod)
{
	unsigned n = g->shared->sent;

	put_event(g, o, type, KIND_POD, pod, ++g->rv);
	g->shared->sent_ns[n % CHANGES_MAX] = now_ns();
	g->shared->sent = n + 1;
	flush(o);
}

/*
 * What pods do: of ten changes six are statuses that mean nothing to us, two are new labels, two
 * the end of a pod and the start of its successor elsewhere.
 */
static void change(struct generator *g, struct out *o, unsigned k)
{
	size_t pod = (k * 2654435761ull) % g->world->pods;

	switch (k % 10) {
	case 7:
	case 8:
		g->world->label[pod]++;
		send_change(g, o, "MODIFIED", pod);
		break;
	case 9:
		send_change(g, o, "DELETED", pod);
		g->world->generation[pod]++;
		send_change(g, o, "ADDED", pod);
		break;
	default:
		send_change(g, o, "MODIFIED", pod);
	}
}

static void watch(struct generator *g, struct out *o, enum kind kind)
{
	uint64_t next = 0;
	unsigned rate, k = 0;

	while (o->ok && !httpd_stopping(o->r->server)) {
		rate = kind == KIND_POD ? g->shared->rate : 0;
		if (!rate) {
			usleep(20000);
			next = 0;
			continue;
		}
		if (!next)
			next = now_ns();
		while (next <= now_ns() && o->ok) {
			change(g, o, k++);
			next += 1000000000ull / rate;
		}
		usleep(500);
	}
}

static bool serve_watch(struct generator *g, struct httpd_req *r, enum kind kind)
{
	struct out o = { .r = r, .buf = mem_array(BATCH, 1), .ok = httpd_chunked(r) };
	char value[32];

	if (httpd_param(r, "sendInitialEvents", value, sizeof(value)))
		put_initial(g, &o, kind);
	watch(g, &o, kind);
	free(o.buf);
	return false;
}

static bool serve_page(struct generator *g, struct httpd_req *r, enum kind kind)
{
	struct out o = { .r = r, .buf = mem_array(BATCH, 1), .ok = httpd_chunked(r) };
	char value[32] = "0", json[WORLD_JSON_MAX];
	size_t from, limit, n = world_count(g->world, kind), i;

	httpd_param(r, "continue", value, sizeof(value));
	from = strtoul(value, NULL, 10);
	strcpy(value, "500");
	httpd_param(r, "limit", value, sizeof(value));
	limit = strtoul(value, NULL, 10);
	put(&o, json, sprintf(json, from + limit < n ? "{\"metadata\":{\"resourceVersion\":\"%lu\",\"continue\":\"%zu\"},\"items\":["
			      : "{\"metadata\":{\"resourceVersion\":\"%lu\"},\"items\":[", g->rv, from + limit));
	for (i = from; i < n && i < from + limit && o.ok; i++) {
		if (i > from)
			put(&o, ",", 1);
		put(&o, json, world_json(g->world, kind, i, 1, json));
	}
	put(&o, "]}", 2);
	flush(&o);
	free(o.buf);
	return o.ok && httpd_chunks_end(r);
}

static bool handle(void *ctx, struct httpd_req *r)
{
	char value[8];
	enum kind kind;

	if (!find_kind(r->path, &kind))
		return httpd_answer(r, 200, "", "{}");
	if (httpd_param(r, "watch", value, sizeof(value)))
		return serve_watch(ctx, r, kind);
	return serve_page(ctx, r, kind);
}

void generator_run(struct world *w, struct scale_shared *shared)
{
	struct generator g = { .world = w, .shared = shared, .rv = 1000 };
	struct httpd *h = httpd_start(0, handle, &g);

	shared->port = httpd_port(h);
	for (;;)
		pause();
}
