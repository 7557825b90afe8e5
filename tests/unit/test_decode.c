// SPDX-License-Identifier: GPL-2.0
/*
 * Decoding: what objects say in the model, what is refused (tests/bad has most of that), and that
 * leaving out what can't be read never opens anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "base/mem.h"
#include "model/decode.h"

static unsigned seed;

static unsigned pick(unsigned n)
{
	return rand_r(&seed) % n;
}

struct load {
	struct model *m;
	struct diags diags;
	int mistakes;
};

static void put(void *ctx, struct meta *obj)
{
	model_put(((struct load *)ctx)->m, obj);
}

static void decode(void *ctx, struct doc *d)
{
	struct load *l = ctx;

	l->mistakes += model_decode(l->m, d, "f.yaml", &l->diags, put, l);
	doc_free(d);
}

static void load(struct load *l, const char *yaml, size_t len)
{
	*l = (struct load){ .m = model_new() };
	if (doc_parse_yaml(yaml, len, "f.yaml", &l->diags, decode, l))
		l->mistakes++;
	assert_int_equal(l->mistakes != 0, l->diags.n != 0);
}

static void unload(struct load *l)
{
	diags_free(&l->diags);
	model_free(l->m);
}

static struct load good(const char *yaml)
{
	struct load l;

	load(&l, yaml, strlen(yaml));
	if (l.mistakes)
		fail_msg("%s\n%s", yaml, diag_format(&l.diags.v[0]));
	return l;
}

static void write_selector(FILE *f, const struct selector *s)
{
	static const char *const ops[] = { "in", "notin", "exists", "!exists" };

	putc('{', f);
	for (unsigned i = 0; i < s->n; i++) {
		fprintf(f, "%s%s %s", i ? ", " : "", s->v[i].key, ops[s->v[i].op]);
		for (unsigned j = 0; j < s->v[i].n_values; j++)
			fprintf(f, "%s%s", j ? "|" : " ", s->v[i].values[j]);
	}
	putc('}', f);
}

static void write_peer(FILE *f, const struct policy_peer *p)
{
	char buf[CIDR_STRLEN];

	if (p->is_block) {
		fputs(cidr_format(&p->cidr, buf), f);
		for (unsigned i = 0; i < p->n_except; i++)
			fprintf(f, " - %s", cidr_format(&p->except[i], buf));
		return;
	}
	if (p->namespace_selector) {
		fputs("ns", f);
		write_selector(f, p->namespace_selector);
	}
	if (p->pod_selector) {
		fputs("pod", f);
		write_selector(f, p->pod_selector);
	}
}

static void write_rules(FILE *f, const struct policy_rule *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fputs(" [", f);
		for (unsigned j = 0; j < v[i].n_peers; j++) {
			fputs(j ? "; " : "", f);
			write_peer(f, &v[i].peers[j]);
		}
		fputs(" :", f);
		for (unsigned j = 0; j < v[i].n_ports; j++) {
			const struct policy_port *p = &v[i].ports[j];

			if (p->any)
				fprintf(f, " %d/*", p->proto);
			else if (p->name)
				fprintf(f, " %d/%s", p->proto, p->name);
			else
				fprintf(f, " %d/%d-%d", p->proto, p->port, p->end_port);
		}
		fputs("]", f);
	}
}

static char *policy_text(const struct networkpolicy *p)
{
	char *s = NULL;
	size_t len;
	FILE *f = open_memstream(&s, &len);

	write_selector(f, &p->pod_selector);
	fputs(p->isolates_ingress ? " in" : "", f);
	write_rules(f, p->ingress, p->n_ingress);
	fputs(p->isolates_egress ? " out" : "", f);
	write_rules(f, p->egress, p->n_egress);
	fclose(f);
	return s;
}

static char *policy_yaml(const char *spec)
{
	return mem_printf("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, "
			  "metadata: {name: p, namespace: shop}%s%s}", *spec ? ", spec: " : "", spec);
}

static void policies_say_what_they_say(void **state)
{
	static const char *const vectors[][2] = {
		{ "", "{} in" },
		{ "{}", "{} in" },
		{ "{podSelector: null, ingress: null, egress: null, policyTypes: null}", "{} in" },
		{ "{podSelector: {}, ingress: [], egress: []}", "{} in" },
		{ "{egress: [{}]}", "{} in out [ :]" },
		{ "{policyTypes: [], egress: [{}]}", "{} in out [ :]" },
		{ "{policyTypes: [Egress]}", "{} out" },
		{ "{policyTypes: [Ingress], egress: [{}]}", "{} in [ :]" },
		{ "{policyTypes: [Egress, Ingress], ingress: [{}]}", "{} in [ :] out" },
		{ "{podSelector: {matchLabels: {a: b, c: ''}, matchExpressions: ["
		  "{key: x/y, operator: In, values: [q, p, q]}, {key: z, operator: NotIn, values: [r]},"
		  "{key: e, operator: Exists}, {key: n, operator: DoesNotExist, values: []}]}}",
		  "{a in b, c in , x/y in p|q, z notin r, e exists, n !exists} in" },
		{ "{ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}, "
		  "{podSelector: {matchLabels: {a: b}}, namespaceSelector: {matchLabels: {c: d}}}]}]}",
		  "{} in [pod{}; ns{}; ns{c in d}pod{a in b} :]" },
		{ "{ingress: [{from: [], ports: []}, {from: null, ports: null}]}", "{} in [ :] [ :]" },
		{ "{ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8, except: [10.1.2.3/16, 10.9.9.9/32]}}]}]}",
		  "{} in [10.0.0.0/8 - 10.1.0.0/16 - 10.9.9.9/32 :]" },
		{ "{egress: [{to: [{ipBlock: {cidr: '::/0', except: ['2001:db8::/32']}}]}]}",
		  "{} in out [::/0 - 2001:db8::/32 :]" },
		{ "{ingress: [{ports: [{}, {port: 80}, {protocol: UDP}, {protocol: SCTP, port: 7, endPort: 9},"
		  "{port: http}, {port: 0x50, endPort: 80}, {port: 1, endPort: 65535}]}]}",
		  "{} in [ : 6/* 6/80-80 17/* 132/7-9 6/http 6/80-80 6/1-65535]" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		char *yaml = policy_yaml(vectors[i][0]), *got;
		struct load l = good(yaml);

		got = policy_text((void *)model_get(l.m, KIND_NETWORKPOLICY, "shop", "p"));
		if (strcmp(got, vectors[i][1]))
			fail_msg("%s\n gives %s\n not   %s", yaml, got, vectors[i][1]);
		free(got);
		free(yaml);
		unload(&l);
	}
}

static void keep(void *ctx, struct doc *d)
{
	*(struct doc **)ctx = d;
}

/* From the API nothing is fatal: what can't be read goes, and never widens what is allowed. */
static void unreadable_parts_of_policies_allow_nothing(void **state)
{
	static const char *const vectors[][2] = {
		{ "{ingress: [{from: [{}]}]}", "{} in" },
		{ "{ingress: [{from: [{podSelector: 1}]}, {from: [{podSelector: {}}]}]}", "{} in [pod{} :]" },
		{ "{ingress: [{from: [{podSelector: {}}], ports: [{port: 0}]}]}", "{} in" },
		{ "{ingress: [{ports: [{port: 80}, {protocol: QUIC}]}]}", "{} in" },
		{ "{ingress: [{from: 1}]}", "{} in" },
		{ "{ingress: [{from: [{newKindOfPeer: {}}]}]}", "{} in" },
		{ "{ingress: [{from: [{podSelector: {}, newKindOfPeer: {}}]}]}", "{} in" },
		{ "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [x]}}]}]}", "{} in" },
		{ "{ingress: [{from: [{podSelector: {matchExpressions: [{key: a, operator: Gt, values: [b]}]}}]}]}", "{} in" },
		{ "{podSelector: {matchExpressions: [{key: a, operator: Gt, values: [b]}]}, ingress: [{}], egress: [{}]}",
		  "{} in out" },
		{ "{podSelector: 1, ingress: [{}]}", "{} in" },
		{ "{ingress: {}, egress: 1}", "{} in" },
		{ "{policyTypes: [Sideways], egress: []}", "{} in out" },
		{ "{policyTypes: 1, egress: [{}]}", "{} in out [ :]" },
		{ "1", "{} in" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		char *yaml = policy_yaml(vectors[i][0]), *got;
		struct diags diags = { 0 };
		struct model *m = model_new();
		struct doc *d = NULL;
		struct meta *obj;

		doc_parse_yaml(yaml, strlen(yaml), NULL, &diags, keep, &d);
		obj = model_decode_api(m, KIND_NETWORKPOLICY, d, &diags);
		got = policy_text((void *)obj);
		if (strcmp(got, vectors[i][1]) || !diags.n)
			fail_msg("%s\n gives %s\n not   %s (%zu mistakes)", yaml, got, vectors[i][1], diags.n);
		model_object_free(obj);
		model_free(m);
		doc_free(d);
		diags_free(&diags);
		free(got);
		free(yaml);
	}
}

/* A gateway is held to what is declared: what can't be read of who it is must hold more pods, not fewer. */
static void unreadable_gateways_are_their_namespace(void **state)
{
	static const struct {
		const char *annotation, *ns;	/* ns NULL: no gateway */
		unsigned requirements;
	} vectors[] = {
		{ "ingress/app=haproxy", "ingress", 1 },
		{ "ingress/app in (", "ingress", 0 },
		{ "ingress/", "ingress", 0 },
		{ "app=haproxy", NULL, 0 },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		char *yaml = mem_printf("{metadata: {name: web, annotations: {stockade.io/gateway: '%s'}}, spec: {controller: c}}",
					vectors[i].annotation);
		struct diags diags = { 0 };
		struct model *m = model_new();
		struct doc *d = NULL;
		struct ingressclass *c;

		doc_parse_yaml(yaml, strlen(yaml), NULL, &diags, keep, &d);
		c = (void *)model_decode_api(m, KIND_INGRESSCLASS, d, &diags);
		assert_int_equal(!c->gateway, !vectors[i].ns);
		if (vectors[i].ns) {
			assert_string_equal(c->gateway->ns, vectors[i].ns);
			assert_int_equal(c->gateway->selector.n, vectors[i].requirements);
		}
		assert_int_equal(diags.n, i > 0);
		if (i) {
			assert_string_equal(diags.v[0].object, "IngressClass web");
			assert_string_equal(diags.v[0].field, "metadata.annotations.stockade.io/gateway");
		}
		model_object_free(&c->meta);
		model_free(m);
		doc_free(d);
		diags_free(&diags);
		free(yaml);
	}
}

static void pods_keep_what_policy_needs(void **state)
{
	struct load l = good(
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {x: y}, annotations: {other: v, stockade.io/z: w}}\n"
		"spec:\n  nodeName: n1\n  containers:\n"
		"  - {name: c, ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP, hostPort: 5353}]}\n"
		"  - {name: d, ports: [{containerPort: 81, name: http}]}\n  - {name: e}\n"
		"  initContainers:\n  - {name: i, ports: [{containerPort: 1}]}\n"
		"  - {name: j, restartPolicy: Always, ports: [{containerPort: 9000, protocol: SCTP}]}\n"
		"status:\n  phase: Running\n  podIP: 10.0.0.1\n  podIPs: [{ip: 10.0.0.1}, {ip: '2001:db8::1'}]\n"
		"  conditions: [{type: Ready, status: 'True'}, {type: PodScheduled, status: 'False'}]\n");
	const struct pod *p = (void *)model_get(l.m, KIND_POD, "default", "a");
	char buf[IP_STRLEN];

	assert_string_equal(p->node, "n1");
	assert_int_equal(p->n_ips, 2);
	assert_string_equal(ip_format(&p->ips[1], buf), "2001:db8::1");
	assert_int_equal(p->n_ports, 4);
	assert_string_equal(p->ports[0].name, "http");
	assert_int_equal(p->ports[1].host_port, 5353);
	assert_int_equal(p->ports[1].proto, PROTO_UDP);
	assert_int_equal(p->ports[2].port, 81);
	assert_int_equal(p->ports[3].port, 9000);
	assert_int_equal(p->ports[3].proto, PROTO_SCTP);
	assert_true(p->ready && !p->finished && !p->host_network);
	assert_int_equal(p->meta.annotations.n, 1);
	assert_string_equal(p->meta.annotations.v[0].value, "w");
	assert_string_equal(p->meta.origin.file, "f.yaml");
	assert_int_equal(p->meta.origin.line, 1);
	unload(&l);
}

