// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "gen.h"

static const char *const namespaces[] = { "x", "y", "z" };
static const char *const nodes[] = { "n1", "n2", "n3" };
static const char *const keys[] = { "app", "env", "tier" };
static const char *const values[] = { "a", "b" };
static const char *const port_names[] = { "http", "dns", "metrics" };
static const uint16_t numbers[] = { 53, 80, 81, 8080 };

const struct gen_port gen_ports[] = {
	{ PROTO_TCP, 53 }, { PROTO_TCP, 79 }, { PROTO_TCP, 80 }, { PROTO_TCP, 81 }, { PROTO_TCP, 82 }, { PROTO_TCP, 8080 },
	{ PROTO_TCP, 65535 }, { PROTO_UDP, 53 }, { PROTO_UDP, 80 }, { PROTO_UDP, 8472 }, { PROTO_SCTP, 80 },
	{ PROTO_SCTP, 1 }, { PROTO_ICMP, 0 }, { 4, 0 }, { 47, 0 }, { 50, 0 }, { 255, 0 },
};
const size_t gen_n_ports = sizeof(gen_ports) / sizeof(gen_ports[0]);

static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint32_t gen_below(struct gen *g, uint32_t n)
{
	return (next(&g->state) >> 32) * n >> 32;
}

bool gen_chance(struct gen *g, unsigned percent)
{
	return gen_below(g, 100) < percent;
}

const char *gen_string(struct gen *g, const char *s)
{
	return model_intern(g->m, s, strlen(s));
}

const char *gen_pick(struct gen *g, const char *const *v, size_t n)
{
	return gen_string(g, v[gen_below(g, n)]);
}

const char *gen_ns(struct gen *g)
{
	return GEN_PICK(g, namespaces);
}

uint8_t gen_proto(struct gen *g)
{
	static const uint8_t v[] = { PROTO_TCP, PROTO_TCP, PROTO_UDP, PROTO_SCTP };

	return v[gen_below(g, 4)];
}

void *gen_object(struct gen *g, enum kind kind, size_t size, const char *ns, const char *name)
{
	struct meta *meta = mem_array(1, size);

	*meta = (struct meta){ .kind = kind, .ns = gen_string(g, ns), .name = gen_string(g, name) };
	mem_grow(g->v, g->n, g->cap);
	g->v[g->n++] = meta;
	return meta;
}

static int label_cmp(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

/* Some of the keys, each with some value, and one more label unless its key is NULL. */
struct labels gen_labels(struct gen *g, const char *extra_key, const char *extra_value)
{
	struct label v[4];
	unsigned n = 0;

	for (int i = 0; i < 3; i++)
		if (gen_chance(g, 45))
			v[n++] = (struct label){ gen_string(g, keys[i]), GEN_PICK(g, values) };
	if (extra_key)
		v[n++] = (struct label){ gen_string(g, extra_key), gen_string(g, extra_value) };
	qsort(v, n, sizeof(*v), label_cmp);
	return model_intern_labels(g->m, v, n);
}

static struct requirement requirement(struct gen *g)
{
	struct requirement q = { .key = GEN_PICK(g, keys), .op = gen_below(g, 4) };

	if (gen_chance(g, 40))
		q.op = SELECTOR_IN;
	if (gen_chance(g, 8))
		q.key = gen_string(g, "kubernetes.io/metadata.name");
	if (q.op != SELECTOR_IN && q.op != SELECTOR_NOT_IN)
		return q;
	q.values = mem_array(2, sizeof(*q.values));
	q.values[q.n_values++] = GEN_PICK(g, values);
	if (*q.key == 'k')
		q.values[0] = gen_ns(g);
	else if (gen_chance(g, 20) && *q.values[0] == 'a')
		q.values[q.n_values++] = gen_string(g, "b");
	return q;
}

struct selector gen_selector(struct gen *g)
{
	struct selector s = { .n = gen_below(g, 3) };

	if (gen_chance(g, 15))
		s.n = 0;
	s.v = mem_array(s.n, sizeof(*s.v));
	for (unsigned i = 0; i < s.n; i++)
		s.v[i] = requirement(g);
	return s;
}

static struct selector *selector_new(struct gen *g)
{
	struct selector *s = mem_new(struct selector);

	*s = gen_selector(g);
	return s;
}

static struct ip ip(const char *fmt, unsigned a, unsigned b)
{
	char text[IP_STRLEN];
	struct ip out = {};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof(text), fmt, a, b);
#pragma GCC diagnostic pop
	if (!ip_parse(text, &out))
		abort();
	return out;
}

