// SPDX-License-Identifier: GPL-2.0
/*
 * Who is meant by a FROM or TO.
 */
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "service.h"
#include "topo_priv.h"

static void add_ip(struct end *e, const struct ip *ip)
{
	int f = ip_is4(ip) ? V4 : V6;

	if (e->has[f])
		return;
	e->has[f] = true;
	e->ip[f] = *ip;
}

static void add_ips(struct end *e, const struct ip *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_ip(e, &v[i]);
}

static int find_node(struct topo *t, const char *name, struct end *out, struct err *err)
{
	struct topo_node *n = topo_node_by_name(t, name);
	const struct node *node = (const struct node *)model_get(t->model, KIND_NODE, "", name);

	if (!n || !node)
		return err_set(err, "there is no node %s", name);
	out->ns = &n->ns;
	add_ips(out, node->addresses, node->n_addresses);
	return 0;
}

static int find_host_pod(struct topo *t, const struct pod *p, struct end *out, struct err *err)
{
	struct topo_node *n = topo_node_by_name(t, p->node);

	if (!n)
		return err_set(err, "pod %s/%s has no node", p->meta.ns, p->meta.name);
	out->ns = &n->ns;
	add_ips(out, p->ips, p->n_ips);
	return 0;
}

static int find_pod(struct topo *t, const char *ref, struct end *out, struct err *err)
{
	const char *slash = strchr(ref, '/');
	char *ns = mem_strndup(ref, slash - ref);
	const struct pod *p = (const struct pod *)model_get(t->model, KIND_POD, ns, slash + 1);
	struct topo_pod *tp = topo_pod_by_name(t, ref);

	free(ns);
	if (!p)
		return err_set(err, "there is no pod %s", ref);
	if (p->finished)
		return err_set(err, "pod %s is finished", ref);
	if (p->host_network)
		return find_host_pod(t, p, out, err);
	if (!tp)
		return err_set(err, "pod %s has no node or no address", ref);
	out->ns = &tp->ns;
	add_ips(out, tp->ips, tp->n_ips);
	return 0;
}

static struct netns *owner(struct topo *t, const struct ip *ip)
{
	for (size_t i = 0; i < t->n_pods; i++)
		for (size_t j = 0; j < t->pods[i]->n_ips; j++)
			if (!ip_cmp(&t->pods[i]->ips[j], ip))
				return &t->pods[i]->ns;
	for (size_t i = 0; i < t->n_nodes; i++)
		for (size_t j = 0; j < t->nodes[i]->n_ips; j++)
			if (!ip_cmp(&t->nodes[i]->ips[j], ip))
				return &t->nodes[i]->ns;
	return t->services && service_has_ip(t->model, ip) ? NULL : &t->outside;
}

static int find_address(struct topo *t, const char *text, struct end *out, struct err *err)
{
	struct ip ip;

	if (!ip_parse(text, &ip))
		return err_set(err, "\"%s\" is no address", text);
	out->ns = owner(t, &ip);
	add_ip(out, &ip);
	return 0;
}

int topo_find(struct topo *t, const char *ref, struct end *out, struct err *err)
{
	*out = (struct end){};
	if (!strncmp(ref, "ip/", 3))
		return find_address(t, ref + 3, out, err);
	if (!strncmp(ref, "node/", 5))
		return find_node(t, ref + 5, out, err);
	return find_pod(t, ref, out, err);
}
