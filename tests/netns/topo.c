// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "service.h"
#include "topo_priv.h"

#define UP 2			/* index of a node's, pod's or the outside's link upwards */
#define FABRIC_OUT 2		/* index of the fabric's link to the outside */
#define FABRIC_HOME 3		/* ... to the namespace of the player itself */
#define HOME_FABRIC 1000	/* and that one's, to the fabric */
#define FABRIC_NODE 10		/* ... to node number 0 */

static struct ip literal(const char *s)
{
	struct ip ip = {};

	ip_parse(s, &ip);
	return ip;
}

/* The address of node @number towards the fabric. */
static struct ip hop_of(unsigned number)
{
	char s[IP_STRLEN];

	snprintf(s, sizeof(s), "169.254.8.%u", number);
	return literal(s);
}

static int as_router(struct netns *n, struct err *err)
{
	int rc = netns_enter(n, err) || netns_sysctl("ipv4/ip_forward", "1", err) ||
		 netns_sysctl("ipv6/conf/all/forwarding", "1", err) ||
		 netns_sysctl("ipv4/conf/all/rp_filter", "0", err) ||
		 netns_sysctl("ipv4/conf/default/rp_filter", "0", err) ||
		 netns_sysctl("ipv4/conf/all/send_redirects", "0", err) ||
		 netns_sysctl("ipv4/conf/default/send_redirects", "0", err);

	return netns_enter(NULL, rc ? NULL : err) || rc ? -1 : 0;
}

static int add_pair(struct netns *n, int index, const struct ip *a, const struct ip *b, struct err *err)
{
	return netns_add_addr(n, index, a, err) || netns_add_addr(n, index, b, err) ? -1 : 0;
}

static int default_routes(struct netns *n, const char *via4, struct err *err)
{
	struct ip v4 = literal(via4), v6 = literal("fe80::1");

	return netns_set_route(n, NULL, &v4, UP, err) || netns_set_route(n, NULL, &v6, UP, err) ? -1 : 0;
}

/* Join @n, whose hop address is @hop, to the fabric. */
static int join_fabric(struct topo *t, struct netns *n, const struct ip *hop, const char *name, int index, struct err *err)
{
	struct ip fabric4 = literal("169.254.9.1"), ll1 = literal("fe80::1"), ll2 = literal("fe80::2");

	return netns_veth(&t->fabric, name, index, n, "up0", UP, err) ||
	       add_pair(&t->fabric, index, &fabric4, &ll1, err) || add_pair(n, UP, hop, &ll2, err) ||
	       default_routes(n, "169.254.9.1", err) ? -1 : 0;
}

int topo_join(struct topo *t, struct netns *home, const struct ip *beyond, struct err *err)
{
	struct ip here = literal("169.254.10.2"), there = literal("169.254.10.1");

	/* Of a network before this one, which goes in its own time. */
	netns_del_link(home, HOME_FABRIC, NULL);
	return netns_veth(&t->fabric, TOPO_HOME_LINK, FABRIC_HOME, home, "fabric", HOME_FABRIC, err) ||
	       netns_add_addr(&t->fabric, FABRIC_HOME, &here, err) || netns_add_addr(home, HOME_FABRIC, &there, err) ||
	       netns_set_route(home, &here, NULL, HOME_FABRIC, err) ||
	       netns_set_route(&t->fabric, beyond, &there, FABRIC_HOME, err) ? -1 : 0;
}

const struct netns *topo_fabric(const struct topo *t)
{
	return &t->fabric;
}

struct topo *topo_new(struct err *err)
{
	struct topo *t = mem_new(struct topo);
	struct ip hop = hop_of(0);

	t->fabric.fd = t->outside.fd = -1;
	if (!netns_new(&t->fabric, err) && !as_router(&t->fabric, err) && !netns_new(&t->outside, err) &&
	    !join_fabric(t, &t->outside, &hop, "out", FABRIC_OUT, err))
		return t;
	topo_free(t);
	return NULL;
}

static void free_node(struct topo_node *n)
{
	netns_free(&n->ns);
	text_free(&n->dnat);
	free(n->ips);
	free(n->name);
	free(n);
}

static void free_pod(struct topo_pod *p)
{
	netns_free(&p->ns);
	free(p->ns_name);
	free(p->ips);
	free(p);
}

