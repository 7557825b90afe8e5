// SPDX-License-Identifier: GPL-2.0
/*
 * decode: what a document is, and what all objects have in common.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "decode.h"
#include "decoder.h"
#include "names.h"

static const struct {
	const char *api_version;
	size_t size;
	void (*decode)(struct decoder *dec, const struct doc *d, struct meta *obj);
	const char *(*check_name)(const char *s);
} kinds[KINDS] = {
	[KIND_NAMESPACE] = { "v1", sizeof(struct namespace), decode_namespace, name_check_label },
	[KIND_NODE] = { "v1", sizeof(struct node), decode_node, name_check_subdomain },
	[KIND_POD] = { "v1", sizeof(struct pod), decode_pod, name_check_subdomain },
	[KIND_NETWORKPOLICY] = { "networking.k8s.io/v1", sizeof(struct networkpolicy), decode_networkpolicy,
				 name_check_subdomain },
	[KIND_SERVICE] = { "v1", sizeof(struct service), decode_service, name_check_label },
	[KIND_ENDPOINTSLICE] = { "discovery.k8s.io/v1", sizeof(struct endpointslice), decode_endpointslice,
				 name_check_subdomain },
	[KIND_INGRESS] = { "networking.k8s.io/v1", sizeof(struct ingress), decode_ingress, name_check_subdomain },
	[KIND_INGRESSCLASS] = { "networking.k8s.io/v1", sizeof(struct ingressclass), decode_ingressclass,
				name_check_subdomain },
	[KIND_SECRET] = { "v1", sizeof(struct secret), decode_secret, name_check_subdomain },
};

static bool wanted_annotation(const char *key)
{
	return !strncmp(key, "stockade.io/", strlen("stockade.io/")) ||
	       !strncmp(key, "cert-manager.io/", strlen("cert-manager.io/")) ||
	       !strcmp(key, "kubernetes.io/tls-acme") ||
	       !strcmp(key, "kubernetes.io/ingress.class") ||
	       !strcmp(key, "ingressclass.kubernetes.io/is-default-class");
}

struct labels dec_object_labels(struct decoder *dec, const struct doc *meta)
{
	return dec_labels(dec, meta, "labels", NULL, name_check_label_value);
}

struct labels dec_object_annotations(struct decoder *dec, const struct doc *meta)
{
	return dec_labels(dec, meta, "annotations", wanted_annotation, NULL);
}

static void decode_name(struct decoder *dec, const struct doc *meta, struct meta *obj)
{
	const struct doc *node = doc_get(meta, "name");
	const char *why;

	obj->name = dec_string(dec, meta, "name");
	if (!*obj->name) {
		if (!node || node->type == DOC_STRING)
			dec_error_in(dec, meta, "name", "is required");
		return;
	}
	why = kinds[obj->kind].check_name(obj->name);
	if (why)
		dec_error_in(dec, node, "name", "\"%s\": %s", obj->name, why);
}

/* Objects without a namespace go where kubectl would put them. */
static void decode_ns(struct decoder *dec, const struct doc *meta, struct meta *obj)
{
	const char *why;

	obj->ns = dec_string(dec, meta, "namespace");
	if (!kind_namespaced(obj->kind)) {
		obj->ns = dec_intern(dec, "");
		return;
	}
	if (!*obj->ns)
		obj->ns = dec_intern(dec, "default");
	why = name_check_label(obj->ns);
	if (why)
		dec_error_in(dec, doc_get(meta, "namespace"), "namespace", "\"%s\": %s", obj->ns, why);
}

static void decode_meta(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	static const char *const fields[] = {
		"name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
		"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations",
		"ownerReferences", "finalizers", "clusterName", "managedFields", NULL
	};
	const struct doc *meta = dec_map(dec, d, "metadata");
	size_t at = dec_enter(dec, "metadata");

	dec_known_fields(dec, meta, fields);
	decode_name(dec, meta, obj);
	decode_ns(dec, meta, obj);
	obj->labels = dec_object_labels(dec, meta);
	obj->annotations = dec_object_annotations(dec, meta);
	dec_leave(dec, at);
}

static const char *quiet_text(const struct doc *d, const char *key)
{
	const struct doc *v = doc_get(d, key);

	return v && v->type == DOC_STRING ? v->string.s : NULL;
}