static struct cidr cidr_of(const struct ip *a, unsigned prefix)
{
	struct cidr c = { .ip = *a, .prefix = prefix };

	for (unsigned i = prefix; i < 128; i++)
		c.ip.b[i / 8] &= ~(0x80 >> i % 8);
	return c;
}

static void make_namespace(struct gen *g, const char *name)
{
	static const char *const modes[] = { "off", "audit", "enforce", "enforce", "on" };
	struct namespace *ns;
	struct label v[5];
	struct labels l = gen_labels(g, "kubernetes.io/metadata.name", name);

	if (gen_chance(g, 5))
		return;
	ns = gen_object(g, KIND_NAMESPACE, sizeof(*ns), "", name);
	memcpy(v, l.v, l.n * sizeof(*v));
	if (gen_chance(g, 30)) {
		struct label mode = { gen_string(g, "stockade.io/perimeter"), GEN_PICK(g, modes) };

		v[l.n++] = mode;
		qsort(v, l.n, sizeof(*v), label_cmp);
	}
	ns->meta.labels = model_intern_labels(g->m, v, l.n);
}

/* @i: 1 .. 3 */
static void make_node(struct gen *g, unsigned i, unsigned families)
{
	struct node *n;

	if (gen_chance(g, 4))
		return;
	n = gen_object(g, KIND_NODE, sizeof(*n), "", nodes[i - 1]);
	n->addresses = mem_array(3, sizeof(*n->addresses));
	n->pod_cidrs = mem_array(2, sizeof(*n->pod_cidrs));
	for (unsigned f = 1; f <= 2; f++) {
		struct ip base = ip(f == 1 ? "10.244.%u.%u" : "fd00:244:0:%x::%x", i, 0);

		if (!(families & f))
			continue;
		n->addresses[n->n_addresses++] = ip(f == 1 ? "172.30.%u.%u" : "fd00:30::%x:%x", 0, i);
		if (!gen_chance(g, 5))
			n->pod_cidrs[n->n_pod_cidrs++] = cidr_of(&base, f == 1 ? 120 : 64);
	}
	if (gen_chance(g, 10))
		n->addresses[n->n_addresses++] = ip("198.51.%u.%u", 100, i);
}

static void pod_ports(struct gen *g, struct pod *p)
{
	p->n_ports = gen_below(g, 4);
	p->ports = mem_array(p->n_ports, sizeof(*p->ports));
	for (unsigned i = 0; i < p->n_ports; i++)
		p->ports[i] = (struct container_port){
			.name = gen_chance(g, 25) ? gen_string(g, "") : GEN_PICK(g, port_names),
			.proto = gen_proto(g), .port = numbers[gen_below(g, 4)],
			.host_port = gen_chance(g, 12) ? 30000 + gen_below(g, 100) : 0,
		};
}

/* Mostly from its node's CIDR; now and then another's, nobody's, another pod's or a node's. */
static struct ip pod_address(struct gen *g, bool six, unsigned node, unsigned number)
{
	const char *fmt = six ? "fd00:244:0:%x::%x" : "10.244.%u.%u";
	unsigned at = gen_below(g, 100);

	if (at < 4)
		return ip(fmt, 1 + gen_below(g, 3), number);
	if (at < 7)
		return ip(fmt, 1 + gen_below(g, 3), 10 + gen_below(g, 5));
	if (at < 9)
		return ip(six ? "2001:db8::%x:%x" : "192.0.%u.%u", 2, number);
	if (at < 11)
		return ip(six ? "fd00:30::%x:%x" : "172.30.%u.%u", 0, 1 + gen_below(g, 3));
	return ip(fmt, node, number);
}