void topo_free(struct topo *t)
{
	for (size_t i = 0; i < t->n_pods; i++)
		free_pod(t->pods[i]);
	for (size_t i = 0; i < t->n_nodes; i++)
		free_node(t->nodes[i]);
	netns_free(&t->outside);
	netns_free(&t->fabric);
	free(t->pods);
	free(t->nodes);
	free(t->routes);
	free(t->outsiders);
	free(t);
}

struct topo_node **topo_nodes(struct topo *t, size_t *n)
{
	*n = t->n_nodes;
	return t->nodes;
}

struct topo_node *topo_node_by_name(struct topo *t, const char *name)
{
	for (size_t i = 0; i < t->n_nodes; i++)
		if (!strcmp(t->nodes[i]->name, name))
			return t->nodes[i];
	return NULL;
}

struct topo_pod *topo_pod_by_name(struct topo *t, const char *name)
{
	for (size_t i = 0; i < t->n_pods; i++)
		if (!strcmp(t->pods[i]->ns_name, name))
			return t->pods[i];
	return NULL;
}

/* --- nodes --- */

static int link_node(struct topo *t, struct topo_node *n, struct err *err)
{
	struct ip hop = hop_of(n->number), gateway = literal("169.254.1.1");
	int index = FABRIC_NODE + n->number;
	char name[16];

	snprintf(name, sizeof(name), "n%u", n->number);
	return as_router(&n->ns, err) || join_fabric(t, &n->ns, &hop, name, index, err) ||
	       netns_set_route(&t->fabric, &hop, NULL, index, err) ||
	       netns_add_addr(&n->ns, NETNS_LO, &gateway, err) ? -1 : 0;
}

static int want_node(struct topo *t, const char *name, struct err *err)
{
	struct topo_node *n = topo_node_by_name(t, name);

	if (n) {
		n->keep = true;
		return 0;
	}
	if (t->last_number == 254)
		return err_set(err, "more than 254 nodes");
	n = mem_new(struct topo_node);
	*n = (struct topo_node){ .name = mem_strdup(name), .number = ++t->last_number, .next_index = 10, .keep = true };
	mem_grow(t->nodes, t->n_nodes, t->cap_nodes);
	t->nodes[t->n_nodes++] = n;
	if (netns_new(&n->ns, err) || link_node(t, n, err))
		return err_prefix(err, "node %s", name);
	return 0;
}

static bool is_on_node(const struct pod *p)
{
	return *p->node && !p->finished && p->n_ips;
}

/* Every Node, and every node that has pods and no object. */
static int want_nodes(struct topo *t, const struct model *m, struct err *err)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++)
		if (want_node(t, v[i]->name, err))
			return -1;
	v = model_list(m, KIND_POD, &n);
	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const struct pod *)v[i];

		if (is_on_node(p) && want_node(t, p->node, err))
			return -1;
	}
	return 0;
}

static bool has_ip(const struct ip *v, size_t n, const struct ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (!ip_cmp(&v[i], ip))
			return true;
	return false;
}

static int claim(struct topo_node *n, const struct ip *ips, size_t n_ips, struct err *err)
{
	for (size_t i = 0; i < n_ips; i++) {
		if (has_ip(n->ips, n->n_ips, &ips[i]))
			continue;
		if (netns_add_addr(&n->ns, NETNS_LO, &ips[i], err))
			return err_prefix(err, "node %s", n->name);
		mem_grow(n->ips, n->n_ips, n->cap);
		n->ips[n->n_ips++] = ips[i];
	}
	return 0;
}

static bool model_gives(const struct model *m, const struct topo_node *n, const struct ip *ip)
{
	const struct node *node = (const struct node *)model_get(m, KIND_NODE, "", n->name);
	size_t n_pods;
	const struct meta *const *v = model_list(m, KIND_POD, &n_pods);

	if (node && has_ip(node->addresses, node->n_addresses, ip))
		return true;
	for (size_t i = 0; i < n_pods; i++) {
		const struct pod *p = (const struct pod *)v[i];

		if (p->host_network && is_on_node(p) && !strcmp(p->node, n->name) && has_ip(p->ips, p->n_ips, ip))
			return true;
	}
	return false;
}

