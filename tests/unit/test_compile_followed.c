// SPDX-License-Identifier: GPL-2.0
/* What a compiler that follows must not miss, and random changes hardly ever hit on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/mem.h"
#include "lib/cluster.h"
#include "lib/gen.h"

#define POD(NS, NAME, NODE, IP) \
	"---\napiVersion: v1\nkind: Pod\nmetadata: {name: " NAME ", namespace: " NS ", labels: {app: " NAME "}}\n" \
	"spec: {nodeName: " NODE ", containers: [{name: c, image: x}]}\nstatus: {phase: Running, podIPs: [{ip: " IP "}]}\n"
#define NODE(NAME, IP) \
	"---\napiVersion: v1\nkind: Node\nmetadata: {name: " NAME "}\nstatus: {addresses: [{type: InternalIP, address: " IP "}]}\n"
#define POLICY(NS, NAME, SPEC) \
	"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " NAME ", namespace: " NS "}\nspec: " SPEC "\n"

struct followed {
	struct cluster cluster;
	struct compile_options options;
	struct compiler *compiler;
};

static void follow(struct followed *f, const char *yaml)
{
	cluster_init(&f->cluster, yaml);
	f->options = f->cluster.options;
	f->options.node = "n1";
	f->compiler = compiler_follow(f->cluster.model, &f->options);
	compiler_update(f->compiler, f->options.now);
}

static void stop(struct followed *f)
{
	compiler_free(f->compiler);
	cluster_free(&f->cluster);
}

/* After what was done to the model, without beginning anew: the table that is made from nothing. */
static void expect_same(struct followed *f)
{
	struct table *t;

	/* First: whoever makes a table from nothing has the model know of namespaces. */
	compiler_update(f->compiler, f->options.now);
	t = compile_table(f->cluster.model, &f->options);
	assert_int_equal(compiler_digest(f->compiler), table_digest(t));
	assert_int_equal(compiler_stats(f->compiler).whole, 1);
	table_free(t);
}

static bool names_identity(const struct followed *f, uint32_t identity)
{
	struct table counts = compiler_counts(f->compiler);
	const struct table *t = &counts;

	for (size_t i = 0; i < t->n_programs; i++)
		for (uint32_t k = 0; k < t->programs[i].n_maps; k++)
			for (uint32_t j = 0; j < t->programs[i].maps[k].n_identities; j++)
				if (t->programs[i].maps[k].identities[j] == identity)
					return true;
	return false;
}

/* The identity of the last endpoint of the node's table. */
static uint32_t last_identity(struct followed *f)
{
	struct table *t = compile_table(f->cluster.model, &f->options);
	uint32_t identity = t->endpoints[t->n_endpoints - 1].identity;

	table_free(t);
	return identity;
}

/*
 * An address of the outside's class that has an endpoint, a node's, is an identity of its own, which programs list: for web most
 * are let in, who is of the outside is not.  When the last such address goes, so does the identity; and it comes back.
 */
