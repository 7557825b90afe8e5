// SPDX-License-Identifier: GPL-2.0
/* NetworkPolicy, sentence by sentence, on one small cluster; and how tables change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/mem.h"
#include "compile/classes.h"
#include "lib/cluster.h"

#define POD(NS, NAME, NODE, LABELS, PORTS, IP) \
	"---\napiVersion: v1\nkind: Pod\nmetadata: {name: " NAME ", namespace: " NS ", labels: {" LABELS "}}\n" \
	"spec: {nodeName: " NODE ", containers: [{name: c, image: x, ports: [" PORTS "]}]}\n" \
	"status: {phase: Running, podIP: " IP ", podIPs: [{ip: " IP "}, {ip: 'fd00::" IP "'}]}\n"
#define NS(NAME, LABELS) \
	"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: " NAME ", labels: {" LABELS "}}\n"
#define NODE(NAME, N) \
	"---\napiVersion: v1\nkind: Node\nmetadata: {name: " NAME "}\nspec: {podCIDRs: [10.0." N ".0/24]}\n" \
	"status: {addresses: [{type: InternalIP, address: 172.16.0." N "}, {type: InternalIP, address: 'fd01::" N "'}]}\n"
#define POLICY(NS, NAME, SPEC) \
	"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " NAME ", namespace: " NS "}\n" \
	"spec: " SPEC "\n"

static const char base[] =
	NODE("n1", "1") NODE("n2", "2")
	NS("shop", "team: shop") NS("ops", "team: ops, env: prod")
	POD("shop", "web", "n1", "app: web", "{name: http, containerPort: 80}", "10.0.1.10")
	POD("shop", "api", "n1", "app: api", "{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}",
	    "10.0.1.11")
	POD("shop", "db", "n2", "app: db, tier: back", "{name: sql, containerPort: 5432}", "10.0.2.10")
	POD("ops", "web", "n2", "app: web", "{name: http, containerPort: 81}", "10.0.2.11")
	POD("ops", "mon", "n2", "app: mon", "", "10.0.2.12");

static void with(const char *more, const char *lines)
{
	struct cluster c;

	cluster_init(&c, base);
	cluster_apply(&c, more);
	cluster_expect(&c, lines);
	cluster_free(&c);
}

static void nobody_is_isolated_without_policies(void **state)
{
	with("", "shop/web shop/db tcp 1 allow\n"
	     "ip/203.0.113.1 shop/db udp 53 allow\n"
	     "shop/web ip/2001:db8::1 icmp 0 allow\n"
	     "shop/web shop/api esp 0 allow\n");
}

static void an_empty_policy_denies_everything_but_self_and_own_node(void **state)
{
	with(POLICY("shop", "deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}"),
	     "shop/web shop/api tcp 8080 deny\n"
	     "ops/mon shop/api icmp 0 deny\n"
	     "ip/203.0.113.1 shop/api tcp 80 deny\n"
	     "shop/api ip/203.0.113.1 tcp 80 deny\n"
	     "shop/api ops/mon sctp 80 deny\n"
	     "shop/api shop/api tcp 1 allow\n"
	     "node/n1 shop/api tcp 1 allow\n"
	     "shop/api node/n1 tcp 1 allow\n"
	     "node/n2 shop/api tcp 1 deny\n"
	     "shop/api node/n2 tcp 1 deny\n"
	     "ops/mon ops/web tcp 81 allow\n");
}

static void a_policy_of_one_direction_leaves_the_other(void **state)
{
	with(POLICY("shop", "in", "{podSelector: {matchLabels: {app: api}}, ingress: []}"),
	     "shop/web shop/api tcp 80 deny\nshop/api shop/web tcp 80 allow\nshop/api ip/203.0.113.1 tcp 80 allow\n");
	with(POLICY("shop", "out", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress]}"),
	     "shop/web shop/api tcp 80 allow\nshop/api shop/web tcp 80 deny\n");
	/* Egress rules without policyTypes isolate both ways. */
	with(POLICY("shop", "both", "{podSelector: {matchLabels: {app: api}}, egress: [{}]}"),
	     "shop/web shop/api tcp 80 deny\nshop/api shop/web tcp 80 allow\n");
	/* Rules of a direction that policyTypes does not name say nothing. */
	with(POLICY("shop", "none", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], egress: [], ingress: [{}]}"),
	     "shop/web shop/api tcp 80 allow\nshop/api shop/web tcp 80 allow\n");
}