static void namespaces_carry_their_name(void **state)
{
	struct load l = good(
		"{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n"
		"{apiVersion: v1, kind: Namespace, metadata: {name: b, namespace: ignored, labels: {z: '1', a: '2',"
		" kubernetes.io/metadata.name: a}}}\n");
	const struct labels *lb;

	assert_string_equal(labels_get(model_namespace_labels(l.m, "a"), "kubernetes.io/metadata.name"), "a");
	lb = model_namespace_labels(l.m, "b");
	assert_int_equal(lb->n, 3);
	assert_string_equal(lb->v[0].key, "a");
	assert_string_equal(lb->v[1].value, "b");
	assert_string_equal(lb->v[2].key, "z");
	unload(&l);
}

static void nodes_services_and_slices(void **state)
{
	struct load l = good(
		"{apiVersion: v1, kind: Node, metadata: {name: n}, spec: {podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24, '2001:db8::/64']},"
		" status: {addresses: [{type: Hostname, address: n}, {type: ExternalIP, address: 198.51.100.1},"
		" {type: InternalIP, address: 192.0.2.1}]}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: LoadBalancer, selector: {app: web}, clusterIP: 10.96.0.1,"
		" clusterIPs: [10.96.0.1, '2001:db8:1::1'], externalIPs: [203.0.113.1], ports: [{name: a, port: 80, targetPort: http,"
		" nodePort: 30080}, {name: b, port: 53, protocol: UDP}]}, status: {loadBalancer: {ingress: [{ip: 203.0.113.9}, {hostname: h}]}}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: h}, spec: {clusterIP: None}}\n---\n"
		"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e, labels: {kubernetes.io/service-name: s}},"
		" addressType: IPv4, ports: [{name: a, port: 8080}, {}], endpoints: [{addresses: [10.1.0.5], conditions: {ready: true},"
		" targetRef: {kind: Pod, name: web}}, {addresses: [10.1.0.6], conditions: {ready: false}}, {addresses: [10.1.0.7]}]}\n");
	const struct node *n = (void *)model_get(l.m, KIND_NODE, "", "n");
	const struct service *s = (void *)model_get(l.m, KIND_SERVICE, "default", "s");
	const struct endpointslice *e = (void *)model_get(l.m, KIND_ENDPOINTSLICE, "default", "e");

	assert_int_equal(n->n_addresses, 2);
	assert_int_equal(n->n_pod_cidrs, 2);
	assert_ptr_equal(model_node_by_ip(l.m, &n->addresses[1]), n);
	assert_int_equal(s->type, SERVICE_LOAD_BALANCER);
	assert_int_equal(s->n_cluster_ips, 2);
	assert_string_equal(s->ports[0].target_name, "http");
	assert_int_equal(s->ports[0].node_port, 30080);
	assert_int_equal(s->ports[1].target_port, 53);
	assert_int_equal(s->n_load_balancer_ips, 1);
	assert_int_equal(s->n_external_ips, 1);
	s = (void *)model_get(l.m, KIND_SERVICE, "default", "h");
	assert_true(s->headless && !s->selector && !s->n_cluster_ips);
	assert_string_equal(e->service, "s");
	assert_true(!e->ports[0].any && e->ports[1].any);
	assert_true(!e->endpoints[0].unready && e->endpoints[1].unready && !e->endpoints[2].unready);
	assert_string_equal(e->endpoints[0].target_ns, "default");
	assert_string_equal(e->endpoints[0].target_pod, "web");
	assert_null(e->endpoints[1].target_pod);
	unload(&l);
}

