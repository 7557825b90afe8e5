// SPDX-License-Identifier: GPL-2.0
/* The perimeter, sentence by sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/mem.h"
#include "compile/tls.h"
#include "lib/cluster.h"
#include "lib/gen.h"

#define POD(NS, NAME, NODE, LABELS, PORTS, IP) \
	"---\napiVersion: v1\nkind: Pod\nmetadata: {name: " NAME ", namespace: " NS ", labels: {" LABELS "}}\n" \
	"spec: {nodeName: " NODE ", containers: [{name: c, image: x, ports: [" PORTS "]}]}\n" \
	"status: {phase: Running, podIPs: [{ip: " IP "}, {ip: 'fd00::" IP "'}]}\n"
#define SERVICE(NS, NAME, LABELS, SPEC) \
	"---\napiVersion: v1\nkind: Service\nmetadata: {name: " NAME ", namespace: " NS ", labels: {" LABELS "}}\nspec: " SPEC "\n"
#define SLICE(NS, NAME, SERVICE, PORTS, ENDPOINTS) \
	"---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: " NAME ", namespace: " NS \
	", labels: {kubernetes.io/service-name: " SERVICE "}}\naddressType: IPv4\nports: [" PORTS "]\nendpoints: [" ENDPOINTS "]\n"
#define CLASS(NAME, ANNOTATIONS) \
	"---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: " NAME ", annotations: {" ANNOTATIONS "}}\n" \
	"spec: {controller: example.com/in}\n"
#define INGRESS(NS, NAME, SPEC) \
	"---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " NAME ", namespace: " NS "}\nspec: " SPEC "\n"
#define TO(SERVICE, PORT) "http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: " SERVICE ", port: {" PORT "}}}}]}"
#define MODE(NS, M) \
	"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: " NS ", labels: {stockade.io/perimeter: " M "}}\n"

static const char base[] =
	"---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {podCIDRs: [10.0.1.0/24]}\n"
	"status: {addresses: [{type: InternalIP, address: 172.16.0.1}]}\n"
	"---\napiVersion: v1\nkind: Node\nmetadata: {name: n2}\nspec: {podCIDRs: [10.0.2.0/24]}\n"
	"status: {addresses: [{type: InternalIP, address: 172.16.0.2}]}\n"
	POD("in", "gw", "n1", "app: gw", "", "10.0.1.5")
	POD("shop", "web", "n1", "app: web", "{name: http, containerPort: 8080}", "10.0.1.10")
	POD("shop", "api", "n2", "app: api", "{name: http, containerPort: 8081}, {containerPort: 9000, hostPort: 30900}", "10.0.2.10")
	POD("shop", "db", "n2", "app: db", "{containerPort: 5432}", "10.0.2.11")
	POD("dns", "coredns", "n2", "app: dns", "", "10.0.2.53");

static void start(struct cluster *c, enum perimeter_mode mode, const char *more)
{
	cluster_init(c, base);
	c->options.perimeter = mode;
	cluster_apply(c, more);
}

static void enforced(const char *more, const char *lines)
{
	struct cluster c;

	start(&c, PERIMETER_ENFORCE, more);
	cluster_expect(&c, lines);
	cluster_free(&c);
}

#define WEB_SLICE SLICE("shop", "web-1", "web", "{name: http, port: 8080}", "{addresses: [10.0.1.10]}")

static void outside_reaches_exposed_ports_only(void **state)
{
	static const char only[] =
		"ip/203.0.113.1 shop/web tcp 8080 allow\nip/203.0.113.1 shop/web tcp 80 deny\nip/203.0.113.1 shop/web udp 8080 deny\n"
		"ip/203.0.113.1 shop/web icmp 0 deny\nip/203.0.113.1 shop/db tcp 8080 deny\nip/2001:db8::1 shop/web tcp 8080 allow\n"
		"ip/2001:db8::1 shop/web tcp 8081 deny\n";

	enforced("", "ip/203.0.113.1 shop/web tcp 8080 deny\nshop/db shop/web tcp 8080 allow\nnode/n2 shop/web tcp 8080 allow\n"
		 "node/n1 shop/web tcp 1 allow\nshop/web ip/203.0.113.1 tcp 80 allow\nin/gw shop/web tcp 1 allow\n"
		 "ip/203.0.113.1 node/n1 tcp 22 allow\n");
	enforced(SERVICE("shop", "web", "", "{type: NodePort, ports: [{name: http, port: 80}]}") WEB_SLICE, only);
	enforced(SERVICE("shop", "web", "", "{type: LoadBalancer, ports: [{name: http, port: 80}]}") WEB_SLICE, only);
	enforced(SERVICE("shop", "web", "", "{externalIPs: [198.51.100.1], ports: [{name: http, port: 80}]}") WEB_SLICE, only);
	enforced(SERVICE("shop", "web", "", "{ports: [{name: http, port: 80}]}") WEB_SLICE, "ip/203.0.113.1 shop/web tcp 8080 deny\n");
	/* A Service of another namespace has other slices. */
	enforced(SERVICE("in", "web", "", "{type: NodePort, ports: [{name: http, port: 80}]}") WEB_SLICE,
		 "ip/203.0.113.1 shop/web tcp 8080 deny\n");
	/* hostPort, by the port of the container. */
	enforced("", "ip/203.0.113.1 shop/api tcp 9000 allow\nip/203.0.113.1 shop/api tcp 30900 deny\nip/203.0.113.1 shop/api tcp 8081 deny\n");
}

