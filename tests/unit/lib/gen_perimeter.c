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
static const char *const hosts[] = {
	"", "a.test", "b.test", "A.test", "*.w.test", "x.w.test", "y.x.w.test", "X.c.test", "*.c.test",
};
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

/* One of the objects of @kind made so far; NULL if there is none. */
static void *some(struct gen *g, enum kind kind)
{
	size_t n = 0, at;

	for (size_t i = 0; i < g->n; i++)
		n += g->v[i]->kind == kind;
	at = n ? gen_below(g, n) : 0;
	for (size_t i = 0; n && i < g->n; i++)
		if (g->v[i]->kind == kind && !at--)
			return g->v[i];
	return NULL;
}

static void random_endpoint(struct gen *g, struct slice_endpoint *e)
{
	const struct pod *p = some(g, KIND_POD), *named = p;

	e->unready = gen_chance(g, 15);
	if (!p || !p->n_ips)
		return;
	e->ips = mem_array(1, sizeof(*e->ips));
	e->ips[e->n_ips++] = p->ips[gen_below(g, p->n_ips)];
	if (gen_chance(g, 20))
		named = some(g, KIND_POD);
	if (!named || gen_chance(g, 30))
		return;
	e->target_ns = named->meta.ns;
	e->target_pod = named->meta.name;
}

static struct slice_port random_slice_port(struct gen *g, const struct service *of)
{
	struct slice_port p = { .name = GEN_PICK(g, slice_ports), .proto = gen_proto(g), .port = number(g) };
	const struct service_port *sp = of ? &of->ports[gen_below(g, of->n_ports)] : NULL;

	/* Mostly what the Service's controller would write. */
	if (sp && gen_chance(g, 85)) {
		p.name = sp->name;
		if (gen_chance(g, 92))
			p.proto = sp->proto;
	}
	if (gen_chance(g, 8)) {
		p.any = true;
		p.port = 0;
	}
	return p;
}

static void make_slice(struct gen *g, unsigned n)
{
	char name[8];
	struct endpointslice *s;
	const struct service *of = gen_chance(g, 88) ? some(g, KIND_SERVICE) : NULL;

	snprintf(name, sizeof(name), "e%u", n);
	s = gen_object(g, KIND_ENDPOINTSLICE, sizeof(*s), of ? of->meta.ns : gen_ns(g), name);
	s->service = of ? of->meta.name : gen_chance(g, 30) ? gen_string(g, "") : GEN_PICK(g, service_names);
	s->n_ports = gen_chance(g, 7) ? 0 : 1 + gen_below(g, 3);
	s->ports = mem_array(s->n_ports, sizeof(*s->ports));
	for (unsigned i = 0; i < s->n_ports; i++)
		s->ports[i] = random_slice_port(g, of);
	s->n_endpoints = 1 + gen_below(g, 4);
	s->endpoints = mem_array(s->n_endpoints, sizeof(*s->endpoints));
	for (unsigned i = 0; i < s->n_endpoints; i++)
		random_endpoint(g, &s->endpoints[i]);
}

/* As one would name a pod that is there, or anything. */
static struct pod_ref_selector pod_ref(struct gen *g)
{
	const struct pod *p = some(g, KIND_POD);
	struct pod_ref_selector r = { .ns = gen_ns(g) };

	if (!p || gen_chance(g, 40)) {
		r.selector = gen_selector(g);
		return r;
	}
	r.ns = p->meta.ns;
	if (!p->meta.labels.n)
		return r;
	r.selector = (struct selector){ .v = mem_array(1, sizeof(struct requirement)), .n = 1 };
	r.selector.v[0] = (struct requirement){ .key = p->meta.labels.v[0].key, .op = SELECTOR_IN, .n_values = 1 };
	r.selector.v[0].values = mem_array(1, sizeof(char *));
	r.selector.v[0].values[0] = p->meta.labels.v[0].value;
	return r;
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

static struct ingress_backend random_backend(struct gen *g, const struct service *of)
{
	struct ingress_backend b = { .service = GEN_PICK(g, service_names) };
	const struct service_port *sp = of && gen_chance(g, 90) ? &of->ports[gen_below(g, of->n_ports)] : NULL;