static void ingresses_and_classes(void **state)
{
	struct load l = good(
		"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, annotations: {kubernetes.io/ingress.class: old}},"
		" spec: {defaultBackend: {resource: {kind: Bucket, name: b}}, rules: [{host: '*.example.com', http: {paths: [{path: /a,"
		" pathType: Prefix, backend: {service: {name: s, port: {name: http}}}}, {pathType: ImplementationSpecific,"
		" backend: {service: {name: t, port: {number: 81}}}}]}}, {}], tls: [{hosts: [a.example.com], secretName: t}]}}\n---\n"
		"{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: c, annotations: {"
		"ingressclass.kubernetes.io/is-default-class: 'true', stockade.io/require-tls: 'true',"
		"stockade.io/gateway: 'ingress/app.kubernetes.io/name=haproxy,tier!=test',"
		"stockade.io/gateway-reach: 'auth/app in (oidc, ldap),!canary, db/kind=sql'}}, spec: {controller: example.com/c}}\n");
	const struct ingress *in = (void *)model_get(l.m, KIND_INGRESS, "default", "i");
	const struct ingressclass *c = (void *)model_get(l.m, KIND_INGRESSCLASS, "", "c");

	assert_string_equal(in->class_name, "old");
	assert_null(in->default_backend.service);
	assert_int_equal(in->n_rules, 2);
	assert_string_equal(in->rules[0].host, "*.example.com");
	assert_string_equal(in->rules[0].paths[0].backend.port_name, "http");
	assert_int_equal(in->rules[0].paths[1].backend.port, 81);
	assert_string_equal(in->tls[0].hosts[0], "a.example.com");
	assert_true(c->is_default && c->require_tls);
	assert_string_equal(c->gateway->ns, "ingress");
	assert_int_equal(c->gateway->selector.n, 2);
	assert_string_equal(c->gateway->selector.v[0].key, "app.kubernetes.io/name");
	assert_int_equal(c->gateway->selector.v[1].op, SELECTOR_NOT_IN);
	assert_int_equal(c->n_reach, 2);
	assert_int_equal(c->reach[0].selector.n, 2);
	assert_int_equal(c->reach[0].selector.v[0].n_values, 2);
	assert_int_equal(c->reach[0].selector.v[1].op, SELECTOR_DOES_NOT_EXIST);
	assert_string_equal(c->reach[1].ns, "db");
	unload(&l);
}

