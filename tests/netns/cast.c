// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "cast.h"
#include "service.h"

static uint8_t proto_of(const struct line *l, int family)
{
	return l->proto == PROTO_ICMP && family == V6 ? PROTO_ICMPV6 : l->proto;
}

static void add(struct cast *c, const struct line *l, const struct end *from, const struct end *to, int family)
{
	mem_grow(c->v, c->n, c->cap);
	c->v[c->n++] = (struct probe){
		.line = l, .from = from->ns, .src = from->ip[family], .dst = to->ip[family],
		.proto = proto_of(l, family), .port = l->port, .dress = l->dress, .expect = l->expect,
	};
}

static int cast_line(struct cast *c, struct topo *t, const struct line *l, struct err *err)
{
	struct end from, to;
	size_t before = c->n;

	if (topo_find(t, l->from, &from, err) || topo_find(t, l->to, &to, err))
		return err_prefix(err, "%s:%u", l->file, l->number);
	if (!from.ns)
		return err_set(err, "%s:%u: a Service sends nothing: %s", l->file, l->number, l->from);
	for (int f = 0; f < FAMILIES; f++)
		if (from.has[f] && to.has[f] && (!l->family || l->family == (f == V4 ? 4 : 6)))
			add(c, l, &from, &to, f);
	return c->n > before ? 0 :
		err_set(err, "%s:%u: %s and %s have no address of a common family for %s", l->file, l->number,
			l->from, l->to, l->proto_word);
}

int cast_lines(struct cast *c, struct topo *t, const struct lines *lines, struct err *err)
{
	for (size_t i = 0; i < lines->n; i++)
		if (cast_line(c, t, &lines->v[i], err))
			return -1;
	return 0;
}

void cast_free(struct cast *c)
{
	free(c->v);
	*c = (struct cast){};
}

/* Whoever has @ip listens there. */
static int listen_at(struct topo *t, struct server *s, const struct ip *ip, uint8_t proto, uint16_t port, struct err *err)
{
	char ref[IP_STRLEN + 3] = "ip/";
	struct end end;

	ip_format(ip, ref + 3);
	if (topo_find(t, ref, &end, err))
		return -1;
	return end.ns ? server_listen(s, end.ns, ip, proto, port, err) : 0;
}

/* Where destination NAT leads, on any of the nodes the packet may pass. */
static int listen_behind(const struct probe *p, struct topo *t, const struct model *m, struct server *s, struct err *err)
{
	struct topo_node **nodes;
	struct ip ip;
	uint16_t port;
	size_t n;

	if (!topo_uses_services(t))
		return 0;
	if (service_backend(m, &p->dst, p->proto, p->port, &ip, &port) && listen_at(t, s, &ip, p->proto, port, err))
		return -1;
	nodes = topo_nodes(t, &n);
	for (size_t i = 0; i < n; i++)
		if (service_node_backend(m, nodes[i]->name, &p->dst, p->proto, p->port, &ip, &port) &&
		    listen_at(t, s, &ip, p->proto, port, err))
			return -1;
	return 0;
}

static int listen_container_ports(struct topo *t, const struct model *m, struct server *s, struct err *err)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_POD, &n);

	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const struct pod *)v[i];

		if (p->finished || !*p->node)
			continue;
		for (unsigned j = 0; j < p->n_ports * p->n_ips; j++) {
			const struct container_port *port = &p->ports[j / p->n_ips];

			if (listen_at(t, s, &p->ips[j % p->n_ips], port->proto, port->port, err))
				return -1;
		}
	}
	return 0;
}

int cast_listen(const struct cast *c, struct topo *t, const struct model *m, struct server *s, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct probe *p = &c->v[i];

		if (listen_at(t, s, &p->dst, p->proto, p->port, err) || listen_behind(p, t, m, s, err))
			return -1;
	}
	return listen_container_ports(t, m, s, err);
}
