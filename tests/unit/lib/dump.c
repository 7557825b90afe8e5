// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "dump.h"

static const char *proto(uint8_t p)
{
	return p == PROTO_TCP ? "TCP" : p == PROTO_UDP ? "UDP" : "SCTP";
}

/* JSON is YAML: flow style spares keeping track of indentation.  The strings of tests need no escapes but newlines. */
static void quoted(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '\n')
			fputs("\\n", f);
		else
			fputc(*s, f);
	}
	fputc('"', f);
}

static void labels(FILE *f, const char *name, const struct labels *l)
{
	fprintf(f, "%s: {", name);
	for (unsigned i = 0; i < l->n; i++) {
		fprintf(f, "%s", i ? ", " : "");
		quoted(f, l->v[i].key);
		fputs(": ", f);
		quoted(f, l->v[i].value);
	}
	fputs("}", f);
}

static void selector(FILE *f, const struct selector *s)
{
	static const char *const ops[] = { "In", "NotIn", "Exists", "DoesNotExist" };

	fputs("{matchExpressions: [", f);
	for (unsigned i = 0; i < s->n; i++) {
		const struct requirement *q = &s->v[i];

		fprintf(f, "%s{key: ", i ? ", " : "");
		quoted(f, q->key);
		fprintf(f, ", operator: %s", ops[q->op]);
		for (unsigned k = 0; k < q->n_values; k++) {
			fputs(k ? ", " : ", values: [", f);
			quoted(f, q->values[k]);
		}
		fputs(q->n_values ? "]}" : "}", f);
	}
	fputs("]}", f);
}

static void ips(FILE *f, const char *before, const char *after, const struct ip *v, unsigned n)
{
	char buf[IP_STRLEN];

	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%s%s\"%s\"%s", i ? ", " : "", before, ip_format(&v[i], buf), after);
}

static void dump_node(FILE *f, const struct node *n)
{
	char buf[CIDR_STRLEN];

	fputs("spec: {podCIDRs: [", f);
	for (unsigned i = 0; i < n->n_pod_cidrs; i++)
		fprintf(f, "%s\"%s\"", i ? ", " : "", cidr_format(&n->pod_cidrs[i], buf));
	fputs("]}\nstatus: {addresses: [", f);
	ips(f, "{type: InternalIP, address: ", "}", n->addresses, n->n_addresses);
	fputs("]}\n", f);
}

static void dump_pod(FILE *f, const struct pod *p)
{
	fprintf(f, "spec:\n  nodeName: \"%s\"\n  hostNetwork: %s\n  containers:\n", p->node,
		p->host_network ? "true" : "false");
	/* One container a port: names need only be unique in one. */
	for (unsigned i = 0; i < p->n_ports; i++) {
		const struct container_port *c = &p->ports[i];

		fprintf(f, "  - {name: c%u, image: x, ports: [{containerPort: %u, protocol: %s", i, c->port, proto(c->proto));
		if (*c->name)
			fprintf(f, ", name: %s", c->name);
		if (c->host_port)
			fprintf(f, ", hostPort: %u", c->host_port);
		fputs("}]}\n", f);
	}
	if (!p->n_ports)
		fputs("  - {name: c, image: x}\n", f);
	fprintf(f, "status:\n  phase: %s\n  conditions: [{type: Ready, status: \"%s\"}]\n  podIPs: [",
		p->finished ? "Failed" : "Running", p->ready ? "True" : "False");
	ips(f, "{ip: ", "}", p->ips, p->n_ips);
	fputs("]\n", f);
}

static void peer(FILE *f, const struct policy_peer *p)
{
	char buf[CIDR_STRLEN];

	fputs("  - ", f);
	if (p->is_block) {
		fprintf(f, "{ipBlock: {cidr: \"%s\", except: [", cidr_format(&p->cidr, buf));
		for (unsigned i = 0; i < p->n_except; i++)
			fprintf(f, "%s\"%s\"", i ? ", " : "", cidr_format(&p->except[i], buf));
		fputs("]}}\n", f);
		return;
	}
	fputs("{", f);
	if (p->pod_selector) {
		fputs("podSelector: ", f);
		selector(f, p->pod_selector);
	}
	if (p->namespace_selector) {
		fputs(p->pod_selector ? ", namespaceSelector: " : "namespaceSelector: ", f);
		selector(f, p->namespace_selector);
	}
	fputs("}\n", f);
}

