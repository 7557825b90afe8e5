// SPDX-License-Identifier: GPL-2.0
/* Random Services, EndpointSlices, IngressClasses, Ingresses and Secrets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "gen.h"

static const char *const service_names[] = { "s1", "s2", "s3" };
static const char *const class_names[] = { "c1", "c2" };
static const char *const slice_ports[] = { "", "web", "aux" };
static const char *const hosts[] = { "", "a.test", "b.test", "A.test", "*.test", "x.c.test", "y.x.c.test", "*.c.test" };
static const uint16_t numbers[] = { 53, 80, 81, 8080 };

static uint16_t number(struct gen *g)
{
	return numbers[gen_below(g, 4)];
}

static void make_service(struct gen *g, const char *ns, const char *name)
{
	struct service *s = gen_object(g, KIND_SERVICE, sizeof(*s), ns, name);

	s->type = gen_below(g, 3);
	s->meta.labels = gen_chance(g, 15) ? gen_labels(g, "k8s-app", gen_chance(g, 70) ? "kube-dns" : "dns") :
		gen_labels(g, NULL, NULL);
	s->n_ports = 1 + gen_below(g, 3);
	s->ports = mem_array(s->n_ports, sizeof(*s->ports));
	for (unsigned i = 0; i < s->n_ports; i++)
		s->ports[i] = (struct service_port){
			.name = gen_string(g, slice_ports[s->n_ports == 1 ? gen_below(g, 3) : i]),
			.proto = gen_proto(g), .port = number(g), .target_port = number(g),
		};
	if (gen_chance(g, 20)) {
		s->external_ips = mem_array(1, sizeof(*s->external_ips));
		ip_parse("198.51.100.77", &s->external_ips[s->n_external_ips++]);
	}
}

static const struct pod *some_pod(struct gen *g)
{
	for (int tries = 0; tries < 8; tries++) {
		const struct meta *m = g->v[gen_below(g, g->n)];

		if (m->kind == KIND_POD)
			return (const void *)m;
	}
	return NULL;
}

static void random_endpoint(struct gen *g, struct slice_endpoint *e)
{
	const struct pod *p = some_pod(g), *named = p;

	e->unready = gen_chance(g, 15);
	if (!p || !p->n_ips)
		return;
	e->ips = mem_array(1, sizeof(*e->ips));
	e->ips[e->n_ips++] = p->ips[gen_below(g, p->n_ips)];
	if (gen_chance(g, 20))
		named = some_pod(g);
	if (!named || gen_chance(g, 30))
		return;
	e->target_ns = named->meta.ns;
	e->target_pod = named->meta.name;
}

static void make_slice(struct gen *g, unsigned n)
{
	char name[8];
	struct endpointslice *s;

	snprintf(name, sizeof(name), "e%u", n);
	s = gen_object(g, KIND_ENDPOINTSLICE, sizeof(*s), gen_ns(g), name);
	s->service = gen_chance(g, 5) ? gen_string(g, "") : GEN_PICK(g, service_names);
	s->n_ports = gen_chance(g, 10) ? 0 : 1 + gen_below(g, 3);
	s->ports = mem_array(s->n_ports, sizeof(*s->ports));
	for (unsigned i = 0; i < s->n_ports; i++)
		s->ports[i] = (struct slice_port){
			.name = GEN_PICK(g, slice_ports), .proto = gen_proto(g),
			.any = gen_chance(g, 10), .port = number(g),
		};
	for (unsigned i = 0; i < s->n_ports; i++)
		if (s->ports[i].any)
			s->ports[i].port = 0;
	s->n_endpoints = gen_below(g, 4);
	s->endpoints = mem_array(s->n_endpoints, sizeof(*s->endpoints));
	for (unsigned i = 0; i < s->n_endpoints; i++)
		random_endpoint(g, &s->endpoints[i]);
}

static struct pod_ref_selector pod_ref(struct gen *g)
{
	return (struct pod_ref_selector){ .ns = gen_ns(g), .selector = gen_selector(g) };
}

static void make_class(struct gen *g, const char *name)
{
	struct ingressclass *c = gen_object(g, KIND_INGRESSCLASS, sizeof(*c), "", name);

	c->controller = gen_string(g, "example.com/ingress");
	c->is_default = gen_chance(g, 40);
	c->require_tls = gen_chance(g, 45);
	if (gen_chance(g, 85)) {
		c->gateway = mem_new(struct pod_ref_selector);
		*c->gateway = pod_ref(g);
	}
	c->n_reach = gen_chance(g, 30) ? 1 + gen_below(g, 2) : 0;
	c->reach = mem_array(c->n_reach, sizeof(*c->reach));
	for (unsigned i = 0; i < c->n_reach; i++)
		c->reach[i] = pod_ref(g);
}

static struct ingress_backend random_backend(struct gen *g)
{
	struct ingress_backend b = { .service = GEN_PICK(g, service_names) };

	if (gen_chance(g, 8))
		b.service = NULL;
	else if (gen_chance(g, 40))
		b.port_name = gen_string(g, gen_chance(g, 50) ? "web" : "aux");
	else
		b.port = number(g);
	return b;
}

static void random_tls(struct gen *g, struct ingress_tls *t)
{
	unsigned n = gen_below(g, 3);

	if (gen_chance(g, 92))
		t->secret = gen_string(g, gen_secrets[gen_below(g, gen_chance(g, 70) ? 3 : 8)].name);
	else
		t->secret = gen_string(g, "");
	t->hosts = mem_array(n, sizeof(*t->hosts));
	for (; t->n_hosts < n; t->n_hosts++)
		t->hosts[t->n_hosts] = gen_string(g, hosts[1 + gen_below(g, 7)]);
}

static void make_ingress(struct gen *g, unsigned number)
{
	char name[8];
	struct ingress *in;

	snprintf(name, sizeof(name), "i%u", number);
	in = gen_object(g, KIND_INGRESS, sizeof(*in), gen_ns(g), name);
	in->class_name = gen_chance(g, 25) ? NULL : gen_chance(g, 8) ? gen_string(g, "none") : GEN_PICK(g, class_names);
	if (gen_chance(g, 40))
		in->default_backend = random_backend(g);
	in->n_rules = gen_below(g, 3);
	in->rules = mem_array(in->n_rules, sizeof(*in->rules));
	for (unsigned i = 0; i < in->n_rules; i++) {
		struct ingress_rule *r = &in->rules[i];

		r->host = GEN_PICK(g, hosts);
		r->n_paths = gen_below(g, 3);
		r->paths = mem_array(r->n_paths, sizeof(*r->paths));
		for (unsigned k = 0; k < r->n_paths; k++)
			r->paths[k] = (struct ingress_path){
				gen_string(g, "/"), gen_string(g, "Prefix"), random_backend(g),
			};
	}
	in->n_tls = gen_below(g, 3);
	in->tls = mem_array(in->n_tls, sizeof(*in->tls));
	for (unsigned i = 0; i < in->n_tls; i++)
		random_tls(g, &in->tls[i]);
}

/* Every Secret in some of the namespaces. */
static void make_secrets(struct gen *g, const char *ns)
{
	for (size_t i = 0; gen_secrets[i].name; i++) {
		const struct gen_pem *pem = gen_secret_pem(i);
		struct secret *s;

		if (gen_chance(g, 20))
			continue;
		s = gen_object(g, KIND_SECRET, sizeof(*s), ns, gen_secrets[i].name);
		s->crt = pem->crt ? mem_strdup(pem->crt) : NULL;
		s->crt_len = pem->crt ? strlen(pem->crt) : 0;
		s->key = pem->key ? mem_strdup(pem->key) : NULL;
		s->key_len = pem->key ? strlen(pem->key) : 0;
	}
}

void gen_perimeter(struct gen *g)
{
	unsigned n = 1 + gen_below(g, 5);
	bool tls = false;

	for (int i = 0; i < 3; i++)
		if (gen_chance(g, 75))
			make_service(g, gen_ns(g), service_names[i]);
	for (unsigned i = 1; i <= n; i++)
		make_slice(g, i);
	for (int i = 0; i < 2; i++)
		if (gen_chance(g, 60))
			make_class(g, class_names[i]);
	for (size_t i = 0; i < g->n; i++)
		tls |= g->v[i]->kind == KIND_INGRESSCLASS && ((struct ingressclass *)g->v[i])->require_tls;
	n = gen_below(g, 4);
	for (unsigned i = 1; i <= n; i++)
		make_ingress(g, i);
	if (tls && n)
		make_secrets(g, gen_ns(g));
}