static void pod_and_namespace_selectors(void **state)
{
	with(POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"),
	     "shop/web shop/api tcp 1 allow\nops/web shop/api tcp 1 deny\nshop/db shop/api tcp 1 deny\n");
	with(POLICY("shop", "n", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}"),
	     "ops/web shop/api tcp 1 allow\nops/mon shop/api tcp 1 allow\nshop/web shop/api tcp 1 deny\nnode/n2 shop/api tcp 1 deny\n");
	with(POLICY("shop", "both", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}, "
		    "podSelector: {matchLabels: {app: web}}}]}]}"),
	     "ops/web shop/api tcp 1 allow\nops/mon shop/api tcp 1 deny\nshop/web shop/api tcp 1 deny\n");
	with(POLICY("shop", "or", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}, "
		    "{podSelector: {matchLabels: {app: web}}}]}]}"),
	     "ops/mon shop/api tcp 1 allow\nshop/web shop/api tcp 1 allow\nshop/db shop/api tcp 1 deny\n");
	with(POLICY("shop", "all", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector: {}}]}]}"),
	     "ops/mon shop/api tcp 1 allow\nshop/db shop/api tcp 1 allow\nip/203.0.113.1 shop/api tcp 1 deny\n");
	with(POLICY("shop", "name", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{namespaceSelector: {matchLabels: "
		    "{kubernetes.io/metadata.name: ops}}}]}]}"),
	     "ops/mon shop/api tcp 1 allow\nshop/db shop/api tcp 1 deny\n");
}

static void expressions(void **state)
{
	with(POLICY("shop", "p", "{podSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}, ingress: [{from: [{podSelector: "
		    "{matchExpressions: [{key: tier, operator: NotIn, values: [front]}, {key: app, operator: In, values: [db, web]}]}}]}]}"),
	     "shop/db shop/api tcp 1 allow\nshop/web shop/api tcp 1 allow\nshop/api shop/web tcp 1 deny\nops/web shop/db tcp 1 allow\n");
}

static void rules_add_up(void **state)
{
	with(POLICY("shop", "a", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], "
		    "ports: [{port: 80}]}]}")
	     POLICY("shop", "b", "{podSelector: {}, ingress: [{ports: [{port: 81}, {port: 53, protocol: UDP}]}]}"),
	     "shop/web shop/api tcp 80 allow\nshop/web shop/api tcp 81 allow\nops/mon shop/api tcp 81 allow\n"
	     "ops/mon shop/api tcp 80 deny\nops/mon shop/api udp 53 allow\nops/mon shop/api udp 81 deny\n");
}

static void ports_and_protocols(void **state)
{
	with(POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 8000, endPort: 8090}, {protocol: SCTP}]}]}"),
	     "shop/web shop/api tcp 7999 deny\nshop/web shop/api tcp 8000 allow\nshop/web shop/api tcp 8090 allow\n"
	     "shop/web shop/api tcp 8091 deny\nshop/web shop/api udp 8000 deny\nshop/web shop/api sctp 1 allow\n"
	     "shop/web shop/api sctp 65535 allow\nshop/web shop/api icmp 0 deny\nshop/web shop/api esp 0 deny\n");
	with(POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"),
	     "shop/web shop/api icmp 0 allow\nshop/web shop/api esp 0 allow\nshop/db shop/api icmp 0 deny\n");
	with(POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: []}]}"),
	     "shop/web shop/api icmp 0 allow\nip/203.0.113.1 shop/api tcp 1 allow\n");
}