static void tls_secrets_are_kept_and_no_others(void **state)
{
	struct load l = good(
		"{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: a}, data: {tls.crt: SGVsbG8=, tls.key: SGk=}}\n---\n"
		"{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: b}, data: {tls.crt: SGVsbG8=},"
		" stringData: {tls.crt: plain, tls.key: text}}\n---\n"
		"{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: c}, data: {password: c2VjcmV0}}\n---\n"
		"{apiVersion: v1, kind: Secret, metadata: {name: d}}\n");
	const struct secret *s = (void *)model_get(l.m, KIND_SECRET, "default", "a");

	assert_int_equal(model_count(l.m, KIND_SECRET), 2);
	assert_int_equal(s->crt_len, 5);
	assert_memory_equal(s->crt, "Hello", 5);
	assert_memory_equal(s->key, "Hi", 2);
	s = (void *)model_get(l.m, KIND_SECRET, "default", "b");
	assert_memory_equal(s->crt, "plain", 5);
	assert_memory_equal(s->key, "text", 4);
	unload(&l);
}

static void selectors_as_kubectl_takes_them(void **state)
{
	static const char *const vectors[][2] = {
		{ "a=b", "{a in b}" }, { "a==b", "{a in b}" }, { "a = b , c != d", "{a in b, c notin d}" },
		{ "a", "{a exists}" }, { "!a", "{a !exists}" }, { "a in (x, y,z)", "{a in x|y|z}" },
		{ "a notin(y,x)", "{a notin x|y}" }, { "in", "{in exists}" }, { "a=", "{a in }" },
		{ "x.io/a=b", "{x.io/a in b}" },
		{ "", NULL }, { ",", NULL }, { "a,", NULL }, { "a b", NULL }, { "a in x", NULL }, { "a in (x", NULL },
		{ "=b", NULL }, { "a=b=c", NULL }, { "a in (x y)", NULL }, { "!a=b", NULL }, { "a=(b)", NULL }, { "a>1", NULL },
	};
	struct model *m = model_new();

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct selector s = { 0 };
		const char *why = NULL;
		char *got = NULL;
		size_t len;
		FILE *f;

		if (selector_parse(m, vectors[i][0], &s, &why) != (vectors[i][1] != NULL))
			fail_msg("%s: %s", vectors[i][0], why ? why : "parses");
		if (!vectors[i][1])
			continue;
		f = open_memstream(&got, &len);
		write_selector(f, &s);
		fclose(f);
		assert_string_equal(got, vectors[i][1]);
		free(got);
		selector_clear(&s);
	}
	model_free(m);
}