static void endpoints_that_count(void **state)
{
#define EXPOSED SERVICE("shop", "web", "", "{type: NodePort, ports: [{name: http, port: 80}]}")
	enforced(EXPOSED SLICE("shop", "s", "web", "{name: http, port: 8080}", "{addresses: [10.0.1.10], conditions: {ready: false}}"),
		 "ip/203.0.113.1 shop/web tcp 8080 deny\n");
	enforced(EXPOSED SLICE("shop", "s", "web", "{name: http, port: 8080}", "{addresses: [10.0.1.10], conditions: {}}"),
		 "ip/203.0.113.1 shop/web tcp 8080 allow\n");
	/* Each slice has its own numbers. */
	enforced(EXPOSED WEB_SLICE SLICE("shop", "s", "web", "{name: http, port: 8081}", "{addresses: [10.0.2.10]}"),
		 "ip/203.0.113.1 shop/web tcp 8080 allow\nip/203.0.113.1 shop/web tcp 8081 deny\n"
		 "ip/203.0.113.1 shop/api tcp 8081 allow\nip/203.0.113.1 shop/api tcp 8080 deny\n");
	/* All ports of a protocol. */
	enforced(EXPOSED SLICE("shop", "s", "web", "{name: http, protocol: UDP}", "{addresses: [10.0.1.10]}"),
		 "ip/203.0.113.1 shop/web udp 1 allow\nip/203.0.113.1 shop/web tcp 1 deny\n");
	/* The address is another pod's by now. */
	enforced(EXPOSED SLICE("shop", "s", "web", "{name: http, port: 8080}",
			       "{addresses: [10.0.1.10], targetRef: {kind: Pod, name: old, namespace: shop}}"),
		 "ip/203.0.113.1 shop/web tcp 8080 deny\n");
	enforced(EXPOSED SLICE("shop", "s", "web", "{name: http, port: 8080}",
			       "{addresses: [10.0.1.10], targetRef: {kind: Pod, name: web, namespace: shop}}"),
		 "ip/203.0.113.1 shop/web tcp 8080 allow\n");
#undef EXPOSED
}

