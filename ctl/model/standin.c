// SPDX-License-Identifier: GPL-2.0
/*
 * standin: what a cluster would add to manifests before anyone could judge them: addresses,
 * and endpoints of Services.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "standin.h"

#define POD_NODE "any-node"	/* not in the model: no pod is cut off from it, whoever else is */
#define HOST_NODE "host-of-%s.%s"

/* A copy of the list of a kind, which outlives changes of the model. */
static const struct meta **snapshot(const struct model *m, enum kind kind, size_t *n)
{
	const struct meta *const *list = model_list(m, kind, n);
	const struct meta **v = mem_array(*n, sizeof(*v));

	if (*n)
		memcpy(v, list, *n * sizeof(*v));
	return v;
}

/* --- templates whose pods are there ------------------------------------------ */

static bool includes(const struct labels *l, const struct labels *wanted)
{
	for (unsigned i = 0; i < wanted->n; i++)
		if (labels_get(l, wanted->v[i].key) != wanted->v[i].value)
			return false;
	return true;
}

static bool is_named_after(const char *pod, const char *workload)
{
	size_t len = strlen(workload);

	return !strncmp(pod, workload, len) && pod[len] == '-';
}

static bool has_pods(const struct model *m, const struct pod *template)
{
	size_t n;
	const struct meta *const *v = model_list_ns(m, KIND_POD, template->meta.ns, &n);

	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const void *)v[i];

		if (!p->workload && includes(&p->meta.labels, &template->meta.labels) &&
		    (template->meta.labels.n || is_named_after(p->meta.name, template->meta.name)))
			return true;
	}
	return false;
}

static void drop_templates(struct model *m)
{
	size_t n;
	const struct meta **v = snapshot(m, KIND_POD, &n);

	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const void *)v[i];

		if (p->workload && has_pods(m, p))
			model_delete(m, KIND_POD, p->meta.ns, p->meta.name);
	}
	free(v);
}

/* --- addresses ------------------------------------------------------------------ */

static bool is_everyone(const struct policy_peer *p)
{
	return p->cidr.prefix == (cidr_is4(&p->cidr) ? 96 : 0);
}

static bool reaches(const struct policy_peer *p, const struct cidr *range)
{
	if (!p->is_block || (is_everyone(p) && !p->n_except))
		return false;
	for (unsigned i = 0; i < p->n_except; i++)
		if (cidr_covers(&p->except[i], range))
			return false;
	return cidr_covers(&p->cidr, range) || cidr_covers(range, &p->cidr);
}

static bool rules_reach(const struct policy_rule *v, unsigned n, const struct cidr *range)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < v[i].n_peers; k++)
			if (reaches(&v[i].peers[k], range))
				return true;
	return false;
}

static bool some_block_reaches(const struct model *m, const struct cidr *range)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_NETWORKPOLICY, &n);

	for (size_t i = 0; i < n; i++) {
		const struct networkpolicy *np = (const void *)v[i];

		if (rules_reach(np->ingress, np->n_ingress, range) || rules_reach(np->egress, np->n_egress, range))
			return true;
	}
	return false;
}

/* Ranges that clusters give their pods by default, and what rules about "private addresses" spare. */
static struct ip first_address(const struct model *m)
{
	static const char *const ranges[] = {
		"10.244.0.0/16", "10.42.0.0/16", "192.168.0.0/16", "172.30.0.0/16", "100.64.0.0/16",
	};
	struct cidr c;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (cidr_parse(ranges[i], &c) && !some_block_reaches(m, &c))
			return c.ip;
	cidr_parse(ranges[0], &c);
	return c.ip;
}

static void step(struct ip *ip)
{
	for (int i = 15; !++ip->b[i] && i > 12; i--)
		;
}

static struct ip next_free(const struct model *m, struct ip *last)
{
	do
		step(last);
	while (model_pod_by_ip(m, last) || model_node_by_ip(m, last));
	return *last;
}

