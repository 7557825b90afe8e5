// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "api.h"
#include "untaint.h"

static const char *text(const struct doc *d, const char *key)
{
	const struct doc *v = doc_get(d, key);

	return v && v->type == DOC_STRING ? v->string.s : "";
}

/* All that a taint has are strings. */
static struct json_object *copy(const struct doc *taint)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < taint->map.n; i++)
		json_object_object_add(o, taint->map.v[i].key, json_object_new_string(text(taint, taint->map.v[i].key)));
	return o;
}

/* The taints but for @key's; NULL if it has none. */
static struct json_object *others(const struct doc *node, const char *key)
{
	const struct doc *taints = doc_get(doc_get(node, "spec"), "taints");
	struct json_object *v = json_object_new_array();
	bool found = false;

	for (size_t i = 0; taints && taints->type == DOC_SEQ && i < taints->seq.n; i++) {
		const struct doc *t = taints->seq.v[i];

		if (!strcmp(text(t, "key"), key))
			found = true;
		else if (t->type == DOC_MAP)
			json_object_array_add(v, copy(t));
	}
	if (found)
		return v;
	json_object_put(v);
	return NULL;
}

static char *patch(const struct doc *node, struct json_object *taints)
{
	struct json_object *o = json_object_new_object(), *meta = json_object_new_object(), *spec = json_object_new_object();
	const char *version = kube_api_resource_version(node);
	char *out;

	json_object_object_add(meta, "resourceVersion", json_object_new_string(version ? version : ""));
	json_object_object_add(spec, "taints", taints);
	json_object_object_add(o, "metadata", meta);
	json_object_object_add(o, "spec", spec);
	out = mem_strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return out;
}

static void send_if_due(struct kube_untaint *u)
{
	struct kube_letter l = { .method = "PATCH", .type = "application/merge-patch+json", .must = true };

	if (!u->wanted || !u->body)
		return;
	l.path = mem_printf("/api/v1/nodes/%s", u->node);
	l.body = u->body;
	u->body = NULL;
	kube_outbox_put(u->outbox, &l);
}

void kube_untaint_see(struct kube_untaint *u, const struct doc *node)
{
	struct json_object *taints;

	if (!u->key || strcmp(text(doc_get(node, "metadata"), "name"), u->node))
		return;
	free(u->body);
	taints = others(node, u->key);
	u->body = taints ? patch(node, taints) : NULL;
	send_if_due(u);
}

void kube_untaint_go(struct kube_untaint *u)
{
	u->wanted = true;
	send_if_due(u);
}

void kube_untaint_free(struct kube_untaint *u)
{
	free(u->body);
	u->body = NULL;
}
