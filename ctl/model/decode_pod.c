// SPDX-License-Identifier: GPL-2.0
/*
 * decode_pod: pods, and where they live: namespaces and nodes.
 */
#include <stdlib.h>
#include <string.h>
#include "decoder.h"
#include "names.h"

#define PORT_MAX 65535
#define MODE_LABEL "stockade.io/perimeter"

static void check_mode(struct decoder *dec, const struct meta *obj)
{
	const char *mode = labels_get(&obj->labels, MODE_LABEL);
	size_t at = dec_enter(dec, "metadata.labels");

	if (mode && !namespace_mode_is_known(mode))
		dec_error_in(dec, NULL, MODE_LABEL, "\"%s\" is none of off, audit, enforce", mode);
	dec_leave(dec, at);
}

/* The API server sets this label whatever the object says. */
void decode_namespace(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	static const char key[] = "kubernetes.io/metadata.name";
	const struct labels *old = &obj->labels;
	struct label *v = mem_array(old->n + 1, sizeof(*v));
	struct label own = { dec_intern(dec, key), obj->name };
	unsigned n = 0, i = 0;

	while (i < old->n && strcmp(old->v[i].key, key) < 0)
		v[n++] = old->v[i++];
	v[n++] = own;
	if (i < old->n && old->v[i].key == own.key)
		i++;
	while (i < old->n)
		v[n++] = old->v[i++];
	obj->labels = model_intern_labels(dec->m, v, n);
	free(v);
	check_mode(dec, obj);
}

/* InternalIPs go before ExternalIPs: they are what the node is reached by. */
static void add_node_address(struct decoder *dec, const struct doc *d, struct node *n, unsigned *n_internal)
{
	const char *type, *address;
	unsigned before = n->n_addresses;
	struct ip ip;
	size_t at;

	if (!dec_is_map(dec, d))
		return;
	type = dec_text(dec, d, "type");
	address = dec_text(dec, d, "address");
	if (!type || !address || (strcmp(type, "InternalIP") && strcmp(type, "ExternalIP")))
		return;
	at = dec_enter(dec, "address");
	dec_add_ip(dec, doc_get(d, "address"), address, n->addresses, &n->n_addresses);
	dec_leave(dec, at);
	if (n->n_addresses == before || strcmp(type, "InternalIP"))
		return;
	ip = n->addresses[before];
	memmove(&n->addresses[*n_internal + 1], &n->addresses[*n_internal], (before - *n_internal) * sizeof(ip));
	n->addresses[(*n_internal)++] = ip;
}

static void add_pod_cidr(struct decoder *dec, const struct doc *node, const char *s, struct node *n)
{
	struct cidr c;

	if (!cidr_parse(s, &c)) {
		dec_error(dec, node, "\"%s\" is not a CIDR block", s);
		return;
	}
	for (unsigned i = 0; i < n->n_pod_cidrs; i++)
		if (!cidr_cmp(&n->pod_cidrs[i], &c))
			return;
	n->pod_cidrs[n->n_pod_cidrs++] = c;
}

static void decode_pod_cidrs(struct decoder *dec, const struct doc *spec, struct node *n)
{
	const struct doc *seq = dec_seq(dec, spec, "podCIDRs");
	const char *first = dec_text(dec, spec, "podCIDR");
	size_t at = dec_enter(dec, "podCIDR");

	n->pod_cidrs = mem_array(1 + (seq ? seq->seq.n : 0), sizeof(*n->pod_cidrs));
	if (first && *first)
		add_pod_cidr(dec, doc_get(spec, "podCIDR"), first, n);
	dec_leave(dec, at);
	at = dec_enter(dec, "podCIDRs");
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);
		const char *s = dec_item_text(dec, seq->seq.v[i]);

		if (s)
			add_pod_cidr(dec, seq->seq.v[i], s, n);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
	n->pod_cidrs = mem_resize(n->pod_cidrs, n->n_pod_cidrs, sizeof(*n->pod_cidrs));
}

void decode_node(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	const struct doc *spec = dec_map(dec, d, "spec"), *status = dec_map(dec, d, "status"), *seq;
	struct node *n = (struct node *)obj;
	size_t at = dec_enter(dec, "spec"), list;
	unsigned n_internal = 0;

	decode_pod_cidrs(dec, spec, n);
	dec_leave(dec, at);
	at = dec_enter(dec, "status");
	seq = dec_seq(dec, status, "addresses");
	n->addresses = mem_array(seq ? seq->seq.n : 0, sizeof(*n->addresses));
	list = dec_enter(dec, "addresses");
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		add_node_address(dec, seq->seq.v[i], n, &n_internal);
		dec_leave(dec, in);
	}
	dec_leave(dec, list);
	dec_leave(dec, at);
	n->addresses = mem_resize(n->addresses, n->n_addresses, sizeof(*n->addresses));
}

