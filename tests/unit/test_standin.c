// SPDX-License-Identifier: GPL-2.0
/* Manifests as a checkout has them: templates for pods, stand-in addresses and endpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/doc.h"
#include "model/decode.h"

struct loaded {
	struct model *m;
	struct diags diags;
	int mistakes;
};

static void put(void *ctx, struct meta *obj)
{
	model_put(ctx, obj);
}

static void decode(void *ctx, struct doc *d)
{
	struct loaded *l = ctx;

	l->mistakes += model_decode_as(l->m, d, "f.yaml", DECODE_TEMPLATES, &l->diags, put, l->m);
	doc_free(d);
}

static struct model *load(const char *yaml)
{
	struct loaded l = { .m = model_new() };

	assert_int_equal(doc_parse_yaml(yaml, strlen(yaml), "f.yaml", &l.diags, decode, &l), 0);
	assert_int_equal(l.mistakes, 0);
	diags_free(&l.diags);
	return l.m;
}

static const struct pod *pod(const struct model *m, const char *name)
{
	return (const void *)model_get(m, KIND_POD, "shop", name);
}

#define TEMPLATE(kind, api, name, spec) \
	"---\napiVersion: " api "\nkind: " kind "\nmetadata: {name: " name ", namespace: shop}\nspec: " spec "\n"
#define CONTAINER "containers: [{name: c, ports: [{name: http, containerPort: 8080, hostPort: 80}]}]"
#define WEB TEMPLATE("Deployment", "apps/v1", "web", "{template: {metadata: {labels: {app: web}}, spec: {" CONTAINER "}}}")
#define SERVICE(type, target) "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n" \
	"spec: {type: " type ", selector: {app: web}, ports: [{port: 80, targetPort: " target "}]}\n"

static void every_workload_s_template_is_a_pod(void **state)
{
	struct model *m = load(WEB
		TEMPLATE("StatefulSet", "apps/v1", "db", "{template: {metadata: {labels: {app: db}}, spec: {}}}")
		TEMPLATE("DaemonSet", "extensions/v1beta1", "log", "{template: {spec: {hostNetwork: true}}}")
		TEMPLATE("CronJob", "batch/v1", "dump",
			 "{jobTemplate: {spec: {template: {metadata: {labels: {app: dump}}, spec: {}}}}}")
		TEMPLATE("Job", "batch/v1", "once", "{template: {spec: {}}}")
		TEMPLATE("ReplicationController", "v1", "old", "{template: {spec: {}}}")
		TEMPLATE("Deployment", "apps/v1", "patch", "{replicas: 3}")
		TEMPLATE("Deployment", "example.com/v1", "foreign", "{template: {spec: {}}}"));

	assert_int_equal(model_count(m, KIND_POD), 6);
	assert_string_equal(pod(m, "web")->workload, "Deployment");
	assert_string_equal(labels_get(&pod(m, "web")->meta.labels, "app"), "web");
	assert_int_equal(pod(m, "web")->ports[0].host_port, 80);
	assert_string_equal(labels_get(&pod(m, "dump")->meta.labels, "app"), "dump");
	assert_true(pod(m, "log")->host_network);
	model_free(m);
}

static void what_a_workload_made_is_not_counted_twice(void **state)
{
	struct model *m = load(WEB
		"---\napiVersion: apps/v1\nkind: ReplicaSet\n"
		"metadata: {name: web-77, namespace: shop, ownerReferences: [{kind: Deployment, name: web}]}\n"
		"spec: {template: {metadata: {labels: {app: web}}, spec: {}}}\n"
		"---\napiVersion: v1\nkind: Pod\n"
		"metadata: {name: web-77-a, namespace: shop, labels: {app: web, pod-template-hash: '77'}}\n"
		"status: {podIP: 10.0.0.1}\n");

	assert_int_equal(model_count(m, KIND_POD), 2);
	model_stand_in(m, false);
	assert_int_equal(model_count(m, KIND_POD), 1);
	assert_non_null(pod(m, "web-77-a"));
	assert_false(pod(m, "web-77-a")->stand_in);
	model_free(m);
}

static void who_has_no_address_gets_one(void **state)
{
	struct model *m = load(WEB
		TEMPLATE("DaemonSet", "apps/v1", "log", "{template: {spec: {hostNetwork: true}}}")
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: waits, namespace: shop}\nstatus: {phase: Pending}\n"
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: done, namespace: shop}\nstatus: {phase: Succeeded}\n"
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: bare, namespace: shop}\n"
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: real, namespace: shop}\n"
		"status: {podIP: 10.244.0.1}\n");

	model_stand_in(m, false);
	assert_true(pod(m, "web")->stand_in && pod_is_live(pod(m, "web")));
	assert_true(pod(m, "bare")->stand_in && pod_is_live(pod(m, "bare")));
	assert_ptr_equal(model_pod_by_ip(m, &pod(m, "bare")->ips[0]), pod(m, "bare"));
	assert_int_not_equal(ip_cmp(&pod(m, "bare")->ips[0], &pod(m, "real")->ips[0]), 0);
	assert_int_equal(pod(m, "waits")->n_ips + pod(m, "done")->n_ips, 0);
	assert_false(pod(m, "real")->stand_in);
	assert_non_null(model_node_by_ip(m, &pod(m, "log")->ips[0]));
	assert_null(model_pod_by_ip(m, &pod(m, "log")->ips[0]));
	model_free(m);
}

static const char *address_beside(const char *peer)
{
	static char buf[IP_STRLEN];
	char yaml[2048];
	struct model *m;

	snprintf(yaml, sizeof(yaml), WEB "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
		 "metadata: {name: p, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{ipBlock: %s}]}]}\n", peer);
	m = load(yaml);
	model_stand_in(m, false);
	ip_format(&pod(m, "web")->ips[0], buf);
	model_free(m);
	return buf;
}

static void blocks_are_about_others_if_they_can_be(void **state)
{
	assert_string_equal(address_beside("{cidr: 203.0.113.0/24}"), "10.244.0.1");
	assert_string_equal(address_beside("{cidr: 0.0.0.0/0}"), "10.244.0.1");
	assert_string_equal(address_beside("{cidr: 10.0.0.0/8}"), "192.168.0.1");
	assert_string_equal(address_beside("{cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12]}"), "10.244.0.1");
	assert_string_equal(address_beside("{cidr: 0.0.0.0/0, except: [169.254.0.0/16]}"), "10.244.0.1");
}

static const struct endpointslice *only_slice(const struct model *m)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_ENDPOINTSLICE, &n);

	assert_int_equal(n, 1);
	return (const void *)v[0];
}

static void services_find_their_endpoints(void **state)
{
	struct model *m = load(WEB SERVICE("NodePort", "http"));
	const struct endpointslice *s;

	model_stand_in(m, false);
	s = only_slice(m);
	assert_string_equal(s->service, "web");
	assert_int_equal(s->ports[0].port, 8080);
	assert_int_equal(ip_cmp(&s->endpoints[0].ips[0], &pod(m, "web")->ips[0]), 0);
	model_free(m);

	m = load(WEB SERVICE("ClusterIP", "nobody-has-it"));
	model_stand_in(m, false);
	assert_int_equal(only_slice(m)->n_ports, 0);
	model_free(m);
}

static void real_pods_have_the_endpoints_they_are_given(void **state)
{
	static const char yaml[] = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\n"
		"status: {podIP: 10.0.0.1, phase: Running, conditions: [{type: Ready, status: 'False'}]}\n" SERVICE("ClusterIP", "80");
	struct model *m = load(yaml);

	model_stand_in(m, false);
	assert_int_equal(model_count(m, KIND_ENDPOINTSLICE), 0);
	model_stand_in(m, true);
	assert_true(only_slice(m)->endpoints[0].unready);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_workload_s_template_is_a_pod),
		cmocka_unit_test(what_a_workload_made_is_not_counted_twice),
		cmocka_unit_test(who_has_no_address_gets_one),
		cmocka_unit_test(blocks_are_about_others_if_they_can_be),
		cmocka_unit_test(services_find_their_endpoints),
		cmocka_unit_test(real_pods_have_the_endpoints_they_are_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
