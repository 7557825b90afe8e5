// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fix.h"

/* Labels that are one pod's, or one generation's, and select nothing tomorrow. */
static bool is_passing(const char *key)
{
	static const char *const keys[] = {
		"pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid",
		"apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name", "job-name",
		"batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

static bool has_labels(const struct pod *p)
{
	for (unsigned i = 0; i < p->meta.labels.n; i++)
		if (!is_passing(p->meta.labels.v[i].key))
			return true;
	return false;
}

static void put_labels(FILE *f, const struct pod *p, const char *indent)
{
	fprintf(f, "%smatchLabels:\n", indent);
	for (unsigned i = 0; i < p->meta.labels.n; i++)
		if (!is_passing(p->meta.labels.v[i].key))
			fprintf(f, "%s  %s: \"%s\"\n", indent, p->meta.labels.v[i].key, p->meta.labels.v[i].value);
}

static const char *proto_text(uint8_t proto)
{
	return proto == PROTO_UDP ? "UDP" : proto == PROTO_SCTP ? "SCTP" : "TCP";
}

static void put_port(FILE *f, uint8_t proto, uint16_t port, bool any)
{
	fprintf(f, "    - protocol: %s\n", proto_text(proto));
	if (!any)
		fprintf(f, "      port: %u\n", port);
}

/* A text under way: open_memstream() wants both to outlive the stream. */
struct text {
	char *s;
	size_t size;
};

static FILE *open_text(struct text *t)
{
	FILE *f = open_memstream(&t->s, &t->size);

	if (!f)
		abort();
	return f;
}

/* Begins a policy that selects @p. */
static FILE *begin(const struct pod *p, const char *what, const char *type, struct text *t)
{
	FILE *f = open_text(t);

	fprintf(f, "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: %s-%s\n"
		   "  namespace: %s\nspec:\n  podSelector:\n", p->meta.name, what, p->meta.ns);
	put_labels(f, p, "    ");
	fprintf(f, "  policyTypes:\n  - %s\n", type);
	return f;
}

char *fix_isolate(const struct audit_ctx *c, const struct pod *p)
{
	struct text text;
	FILE *f;

	if (!has_labels(p))
		return NULL;
	f = begin(p, "published", "Ingress", &text);
	fputs("  ingress:\n  - ports:\n", f);
	for (size_t i = 0; i < c->exposed.n; i++) {
		const struct exposure *e = &c->exposed.v[i];
		size_t k = 0;

		while (k < i && (c->exposed.v[k].pod != e->pod || c->exposed.v[k].proto != e->proto ||
				 c->exposed.v[k].any != e->any || c->exposed.v[k].port != e->port))
			k++;
		if (e->pod == p && k == i)
			put_port(f, e->proto, e->port, e->any);
	}
	fclose(f);
	return text.s;
}

char *fix_allow(const struct pod *gateway, const struct pod *pod, const struct slice_port *port, bool egress)
{
	const struct pod *subject = egress ? gateway : pod, *peer = egress ? pod : gateway;
	struct text text;
	FILE *f;

	if (gateway->host_network || !has_labels(subject) || !has_labels(peer))
		return NULL;
	f = begin(subject, egress ? "to-backend" : "from-gateway", egress ? "Egress" : "Ingress", &text);
	fprintf(f, "  %s:\n  - %s:\n    - namespaceSelector:\n        matchLabels:\n"
		   "          kubernetes.io/metadata.name: %s\n      podSelector:\n",
		egress ? "egress" : "ingress", egress ? "to" : "from", peer->meta.ns);
	put_labels(f, peer, "        ");
	fputs("    ports:\n", f);
	put_port(f, port->proto, port->port, port->any);
	fclose(f);
	return text.s;
}

static bool seen_before(const struct ingress *in, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (in->rules[k].host == in->rules[i].host)
			return true;
	return false;
}

char *fix_tls(const struct ingress *in)
{
	struct text text;
	FILE *f = open_text(&text);
	bool any = false;

	if (in->n_tls && *in->tls[0].secret)
		fprintf(f, "spec:\n  tls:\n  - secretName: %s\n", in->tls[0].secret);
	else
		fprintf(f, "spec:\n  tls:\n  - secretName: %s-tls\n", in->meta.name);
	for (unsigned i = 0; i < in->n_rules; i++) {
		if (!*in->rules[i].host || seen_before(in, i))
			continue;
		fprintf(f, "%s    - \"%s\"\n", any ? "" : "    hosts:\n", in->rules[i].host);
		any = true;
	}
	fclose(f);
	return text.s;
}
