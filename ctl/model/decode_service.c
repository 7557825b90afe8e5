// SPDX-License-Identifier: GPL-2.0
/*
 * decode_service: Services and their EndpointSlices.
 */
#include <stdlib.h>
#include <string.h>
#include "decoder.h"
#include "names.h"

#define PORT_MAX 65535

static enum service_type decode_type(struct decoder *dec, const struct doc *spec)
{
	static const char *const names[] = {
		[SERVICE_CLUSTER_IP] = "ClusterIP", [SERVICE_NODE_PORT] = "NodePort",
		[SERVICE_LOAD_BALANCER] = "LoadBalancer", [SERVICE_EXTERNAL_NAME] = "ExternalName",
	};
	const char *s = dec_text(dec, spec, "type");

	for (int i = SERVICE_CLUSTER_IP; s && i <= SERVICE_EXTERNAL_NAME; i++)
		if (!strcmp(s, names[i]))
			return i;
	if (s)
		dec_error_in(dec, doc_get(spec, "type"), "type",
			     "\"%s\" is none of ClusterIP, NodePort, LoadBalancer, ExternalName", s);
	return SERVICE_CLUSTER_IP;
}

/* targetPort is a number or a name, the port itself if absent; 0 means absent, too. */
static void decode_target(struct decoder *dec, const struct doc *d, struct service_port *p)
{
	const struct doc *v = doc_get(d, "targetPort");
	const char *s, *why;
	int64_t n = 0;

	p->target_port = p->port;
	if (v && v->type == DOC_INT) {
		if (dec_int(dec, d, "targetPort", 0, PORT_MAX, &n) && n)
			p->target_port = n;
	} else if (v && v->type == DOC_STRING) {
		s = dec_text(dec, d, "targetPort");
		why = s && *s ? name_check_port(s) : NULL;
		if (why)
			dec_error_in(dec, v, "targetPort", "\"%s\": %s", s, why);
		p->target_name = s && *s ? dec_intern(dec, s) : NULL;
	} else if (v) {
		dec_error_in(dec, v, "targetPort", "must be a number or a port's name");
	}
}

static void decode_service_port(struct decoder *dec, const struct doc *d, struct service *s)
{
	struct service_port p = { 0 };
	int before = dec->mistakes;
	int64_t port = 0, node_port = 0;

	if (!dec_is_map(dec, d))
		return;
	p.name = dec_string(dec, d, "name");
	if (*p.name && name_check_label(p.name))
		dec_error_in(dec, doc_get(d, "name"), "name", "\"%s\": %s", p.name, name_check_label(p.name));
	p.proto = dec_protocol(dec, d);
	if (!doc_get(d, "port"))
		dec_error_in(dec, d, "port", "is required");
	dec_int(dec, d, "port", 1, PORT_MAX, &port);
	dec_int(dec, d, "nodePort", 0, PORT_MAX, &node_port);
	p.port = port;
	p.node_port = node_port;
	decode_target(dec, d, &p);
	if (dec->mistakes == before)
		s->ports[s->n_ports++] = p;
}

static void decode_service_ports(struct decoder *dec, const struct doc *spec, struct service *s)
{
	const struct doc *seq = dec_seq(dec, spec, "ports");
	size_t at = dec_enter(dec, "ports");

	s->ports = mem_array(seq ? seq->seq.n : 0, sizeof(*s->ports));
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_service_port(dec, seq->seq.v[i], s);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

static void decode_service_selector(struct decoder *dec, const struct doc *spec, struct service *s)
{
	const struct doc *map = dec_map(dec, spec, "selector");
	size_t at = dec_enter(dec, "selector");

	if (map && map->map.n) {
		s->selector = mem_new(struct selector);
		s->selector->v = mem_array(map->map.n, sizeof(*s->selector->v));
		dec_equalities(dec, map, s->selector);
	}
	dec_leave(dec, at);
}

static void add_cluster_ip(struct decoder *dec, const struct doc *node, const char *text, struct service *s)
{
	if (!strcmp(text, "None"))
		s->headless = true;
	else if (*text)
		dec_add_ip(dec, node, text, s->cluster_ips, &s->n_cluster_ips);
}

static void decode_cluster_ips(struct decoder *dec, const struct doc *spec, struct service *s)
{
	const struct doc *seq = dec_seq(dec, spec, "clusterIPs");
	const char *first = dec_text(dec, spec, "clusterIP");
	size_t at = dec_enter(dec, "clusterIP");

	s->cluster_ips = mem_array(1 + (seq ? seq->seq.n : 0), sizeof(*s->cluster_ips));
	if (first)
		add_cluster_ip(dec, doc_get(spec, "clusterIP"), first, s);
	dec_leave(dec, at);
	at = dec_enter(dec, "clusterIPs");
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);
		const char *text = dec_item_text(dec, seq->seq.v[i]);

		if (text)
			add_cluster_ip(dec, seq->seq.v[i], text, s);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
	s->cluster_ips = mem_resize(s->cluster_ips, s->n_cluster_ips, sizeof(*s->cluster_ips));
}

static void add_load_balancer_ip(struct decoder *dec, const struct doc *d, struct service *s)
{
	const char *ip = dec_is_map(dec, d) ? dec_text(dec, d, "ip") : NULL;
	size_t at = dec_enter(dec, "ip");

	if (ip && *ip)
		dec_add_ip(dec, doc_get(d, "ip"), ip, s->load_balancer_ips, &s->n_load_balancer_ips);
	dec_leave(dec, at);
}