static int release(struct topo_node *n, const struct model *m, struct err *err)
{
	for (size_t i = n->n_ips; i-- > 0;) {
		if (model_gives(m, n, &n->ips[i]))
			continue;
		if (netns_del_addr(&n->ns, NETNS_LO, &n->ips[i], err))
			return -1;
		n->ips[i] = n->ips[--n->n_ips];
	}
	return 0;
}

static int claim_of_model(struct topo *t, const struct model *m, struct err *err)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = (const struct node *)v[i];

		if (claim(topo_node_by_name(t, node->meta.name), node->addresses, node->n_addresses, err))
			return -1;
	}
	v = model_list(m, KIND_POD, &n);
	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const struct pod *)v[i];

		if (p->host_network && is_on_node(p) && claim(topo_node_by_name(t, p->node), p->ips, p->n_ips, err))
			return -1;
	}
	return 0;
}

/* --- pods --- */

static char *name_of(const struct meta *m)
{
	return mem_printf("%s/%s", m->ns, m->name);
}

static int link_pod(struct topo_pod *p, struct err *err)
{
	struct ip gateway = literal("fe80::1");
	char name[16];

	snprintf(name, sizeof(name), "p%d", p->index);
	if (netns_veth(&p->node->ns, name, p->index, &p->ns, "eth0", UP, err) ||
	    netns_add_addr(&p->node->ns, p->index, &gateway, err))
		return -1;
	for (size_t i = 0; i < p->n_ips; i++)
		if (netns_add_addr(&p->ns, UP, &p->ips[i], err) ||
		    netns_set_route(&p->node->ns, &p->ips[i], NULL, p->index, err))
			return -1;
	return default_routes(&p->ns, "169.254.1.1", err);
}

/* A pod there must be: name, node, addresses. */
struct wanted {
	char *name;
	const char *node;
	struct ip *ips;
	size_t n_ips, cap_ips;
};

struct wanteds {
	struct wanted *v;
	size_t n, cap;
};

static struct wanted *want_pod(struct wanteds *w, char *name, const char *node)
{
	mem_grow(w->v, w->n, w->cap);
	w->v[w->n] = (struct wanted){ .name = name, .node = node };
	return &w->v[w->n++];
}

static void want_ip(struct wanted *w, const struct ip *ip)
{
	mem_grow(w->ips, w->n_ips, w->cap_ips);
	w->ips[w->n_ips++] = *ip;
}

/* Where two pods claim an address, it is the one's that the model says. */
static void want_pods(struct wanteds *w, const struct model *m)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_POD, &n);

	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const struct pod *)v[i];
		struct wanted *want;

		if (!pod_is_live(p) || !*p->node)
			continue;
		want = want_pod(w, name_of(&p->meta), p->node);
		for (unsigned j = 0; j < p->n_ips; j++)
			if (model_pod_by_ip(m, &p->ips[j]) == p)
				want_ip(want, &p->ips[j]);
	}
}

static const struct node *node_of_cidr(const struct model *m, const struct ip *ip)
{
	size_t n;
	const struct meta *const *v = model_list(m, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = (const struct node *)v[i];

		for (unsigned j = 0; j < node->n_pod_cidrs; j++)
			if (cidr_contains(&node->pod_cidrs[j], ip))
				return node;
	}
	return NULL;
}

static bool is_free(const struct topo *t, const struct model *m, const struct ip *ip)
{
	return !model_pod_by_ip(m, ip) && !model_node_by_ip(m, ip) && !(t->services && service_has_ip(m, ip));
}

/*
 * An address in a node's pod CIDRs that no pod has is, as seen from everywhere, that of a pod that
 * nobody was told of yet: it is on that node.
 */
static void want_strangers(struct wanteds *w, const struct topo *t, const struct model *m, const struct ip *ips, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct node *node = is_free(t, m, &ips[i]) ? node_of_cidr(m, &ips[i]) : NULL;
		char text[IP_STRLEN];

		if (node)
			want_ip(want_pod(w, mem_printf("?/%s", ip_format(&ips[i], text)), node->meta.name), &ips[i]);
	}
}

static bool same_pod(const struct topo_pod *p, const struct wanted *w)
{
	return !strcmp(p->ns_name, w->name) && !strcmp(p->node->name, w->node) && p->n_ips == w->n_ips &&
	       (!w->n_ips || !memcmp(p->ips, w->ips, w->n_ips * sizeof(*w->ips)));
}