/* How messages call it: as it stands there, good or not. */
static char *object_name(const char *kind, bool namespaced, const struct doc *d)
{
	const struct doc *meta = doc_get(d, "metadata");
	const char *ns = quiet_text(meta, "namespace"), *name = quiet_text(meta, "name");

	if (!name || !*name)
		return mem_strdup(kind);
	if (!namespaced)
		return mem_printf("%s %s", kind, name);
	return mem_printf("%s %s/%s", kind, ns && *ns ? ns : "default", name);
}

/* The object as far as it could be read; the caller looks at *@mistakes. */
static struct meta *decode_object(struct model *m, enum kind kind, const struct doc *d, const char *file,
				  struct diags *diags, int *mistakes)
{
	char *object = object_name(kind_name(kind), kind_namespaced(kind), d);
	struct decoder dec = { .m = m, .diags = diags, .file = file, .object = object, .line = d->line };
	struct meta *obj = mem_array(1, kinds[kind].size);

	obj->kind = kind;
	obj->origin.file = dec_intern(&dec, file);
	obj->origin.line = file ? d->line : 0;
	decode_meta(&dec, d, obj);
	kinds[kind].decode(&dec, d, obj);
	*mistakes += dec.mistakes;
	free(object);
	return obj;
}

struct meta *model_decode_api(struct model *m, enum kind kind, const struct doc *d, struct diags *diags)
{
	struct meta *obj;
	int mistakes = 0;

	if (d->type != DOC_MAP) {
		diags_add(diags, NULL, 0, kind_name(kind), NULL, "is not an object");
		return NULL;
	}
	obj = decode_object(m, kind, d, NULL, diags, &mistakes);
	if (*obj->name && !(kind == KIND_SECRET && !secret_is_tls(d)))
		return obj;
	model_object_free(obj);
	return NULL;
}

/* One call of model_decode. */
struct run {
	struct model *m;
	const char *file;
	unsigned flags;		/* enum decode_flags */
	struct diags *diags;
	int mistakes;
	void (*each)(void *ctx, struct meta *obj);
	void *ctx;
};

#define complain(r, line, field, ...) do { \
	diags_add((r)->diags, (r)->file, (line), NULL, (field), __VA_ARGS__); \
	(r)->mistakes++; \
} while (0)

static void deliver(struct run *r, struct meta *obj, int mistakes)
{
	r->mistakes += mistakes;
	if (mistakes && !((r->flags & DECODE_LENIENT) && *obj->name))
		model_object_free(obj);
	else
		r->each(r->ctx, obj);
}

static void decode_kept(struct run *r, enum kind kind, const struct doc *d)
{
	int mistakes = 0;
	struct meta *obj;

	if (kind == KIND_SECRET && !secret_is_tls(d))
		return;
	obj = decode_object(r->m, kind, d, r->file, r->diags, &mistakes);
	deliver(r, obj, mistakes);
}

/* A workload without a name of its own (generateName) is not there until something makes it. */
static void decode_template(struct run *r, const char *kind, const struct doc *d)
{
	char *object = object_name(kind, true, d);
	struct decoder dec = { .m = r->m, .diags = r->diags, .file = r->file, .object = object, .line = d->line };
	struct meta *obj;

	if (strchr(object, ' ')) {
		obj = mem_array(1, sizeof(struct pod));
		obj->kind = KIND_POD;
		obj->origin = (struct origin){ dec_intern(&dec, r->file), d->line };
		decode_meta(&dec, d, obj);
		((struct pod *)obj)->node = dec_intern(&dec, "");
		if (decode_workload(&dec, d, kind, obj) || dec.mistakes)
			deliver(r, obj, dec.mistakes);
		else
			model_object_free(obj);
	}
	free(object);
}

static bool is_one_of(const char *s, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == len && !strncmp(s, *words, len))
			return true;
	return false;
}

/* A group in which the names of our kinds mean our kinds, in whatever version. */
static bool is_our_group(const char *api_version)
{
	static const char *const groups[] = {
		"extensions", "networking.k8s.io", "discovery.k8s.io", "apps", "policy", NULL
	};
	const char *slash = strchr(api_version, '/');

	return !slash || is_one_of(api_version, slash - api_version, groups);
}

