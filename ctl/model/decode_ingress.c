// SPDX-License-Identifier: GPL-2.0
/*
 * decode_ingress: Ingresses and their classes, with the annotations that make a gateway.
 */
#include <stdlib.h>
#include <string.h>
#include "decoder.h"
#include "names.h"

#define PORT_MAX 65535

static void decode_backend_port(struct decoder *dec, const struct doc *service, struct ingress_backend *b)
{
	static const char *const fields[] = { "name", "number", NULL };
	const struct doc *port = dec_map(dec, service, "port");
	size_t at = dec_enter(dec, "port");
	const char *name, *why;
	int64_t number = 0;

	dec_known_fields(dec, port, fields);
	name = dec_text(dec, port, "name");
	dec_int(dec, port, "number", 0, PORT_MAX, &number);
	why = name && *name ? name_check_port(name) : NULL;
	if (why)
		dec_error_in(dec, doc_get(port, "name"), "name", "\"%s\": %s", name, why);
	if (name && *name && number)
		dec_error(dec, port, "may not have both name and number");
	else if ((!name || !*name) && !number)
		dec_error(dec, port ? port : service, "needs a name or a number");
	b->port_name = name && *name ? dec_intern(dec, name) : NULL;
	b->port = number;
	dec_leave(dec, at);
}

static void decode_backend_service(struct decoder *dec, const struct doc *service, struct ingress_backend *b)
{
	static const char *const fields[] = { "name", "port", NULL };
	size_t at = dec_enter(dec, "service");
	const char *name, *why;

	dec_known_fields(dec, service, fields);
	name = dec_text(dec, service, "name");
	why = name && *name ? name_check_label(name) : "is required";
	if (why)
		dec_error_in(dec, service, "name", "%s", why);
	b->service = dec_intern(dec, name);
	decode_backend_port(dec, service, b);
	dec_leave(dec, at);
}

/* One with a mistake declares nothing. */
static void decode_backend(struct decoder *dec, const struct doc *d, struct ingress_backend *b)
{
	static const char *const fields[] = { "service", "resource", NULL };
	const struct doc *service = dec_map(dec, d, "service"), *resource = dec_map(dec, d, "resource");
	int before = dec->mistakes;

	dec_known_fields(dec, d, fields);
	if (service && resource)
		dec_error(dec, d, "may not have both service and resource");
	else if (service)
		decode_backend_service(dec, service, b);
	else if (!resource)
		dec_error(dec, d, "needs a service or a resource");
	if (dec->mistakes != before)
		*b = (struct ingress_backend){ 0 };
}

static const char *check_host(const char *host)
{
	struct ip ip;

	if (ip_parse(host, &ip))
		return "must be a DNS name, not an IP address";
	return strchr(host, '*') ? name_check_wildcard(host) : name_check_subdomain(host);
}

static void decode_path_type(struct decoder *dec, const struct doc *d, struct ingress_path *p)
{
	const struct doc *node = doc_get(d, "pathType");
	bool specific;

	p->path_type = dec_string(dec, d, "pathType");
	specific = !strcmp(p->path_type, "ImplementationSpecific");
	if (!*p->path_type)
		dec_error_in(dec, d, "pathType", "is required");
	else if (strcmp(p->path_type, "Exact") && strcmp(p->path_type, "Prefix") && !specific)
		dec_error_in(dec, node, "pathType", "\"%s\" is none of Exact, Prefix, ImplementationSpecific",
			     p->path_type);
	else if (*p->path != '/' && (*p->path || !specific))
		dec_error_in(dec, d, "path", "must be an absolute path");
}

static void decode_path(struct decoder *dec, const struct doc *d, struct ingress_rule *r)
{
	static const char *const fields[] = { "path", "pathType", "backend", NULL };
	struct ingress_path *p = &r->paths[r->n_paths];
	const struct doc *backend;
	int before = dec->mistakes;
	size_t at;

	if (!dec_is_map(dec, d))
		return;
	dec_known_fields(dec, d, fields);
	p->path = dec_string(dec, d, "path");
	decode_path_type(dec, d, p);
	backend = dec_map(dec, d, "backend");
	at = dec_enter(dec, "backend");
	if (backend)
		decode_backend(dec, backend, &p->backend);
	else if (dec->mistakes == before)
		dec_error(dec, d, "is required");
	dec_leave(dec, at);
	r->n_paths += dec->mistakes == before;
}