static void mark_pods(struct topo *t, const struct wanteds *w)
{
	for (size_t i = 0; i < t->n_pods; i++) {
		t->pods[i]->keep = false;
		for (size_t j = 0; j < w->n; j++)
			t->pods[i]->keep |= same_pod(t->pods[i], &w->v[j]);
	}
}

static int sweep_pods(struct topo *t, struct err *err)
{
	for (size_t i = t->n_pods; i-- > 0;) {
		struct topo_pod *tp = t->pods[i];

		if (tp->keep && tp->node->keep)
			continue;
		if (netns_del_link(&tp->node->ns, tp->index, err))
			return err_prefix(err, "pod %s", tp->ns_name);
		free_pod(tp);
		t->pods[i] = t->pods[--t->n_pods];
	}
	return 0;
}

static int make_pod(struct topo *t, const struct wanted *w, struct err *err)
{
	struct topo_pod *tp = mem_new(struct topo_pod);

	*tp = (struct topo_pod){
		.ns_name = mem_strdup(w->name), .node = topo_node_by_name(t, w->node), .ns = { .fd = -1 }, .n_ips = w->n_ips,
	};
	tp->index = tp->node->next_index++;
	tp->ips = mem_array(w->n_ips, sizeof(*tp->ips));
	if (w->n_ips)
		memcpy(tp->ips, w->ips, w->n_ips * sizeof(*tp->ips));
	mem_grow(t->pods, t->n_pods, t->cap_pods);
	t->pods[t->n_pods++] = tp;
	if (netns_new(&tp->ns, err) || link_pod(tp, err))
		return err_prefix(err, "pod %s", tp->ns_name);
	return 0;
}

static int make_pods(struct topo *t, const struct wanteds *w, struct err *err)
{
	for (size_t i = 0; i < w->n; i++)
		if (!topo_pod_by_name(t, w->v[i].name) && make_pod(t, &w->v[i], err))
			return -1;
	return 0;
}

static void free_wanteds(struct wanteds *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].name);
		free(w->v[i].ips);
	}
	free(w->v);
}

static int sweep_nodes(struct topo *t, struct err *err)
{
	for (size_t i = t->n_nodes; i-- > 0;) {
		struct topo_node *n = t->nodes[i];

		if (n->keep)
			continue;
		if (netns_del_link(&t->fabric, FABRIC_NODE + n->number, err))
			return err_prefix(err, "node %s", n->name);
		free_node(n);
		memmove(&t->nodes[i], &t->nodes[i + 1], (--t->n_nodes - i) * sizeof(*t->nodes));
	}
	return 0;
}

/* --- the fabric and the outside --- */

static int route_cmp(const void *a, const void *b)
{
	return ip_cmp(&((const struct topo_route *)a)->ip, &((const struct topo_route *)b)->ip);
}

struct routes {
	struct topo_route *v;
	size_t n, cap;
};

static void want_route(struct routes *r, const struct ip *ip, const struct topo_node *node)
{
	mem_grow(r->v, r->n, r->cap);
	r->v[r->n++] = (struct topo_route){ *ip, node ? FABRIC_NODE + (int)node->number : FABRIC_OUT, node ? node->number : 0 };
}

static bool routed(const struct routes *r, const struct ip *ip)
{
	for (size_t i = 0; i < r->n; i++)
		if (!ip_cmp(&r->v[i].ip, ip))
			return true;
	return false;
}

/* Pods first, then nodes, then Services; what is nobody's is outside. */
static void want_routes(struct topo *t, const struct model *m, const struct ip *outside, size_t n, struct routes *r)
{
	for (size_t i = 0; i < t->n_pods; i++)
		for (size_t j = 0; j < t->pods[i]->n_ips; j++)
			want_route(r, &t->pods[i]->ips[j], t->pods[i]->node);
	for (size_t i = 0; i < t->n_nodes; i++)
		for (size_t j = 0; j < t->nodes[i]->n_ips; j++)
			if (!routed(r, &t->nodes[i]->ips[j]))
				want_route(r, &t->nodes[i]->ips[j], t->nodes[i]);
	for (size_t i = 0; i < n; i++) {
		const char *node = routed(r, &outside[i]) || !t->services ? NULL : service_node(m, &outside[i]);

		if (node)
			want_route(r, &outside[i], topo_node_by_name(t, node));
	}
}