static void named_ports_are_the_destinations(void **state)
{
	with(POLICY("shop", "in", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}"),
	     "ops/mon shop/web tcp 80 allow\nops/mon shop/web tcp 8080 deny\nops/mon shop/api tcp 8080 allow\n"
	     "ops/mon shop/api tcp 80 deny\nops/mon shop/db tcp 80 deny\n");
	with(POLICY("ops", "out", "{podSelector: {matchLabels: {app: mon}}, policyTypes: [Egress], egress: [{ports: [{port: http}, "
		    "{port: dns, protocol: UDP}, {port: dns}]}]}"),
	     "ops/mon shop/web tcp 80 allow\nops/mon shop/api tcp 80 deny\nops/mon shop/api tcp 8080 allow\n"
	     "ops/mon ops/web tcp 81 allow\nops/mon shop/api udp 53 allow\nops/mon shop/api tcp 53 deny\n"
	     "ops/mon ip/203.0.113.1 tcp 80 deny\nops/mon node/n1 tcp 80 deny\n");
	/* Containers may share a name: each of their ports is meant. */
	with("---\napiVersion: v1\nkind: Pod\nmetadata: {name: two, namespace: shop, labels: {app: two}}\n"
	     "spec: {nodeName: n1, containers: [{name: a, image: x, ports: [{name: http, containerPort: 1}]}, "
	     "{name: b, image: x, ports: [{name: http, containerPort: 2}]}]}\n"
	     "status: {phase: Running, podIPs: [{ip: 10.0.1.20}]}\n"
	     POLICY("shop", "in", "{podSelector: {matchLabels: {app: two}}, ingress: [{ports: [{port: http}]}]}"),
	     "ops/mon shop/two tcp 1 allow\nops/mon shop/two tcp 2 allow\nops/mon shop/two tcp 3 deny\n");
}

static void blocks(void **state)
{
	with(POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, "
		    "except: [203.0.113.64/26]}}]}]}"),
	     "ip/203.0.113.1 shop/api tcp 1 allow\nip/203.0.113.63 shop/api tcp 1 allow\nip/203.0.113.64 shop/api tcp 1 deny\n"
	     "ip/203.0.113.127 shop/api tcp 1 deny\nip/203.0.113.128 shop/api tcp 1 allow\nip/203.0.114.0 shop/api tcp 1 deny\n"
	     "shop/web shop/api tcp4 1 deny\n");
	/* Pods' and nodes' addresses too. */
	with(POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, "
		    "except: [10.0.2.11/32]}}, {ipBlock: {cidr: 172.16.0.0/12}}]}]}"),
	     "shop/web shop/api tcp4 1 allow\nops/mon shop/api tcp4 1 allow\nops/web shop/api tcp4 1 deny\n"
	     "node/n2 shop/api tcp4 1 allow\nnode/n2 shop/api tcp6 1 deny\nshop/web shop/api tcp6 1 deny\n");
	/* What one rule excepts another may allow, also of the same policy. */
	with(POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, "
		    "except: [203.0.113.64/26]}}], ports: [{port: 80}]}, {from: [{ipBlock: {cidr: 203.0.113.65/32}}]}]}"),
	     "ip/203.0.113.65 shop/api tcp 80 allow\nip/203.0.113.66 shop/api tcp 80 deny\nip/203.0.113.1 shop/api tcp 81 deny\n");
	with(POLICY("shop", "p", "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: '::/0', except: ['2001:db8::/32']}}]}]}"),
	     "shop/api ip/2001:db9::1 tcp 1 allow\nshop/api ip/2001:db8::1 tcp 1 deny\nshop/api ip/203.0.113.1 tcp 1 deny\n");
}