/* A bit of everything, for mutation. */
static const char everything[] =
	"apiVersion: v1\nkind: List\nitems:\n"
	"- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: b, labels: {c: d}}, spec: {hostNetwork: false, containers: [{ports: [{containerPort: 80}]}]}, status: {podIPs: [{ip: 10.0.0.1}]}}\n"
	"- {apiVersion: v1, kind: Node, metadata: {name: n}, spec: {podCIDRs: [10.0.0.0/24]}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}\n"
	"- {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {matchLabels: {a: b}}, policyTypes: [Egress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {podSelector: {}}], ports: [{port: 80, endPort: 90}]}]}}\n"
	"- {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: NodePort, selector: {a: b}, clusterIPs: [10.96.0.1], ports: [{port: 80, targetPort: http}]}, status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}}\n"
	"- {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e}, addressType: IPv4, ports: [{port: 1}], endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}, targetRef: {kind: Pod, name: a}}]}\n"
	"- {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, spec: {rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Exact, backend: {service: {name: s, port: {number: 80}}}}]}}], tls: [{hosts: [a.example.com], secretName: t}]}}\n"
	"- {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: c, annotations: {stockade.io/gateway: a/b=c, stockade.io/gateway-reach: 'd/e,f/g'}}, spec: {controller: x/y}}\n"
	"- {apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: t}, data: {tls.crt: SGk=, tls.key: SGk=}}\n"
	"- {apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {kubernetes.io/metadata.name: x}}}\n";