static void decode_container_port(struct decoder *dec, const struct doc *d, struct pod *p)
{
	struct container_port port = { 0 };
	int64_t number = 0, host = 0;
	int before = dec->mistakes;
	const char *why;

	if (!dec_is_map(dec, d))
		return;
	port.name = dec_string(dec, d, "name");
	why = *port.name ? name_check_port(port.name) : NULL;
	if (why)
		dec_error_in(dec, doc_get(d, "name"), "name", "\"%s\": %s", port.name, why);
	port.proto = dec_protocol(dec, d);
	if (!doc_get(d, "containerPort"))
		dec_error_in(dec, d, "containerPort", "is required");
	dec_int(dec, d, "containerPort", 1, PORT_MAX, &number);
	dec_int(dec, d, "hostPort", 0, PORT_MAX, &host);
	port.port = number;
	port.host_port = host;
	if (dec->mistakes == before)
		p->ports[p->n_ports++] = port;
}

static void decode_container(struct decoder *dec, const struct doc *d, bool init, struct pod *p)
{
	const struct doc *ports;
	const char *restart;
	size_t at;

	if (!dec_is_map(dec, d))
		return;
	restart = dec_text(dec, d, "restartPolicy");
	if (init && (!restart || strcmp(restart, "Always")))
		return;
	ports = dec_seq(dec, d, "ports");
	if (!ports)
		return;
	p->ports = mem_resize(p->ports, p->n_ports + ports->seq.n, sizeof(*p->ports));
	at = dec_enter(dec, "ports");
	for (size_t i = 0; i < ports->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_container_port(dec, ports->seq.v[i], p);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

static void decode_containers(struct decoder *dec, const struct doc *spec, const char *key, struct pod *p)
{
	const struct doc *seq = dec_seq(dec, spec, key);
	size_t at = dec_enter(dec, key);

	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_container(dec, seq->seq.v[i], !strcmp(key, "initContainers"), p);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

void decode_pod_spec(struct decoder *dec, const struct doc *d, struct pod *p)
{
	const struct doc *spec = dec_map(dec, d, "spec");
	size_t at = dec_enter(dec, "spec");

	p->node = dec_string(dec, spec, "nodeName");
	p->host_network = dec_bool(dec, spec, "hostNetwork");
	decode_containers(dec, spec, "containers", p);
	decode_containers(dec, spec, "initContainers", p);
	p->ports = mem_resize(p->ports, p->n_ports, sizeof(*p->ports));
	dec_leave(dec, at);
}

static void add_pod_ip(struct decoder *dec, const struct doc *map, const char *key, struct pod *p)
{
	const char *s = dec_text(dec, map, key);
	size_t at = dec_enter(dec, key);

	if (s && *s)
		dec_add_ip(dec, doc_get(map, key), s, p->ips, &p->n_ips);
	dec_leave(dec, at);
}

/* podIP repeats podIPs[0]; where they differ, podIP is the older field and comes first. */
static void decode_ips(struct decoder *dec, const struct doc *status, struct pod *p)
{
	const struct doc *seq = dec_seq(dec, status, "podIPs");
	size_t at;

	p->ips = mem_array(1 + (seq ? seq->seq.n : 0), sizeof(*p->ips));
	add_pod_ip(dec, status, "podIP", p);
	at = dec_enter(dec, "podIPs");
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		if (dec_is_map(dec, seq->seq.v[i]))
			add_pod_ip(dec, seq->seq.v[i], "ip", p);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
	p->ips = mem_resize(p->ips, p->n_ips, sizeof(*p->ips));
}

static void decode_readiness(struct decoder *dec, const struct doc *status, struct pod *p)
{
	const struct doc *seq = dec_seq(dec, status, "conditions");
	size_t at = dec_enter(dec, "conditions");

	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);
		const char *type, *value;

		if (dec_is_map(dec, seq->seq.v[i])) {
			type = dec_text(dec, seq->seq.v[i], "type");
			value = dec_text(dec, seq->seq.v[i], "status");
			if (type && value && !strcmp(type, "Ready")) {
				p->ready |= !strcmp(value, "True");
				p->unready |= !strcmp(value, "False");
			}
		}
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

void decode_pod(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	const struct doc *status = dec_map(dec, d, "status");
	struct pod *p = (struct pod *)obj;
	const char *phase;
	size_t at;

	decode_pod_spec(dec, d, p);
	at = dec_enter(dec, "status");
	decode_ips(dec, status, p);
	phase = dec_text(dec, status, "phase");
	p->finished = phase && (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed"));
	p->waiting = phase && !p->finished && strcmp(phase, "Running");
	decode_readiness(dec, status, p);
	dec_leave(dec, at);
}