static void finished_and_host_network_pods(void **state)
{
	with("---\napiVersion: v1\nkind: Pod\nmetadata: {name: job, namespace: shop, labels: {app: web}}\n"
	     "spec: {nodeName: n2, containers: [{name: c, image: x}]}\nstatus: {phase: Succeeded, podIPs: [{ip: 10.0.2.11}]}\n"
	     "---\napiVersion: v1\nkind: Pod\nmetadata: {name: host, namespace: shop, labels: {app: web}}\n"
	     "spec: {nodeName: n2, hostNetwork: true, containers: [{name: c, image: x}]}\n"
	     "status: {phase: Running, podIPs: [{ip: 172.16.0.2}]}\n"
	     POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"),
	     /* 10.0.2.11 is ops/web's now. */
	     "ops/web shop/api tcp 1 deny\nshop/host shop/api tcp 1 deny\nshop/web shop/api tcp 1 allow\n"
	     "shop/api shop/host tcp 1 allow\n");
	/* Nobody has the address of this one: it is not known. */
	with("---\napiVersion: v1\nkind: Pod\nmetadata: {name: job, namespace: shop}\n"
	     "spec: {nodeName: n2, containers: [{name: c, image: x}]}\nstatus: {phase: Failed, podIPs: [{ip: 10.0.2.77}]}\n",
	     "shop/web shop/job tcp 1 deny\nshop/job shop/web tcp 1 deny\nip/203.0.113.1 shop/job tcp 1 deny\n");
}

static void unknown_addresses_and_tunnels(void **state)
{
	with("", "ip/10.0.1.99 shop/web tcp 1 deny\nshop/web ip/10.0.1.99 tcp 1 deny\n"
	     /* From another node it is met on its own, where routes lead; a range of no node's is outside. */
	     "shop/db ip/10.0.1.99 tcp 1 deny\nshop/db ip/10.0.9.99 tcp 1 allow\n"
	     "shop/web node/n1 udp 8472 deny\nshop/web node/n2 udp 4789 deny\nshop/web node/n2 udp 4790 allow\n"
	     "shop/web node/n2 ipip 0 deny\nshop/web node/n1 gre 0 deny\nshop/web ip/203.0.113.1 gre 0 allow\n"
	     "node/n1 shop/web udp 8472 allow\n");
}

static void verdicts_name_their_rules(void **state)
{
	struct cluster c;

	cluster_init(&c, base);
	cluster_apply(&c, POLICY("shop", "b", "{podSelector: {}, ingress: [{ports: [{port: 80}]}, {ports: [{port: 81}]}]}")
		      POLICY("shop", "a", "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 81}]}]}"));
	cluster_expect_rule(&c, "ops/mon shop/api tcp 80", "NetworkPolicy shop/b ingress[0]");
	cluster_expect_rule(&c, "ops/mon shop/api tcp 81", "NetworkPolicy shop/a ingress[0]");
	cluster_expect_rule(&c, "ops/mon shop/web tcp 81", "NetworkPolicy shop/b ingress[1]");
	cluster_expect_rule(&c, "ops/mon shop/api tcp 82", "NetworkPolicy shop/a isolates ingress");
	cluster_free(&c);
}

/* Counts what a difference takes. */
static int count(void *ctx, bool put, enum table_object what, const void *obj)
{
	++*(size_t *)ctx;
	return 0;
}

static struct table *table_of(struct cluster *c, const char *node)
{
	struct compile_options o = c->options;

	o.node = node;
	return compile_table(c->model, &o);
}

/* How many objects of node @node's table applying @more changes. */
static size_t changes(struct cluster *c, const char *node, const char *more)
{
	struct table *before = table_of(c, node), *after;
	size_t n = 0;

	cluster_apply(c, more);
	after = table_of(c, node);
	table_diff(before, after, count, &n);
	assert_true(!n == (table_digest(before) == table_digest(after)));
	table_free(before);
	table_free(after);
	return n;
}