static void the_last_of_the_outside(void **state)
{
	struct followed f;
	uint32_t identity;

	follow(&f, NODE("n1", "10.9.0.1") NODE("n2", "172.16.0.2")
	       POD("shop", "web", "n1", "10.0.1.10") POD("shop", "a", "n2", "10.0.2.1") POD("shop", "b", "n2", "10.0.2.2")
	       POD("shop", "c", "n2", "10.0.2.3")
	       POLICY("shop", "in", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")
	       POLICY("shop", "out", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: ["
		      "{to: [{podSelector: {matchLabels: {app: a}}}]}, {to: [{podSelector: {matchLabels: {app: b}}}]}, "
		      "{to: [{podSelector: {matchLabels: {app: c}}}]}]}"));
	expect_same(&f);
	identity = last_identity(&f);
	assert_true(names_identity(&f, identity));
	model_delete(f.cluster.model, KIND_NODE, "", "n2");
	expect_same(&f);
	assert_false(names_identity(&f, identity));
	cluster_apply(&f.cluster, NODE("n2", "172.16.0.2"));
	expect_same(&f);
	stop(&f);
}

/* A namespace without an object is one all the same, from its first pod on: also for policies that come later. */
static void a_namespace_without_object_comes_with_its_pod(void **state)
{
	struct followed f;

	follow(&f, NODE("n1", "172.16.0.1") POD("shop", "web", "n1", "10.0.1.10"));
	cluster_apply(&f.cluster, POD("ghost", "g", "n2", "10.0.2.1"));
	/* A table made from nothing here would have the model know of it. */
	compiler_update(f.compiler, f.options.now);
	cluster_apply(&f.cluster, POLICY("shop", "in", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: "
					 "{kubernetes.io/metadata.name: ghost}}}]}]}"));
	expect_same(&f);
	/* And where it moves to another node, or changes. */
	cluster_apply(&f.cluster, POD("ghost", "g", "n1", "10.0.2.1"));
	expect_same(&f);
	stop(&f);
}

static void put_secret(struct model *m, const char *name)
{
	struct secret *s = mem_new(struct secret);
	size_t i = 0;

	while (strcmp(gen_secrets[i].name, name))
		i++;
	s->meta = (struct meta){ .kind = KIND_SECRET, .ns = model_intern(m, "shop", 4), .name = model_intern(m, name, strlen(name)) };
	s->crt = mem_strdup(gen_secret_pem(i)->crt);
	s->crt_len = strlen(s->crt);
	s->key = mem_strdup(gen_secret_pem(i)->key);
	s->key_len = strlen(s->key);
	model_put(m, &s->meta);
}

/* Nothing changes but the time: half a minute after a certificate expired it is no longer taken. */
static void certificates_expire(void **state)
{
	struct followed f;
	time_t start;
	uint64_t good;

	gen_secrets_make();
	follow(&f, NODE("n1", "172.16.0.1") POD("in", "gw", "n1", "10.0.1.10") POD("shop", "web", "n2", "10.0.2.1")
	       "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: ext, annotations: "
	       "{stockade.io/gateway: in/app=gw, stockade.io/require-tls: \"true\"}}\nspec: {controller: example.com/x}\n"
	       "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n"
	       "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web, namespace: shop, labels: "
	       "{kubernetes.io/service-name: web}}\naddressType: IPv4\nports: [{port: 80, protocol: TCP}]\nendpoints: [{addresses: [10.0.2.1]}]\n"
	       "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\nspec: {ingressClassName: ext, "
	       "rules: [{host: a.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}], "
	       "tls: [{hosts: [a.test], secretName: good}]}\n");
	compiler_free(f.compiler);
	put_secret(f.cluster.model, "good");
	f.options.perimeter = PERIMETER_ENFORCE;
	/* Of so long it is certain that the certificate is good at the start, and bad at the end. */
	start = f.options.now;
	f.compiler = compiler_follow(f.cluster.model, &f.options);
	compiler_update(f.compiler, start);
	good = compiler_digest(f.compiler);
	for (int s = 0; s < COMPILE_CLOCK_S; s += 10) {
		compiler_update(f.compiler, start + s);
		assert_int_equal(compiler_stats(f.compiler).frames, 0);
	}
	compiler_update(f.compiler, start + COMPILE_CLOCK_S);
	assert_int_equal(compiler_stats(f.compiler).frames, 1);
	assert_int_equal(compiler_digest(f.compiler), good);
	f.options.now = start + 100L * 366 * 86400;
	expect_same(&f);
	assert_int_not_equal(compiler_digest(f.compiler), good);
	/* Without a class that asks, time is nothing. */
	cluster_apply(&f.cluster, "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: ext, annotations: "
		      "{stockade.io/gateway: in/app=gw}}\nspec: {controller: example.com/x}\n");
	expect_same(&f);
	assert_int_equal(compiler_digest(f.compiler), good);
	f.options.now += 1000;
	expect_same(&f);
	assert_int_equal(compiler_stats(f.compiler).frames, 3);
	stop(&f);
	gen_secrets_free();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_of_the_outside),
		cmocka_unit_test(a_namespace_without_object_comes_with_its_pod),
		cmocka_unit_test(certificates_expire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