static void modes(void **state)
{
	struct cluster c;

	start(&c, PERIMETER_AUDIT, "");
	cluster_expect(&c, "ip/203.0.113.1 shop/web tcp 80 would-deny\n");
	cluster_expect_rule(&c, "ip/203.0.113.1 shop/web tcp 80", "Perimeter: not an exposed port");
	cluster_apply(&c, MODE("shop", "enforce") MODE("dns", "\"off\""));
	cluster_expect(&c, "ip/203.0.113.1 shop/web tcp 80 deny\nip/203.0.113.1 dns/coredns udp 53 allow\n"
		       "ip/203.0.113.1 in/gw tcp 443 would-deny\n");
	/* What policy denies is denied, and policy's. */
	cluster_apply(&c, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: d, namespace: in}\n"
		      "spec: {podSelector: {}, ingress: [{ports: [{port: 443}]}]}\n");
	cluster_expect(&c, "ip/203.0.113.1 in/gw tcp 443 would-deny\nip/203.0.113.1 in/gw tcp 80 deny\n");
	cluster_expect_rule(&c, "ip/203.0.113.1 in/gw tcp 80", "NetworkPolicy in/d isolates ingress");
	c.options.perimeter = PERIMETER_OFF;
	cluster_renew(&c);
	cluster_expect(&c, "ip/203.0.113.1 in/gw tcp 443 allow\nip/203.0.113.1 shop/web tcp 80 deny\n");
	cluster_free(&c);
}

#define GATEWAY CLASS("ext", "stockade.io/gateway: in/app=gw")
#define CLUSTER_IP(NAME, PORTS) SERVICE("shop", NAME, "", "{ports: [" PORTS "]}")

static void gateways_reach_declared_backends_only(void **state)
{
	enforced(GATEWAY, "in/gw shop/web tcp 8080 deny\nin/gw shop/db icmp 0 deny\nin/gw ip/203.0.113.1 tcp 443 allow\n"
		 "in/gw node/n2 tcp 6443 allow\nin/gw in/gw tcp 1 allow\nshop/web shop/db tcp 5432 allow\n");
	enforced(GATEWAY CLUSTER_IP("web", "{name: http, port: 80}") WEB_SLICE
		 INGRESS("shop", "i", "{ingressClassName: ext, rules: [{host: a.test, " TO("web", "number: 80") "}]}"),
		 "in/gw shop/web tcp 8080 allow\nin/gw shop/web tcp 80 deny\nin/gw shop/db tcp 5432 deny\nin/gw shop/web udp 8080 deny\n"
		 "in/gw shop/web tcp6 8080 allow\n");
	/* By name, as the default backend, by the old annotation, by the default class. */
	enforced(GATEWAY CLUSTER_IP("web", "{name: http, port: 80}") WEB_SLICE
		 INGRESS("shop", "i", "{ingressClassName: ext, defaultBackend: {service: {name: web, port: {name: http}}}}"),
		 "in/gw shop/web tcp 8080 allow\n");
	enforced(GATEWAY CLUSTER_IP("web", "{name: http, port: 80}") WEB_SLICE
		 "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop, "
		 "annotations: {kubernetes.io/ingress.class: ext}}\nspec: {rules: [{" TO("web", "number: 80") "}]}\n",
		 "in/gw shop/web tcp 8080 allow\n");
	enforced(GATEWAY CLUSTER_IP("web", "{name: http, port: 80}") WEB_SLICE
		 INGRESS("shop", "i", "{rules: [{" TO("web", "number: 80") "}]}"), "in/gw shop/web tcp 8080 deny\n");
	enforced(CLASS("ext", "stockade.io/gateway: in/app=gw, ingressclass.kubernetes.io/is-default-class: \"true\"")
		 CLUSTER_IP("web", "{name: http, port: 80}") WEB_SLICE
		 INGRESS("shop", "i", "{rules: [{" TO("web", "number: 80") "}]}"), "in/gw shop/web tcp 8080 allow\n");
	/* Another class's Ingress is not its own. */
	enforced(GATEWAY CLASS("other", "") CLUSTER_IP("web", "{name: http, port: 80}") WEB_SLICE
		 INGRESS("shop", "i", "{ingressClassName: other, rules: [{" TO("web", "number: 80") "}]}"),
		 "in/gw shop/web tcp 8080 deny\n");
	/* One port of a Service is not the other. */
	enforced(GATEWAY CLUSTER_IP("web", "{name: http, port: 80}, {name: admin, port: 81}")
		 SLICE("shop", "web-1", "web", "{name: http, port: 8080}, {name: admin, port: 9999}", "{addresses: [10.0.1.10]}")
		 INGRESS("shop", "i", "{ingressClassName: ext, rules: [{" TO("web", "name: http") "}]}"),
		 "in/gw shop/web tcp 8080 allow\nin/gw shop/web tcp 9999 deny\n");
}

