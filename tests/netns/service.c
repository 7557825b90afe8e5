// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include "service.h"
#include "spawn.h"

/* One translation: packets to @from:@port go to @to:@to_port. */
struct translation {
	struct ip from, to;
	uint8_t proto;
	uint16_t port, to_port;
	bool remote;	/* a nodePort that leads to another node */
};

typedef void each_fn(void *ctx, const struct translation *t);

static const struct service *const *services(const struct model *m, size_t *n)
{
	return (const struct service *const *)model_list(m, KIND_SERVICE, n);
}

static const char *node_of(const struct model *m, const struct ip *ip)
{
	const struct pod *p = model_pod_by_ip(m, ip);

	return p ? p->node : "";
}

/* The port behind @sp in a slice; 0: none. */
static uint16_t slice_port(const struct endpointslice *es, const struct service_port *sp)
{
	for (unsigned i = 0; i < es->n_ports; i++) {
		const struct slice_port *p = &es->ports[i];

		if (p->proto == sp->proto && !strcmp(p->name ? p->name : "", sp->name))
			return p->any ? sp->target_port : p->port;
	}
	return 0;
}

static const struct ip *endpoint_ip(const struct endpointslice *es, bool v4, const struct model *m, const char *node)
{
	for (unsigned i = 0; i < es->n_endpoints; i++) {
		const struct slice_endpoint *e = &es->endpoints[i];

		for (unsigned j = 0; !e->unready && j < e->n_ips; j++)
			if (ip_is4(&e->ips[j]) == v4 && (!node || !strcmp(node_of(m, &e->ips[j]), node)))
				return &e->ips[j];
	}
	return NULL;
}

/* The first ready endpoint of that family, on @node (NULL: anywhere). */
static bool endpoint(const struct model *m, const struct service *s, const struct service_port *sp, bool v4,
		     const char *node, struct ip *ip, uint16_t *port)
{
	size_t n;
	const struct meta *const *v = model_list_ns(m, KIND_ENDPOINTSLICE, s->meta.ns, &n);

	for (size_t i = 0; i < n; i++) {
		const struct endpointslice *es = (const struct endpointslice *)v[i];
		const struct ip *found;

		if (strcmp(es->service, s->meta.name))
			continue;
		*port = slice_port(es, sp);
		found = *port ? endpoint_ip(es, v4, m, node) : NULL;
		if (found) {
			*ip = *found;
			return true;
		}
	}
	return false;
}

static void each_of_port(const struct model *m, const struct service *s, const struct service_port *sp,
			 const struct ip *ips, unsigned n, each_fn *each, void *ctx)
{
	for (unsigned i = 0; i < n; i++) {
		struct translation t = { .from = ips[i], .proto = sp->proto, .port = sp->port };

		if (endpoint(m, s, sp, ip_is4(&ips[i]), NULL, &t.to, &t.to_port))
			each(ctx, &t);
	}
}

static void each_virtual(const struct model *m, each_fn *each, void *ctx)
{
	size_t n;
	const struct service *const *v = services(m, &n);

	for (size_t i = 0; i < n; i++) {
		for (unsigned j = 0; j < v[i]->n_ports; j++) {
			const struct service_port *sp = &v[i]->ports[j];

			each_of_port(m, v[i], sp, v[i]->cluster_ips, v[i]->n_cluster_ips, each, ctx);
			each_of_port(m, v[i], sp, v[i]->external_ips, v[i]->n_external_ips, each, ctx);
			each_of_port(m, v[i], sp, v[i]->load_balancer_ips, v[i]->n_load_balancer_ips, each, ctx);
		}
	}
}

static void each_node_port(const struct model *m, const char *node, const struct ip *ip, each_fn *each, void *ctx)
{
	size_t n;
	const struct service *const *v = services(m, &n);

	for (size_t i = 0; i < n; i++) {
		for (unsigned j = 0; j < v[i]->n_ports; j++) {
			const struct service_port *sp = &v[i]->ports[j];
			struct translation t = { .from = *ip, .proto = sp->proto, .port = sp->node_port };
			bool v4 = ip_is4(ip);

			if (!sp->node_port)
				continue;
			t.remote = !endpoint(m, v[i], sp, v4, node, &t.to, &t.to_port);
			if (!t.remote || endpoint(m, v[i], sp, v4, NULL, &t.to, &t.to_port))
				each(ctx, &t);
		}
	}
}

static bool among(const struct ip *v, unsigned n, const struct ip *ip)
{
	for (unsigned i = 0; i < n; i++)
		if (!ip_cmp(&v[i], ip))
			return true;
	return false;
}

bool service_has_ip(const struct model *m, const struct ip *ip)
{
	size_t n;
	const struct service *const *v = services(m, &n);

	for (size_t i = 0; i < n; i++)
		if (among(v[i]->cluster_ips, v[i]->n_cluster_ips, ip) ||
		    among(v[i]->external_ips, v[i]->n_external_ips, ip) ||
		    among(v[i]->load_balancer_ips, v[i]->n_load_balancer_ips, ip))
			return true;
	return false;
}

struct looking {
	struct ip ip;
	uint8_t proto;		/* 0: any */
	uint16_t port;
	bool found;
	struct translation t;
};

static void look(void *ctx, const struct translation *t)
{
	struct looking *l = ctx;

	if (l->found || ip_cmp(&t->from, &l->ip) || (l->proto && (t->proto != l->proto || t->port != l->port)))
		return;
	l->found = true;
	l->t = *t;
}

const char *service_node(const struct model *m, const struct ip *ip)
{
	struct looking l = { .ip = *ip };
	const char *node;

	each_virtual(m, look, &l);
	node = l.found ? node_of(m, &l.t.to) : "";
	return *node ? node : NULL;
}