static void make_pod(struct gen *g, unsigned number, unsigned n_nodes, unsigned families)
{
	char name[8];
	unsigned node = 1 + gen_below(g, n_nodes);
	struct pod *p;

	snprintf(name, sizeof(name), "p%u", number);
	p = gen_object(g, KIND_POD, sizeof(*p), gen_ns(g), name);
	p->meta.labels = gen_labels(g, NULL, NULL);
	p->node = gen_string(g, gen_chance(g, 3) ? "" : nodes[node - 1]);
	p->ready = gen_chance(g, 80);
	p->finished = gen_chance(g, 10);
	p->host_network = gen_chance(g, 7);
	pod_ports(g, p);
	p->ips = mem_array(2, sizeof(*p->ips));
	for (unsigned f = 1; f <= 2; f++) {
		bool six = f == 2;

		if (!(families & f) || gen_chance(g, 6))
			continue;
		p->ips[p->n_ips++] = p->host_network ? ip(six ? "fd00:30::%x:%x" : "172.30.%u.%u", 0, node) :
			pod_address(g, six, node, 10 + number);
	}
}

static struct cidr random_cidr(struct gen *g, bool six)
{
	static const unsigned v4[] = { 0, 8, 16, 22, 24, 28, 29, 30, 31, 32 };
	static const unsigned v6[] = { 0, 16, 48, 62, 64, 112, 124, 126, 127, 128 };
	unsigned at = gen_below(g, 10);
	struct ip a;

	if (gen_chance(g, 60))
		a = ip(six ? "fd00:244:0:%x::%x" : "10.244.%u.%u", 1 + gen_below(g, 3), 9 + gen_below(g, 9));
	else if (gen_chance(g, 50))
		a = ip(six ? "2001:db8::%x:%x" : "203.0.%u.%u", six ? 0 : 113, 1 + gen_below(g, 9));
	else
		a = ip(six ? "fd00:30::%x:%x" : "172.30.%u.%u", 0, 1 + gen_below(g, 3));
	return cidr_of(&a, six ? v6[at] : 96 + v4[at]);
}

/* Strictly within @outer, as the API server asks; gives up now and then. */
static bool random_within(struct gen *g, const struct cidr *outer, bool six, struct cidr *out)
{
	for (int tries = 0; tries < 6; tries++) {
		*out = random_cidr(g, six);
		if (out->prefix > outer->prefix && oracle_in_cidr(outer, &out->ip))
			return true;
	}
	return false;
}

static void random_block(struct gen *g, struct policy_peer *peer, unsigned families)
{
	bool six = families == 2 || (families == 3 && gen_chance(g, 40));
	unsigned n = gen_below(g, 4);

	peer->is_block = true;
	peer->cidr = random_cidr(g, six);
	peer->except = mem_array(n, sizeof(*peer->except));
	for (unsigned i = 0; i < n; i++)
		if (random_within(g, &peer->cidr, six, &peer->except[peer->n_except]))
			peer->n_except++;
}

static void random_peer(struct gen *g, struct policy_peer *peer, unsigned families)
{
	unsigned at = gen_below(g, 10);

	if (at < 4) {
		random_block(g, peer, families);
		return;
	}
	if (at < 8)
		peer->pod_selector = selector_new(g);
	if (at >= 6)
		peer->namespace_selector = selector_new(g);
}

static void random_port(struct gen *g, struct policy_port *q)
{
	static const uint16_t wide[] = { 1, 79, 80, 81, 8080, 65535 };

	q->proto = gen_proto(g);
	if (gen_chance(g, 15)) {
		q->any = true;
	} else if (gen_chance(g, 35)) {
		q->name = GEN_PICK(g, port_names);
	} else {
		q->port = q->end_port = numbers[gen_below(g, 4)];
		if (gen_chance(g, 30))
			q->end_port = wide[gen_below(g, 6)];
		if (q->end_port < q->port)
			q->end_port = q->port;
	}
}

static void random_rules(struct gen *g, struct policy_rule **out, unsigned *n, unsigned families)
{
	*n = gen_below(g, 4);
	*out = mem_array(*n, sizeof(**out));
	for (unsigned i = 0; i < *n; i++) {
		struct policy_rule *r = &(*out)[i];

		r->n_peers = gen_chance(g, 15) ? 0 : 1 + gen_below(g, 3);
		r->n_ports = gen_chance(g, 30) ? 0 : 1 + gen_below(g, 3);
		r->peers = mem_array(r->n_peers, sizeof(*r->peers));
		r->ports = mem_array(r->n_ports, sizeof(*r->ports));
		for (unsigned k = 0; k < r->n_peers; k++)
			random_peer(g, &r->peers[k], families);
		for (unsigned k = 0; k < r->n_ports; k++)
			random_port(g, &r->ports[k]);
	}
}