	if (gen_chance(g, 5)) {
		b.service = NULL;
		return b;
	}
	if (sp)
		b.service = of->meta.name;
	if (gen_chance(g, 40))
		b.port_name = sp && *sp->name ? sp->name : gen_string(g, "web");
	else
		b.port = sp ? sp->port : number(g);
	return b;
}

/* Mostly an entry for one of the rules' hosts, with a certificate that may do. */
static void random_tls(struct gen *g, const struct ingress *in, struct ingress_tls *t)
{
	unsigned n = gen_below(g, 3);

	t->secret = gen_string(g, gen_chance(g, 5) ? "" : gen_secrets[gen_below(g, gen_chance(g, 60) ? 3 : 8)].name);
	t->hosts = mem_array(n, sizeof(*t->hosts));
	for (; t->n_hosts < n; t->n_hosts++) {
		const char *host = in->n_rules && gen_chance(g, 60) ? in->rules[gen_below(g, in->n_rules)].host : "";

		t->hosts[t->n_hosts] = *host ? host : gen_string(g, hosts[1 + gen_below(g, 8)]);
	}
}

static void random_rule(struct gen *g, struct ingress_rule *r, const struct service *of)
{
	r->host = GEN_PICK(g, hosts);
	r->n_paths = gen_below(g, 3);
	r->paths = mem_array(r->n_paths, sizeof(*r->paths));
	for (unsigned k = 0; k < r->n_paths; k++)
		r->paths[k] = (struct ingress_path){ gen_string(g, "/"), gen_string(g, "Prefix"), random_backend(g, of) };
}

static const char *random_class(struct gen *g)
{
	const struct meta *c = some(g, KIND_INGRESSCLASS);

	if (gen_chance(g, 25))
		return NULL;
	return c && gen_chance(g, 85) ? c->name : gen_string(g, "none");
}

static void make_ingress(struct gen *g, unsigned number)
{
	char name[8];
	struct ingress *in;
	const struct service *of = gen_chance(g, 90) ? some(g, KIND_SERVICE) : NULL;

	snprintf(name, sizeof(name), "i%u", number);
	in = gen_object(g, KIND_INGRESS, sizeof(*in), of ? of->meta.ns : gen_ns(g), name);
	in->class_name = random_class(g);
	if (gen_chance(g, 35))
		in->default_backend = random_backend(g, of);
	in->n_rules = gen_below(g, 3);
	in->rules = mem_array(in->n_rules, sizeof(*in->rules));
	for (unsigned i = 0; i < in->n_rules; i++)
		random_rule(g, &in->rules[i], of);
	in->n_tls = gen_below(g, 3);
	in->tls = mem_array(in->n_tls, sizeof(*in->tls));
	for (unsigned i = 0; i < in->n_tls; i++)
		random_tls(g, in, &in->tls[i]);
}

/* The Secrets there are, in one namespace; most of them. */
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
	bool seen[128] = {};

	for (int i = 0; i < 3; i++)
		if (gen_chance(g, 75))
			make_service(g, gen_ns(g), service_names[i]);
	for (unsigned i = 1; i <= n; i++)
		make_slice(g, i);
	for (int i = 0; i < 2; i++)
		if (gen_chance(g, 70))
			make_class(g, class_names[i]);
	n = 1 + gen_below(g, 4);
	for (unsigned i = 1; i <= n; i++)
		make_ingress(g, i);
	for (size_t i = 0, made = g->n; i < made; i++) {
		const struct meta *m = g->v[i];

		if (m->kind != KIND_INGRESS || !((const struct ingress *)m)->n_tls || seen[(unsigned char)*m->ns % 128])
			continue;
		seen[(unsigned char)*m->ns % 128] = true;
		make_secrets(g, m->ns);
	}
}
