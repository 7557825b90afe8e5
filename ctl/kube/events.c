// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../base/mem.h"
#include "api.h"
#include "events.h"

#define EXPIRE_MS (3600u * 1000)	/* what the API server keeps Events for, unless told otherwise */
#define MINUTE_MS 60000u
#define PER_MINUTE 10
#define NAME_MAX_LEN 230		/* of an object's, in its Event's of at most 253 */
#define MESSAGE_MAX 1000		/* the API takes 1024 */

static uint64_t fnv(uint64_t hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 1099511628211ull;
	return (hash ^ '/') * 1099511628211ull;
}

#define FNV_START 14695981039346656037ull

static const char *text(const struct doc *d, const char *key)
{
	const struct doc *v = doc_get(d, key);

	return v && v->type == DOC_STRING ? v->string.s : "";
}

/* True if less than KUBE_EVENTS_TELLERS Nodes rank before this one for the object. */
static bool is_teller(const struct kube_events *e, uint64_t object)
{
	uint64_t mine = fnv(object, e->node);
	unsigned before = 0;
	size_t n;
	const struct meta *const *v = model_list(e->model, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++)
		before += fnv(object, v[i]->name) < mine;
	return before < KUBE_EVENTS_TELLERS;
}

static bool was_told(struct kube_events *e, uint64_t hash, uint64_t now_ms)
{
	size_t at = hash % KUBE_EVENTS_TOLD;

	if (e->told[at].hash == hash && now_ms - e->told[at].at_ms < EXPIRE_MS)
		return true;
	if (now_ms - e->minute_ms >= MINUTE_MS) {
		e->minute_ms = now_ms;
		e->minute_n = 0;
	}
	if (e->minute_n == PER_MINUTE)
		return true;
	e->minute_n++;
	e->told[at].hash = hash;
	e->told[at].at_ms = now_ms;
	return false;
}

/* Each mistake as "field: what", as many as fit. */
static char *message_of(const struct diags *diags)
{
	char *out = mem_array(MESSAGE_MAX + 1, 1);
	size_t len = 0;

	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *d = &diags->v[i];
		char *one = mem_printf("%s%s%s%s", i ? "; " : "left out, for it cannot be read: ", d->field ? d->field : "",
				       d->field ? ": " : "", d->message);
		size_t n = strlen(one);

		if (len + n > MESSAGE_MAX) {
			n = i ? 0 : MESSAGE_MAX;
			i = diags->n;
		}
		memcpy(out + len, one, n);
		len += n;
		free(one);
	}
	return out;
}

static void set(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *child = json_object_new_object();

	json_object_object_add(o, key, child);
	return child;
}

static void set_times(struct json_object *o)
{
	char now[32];
	time_t t = time(NULL);
	struct tm tm;

	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	set(o, "firstTimestamp", now);
	set(o, "lastTimestamp", now);
	json_object_object_add(o, "count", json_object_new_int(1));
}

/* What is told of. */
struct involved {
	enum kind kind;
	const char *ns, *name, *uid, *version;	/* "" where there is none */
};

/* What kubectl finds an object's Events by. */
static void set_involved(struct json_object *o, const struct involved *i)
{
	set(o, "apiVersion", kube_api_version(i->kind));
	set(o, "kind", kind_name(i->kind));
	set(o, "name", i->name);
	set(o, "uid", i->uid);
	if (*i->version)
		set(o, "resourceVersion", i->version);
	if (*i->ns)
		set(o, "namespace", i->ns);
}

static char *event_json(const struct kube_events *e, const struct involved *i, const char *ns, uint64_t hash,
			const char *message)
{
	struct json_object *o = json_object_new_object(), *source, *own;
	char *name = mem_printf("%.*s.%016" PRIx64, NAME_MAX_LEN, i->name, hash), *out;

	set(o, "apiVersion", "v1");
	set(o, "kind", "Event");
	own = member(o, "metadata");
	set(own, "name", name);
	set(own, "namespace", ns);
	set_involved(member(o, "involvedObject"), i);
	set(o, "type", "Warning");
	set(o, "reason", "NotEnforcedAsWritten");
	set(o, "message", message);
	source = member(o, "source");
	set(source, "component", "stockaded");
	set(source, "host", e->node);
	set(o, "reportingComponent", "stockaded");
	set(o, "reportingInstance", e->node);
	set_times(o);
	out = mem_strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	free(name);
	return out;
}

static void free_held(struct kube_held *h)
{
	free(h->letter.path);
	free(h->letter.body);
}

static void pass_on(struct kube_events *e, struct kube_held *h)
{
	if (!h->object || is_teller(e, h->object))
		e->sent += kube_outbox_put(e->outbox, &h->letter);
	else
		free_held(h);
}

void kube_events_ready(struct kube_events *e)
{
	if (e->ready)
		return;
	e->ready = true;
	for (unsigned i = 0; i < e->n_held; i++)
		pass_on(e, &e->held[i]);
	e->n_held = 0;
}

void kube_events_free(struct kube_events *e)
{
	for (unsigned i = 0; i < e->n_held; i++)
		free_held(&e->held[i]);
	e->n_held = 0;
}

static void tell(struct kube_events *e, const struct involved *i, bool everyone_knows, const char *message, uint64_t now_ms)
{
	const char *ns = *i->ns ? i->ns : "default";
	struct kube_held h = { .letter = { .method = "POST", .type = "application/json" } };
	uint64_t object = fnv(FNV_START, i->uid), hash = fnv(object, message);

	if (was_told(e, hash, now_ms) || e->n_held == KUBE_OUTBOX_MAX) {
		e->suppressed++;
		return;
	}
	h.object = everyone_knows ? object : 0;
	h.letter.path = mem_printf("/api/v1/namespaces/%s/events", ns);
	h.letter.body = event_json(e, i, ns, hash, message);
	if (e->ready)
		pass_on(e, &h);
	else
		e->held[e->n_held++] = h;
}

void kube_events_tell(struct kube_events *e, enum kind kind, const struct doc *d, const struct diags *diags,
		      uint64_t now_ms)
{
	const struct doc *meta = doc_get(d, "metadata");
	struct involved i = { kind, text(meta, "namespace"), text(meta, "name"), text(meta, "uid"), text(meta, "resourceVersion") };
	char *message;

	if (!e->node || !diags->n || !*i.uid)
		return;
	message = message_of(diags);
	tell(e, &i, true, message, now_ms);
	free(message);
}

void kube_events_tell_of_node(struct kube_events *e, const struct networkpolicy *np, const char *message, uint64_t now_ms)
{
	struct involved i = { np->meta.kind, np->meta.ns, np->meta.name, np->uid, "" };

	if (e->node && np->uid)
		tell(e, &i, false, message, now_ms);
}