static void port(FILE *f, const struct policy_port *p)
{
	fprintf(f, "  - {protocol: %s", proto(p->proto));
	if (p->name)
		fprintf(f, ", port: %s", p->name);
	else if (!p->any)
		fprintf(f, ", port: %u", p->port);
	if (!p->name && !p->any && p->end_port != p->port)
		fprintf(f, ", endPort: %u", p->end_port);
	fputs("}\n", f);
}

static void rules(FILE *f, const char *way, const char *ends, const struct policy_rule *v, unsigned n)
{
	fprintf(f, "  %s:%s\n", way, n ? "" : " []");
	for (unsigned i = 0; i < n; i++) {
		fprintf(f, "  - %s:%s\n", ends, v[i].n_peers ? "" : " []");
		for (unsigned k = 0; k < v[i].n_peers; k++) {
			fputs("  ", f);
			peer(f, &v[i].peers[k]);
		}
		fprintf(f, "    ports:%s\n", v[i].n_ports ? "" : " []");
		for (unsigned k = 0; k < v[i].n_ports; k++) {
			fputs("  ", f);
			port(f, &v[i].ports[k]);
		}
	}
}

static void dump_policy(FILE *f, const struct networkpolicy *np)
{
	fputs("spec:\n  podSelector: ", f);
	selector(f, &np->pod_selector);
	fprintf(f, "\n  policyTypes: [%s%s%s]\n", np->isolates_ingress ? "Ingress" : "",
		np->isolates_ingress && np->isolates_egress ? ", " : "", np->isolates_egress ? "Egress" : "");
	rules(f, "ingress", "from", np->ingress, np->n_ingress);
	rules(f, "egress", "to", np->egress, np->n_egress);
}

static void dump_service(FILE *f, const struct service *s)
{
	static const char *const types[] = { "ClusterIP", "NodePort", "LoadBalancer", "ExternalName" };

	fprintf(f, "spec:\n  type: %s\n  externalIPs: [", types[s->type]);
	ips(f, "", "", s->external_ips, s->n_external_ips);
	fputs("]\n  ports:\n", f);
	for (unsigned i = 0; i < s->n_ports; i++)
		fprintf(f, "  - {name: \"%s\", protocol: %s, port: %u, targetPort: %u}\n", s->ports[i].name,
			proto(s->ports[i].proto), s->ports[i].port, s->ports[i].target_port);
}

static void dump_slice(FILE *f, const struct endpointslice *s)
{
	const char *type = s->n_endpoints && s->endpoints[0].n_ips && !ip_is4(&s->endpoints[0].ips[0]) ? "IPv6" : "IPv4";

	fprintf(f, "addressType: %s\nports:\n", type);
	for (unsigned i = 0; i < s->n_ports; i++) {
		fprintf(f, "- {name: \"%s\", protocol: %s", s->ports[i].name, proto(s->ports[i].proto));
		if (!s->ports[i].any)
			fprintf(f, ", port: %u", s->ports[i].port);
		fputs("}\n", f);
	}
	fputs("endpoints:\n", f);
	for (unsigned i = 0; i < s->n_endpoints; i++) {
		const struct slice_endpoint *e = &s->endpoints[i];

		fprintf(f, "- {conditions: {ready: %s}, addresses: [", e->unready ? "false" : "true");
		ips(f, "", "", e->ips, e->n_ips);
		fputs("]", f);
		if (e->target_pod)
			fprintf(f, ", targetRef: {kind: Pod, namespace: %s, name: %s}", e->target_ns, e->target_pod);
		fputs("}\n", f);
	}
}

