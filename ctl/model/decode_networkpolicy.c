// SPDX-License-Identifier: GPL-2.0
/*
 * decode_networkpolicy: rules are allowances, so one with a mistake is left out whole; leaving out
 * only a part (the one peer, the one port) could widen it to everyone or everything.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "decoder.h"
#include "names.h"

#define PORT_MAX 65535

static bool decode_cidr(struct decoder *dec, const struct doc *node, const char *s, struct cidr *out)
{
	if (cidr_parse(s, out))
		return true;
	dec_error(dec, node, "\"%s\" is not a CIDR block such as 10.0.0.0/8 or 2001:db8::/32", s);
	return false;
}

static void decode_except(struct decoder *dec, const struct doc *node, struct policy_peer *p)
{
	const char *s = dec_item_text(dec, node);
	char block[CIDR_STRLEN];
	struct cidr c;

	if (!s || !decode_cidr(dec, node, s, &c))
		return;
	if (!cidr_covers(&p->cidr, &c) || p->cidr.prefix == c.prefix)
		dec_error(dec, node, "\"%s\" must be a strict subset of cidr %s", s,
			  cidr_format(&p->cidr, block));
	else
		p->except[p->n_except++] = c;
}

static void decode_ip_block(struct decoder *dec, const struct doc *d, struct policy_peer *p)
{
	static const char *const fields[] = { "cidr", "except", NULL };
	const struct doc *except;
	const char *s;
	size_t at;
	bool good;

	p->is_block = true;
	dec_known_fields(dec, d, fields);
	s = dec_text(dec, d, "cidr");
	if (!doc_get(d, "cidr"))
		dec_error_in(dec, d, "cidr", "is required");
	at = dec_enter(dec, "cidr");
	good = s && decode_cidr(dec, doc_get(d, "cidr"), s, &p->cidr);
	dec_leave(dec, at);
	except = dec_seq(dec, d, "except");
	if (!good || !except)
		return;
	at = dec_enter(dec, "except");
	p->except = mem_array(except->seq.n, sizeof(*p->except));
	for (size_t i = 0; i < except->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_except(dec, except->seq.v[i], p);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

static void decode_peer(struct decoder *dec, const struct doc *d, struct policy_peer *p)
{
	static const char *const fields[] = { "podSelector", "namespaceSelector", "ipBlock", NULL };
	const struct doc *block;
	int before = dec->mistakes;
	size_t at;

	if (!dec_is_map(dec, d))
		return;
	dec_known_fields(dec, d, fields);
	block = dec_map(dec, d, "ipBlock");
	p->pod_selector = dec_selector_field(dec, d, "podSelector");
	p->namespace_selector = dec_selector_field(dec, d, "namespaceSelector");
	if (block && (p->pod_selector || p->namespace_selector))
		dec_error(dec, d, "may not specify both ipBlock and another peer");
	if (block) {
		at = dec_enter(dec, "ipBlock");
		decode_ip_block(dec, block, p);
		dec_leave(dec, at);
	} else if (!p->pod_selector && !p->namespace_selector && dec->mistakes == before) {
		dec_error(dec, d, "must specify a peer (podSelector, namespaceSelector or ipBlock)");
	}
}

static void decode_port_number(struct decoder *dec, const struct doc *d, struct policy_port *p)
{
	int64_t port, end;

	if (!dec_int(dec, d, "port", 1, PORT_MAX, &port))
		return;
	p->port = p->end_port = port;
	if (!dec_int(dec, d, "endPort", 1, PORT_MAX, &end))
		return;
	if (end < port)
		dec_error_in(dec, doc_get(d, "endPort"), "endPort",
			     "%" PRId64 " must be greater than or equal to port %" PRId64, end, port);
	p->end_port = end;
}

static void decode_port_name(struct decoder *dec, const struct doc *d, struct policy_port *p)
{
	const struct doc *node = doc_get(d, "port");
	const char *s = dec_text(dec, d, "port"), *why = s ? name_check_port(s) : NULL;

	if (why)
		dec_error_in(dec, node, "port", "\"%s\": %s", s, why);
	if (s && doc_get(d, "endPort"))
		dec_error_in(dec, doc_get(d, "endPort"), "endPort", "may not be given with a named port");
	p->name = dec_intern(dec, s);
}

static void decode_port(struct decoder *dec, const struct doc *d, struct policy_port *p)
{
	static const char *const fields[] = { "protocol", "port", "endPort", NULL };
	const struct doc *port;

	if (!dec_is_map(dec, d))
		return;
	dec_known_fields(dec, d, fields);
	p->proto = dec_protocol(dec, d);
	port = doc_get(d, "port");
	if (!port) {
		p->any = true;
		if (doc_get(d, "endPort"))
			dec_error_in(dec, doc_get(d, "endPort"), "endPort", "may not be given without port");
	} else if (port->type == DOC_INT) {
		decode_port_number(dec, d, p);
	} else if (port->type == DOC_STRING) {
		decode_port_name(dec, d, p);
	} else {
		dec_error_in(dec, port, "port", "must be a number or a port's name");
	}
}

static void decode_peers(struct decoder *dec, const struct doc *seq, const char *key, struct policy_rule *r)
{
	size_t at = dec_enter(dec, key);

	r->peers = mem_array(seq->seq.n, sizeof(*r->peers));
	r->n_peers = seq->seq.n;
	for (size_t i = 0; i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_peer(dec, seq->seq.v[i], &r->peers[i]);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

static void decode_ports(struct decoder *dec, const struct doc *seq, struct policy_rule *r)
{
	size_t at = dec_enter(dec, "ports");

	r->ports = mem_array(seq->seq.n, sizeof(*r->ports));
	r->n_ports = seq->seq.n;
	for (size_t i = 0; i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_port(dec, seq->seq.v[i], &r->ports[i]);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
}

static void decode_rule(struct decoder *dec, const struct doc *d, const char *peers_key, struct policy_rule *r)
{
	const char *const fields[] = { peers_key, "ports", NULL };
	const struct doc *seq;

	if (!dec_is_map(dec, d))
		return;
	dec_known_fields(dec, d, fields);
	seq = dec_seq(dec, d, peers_key);
	if (seq)
		decode_peers(dec, seq, peers_key, r);
	seq = dec_seq(dec, d, "ports");
	if (seq)
		decode_ports(dec, seq, r);
}

static struct policy_rule *decode_rules(struct decoder *dec, const struct doc *spec, const char *key,
					const char *peers_key, unsigned *n)
{
	const struct doc *seq = dec_seq(dec, spec, key);
	struct policy_rule *v;
	size_t at;

	*n = 0;
	if (!seq)
		return NULL;
	v = mem_array(seq->seq.n, sizeof(*v));
	at = dec_enter(dec, key);
	for (size_t i = 0; i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);
		int before = dec->mistakes;

		decode_rule(dec, seq->seq.v[i], peers_key, &v[*n]);
		if (dec->mistakes == before)
			++*n;
		else
			policy_rule_clear(&v[*n]);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
	return mem_resize(v, *n, sizeof(*v));
}

/* Without policyTypes: ingress always, egress if there are rules for it. */
static void default_types(const struct doc *spec, struct networkpolicy *p)
{
	const struct doc *egress = doc_get(spec, "egress");

	p->isolates_ingress = true;
	p->isolates_egress = egress && egress->type == DOC_SEQ && egress->seq.n;
}