static void make_policy(struct gen *g, unsigned number, unsigned families)
{
	char name[8];
	struct networkpolicy *np;
	unsigned types = gen_below(g, 4);	/* now and then a policy isolates nobody */

	snprintf(name, sizeof(name), "np%u", number);
	np = gen_object(g, KIND_NETWORKPOLICY, sizeof(*np), gen_ns(g), name);
	np->pod_selector = gen_selector(g);
	np->isolates_ingress = types != 1;
	np->isolates_egress = types == 1 || types == 2;
	random_rules(g, &np->ingress, &np->n_ingress, families);
	random_rules(g, &np->egress, &np->n_egress, families);
}

static void options(struct gen *g, struct compile_options *o)
{
	compile_options_init(o);
	o->perimeter = gen_chance(g, 40) ? PERIMETER_ENFORCE : gen_below(g, 3);
	o->unknown = gen_chance(g, 15) ? STOCKADE_UNKNOWN_ACCEPT : STOCKADE_UNKNOWN_DROP;
	o->now = GEN_NOW;
	if (gen_chance(g, 10))
		o->n_overlay_ports = gen_below(g, 3);
}

/* Puts the objects in an order of its own. */
static void put_all(struct gen *g, uint64_t order, const bool *skip)
{
	size_t *at = mem_array(g->n, sizeof(*at));

	for (size_t i = 0; i < g->n; i++)
		at[i] = i;
	for (size_t i = g->n; order && i > 1; i--) {
		size_t k = next(&order) % i, was = at[i - 1];

		at[i - 1] = at[k];
		at[k] = was;
	}
	for (size_t i = 0; i < g->n; i++) {
		if (skip && skip[at[i]])
			model_object_free(g->v[at[i]]);
		else
			model_put(g->m, g->v[at[i]]);
	}
	free(at);
}

size_t gen_cluster(struct model *m, struct compile_options *o, uint64_t seed, uint64_t order, const bool *skip)
{
	struct gen g = { .state = seed, .m = m };
	unsigned n_nodes, families, n;
	static const unsigned stacks[] = { 1, 1, 2, 3, 3, 3 };

	options(&g, o);
	n_nodes = 1 + gen_below(&g, 3);
	families = stacks[gen_below(&g, 6)];
	for (size_t i = 0; i < 3; i++)
		make_namespace(&g, namespaces[i]);
	for (unsigned i = 1; i <= n_nodes; i++)
		make_node(&g, i, families);
	n = 1 + gen_below(&g, 6);
	for (unsigned i = 1; i <= n; i++)
		make_pod(&g, i, n_nodes, families);
	n = gen_below(&g, 6);
	for (unsigned i = 1; i <= n; i++)
		make_policy(&g, i, families);
	if (gen_chance(&g, 60))
		gen_perimeter(&g);
	put_all(&g, order, skip);
	free(g.v);
	return g.n;
}

static void add_address(struct ip *out, size_t *n, const struct ip *a)
{
	for (size_t i = 0; i < *n; i++)
		if (!ip_cmp(&out[i], a))
			return;
	if (*n < GEN_ADDRESSES_MAX)
		out[(*n)++] = *a;
}

size_t gen_addresses(const struct model *m, struct ip out[GEN_ADDRESSES_MAX])
{
	static const char *const others[] = {
		"203.0.113.1", "203.0.113.7", "10.244.1.9", "10.244.2.200", "2001:db8::3", "fd00:244:0:1::9",
	};
	size_t n, found = 0;
	const struct meta *const *v = model_list(m, KIND_POD, &n);

	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < ((const struct pod *)v[i])->n_ips; k++)
			add_address(out, &found, &((const struct pod *)v[i])->ips[k]);
	v = model_list(m, KIND_NODE, &n);
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < ((const struct node *)v[i])->n_addresses; k++)
			add_address(out, &found, &((const struct node *)v[i])->addresses[k]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct ip a;

		if (ip_parse(others[i], &a))
			add_address(out, &found, &a);
	}
	return found;
}