static void gateways_reach_dns_and_what_their_class_says(void **state)
{
	enforced(GATEWAY SERVICE("dns", "dns", "k8s-app: kube-dns", "{ports: [{name: dns, port: 53, protocol: UDP}]}")
		 SLICE("dns", "s", "dns", "{name: dns, port: 53, protocol: UDP}", "{addresses: [10.0.2.53]}"),
		 "in/gw dns/coredns udp 53 allow\nin/gw dns/coredns tcp 53 deny\n");
	enforced(CLASS("ext", "stockade.io/gateway: in/app=gw, stockade.io/gateway-reach: \"shop/app=db, dns/app\""),
		 "in/gw shop/db tcp 1 allow\nin/gw shop/db icmp 0 allow\nin/gw dns/coredns sctp 7 allow\nin/gw shop/web tcp 8080 deny\n");
	/* The gateway's namespace decides about the mode. */
	enforced(GATEWAY MODE("in", "audit"), "in/gw shop/web tcp 80 would-deny\n");
	enforced(GATEWAY MODE("shop", "\"off\""), "in/gw shop/web tcp 80 deny\n");
	/* Several classes: what any of them declares. */
	enforced(GATEWAY CLASS("two", "stockade.io/gateway: in/app=gw, stockade.io/gateway-reach: shop/app=db"),
		 "in/gw shop/db tcp 1 allow\nin/gw shop/web tcp 1 deny\n");
}

static void put_secret(struct cluster *c, const char *name)
{
	struct secret *s = mem_new(struct secret);
	size_t i = 0;

	while (strcmp(gen_secrets[i].name, name))
		i++;
	s->meta = (struct meta){
		.kind = KIND_SECRET, .ns = model_intern(c->model, "shop", 4),
		.name = model_intern(c->model, name, strlen(name)),
	};
	s->crt = mem_strdup(gen_secret_pem(i)->crt);
	s->crt_len = strlen(s->crt);
	if (gen_secret_pem(i)->key) {
		s->key = mem_strdup(gen_secret_pem(i)->key);
		s->key_len = strlen(s->key);
	}
	model_put(c->model, &s->meta);
}

#define TLS_BASE CLASS("ext", "stockade.io/gateway: in/app=gw, stockade.io/require-tls: \"true\"") \
	CLUSTER_IP("web", "{name: http, port: 80}") WEB_SLICE

/* With an Ingress of this spec and every Secret there is, may the gateway reach shop/web? */
static void tls(const char *ingress, const char *verdict)
{
	struct cluster c;
	char line[64] = "in/gw shop/web tcp 8080 ";

	start(&c, PERIMETER_ENFORCE, TLS_BASE);
	for (size_t i = 0; gen_secrets[i].name; i++)
		put_secret(&c, gen_secrets[i].name);
	cluster_apply(&c, ingress);
	cluster_expect(&c, strcat(line, verdict));
	cluster_free(&c);
}

#define RULE(HOST, TLS) INGRESS("shop", "i", "{ingressClassName: ext, rules: [{host: '" HOST "', " TO("web", "number: 80") "}], tls: [" TLS "]}")
#define ANY_HOST(TLS) INGRESS("shop", "i", "{ingressClassName: ext, rules: [{" TO("web", "number: 80") "}], tls: [" TLS "]}")
#define DEFAULT(TLS) INGRESS("shop", "i", "{ingressClassName: ext, defaultBackend: {service: {name: web, port: {number: 80}}}, tls: [" TLS "]}")