static const char *host_node(struct model *m, const struct pod *p, const struct ip *ip)
{
	char *name = mem_printf(HOST_NODE, p->meta.name, p->meta.ns);
	struct node *n = mem_new(struct node);

	n->meta = (struct meta){ .kind = KIND_NODE, .ns = model_intern(m, "", 0),
				 .name = model_intern(m, name, strlen(name)) };
	n->addresses = mem_new(struct ip);
	n->addresses[n->n_addresses++] = *ip;
	n->stand_in = true;
	model_put(m, &n->meta);
	free(name);
	return n->meta.name;
}

static bool lacks_address(const struct pod *p)
{
	return !p->n_ips && !p->finished && !p->waiting && !(p->host_network && *p->node);
}

static void give_addresses(struct model *m)
{
	size_t n;
	const struct meta **v = snapshot(m, KIND_POD, &n);
	struct ip last = first_address(m), ip;

	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const void *)v[i];
		const char *node = p->node;

		if (!lacks_address(p))
			continue;
		ip = next_free(m, &last);
		if (p->host_network)
			node = host_node(m, p, &ip);
		else if (!*node)
			node = model_intern(m, POD_NODE, strlen(POD_NODE));
		model_place(m, p, node, &ip);
	}
	free(v);
}

/* --- endpoints ------------------------------------------------------------------ */

static bool has_slices(const struct model *m, const struct service *s)
{
	size_t n;
	const struct meta *const *v = model_list_ns(m, KIND_ENDPOINTSLICE, s->meta.ns, &n);

	for (size_t i = 0; i < n; i++)
		if (((const struct endpointslice *)v[i])->service == s->meta.name)
			return true;
	return false;
}

/* The port of @p that is behind @sp; 0: none of that name. */
static uint16_t target_of(const struct service_port *sp, const struct pod *p)
{
	if (!sp->target_name)
		return sp->target_port;
	for (unsigned i = 0; i < p->n_ports; i++)
		if (p->ports[i].name == sp->target_name && p->ports[i].proto == sp->proto)
			return p->ports[i].port;
	return 0;
}

/* A slice for each pod: named ports may differ from one to the next. */
static void put_slice(struct model *m, const struct service *s, const struct pod *p)
{
	struct endpointslice *e = mem_new(struct endpointslice);
	char *name = mem_printf("%s.%s", s->meta.name, p->meta.name);

	e->meta = (struct meta){ .kind = KIND_ENDPOINTSLICE, .ns = s->meta.ns,
				 .name = model_intern(m, name, strlen(name)), .origin = s->meta.origin };
	e->service = s->meta.name;
	e->ports = mem_array(s->n_ports, sizeof(*e->ports));
	for (unsigned i = 0; i < s->n_ports; i++) {
		uint16_t port = target_of(&s->ports[i], p);

		if (port)
			e->ports[e->n_ports++] = (struct slice_port){ s->ports[i].name, s->ports[i].proto, false, port };
	}
	e->endpoints = mem_new(struct slice_endpoint);
	e->n_endpoints = 1;
	e->endpoints->ips = mem_array(p->n_ips, sizeof(struct ip));
	memcpy(e->endpoints->ips, p->ips, p->n_ips * sizeof(struct ip));
	e->endpoints->n_ips = p->n_ips;
	e->endpoints->unready = p->unready;
	model_put(m, &e->meta);
	free(name);
}

static void give_endpoints(struct model *m, const struct service *s, bool all_pods)
{
	size_t n;
	const struct meta *const *v = model_list_ns(m, KIND_POD, s->meta.ns, &n);

	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const void *)v[i];

		if ((all_pods || p->stand_in) && p->n_ips && !p->finished &&
		    selector_matches(s->selector, &p->meta.labels))
			put_slice(m, s, p);
	}
}

static void give_all_endpoints(struct model *m, bool all_pods)
{
	size_t n;
	const struct meta **v = snapshot(m, KIND_SERVICE, &n);

	all_pods &= !model_count(m, KIND_ENDPOINTSLICE);
	for (size_t i = 0; i < n; i++) {
		const struct service *s = (const void *)v[i];

		if (s->selector && s->type != SERVICE_EXTERNAL_NAME && !has_slices(m, s))
			give_endpoints(m, s, all_pods);
	}
	free(v);
}

void model_stand_in(struct model *m, bool all_pods)
{
	drop_templates(m);
	give_addresses(m);
	give_all_endpoints(m, all_pods);
}