static bool told(const struct looking *l, struct ip *ip, uint16_t *port)
{
	if (!l->found)
		return false;
	*ip = l->t.to;
	*port = l->t.to_port;
	return true;
}

bool service_backend(const struct model *m, const struct ip *ip, uint8_t proto, uint16_t port, struct ip *backend_ip,
		     uint16_t *backend_port)
{
	struct looking l = { .ip = *ip, .proto = proto, .port = port };

	each_virtual(m, look, &l);
	return told(&l, backend_ip, backend_port);
}

bool service_node_backend(const struct model *m, const char *node, const struct ip *ip, uint8_t proto, uint16_t port,
			  struct ip *backend_ip, uint16_t *backend_port)
{
	struct looking l = { .ip = *ip, .proto = proto, .port = port };

	each_node_port(m, node, ip, look, &l);
	return told(&l, backend_ip, backend_port);
}

static bool node_port_is_meant(const struct model *m, const char *name, const struct line *l)
{
	const struct node *node = (const struct node *)model_get(m, KIND_NODE, "", name);
	struct ip ip;
	uint16_t port;

	for (unsigned i = 0; node && i < node->n_addresses; i++)
		if (service_node_backend(m, name, &node->addresses[i], l->proto, l->port, &ip, &port))
			return true;
	return false;
}

bool service_is_meant(const struct model *m, const struct line *l)
{
	struct ip ip;

	if (!strncmp(l->to, "node/", 5))
		return node_port_is_meant(m, l->to + 5, l);
	return !strncmp(l->to, "ip/", 3) && ip_parse(l->to + 3, &ip) && service_has_ip(m, &ip);
}

/* --- the rules --- */

#define REMOTE_MARK 0x570c

struct rules {
	struct text dnat[FAMILIES], snat[FAMILIES];
	const struct ip *node_ip[FAMILIES];	/* NULL: the node has none of that family */
};

static const char *proto_word(uint8_t proto)
{
	return proto == PROTO_UDP ? "udp" : proto == PROTO_SCTP ? "sctp" : "tcp";
}

static void add_rule(void *ctx, const struct translation *t)
{
	struct rules *r = ctx;
	int f = ip_is4(&t->from) ? V4 : V6;
	const char *ip = f == V4 ? "ip" : "ip6";
	char from[IP_STRLEN], to[IP_STRLEN], node[IP_STRLEN];

	ip_format(&t->from, from);
	ip_format(&t->to, to);
	text_printf(&r->dnat[f], "\t\t%s daddr %s %s dport %u ", ip, from, proto_word(t->proto), t->port);
	if (t->remote)
		text_printf(&r->dnat[f], "meta mark set %#x ", REMOTE_MARK);
	text_printf(&r->dnat[f], f == V4 ? "dnat to %s:%u\n" : "dnat to [%s]:%u\n", to, t->to_port);
	if (r->node_ip[f])
		text_printf(&r->snat[f], "\t\tct status dnat %s saddr %s %s daddr %s snat to %s\n", ip, to, ip, to,
			    ip_format(r->node_ip[f], node));
}

static void write_table(struct text *out, struct rules *r, int f)
{
	const char *family = f == V4 ? "ip" : "ip6";
	const char *dnat = r->dnat[f].s ? r->dnat[f].s : "", *snat = r->snat[f].s ? r->snat[f].s : "";
	char node[IP_STRLEN];

	text_printf(out, "table %s proxy\ndelete table %s proxy\ntable %s proxy {\n", family, family, family);
	text_printf(out, "\tchain in {\n\t\ttype nat hook prerouting priority -100;\n%s\t}\n", dnat);
	text_printf(out, "\tchain own {\n\t\ttype nat hook output priority -100;\n%s\t}\n", dnat);
	text_printf(out, "\tchain out {\n\t\ttype nat hook postrouting priority 100;\n%s", snat);
	if (r->node_ip[f])
		text_printf(out, "\t\tmeta mark %#x snat to %s\n", REMOTE_MARK, ip_format(r->node_ip[f], node));
	text_printf(out, "\t}\n}\n");
}

static void write_rules(struct text *out, const struct topo_node *n, const struct model *m)
{
	const struct node *node = (const struct node *)model_get(m, KIND_NODE, "", n->name);
	struct rules r = {};

	for (unsigned i = 0; node && i < node->n_addresses; i++) {
		int f = ip_is4(&node->addresses[i]) ? V4 : V6;

		if (!r.node_ip[f])
			r.node_ip[f] = &node->addresses[i];
	}
	each_virtual(m, add_rule, &r);
	for (unsigned i = 0; node && i < node->n_addresses; i++)
		each_node_port(m, n->name, &node->addresses[i], add_rule, &r);
	for (int f = 0; f < FAMILIES; f++) {
		if (r.dnat[V4].s || r.dnat[V6].s)
			write_table(out, &r, f);
		text_free(&r.dnat[f]);
		text_free(&r.snat[f]);
	}
}

int service_load(struct topo_node *n, const struct model *m, struct err *err)
{
	static char *const nft[] = { "nft", "-f", "-", NULL };
	struct text rules = {}, none = {};
	int rc = 0;

	write_rules(&rules, n, m);
	if (!rules.s && n->dnat.s)	/* the last Service is gone: flush */
		text_printf(&none, "table ip proxy\ndelete table ip proxy\ntable ip6 proxy\ndelete table ip6 proxy\n");
	if (none.s || (rules.s && (!n->dnat.s || strcmp(rules.s, n->dnat.s))))
		rc = spawn_wait(&n->ns, nft, none.s ? &none : &rules, err);
	text_free(&none);
	text_free(&n->dnat);
	n->dnat = rules;
	return rc;
}