static void decode_http(struct decoder *dec, const struct doc *http, struct ingress_rule *r)
{
	static const char *const fields[] = { "paths", NULL };
	const struct doc *paths;
	size_t at;

	dec_known_fields(dec, http, fields);
	paths = dec_seq(dec, http, "paths");
	at = dec_enter(dec, "paths");
	if (!paths || !paths->seq.n)
		dec_error(dec, http, "is required");
	r->paths = mem_array(paths ? paths->seq.n : 0, sizeof(*r->paths));
	for (size_t i = 0; paths && i < paths->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_path(dec, paths->seq.v[i], r);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

/* A rule whose host can't be read must not become one for any host. */
static void decode_rule(struct decoder *dec, const struct doc *d, struct ingress *in)
{
	static const char *const fields[] = { "host", "http", NULL };
	struct ingress_rule *r = &in->rules[in->n_rules];
	int before = dec->mistakes;
	const struct doc *http;
	const char *why;
	bool host_known;
	size_t at;

	if (!dec_is_map(dec, d))
		return;
	dec_known_fields(dec, d, fields);
	r->host = dec_string(dec, d, "host");
	why = *r->host ? check_host(r->host) : NULL;
	if (why)
		dec_error_in(dec, doc_get(d, "host"), "host", "\"%s\": %s", r->host, why);
	host_known = dec->mistakes == before;
	http = dec_map(dec, d, "http");
	at = dec_enter(dec, "http");
	if (http && host_known)
		decode_http(dec, http, r);
	dec_leave(dec, at);
	in->n_rules += host_known;
}

static void decode_tls_hosts(struct decoder *dec, const struct doc *d, struct ingress_tls *t)
{
	const struct doc *seq = dec_seq(dec, d, "hosts");
	size_t at = dec_enter(dec, "hosts");

	t->hosts = mem_array(seq ? seq->seq.n : 0, sizeof(*t->hosts));
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);
		const char *host = dec_item_text(dec, seq->seq.v[i]), *why = host ? check_host(host) : NULL;

		if (why)
			dec_error(dec, seq->seq.v[i], "\"%s\": %s", host, why);
		else if (host)
			t->hosts[t->n_hosts++] = dec_intern(dec, host);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

static void decode_tls(struct decoder *dec, const struct doc *d, struct ingress *in)
{
	static const char *const fields[] = { "hosts", "secretName", NULL };
	struct ingress_tls *t = &in->tls[in->n_tls];
	const char *why;

	if (!dec_is_map(dec, d))
		return;
	dec_known_fields(dec, d, fields);
	t->secret = dec_string(dec, d, "secretName");
	why = *t->secret ? name_check_subdomain(t->secret) : NULL;
	if (why)
		dec_error_in(dec, doc_get(d, "secretName"), "secretName", "\"%s\": %s", t->secret, why);
	decode_tls_hosts(dec, d, t);
	in->n_tls++;
}

/* Calls @decode for each item of the list @key. */
static void decode_list(struct decoder *dec, const struct doc *seq, const char *key, struct ingress *in,
			void (*decode)(struct decoder *dec, const struct doc *d, struct ingress *in))
{
	size_t at = dec_enter(dec, key);

	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t item = dec_enter_index(dec, i);

		decode(dec, seq->seq.v[i], in);
		dec_leave(dec, item);
	}
	dec_leave(dec, at);
}

static void decode_class_name(struct decoder *dec, const struct doc *spec, struct ingress *in)
{
	const char *name = dec_text(dec, spec, "ingressClassName"), *why;
	const char *old = labels_get(&in->meta.annotations, "kubernetes.io/ingress.class");

	in->class_name = name ? dec_intern(dec, name) : old;
	why = name ? name_check_subdomain(name) : NULL;
	if (why)
		dec_error_in(dec, doc_get(spec, "ingressClassName"), "ingressClassName", "\"%s\": %s", name, why);
	else if (name && old && strcmp(name, old))
		dec_error_in(dec, doc_get(spec, "ingressClassName"), "ingressClassName",
			     "\"%s\" differs from the annotation kubernetes.io/ingress.class: \"%s\"", name, old);
}

void decode_ingress(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	static const char *const top[] = { "apiVersion", "kind", "metadata", "spec", "status", NULL };
	static const char *const fields[] = { "ingressClassName", "defaultBackend", "rules", "tls", NULL };
	const struct doc *spec = dec_map(dec, d, "spec"), *rules, *tls, *backend;
	struct ingress *in = (struct ingress *)obj;
	size_t at = dec_enter(dec, "spec"), below;

	dec_leave(dec, at);
	dec_known_fields(dec, d, top);
	dec_enter(dec, "spec");
	dec_known_fields(dec, spec, fields);
	decode_class_name(dec, spec, in);
	backend = dec_map(dec, spec, "defaultBackend");
	below = dec_enter(dec, "defaultBackend");
	if (backend)
		decode_backend(dec, backend, &in->default_backend);
	dec_leave(dec, below);
	rules = dec_seq(dec, spec, "rules");
	tls = dec_seq(dec, spec, "tls");
	if (!backend && (!rules || !rules->seq.n))
		dec_error(dec, spec, "must have defaultBackend or rules");
	in->rules = mem_array(rules ? rules->seq.n : 0, sizeof(*in->rules));
	in->tls = mem_array(tls ? tls->seq.n : 0, sizeof(*in->tls));
	decode_list(dec, rules, "rules", in, decode_rule);
	decode_list(dec, tls, "tls", in, decode_tls);
	dec_leave(dec, at);
}

/* An annotation of ours, as a field of the object for messages. */
static const char *annotation(struct decoder *dec, const struct meta *obj, const char *key)
{
	const char *s = labels_get(&obj->annotations, key);

	if (s) {
		dec_enter(dec, "metadata.annotations");
		dec_enter(dec, key);
	}
	return s;
}

static void decode_gateway(struct decoder *dec, struct ingressclass *c)
{
	size_t at = strlen(dec->path);
	const char *s = annotation(dec, &c->meta, "stockade.io/gateway");
	struct pod_ref_selector ref = {};

	/* A selector that can't be read is every pod of its namespace: leaving it out would free the gateway. */
	if (s && (dec_pod_ref(dec, s, &ref) || ref.ns)) {
		c->gateway = mem_new(struct pod_ref_selector);
		*c->gateway = ref;
	}
	dec_leave(dec, at);
}

/* "NAMESPACE/": label key prefixes look the same, but have dots. */
static bool begins_member(const char *s)
{
	const char *slash;
	char *ns;
	bool good;

	s += strspn(s, " ");
	slash = strchr(s, '/');
	if (!slash)
		return false;
	ns = mem_strndup(s, slash - s);
	good = !name_check_label(ns);
	free(ns);
	return good;
}

/*
 * Commas separate the members of the list as well as the requirements of a selector: one
 * separates members if what follows begins with a namespace.
 */
static char *next_member(char **rest)
{
	char *member = *rest, *comma = member;

	if (!member)
		return NULL;
	while ((comma = strchr(comma, ',')) && !begins_member(comma + 1))
		comma++;
	if (comma)
		*comma++ = 0;
	*rest = comma;
	return member;
}

static void decode_reach(struct decoder *dec, struct ingressclass *c)
{
	size_t at = strlen(dec->path);
	const char *s = annotation(dec, &c->meta, "stockade.io/gateway-reach");
	struct pod_ref_selector ref;
	char *text, *rest, *item;

	if (!s)
		return;
	text = rest = mem_strdup(s);
	while ((item = next_member(&rest))) {
		if (!dec_pod_ref(dec, item, &ref)) {
			c->reach_unreadable = true;
			continue;
		}
		c->reach = mem_resize(c->reach, c->n_reach + 1, sizeof(*c->reach));
		c->reach[c->n_reach++] = ref;
	}
	free(text);
	dec_leave(dec, at);
}

/* What can't be read as a boolean requires it: that is the safe side. */
static bool annotation_is_true(struct decoder *dec, const struct meta *obj, const char *key, bool otherwise)
{
	size_t at = strlen(dec->path);
	const char *s = annotation(dec, obj, key);
	bool value = s && (otherwise || !strcmp(s, "true"));

	if (s && !strcmp(s, "false"))
		value = false;
	else if (s && strcmp(s, "true"))
		dec_error(dec, NULL, "\"%s\" is none of \"true\", \"false\"", s);
	dec_leave(dec, at);
	return value;
}

void decode_ingressclass(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	static const char *const top[] = { "apiVersion", "kind", "metadata", "spec", NULL };
	static const char *const fields[] = { "controller", "parameters", NULL };
	struct ingressclass *c = (struct ingressclass *)obj;
	const struct doc *spec;
	size_t at;

	dec_known_fields(dec, d, top);
	spec = dec_map(dec, d, "spec");
	at = dec_enter(dec, "spec");
	dec_known_fields(dec, spec, fields);
	c->controller = dec_string(dec, spec, "controller");
	if (!*c->controller)
		dec_error_in(dec, spec, "controller", "is required");
	dec_leave(dec, at);
	c->is_default = annotation_is_true(dec, obj, "ingressclass.kubernetes.io/is-default-class", false);
	c->require_tls = annotation_is_true(dec, obj, "stockade.io/require-tls", true);
	decode_gateway(dec, c);
	decode_reach(dec, c);
}