static void mutate_bytes(char *text, size_t len)
{
	static const char spice[] = "{}[]:,-'\" abA019./*&~!=()\n";

	for (unsigned k = 1 + pick(5); k; k--)
		text[pick(len)] = spice[pick(sizeof(spice) - 1)];
}

/* Some values are replaced by ones of other types, anywhere in the tree. */
static void mutate_tree(struct doc *d)
{
	static const char *const values[] = {
		"null", "true", "7", "-1", "70000", "[]", "{}", "\"\"", "\"x\"", "\"10.0.0.0/33\"", "[null]", "[[]]", "{\"a\":1}", "1.5",
	};
	const char *why, *v = values[pick(sizeof(values) / sizeof(*values))];
	struct doc **child;
	size_t n = d->type == DOC_SEQ ? d->seq.n : d->type == DOC_MAP ? d->map.n : 0;

	if (!n)
		return;
	n = pick(n);
	child = d->type == DOC_SEQ ? &d->seq.v[n] : &d->map.v[n].value;
	if (pick(4)) {
		mutate_tree(*child);
		return;
	}
	doc_free(*child);
	*child = doc_parse_json(v, strlen(v), &why);
	assert_non_null(*child);
}

static void mutated_bytes_never_crash(void **state)
{
	print_message("seed %u\n", seed);
	for (int i = 0; i < 5000; i++) {
		char text[sizeof(everything)];
		struct load l;

		memcpy(text, everything, sizeof(text));
		mutate_bytes(text, sizeof(text) - 1);
		load(&l, text, sizeof(text) - 1);
		unload(&l);
	}
}

/* Strictly and as from the API, in which case each object is kept or nameless. */
static void mutated_trees_never_crash(void **state)
{
	print_message("seed %u\n", seed);
	for (int i = 0; i < 5000; i++) {
		struct load l = { .m = model_new() };
		const struct doc *items;
		struct doc *d = NULL;

		doc_parse_yaml(everything, strlen(everything), NULL, &l.diags, keep, &d);
		for (unsigned k = 1 + pick(6); k; k--)
			mutate_tree(d);
		l.mistakes = model_decode(l.m, d, NULL, &l.diags, put, &l);
		assert_int_equal(l.mistakes != 0, l.diags.n != 0);
		items = doc_get(d, "items");
		for (size_t j = 0; items && items->type == DOC_SEQ && j < items->seq.n; j++)
			model_object_free(model_decode_api(l.m, pick(KINDS), items->seq.v[j], &l.diags));
		doc_free(d);
		unload(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_say_what_they_say),
		cmocka_unit_test(unreadable_parts_of_policies_allow_nothing),
		cmocka_unit_test(unreadable_gateways_are_their_namespace),
		cmocka_unit_test(pods_keep_what_policy_needs),
		cmocka_unit_test(namespaces_carry_their_name),
		cmocka_unit_test(nodes_services_and_slices),
		cmocka_unit_test(ingresses_and_classes),
		cmocka_unit_test(tls_secrets_are_kept_and_no_others),
		cmocka_unit_test(selectors_as_kubectl_takes_them),
		cmocka_unit_test(mutated_bytes_never_crash),
		cmocka_unit_test(mutated_trees_never_crash),
	};

	seed = getenv("SEED") ? strtoul(getenv("SEED"), NULL, 0) : (unsigned)time(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