static int set_route(struct topo *t, const struct topo_route *r, struct err *err)
{
	struct ip v4 = hop_of(r->number), v6 = literal("fe80::2");

	return netns_set_route(&t->fabric, &r->ip, ip_is4(&r->ip) ? &v4 : &v6, r->index, err);
}

static const struct topo_route *old_route(const struct topo *t, const struct ip *ip)
{
	struct topo_route key = { .ip = *ip };

	return t->n_routes ? bsearch(&key, t->routes, t->n_routes, sizeof(key), route_cmp) : NULL;
}

static int change_routes(struct topo *t, const struct routes *r, struct err *err)
{
	for (size_t i = 0; i < t->n_routes; i++)
		if (!routed(r, &t->routes[i].ip) && netns_del_route(&t->fabric, &t->routes[i].ip, err))
			return -1;
	for (size_t i = 0; i < r->n; i++) {
		const struct topo_route *old = old_route(t, &r->v[i].ip);

		if ((!old || old->index != r->v[i].index) && set_route(t, &r->v[i], err))
			return -1;
	}
	return 0;
}

static int change_outsiders(struct topo *t, const struct ip *v, size_t n, struct err *err)
{
	for (size_t i = 0; i < t->n_outsiders; i++)
		if (!has_ip(v, n, &t->outsiders[i]) && netns_del_addr(&t->outside, NETNS_LO, &t->outsiders[i], err))
			return -1;
	for (size_t i = 0; i < n; i++)
		if (!has_ip(t->outsiders, t->n_outsiders, &v[i]) && netns_add_addr(&t->outside, NETNS_LO, &v[i], err))
			return -1;
	free(t->outsiders);
	t->outsiders = mem_array(n, sizeof(*v));
	t->n_outsiders = n;
	if (n)
		memcpy(t->outsiders, v, n * sizeof(*v));
	return 0;
}

static int apply_routes(struct topo *t, const struct model *m, const struct ip *outside, size_t n, struct err *err)
{
	struct routes r = {};
	struct ip mine[n + 1];
	size_t n_mine = 0;
	int rc;

	want_routes(t, m, outside, n, &r);
	for (size_t i = 0; i < n; i++) {
		if (routed(&r, &outside[i]) || (t->services && service_has_ip(m, &outside[i])))
			continue;
		want_route(&r, &outside[i], NULL);
		mine[n_mine++] = outside[i];
	}
	rc = change_routes(t, &r, err) || change_outsiders(t, mine, n_mine, err) ? -1 : 0;
	free(t->routes);
	if (r.n)
		qsort(r.v, r.n, sizeof(*r.v), route_cmp);
	t->routes = r.v;
	t->n_routes = r.n;
	return rc;
}

static int apply_services(struct topo *t, const struct model *m, struct err *err)
{
	for (size_t i = 0; i < t->n_nodes && t->services; i++)
		if (service_load(t->nodes[i], m, err))
			return err_prefix(err, "node %s", t->nodes[i]->name);
	return 0;
}

static int apply_nodes(struct topo *t, const struct model *m, struct err *err)
{
	for (size_t i = 0; i < t->n_nodes; i++)
		t->nodes[i]->keep = false;
	return want_nodes(t, m, err);
}

static int release_nodes(struct topo *t, const struct model *m, struct err *err)
{
	for (size_t i = 0; i < t->n_nodes; i++)
		if (release(t->nodes[i], m, err))
			return -1;
	return 0;
}

int topo_apply(struct topo *t, const struct model *m, const struct ip *outside, size_t n_outside, struct err *err)
{
	struct wanteds w = {};
	int rc;

	t->model = m;
	want_pods(&w, m);
	want_strangers(&w, t, m, outside, n_outside);
	rc = apply_nodes(t, m, err);
	mark_pods(t, &w);
	/* What goes, goes first: addresses may change hands. */
	rc = rc || sweep_pods(t, err) || sweep_nodes(t, err) || release_nodes(t, m, err) || claim_of_model(t, m, err) ||
	     make_pods(t, &w, err) || apply_routes(t, m, outside, n_outside, err) || apply_services(t, m, err);
	free_wanteds(&w);
	return rc ? -1 : 0;
}

void topo_use_services(struct topo *t)
{
	t->services = true;
}

bool topo_uses_services(const struct topo *t)
{
	return t->services;
}