static void decode_types(struct decoder *dec, const struct doc *spec, struct networkpolicy *p)
{
	const struct doc *seq = dec_seq(dec, spec, "policyTypes");
	int before = dec->mistakes;
	size_t at;

	if (!seq || !seq->seq.n) {
		default_types(spec, p);
		return;
	}
	at = dec_enter(dec, "policyTypes");
	if (seq->seq.n > 2)
		dec_error(dec, seq, "may not specify more than two policyTypes");
	for (size_t i = 0; i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);
		const char *s = dec_item_text(dec, seq->seq.v[i]);

		if (s && !strcmp(s, "Ingress"))
			p->isolates_ingress = true;
		else if (s && !strcmp(s, "Egress"))
			p->isolates_egress = true;
		else if (s)
			dec_error(dec, seq->seq.v[i], "\"%s\" is none of Ingress, Egress", s);
		dec_leave(dec, in);
	}
	if (dec->mistakes != before)
		p->isolates_ingress = p->isolates_egress = true;
	dec_leave(dec, at);
}

/* A selector that could not be read may select too many: they are isolated, but not allowed anything. */
static void decode_subject(struct decoder *dec, const struct doc *spec, struct networkpolicy *p)
{
	const struct doc *d = dec_map(dec, spec, "podSelector");
	size_t at = dec_enter(dec, "podSelector");

	if (d)
		p->pod_selector = dec_selector(dec, d);
	dec_leave(dec, at);
}

static void forget_rules(struct networkpolicy *p)
{
	while (p->n_ingress)
		policy_rule_clear(&p->ingress[--p->n_ingress]);
	while (p->n_egress)
		policy_rule_clear(&p->egress[--p->n_egress]);
}

/* Whatever it is, policy does not depend on it. */
static const char *decode_uid(struct decoder *dec, const struct doc *d)
{
	const struct doc *uid = doc_get(doc_get(d, "metadata"), "uid");

	return uid && uid->type == DOC_STRING ? dec_intern(dec, uid->string.s) : NULL;
}

void decode_networkpolicy(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	static const char *const top[] = { "apiVersion", "kind", "metadata", "spec", "status", NULL };
	static const char *const fields[] = { "podSelector", "ingress", "egress", "policyTypes", NULL };
	struct networkpolicy *p = (struct networkpolicy *)obj;
	const struct doc *spec;
	bool subject_known;
	int before;
	size_t at;

	dec_known_fields(dec, d, top);
	p->uid = decode_uid(dec, d);
	spec = dec_map(dec, d, "spec");
	at = dec_enter(dec, "spec");
	dec_known_fields(dec, spec, fields);
	before = dec->mistakes;
	decode_subject(dec, spec, p);
	subject_known = dec->mistakes == before;
	decode_types(dec, spec, p);
	p->ingress = decode_rules(dec, spec, "ingress", "from", &p->n_ingress);
	p->egress = decode_rules(dec, spec, "egress", "to", &p->n_egress);
	if (!subject_known)
		forget_rules(p);
	dec_leave(dec, at);
}