static void backend(FILE *f, const struct ingress_backend *b)
{
	if (!b->service)
		fputs("{resource: {kind: Thing, name: thing}}", f);
	else if (b->port_name)
		fprintf(f, "{service: {name: %s, port: {name: %s}}}", b->service, b->port_name);
	else
		fprintf(f, "{service: {name: %s, port: {number: %u}}}", b->service, b->port);
}

static void dump_ingress(FILE *f, const struct ingress *in)
{
	fputs("spec:\n", f);
	if (in->class_name)
		fprintf(f, "  ingressClassName: %s\n", in->class_name);
	if (in->default_backend.service) {
		fputs("  defaultBackend: ", f);
		backend(f, &in->default_backend);
		fputs("\n", f);
	}
	fputs("  rules:\n", f);
	for (unsigned i = 0; i < in->n_rules; i++) {
		fprintf(f, "  - host: \"%s\"\n    http:\n      paths:\n", in->rules[i].host);
		for (unsigned k = 0; k < in->rules[i].n_paths; k++) {
			fputs("      - {path: /, pathType: Prefix, backend: ", f);
			backend(f, &in->rules[i].paths[k].backend);
			fputs("}\n", f);
		}
	}
	fputs("  tls:\n", f);
	for (unsigned i = 0; i < in->n_tls; i++) {
		fprintf(f, "  - secretName: \"%s\"\n    hosts: [", in->tls[i].secret);
		for (unsigned k = 0; k < in->tls[i].n_hosts; k++)
			fprintf(f, "%s\"%s\"", k ? ", " : "", in->tls[i].hosts[k]);
		fputs("]\n", f);
	}
}

static void dump_class(FILE *f, const struct ingressclass *c)
{
	fprintf(f, "# default %d, require-tls %d\n", c->is_default, c->require_tls);
	if (c->gateway) {
		fprintf(f, "# gateway %s/", c->gateway->ns);
		selector(f, &c->gateway->selector);
		fputs("\n", f);
	}
	for (unsigned i = 0; i < c->n_reach; i++) {
		fprintf(f, "# gateway-reach %s/", c->reach[i].ns);
		selector(f, &c->reach[i].selector);
		fputs("\n", f);
	}
	fprintf(f, "spec: {controller: %s}\n", c->controller);
}

static void dump_spec(FILE *f, const struct meta *m)
{
	if (m->kind == KIND_NODE)
		dump_node(f, (const void *)m);
	else if (m->kind == KIND_POD)
		dump_pod(f, (const void *)m);
	else if (m->kind == KIND_NETWORKPOLICY)
		dump_policy(f, (const void *)m);
	else if (m->kind == KIND_SERVICE)
		dump_service(f, (const void *)m);
	else if (m->kind == KIND_ENDPOINTSLICE)
		dump_slice(f, (const void *)m);
	else if (m->kind == KIND_INGRESS)
		dump_ingress(f, (const void *)m);
	else if (m->kind == KIND_INGRESSCLASS)
		dump_class(f, (const void *)m);
	else if (m->kind == KIND_SECRET)
		fputs("type: kubernetes.io/tls # data left out\n", f);
}

void dump_model(const struct model *m, FILE *f)
{
	static const char *const versions[KINDS] = {
		"v1", "v1", "v1", "networking.k8s.io/v1", "v1", "discovery.k8s.io/v1",
		"networking.k8s.io/v1", "networking.k8s.io/v1", "v1",
	};

	for (int k = 0; k < KINDS; k++) {
		size_t n;
		const struct meta *const *v = model_list(m, k, &n);

		for (size_t i = 0; i < n; i++) {
			fprintf(f, "---\napiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", versions[k], kind_name(k),
				v[i]->name);
			if (kind_namespaced(k))
				fprintf(f, "  namespace: %s\n", v[i]->ns);
			fputs("  ", f);
			if (k == KIND_ENDPOINTSLICE)
				fprintf(f, "labels: {kubernetes.io/service-name: \"%s\"}",
					((const struct endpointslice *)v[i])->service);
			else
				labels(f, "labels", &v[i]->labels);
			fputs("\n", f);
			dump_spec(f, v[i]);
		}
	}
}