/* Kinds of networking.k8s.io and discovery.k8s.io that are none of our business. */
static bool is_other_kind(const char *kind)
{
	static const char *const others[] = { "IPAddress", "ServiceCIDR", "ClusterCIDR", NULL };

	return is_one_of(kind, strlen(kind), others);
}

/* A misspelt kind would be skipped in silence, and with it what it was to forbid. */
static void check_skipped(struct run *r, const struct doc *d, const char *api_version, const char *kind)
{
	for (int k = 0; k < KINDS; k++)
		if (!strcasecmp(kind, kind_name(k)) && is_our_group(api_version)) {
			complain(r, d->line, "kind", "unknown kind \"%s\": did you mean %s?", kind, kind_name(k));
			return;
		}
	if (is_other_kind(kind))
		return;
	if (!strcmp(api_version, "networking.k8s.io/v1") || !strcmp(api_version, "discovery.k8s.io/v1"))
		complain(r, d->line, "kind", "unknown kind \"%s\" of %s", kind, api_version);
}

/* What an item of a typed list need not say. */
struct implied {
	const char *api_version, *kind;
};

static void decode_document(struct run *r, const struct doc *d, const struct implied *implied);

static void decode_items(struct run *r, const struct doc *d, const struct implied *implied)
{
	const struct doc *items = doc_get(d, "items");

	if (!items)
		return;
	if (items->type != DOC_SEQ) {
		complain(r, items->line, "items", "must be a list");
		return;
	}
	for (size_t i = 0; i < items->seq.n; i++)
		decode_document(r, items->seq.v[i], implied);
}

/* PodList and the like, of kinds we keep. */
static bool decode_typed_list(struct run *r, const struct doc *d, const char *api_version, const char *kind)
{
	for (int k = 0; k < KINDS; k++) {
		size_t len = strlen(kind_name(k));

		if (!strncmp(kind, kind_name(k), len) && !strcmp(kind + len, "List") && is_our_group(api_version)) {
			decode_items(r, d, &(struct implied){ api_version, kind_name(k) });
			return true;
		}
	}
	return false;
}

static void decode_typed(struct run *r, const struct doc *d, const char *api_version, const char *kind)
{
	enum kind k;

	if (!strcmp(kind, "List") && !strcmp(api_version, "v1")) {
		decode_items(r, d, NULL);
	} else if (kind_parse(kind, &k)) {
		if (!strcmp(api_version, kinds[k].api_version))
			decode_kept(r, k, d);
		else if (is_our_group(api_version))
			complain(r, d->line, "apiVersion", "\"%s\" is not served for %s: use %s", api_version,
				 kind, kinds[k].api_version);
	} else if ((r->flags & DECODE_TEMPLATES) && workload_is(api_version, kind)) {
		decode_template(r, kind, d);
	} else if (!decode_typed_list(r, d, api_version, kind)) {
		check_skipped(r, d, api_version, kind);
	}
}

static const char *type_field(struct run *r, const struct doc *d, const char *key, const char *implied)
{
	const struct doc *v = doc_get(d, key);

	if (!v && implied)
		return implied;
	if (!v)
		complain(r, d->line, key, "is required");
	else if (v->type != DOC_STRING || !*v->string.s)
		complain(r, v->line, key, "must be a string");
	else
		return v->string.s;
	return NULL;
}

static void decode_document(struct run *r, const struct doc *d, const struct implied *implied)
{
	const char *api_version, *kind;

	if (d->type != DOC_MAP) {
		complain(r, d->line, NULL, "not a Kubernetes object: must be a map with apiVersion and kind");
		return;
	}
	api_version = type_field(r, d, "apiVersion", implied ? implied->api_version : NULL);
	kind = type_field(r, d, "kind", implied ? implied->kind : NULL);
	if (api_version && kind)
		decode_typed(r, d, api_version, kind);
}

int model_decode_as(struct model *m, const struct doc *d, const char *file, unsigned flags, struct diags *diags,
		    void (*each)(void *ctx, struct meta *obj), void *ctx)
{
	struct run r = { .m = m, .file = file, .flags = flags, .diags = diags, .each = each, .ctx = ctx };

	decode_document(&r, d, NULL);
	return r.mistakes;
}

int model_decode(struct model *m, const struct doc *d, const char *file, struct diags *diags,
		 void (*each)(void *ctx, struct meta *obj), void *ctx)
{
	return model_decode_as(m, d, file, 0, diags, each, ctx);
}