static void what_does_not_concern_a_node_leaves_its_table(void **state)
{
	struct cluster c;

	cluster_init(&c, base);
	cluster_apply(&c, POLICY("shop", "p", "{podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: "
				 "{matchLabels: {app: web}}}], ports: [{port: 80}]}]}"));
	assert_int_equal(changes(&c, "n1", ""), 0);
	/* A pod nobody's rules here speak of, a policy of pods elsewhere, another namespace. */
	assert_int_equal(changes(&c, "n1", POD("ops", "new", "n2", "app: new", "", "10.0.2.30")), 0);
	assert_int_equal(changes(&c, "n1", POLICY("ops", "q", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")), 0);
	assert_int_equal(changes(&c, "n1", NS("other", "team: other")), 0);
	assert_int_equal(changes(&c, "n1", POLICY("shop", "r", "{podSelector: {matchLabels: {app: db}}, egress: []}")), 0);
	/* One that a rule here selects: its two addresses. */
	assert_int_equal(changes(&c, "n1", POD("shop", "web2", "n2", "app: web", "", "10.0.2.31")), 2);
	/* One more here: its addresses and itself; its programs are there. */
	assert_int_equal(changes(&c, "n1", POD("shop", "api2", "n1", "app: api", "", "10.0.1.31")), 3);
	cluster_free(&c);
}

static void one_rules_blocks_are_one_identity(void **state)
{
	char *text = NULL;
	size_t len, n = 0;
	FILE *f = open_memstream(&text, &len);
	struct cluster c;
	struct table *t;

	fputs("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
	      "spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [\n", f);
	for (unsigned i = 0; i < 10000; i++)
		fprintf(f, "%s{ipBlock: {cidr: 100.%u.%u.0/25}}", i ? ",\n" : "", i / 256, i % 256);
	fputs("]}]}\n", f);
	fclose(f);
	cluster_init(&c, base);
	cluster_apply(&c, text);
	t = table_of(&c, "n1");
	assert_int_equal(t->n_blocks, 10000);
	for (size_t i = 0; i < t->n_blocks; i++)
		n += t->blocks[i].identity != t->blocks[0].identity;
	assert_int_equal(n, 0);
	cluster_expect(&c, "shop/web ip/100.39.15.127 tcp 1 allow\nshop/web ip/100.39.15.128 tcp 1 deny\n"
		       "shop/web ip/100.39.16.0 tcp 1 deny\nshop/web ip/99.255.255.255 tcp 1 deny\n");
	table_free(t);
	cluster_free(&c);
	free(text);
}

static void ids_do_not_collide(void **state)
{
	uint32_t a[6];
	struct id_wish w[] = {
		{ 5, &a[0] }, { 5 + 8, &a[1] }, { 7, &a[2] }, { 6, &a[3] }, { 7 + 8, &a[4] }, { 0, &a[5] },
	};

	/* In order of the hashes: 0 5 6 7 13 15 wish 1 6 7 8 6 8. */
	ids_assign(w, 6, 8);
	assert_int_equal(a[5], 1);
	assert_int_equal(a[0], 6);
	assert_int_equal(a[3], 7);
	assert_int_equal(a[2], 8);
	assert_int_equal(a[1], 2);
	assert_int_equal(a[4], 3);
}

static void ends_that_are_not_there(void **state)
{
	static const char *const bad[][2] = {
		{ "shop/none", "'shop/none': there is no such Pod" }, { "node/n9", "'node/n9': there is no such Node" },
		{ "ip/10.0.0", "'ip/10.0.0': not an IP address" }, { "web", "'web': must be namespace/pod, node/NAME or ip/ADDRESS" },
		{ "ip/", "'ip/': not an IP address" }, { "", "'': must be namespace/pod, node/NAME or ip/ADDRESS" },
	};
	struct cluster c;
	struct end end;

	cluster_init(&c, base);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {};

		assert_int_equal(world_end(c.world, bad[i][0], &end, &err), -1);
		assert_string_equal(err.msg, bad[i][1]);
	}
	cluster_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_isolated_without_policies),
		cmocka_unit_test(an_empty_policy_denies_everything_but_self_and_own_node),
		cmocka_unit_test(a_policy_of_one_direction_leaves_the_other),
		cmocka_unit_test(pod_and_namespace_selectors),
		cmocka_unit_test(expressions),
		cmocka_unit_test(rules_add_up),
		cmocka_unit_test(ports_and_protocols),
		cmocka_unit_test(named_ports_are_the_destinations),
		cmocka_unit_test(blocks),
		cmocka_unit_test(finished_and_host_network_pods),
		cmocka_unit_test(unknown_addresses_and_tunnels),
		cmocka_unit_test(verdicts_name_their_rules),
		cmocka_unit_test(what_does_not_concern_a_node_leaves_its_table),
		cmocka_unit_test(one_rules_blocks_are_one_identity),
		cmocka_unit_test(ids_do_not_collide),
		cmocka_unit_test(ends_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