static void a_class_may_require_tls(void **state)
{
	tls(INGRESS("shop", "i", "{ingressClassName: ext, rules: [{host: a.test, " TO("web", "number: 80") "}]}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test], secretName: good}"), "allow");
	tls(RULE("a.test", "{hosts: [b.test], secretName: good}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test], secretName: none}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test]}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test], secretName: two}"), "deny");
	tls(RULE("b.test", "{hosts: [b.test], secretName: two}"), "allow");
	tls(RULE("a.test", "{hosts: [a.test], secretName: expired}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test], secretName: early}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test], secretName: otherkey}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test], secretName: garbage}"), "deny");
	tls(RULE("a.test", "{hosts: [a.test], secretName: nokey}"), "deny");
	/* A second entry may do what the first does not. */
	tls(RULE("a.test", "{hosts: [a.test], secretName: expired}, {hosts: [a.test], secretName: good}"), "allow");
	/* Wildcards stand for one label. */
	tls(RULE("x.w.test", "{hosts: [x.w.test], secretName: wild}"), "allow");
	tls(RULE("x.w.test", "{hosts: ['*.w.test'], secretName: wild}"), "allow");
	tls(RULE("*.w.test", "{hosts: ['*.w.test'], secretName: wild}"), "allow");
	tls(RULE("*.w.test", "{hosts: [x.w.test], secretName: wild}"), "deny");
	tls(RULE("*.w.test", "{hosts: ['*.w.test'], secretName: good}"), "deny");
	tls(RULE("x.y.w.test", "{hosts: ['*.w.test'], secretName: wild}"), "deny");
	tls(RULE("w.test", "{hosts: [w.test], secretName: wild}"), "deny");
	/* An entry without hosts covers what its certificate does; no host and the default backend are all hosts. */
	tls(RULE("a.test", "{secretName: good}"), "allow");
	tls(RULE("b.test", "{secretName: good}"), "deny");
	tls(ANY_HOST("{secretName: good}"), "allow");
	tls(ANY_HOST("{secretName: expired}"), "deny");
	tls(ANY_HOST("{hosts: [a.test], secretName: good}"), "deny");
	tls(DEFAULT("{secretName: good}"), "allow");
	tls(DEFAULT("{hosts: [a.test], secretName: good}"), "deny");
}

static void verdicts_name_what_opens(void **state)
{
	struct cluster c;

	start(&c, PERIMETER_ENFORCE, SERVICE("shop", "web", "", "{type: NodePort, ports: [{name: http, port: 443}]}") WEB_SLICE GATEWAY
	      INGRESS("shop", "i", "{ingressClassName: ext, rules: [{" TO("web", "number: 443") "}]}"));
	cluster_expect_rule(&c, "ip/203.0.113.1 shop/web tcp 8080", "Service shop/web port 443");
	cluster_expect_rule(&c, "ip/203.0.113.1 shop/api tcp 9000", "Pod shop/api hostPort 30900");
	cluster_expect_rule(&c, "ip/203.0.113.1 shop/web tcp 80", "Perimeter: not an exposed port");
	cluster_expect_rule(&c, "in/gw shop/db tcp 5432", "Perimeter: not a declared backend");
	cluster_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outside_reaches_exposed_ports_only),
		cmocka_unit_test(endpoints_that_count),
		cmocka_unit_test(modes),
		cmocka_unit_test(gateways_reach_declared_backends_only),
		cmocka_unit_test(gateways_reach_dns_and_what_their_class_says),
		cmocka_unit_test(a_class_may_require_tls),
		cmocka_unit_test(verdicts_name_what_opens),
	};
	int failed;

	gen_secrets_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	gen_secrets_free();
	return failed;
}