/* status.loadBalancer.ingress[].ip */
static void decode_load_balancer(struct decoder *dec, const struct doc *d, struct service *s)
{
	size_t at = strlen(dec->path);
	const struct doc *seq;

	d = dec_map(dec, d, "status");
	dec_enter(dec, "status");
	d = dec_map(dec, d, "loadBalancer");
	dec_enter(dec, "loadBalancer");
	seq = dec_seq(dec, d, "ingress");
	dec_enter(dec, "ingress");
	s->load_balancer_ips = mem_array(seq ? seq->seq.n : 0, sizeof(*s->load_balancer_ips));
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		add_load_balancer_ip(dec, seq->seq.v[i], s);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

/* Who has several ports must name them; who has an address must have one. */
static void check_ports(struct decoder *dec, const struct doc *spec, const struct service *s)
{
	const struct doc *seq = doc_get(spec, "ports");
	size_t n = seq && seq->type == DOC_SEQ ? seq->seq.n : 0;

	if (!n && !s->headless && s->type != SERVICE_EXTERNAL_NAME)
		dec_error_in(dec, spec, "ports", "is required");
	for (unsigned i = 0; n > 1 && i < s->n_ports; i++)
		if (!*s->ports[i].name) {
			dec_error_in(dec, seq, "ports", "each needs a name where there are several");
			return;
		}
}

void decode_service(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	const struct doc *spec = dec_map(dec, d, "spec");
	struct service *s = (struct service *)obj;
	size_t at = dec_enter(dec, "spec");

	s->type = decode_type(dec, spec);
	decode_service_selector(dec, spec, s);
	decode_service_ports(dec, spec, s);
	decode_cluster_ips(dec, spec, s);
	s->external_ips = dec_ips(dec, spec, "externalIPs", &s->n_external_ips);
	check_ports(dec, spec, s);
	dec_leave(dec, at);
	decode_load_balancer(dec, d, s);
}

static void decode_slice_port(struct decoder *dec, const struct doc *d, struct endpointslice *s)
{
	struct slice_port p = { 0 };
	int before = dec->mistakes;
	int64_t port = 0;

	if (!dec_is_map(dec, d))
		return;
	p.name = dec_string(dec, d, "name");
	p.proto = dec_protocol(dec, d);
	p.any = !doc_get(d, "port");
	dec_int(dec, d, "port", 1, PORT_MAX, &port);
	p.port = port;
	if (dec->mistakes == before)
		s->ports[s->n_ports++] = p;
}

static void decode_target_ref(struct decoder *dec, const struct doc *d, const char *own_ns, struct slice_endpoint *e)
{
	const struct doc *ref = dec_map(dec, d, "targetRef");
	size_t at = dec_enter(dec, "targetRef");
	const char *kind = dec_text(dec, ref, "kind"), *ns, *name;

	if (kind && !strcmp(kind, "Pod")) {
		ns = dec_text(dec, ref, "namespace");
		name = dec_text(dec, ref, "name");
		e->target_ns = ns && *ns ? dec_intern(dec, ns) : own_ns;
		e->target_pod = dec_intern(dec, name);
	}
	dec_leave(dec, at);
}

static void decode_endpoint(struct decoder *dec, const struct doc *d, bool fqdn, struct endpointslice *s)
{
	struct slice_endpoint *e = &s->endpoints[s->n_endpoints];
	const struct doc *conditions, *ready;
	size_t at;

	if (!dec_is_map(dec, d))
		return;
	conditions = dec_map(dec, d, "conditions");
	at = dec_enter(dec, "conditions");
	ready = doc_get(conditions, "ready");
	e->unready = ready && !dec_bool(dec, conditions, "ready");
	dec_leave(dec, at);
	if (!fqdn)
		e->ips = dec_ips(dec, d, "addresses", &e->n_ips);
	decode_target_ref(dec, d, s->meta.ns, e);
	s->n_endpoints++;
}

static bool is_fqdn(struct decoder *dec, const struct doc *d)
{
	const char *type = dec_text(dec, d, "addressType");

	if (!doc_get(d, "addressType"))
		dec_error_in(dec, NULL, "addressType", "is required");
	else if (type && strcmp(type, "IPv4") && strcmp(type, "IPv6") && strcmp(type, "FQDN"))
		dec_error_in(dec, doc_get(d, "addressType"), "addressType", "\"%s\" is none of IPv4, IPv6, FQDN", type);
	return type && !strcmp(type, "FQDN");
}

void decode_endpointslice(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	const struct doc *ports = dec_seq(dec, d, "ports"), *endpoints = dec_seq(dec, d, "endpoints");
	struct endpointslice *s = (struct endpointslice *)obj;
	const char *service = labels_get(&obj->labels, "kubernetes.io/service-name");
	bool fqdn = is_fqdn(dec, d);
	size_t at = dec_enter(dec, "ports");

	s->service = service ? service : dec_intern(dec, "");
	s->ports = mem_array(ports ? ports->seq.n : 0, sizeof(*s->ports));
	for (size_t i = 0; ports && i < ports->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_slice_port(dec, ports->seq.v[i], s);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
	at = dec_enter(dec, "endpoints");
	s->endpoints = mem_array(endpoints ? endpoints->seq.n : 0, sizeof(*s->endpoints));
	for (size_t i = 0; endpoints && i < endpoints->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_endpoint(dec, endpoints->seq.v[i], fqdn, s);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}
