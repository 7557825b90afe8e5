// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "world.h"

struct world_node {
	const char *name;
	struct table *table;
	struct stk_snapshot *snapshot;
};

struct world {
	const struct model *model;
	const struct compile_options *options;
	const char *only;
	struct world_node *nodes;	/* met so far */
	size_t n, cap;
};

struct world *world_new(const struct model *m, const struct compile_options *o, const char *only)
{
	struct world *w = mem_new(struct world);

	*w = (struct world){ .model = m, .options = o, .only = only };
	return w;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++) {
		table_free(w->nodes[i].table);
		stk_snapshot_put(w->nodes[i].snapshot);
	}
	free(w->nodes);
	free(w);
}

static struct world_node *node_of(struct world *w, const char *name, struct err *err)
{
	struct compile_options o = *w->options;
	struct world_node *n;

	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->nodes[i].name, name))
			return &w->nodes[i];
	mem_grow(w->nodes, w->n, w->cap);
	n = &w->nodes[w->n];
	o.node = name;
	n->name = name;
	n->table = compile_table(w->model, &o);
	n->snapshot = judge_snapshot(n->table, err);
	if (n->snapshot) {
		w->n++;
		return n;
	}
	table_free(n->table);
	err_prefix(err, "node %s", name);
	return NULL;
}

const struct table *world_table(struct world *w, const char *node, struct err *err)
{
	struct world_node *n = node_of(w, node, err);

	return n ? n->table : NULL;
}

static void add_ip(struct end *e, const struct ip *ip)
{
	int f = ip_is4(ip);

	if (e->has[f])
		return;
	e->has[f] = true;
	e->ip[f] = *ip;
}

static void node_end(const struct node *n, struct end *out)
{
	*out = (struct end){ .kind = END_NODE, .node = n->meta.name };
	for (unsigned i = 0; i < n->n_addresses; i++)
		add_ip(out, &n->addresses[i]);
}

void world_end_pod(const struct world *w, const struct pod *p, struct end *out)
{
	const struct node *n = (const void *)model_get(w->model, KIND_NODE, "", p->node);

	if (p->host_network && n) {
		node_end(n, out);
		return;
	}
	*out = (struct end){ .kind = p->host_network ? END_NODE : END_POD, .pod = p, .node = p->node };
	for (unsigned i = 0; i < p->n_ips; i++)
		add_ip(out, &p->ips[i]);
}

/* The node whose pod CIDRs hold @ip, to which routes lead, "" if none does. */
static const char *node_by_cidr(const struct world *w, const struct ip *ip)
{
	size_t n;
	const struct meta *const *v = model_list(w->model, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = (const void *)v[i];

		for (unsigned k = 0; k < node->n_pod_cidrs; k++)
			if (cidr_contains(&node->pod_cidrs[k], ip))
				return node->meta.name;
	}
	return "";
}

static void ip_end(const struct world *w, const struct ip *ip, struct end *out)
{
	const struct pod *p = model_pod_by_ip(w->model, ip);
	const struct node *n = model_node_by_ip(w->model, ip);

	if (n)
		*out = (struct end){ .kind = END_NODE, .node = n->meta.name };
	else if (p)
		*out = (struct end){ .kind = END_POD, .pod = p, .node = p->node };
	else
		*out = (struct end){ .kind = END_OUTSIDE, .node = node_by_cidr(w, ip) };
	add_ip(out, ip);
}

/* Of a finished pod its addresses are left, whosever they are now: nobody's, as a rule. */
static void finished_end(const struct world *w, const struct pod *p, struct end *out)
{
	struct end e[2] = {};

	for (unsigned i = 0; i < p->n_ips; i++)
		ip_end(w, &p->ips[i], &e[ip_is4(&p->ips[i])]);
	*out = e[1].has[1] ? e[1] : e[0];
	if (out->kind == END_OUTSIDE)
		out->node = p->node;	/* that is where it was, and where its routes still lead */
	if (!e[0].has[0] || !e[1].has[1])
		return;
	out->has[0] = true;
	out->ip[0] = e[0].ip[0];
}

static int pod_ref(const struct world *w, const char *ref, struct end *out, struct err *err)
{
	const char *slash = strchr(ref, '/');
	char *ns = slash ? mem_strndup(ref, slash - ref) : NULL;
	const struct pod *p = ns ? (const void *)model_get(w->model, KIND_POD, ns, slash + 1) : NULL;

	free(ns);
	if (!slash)
		return err_set(err, "'%s': must be namespace/pod, node/NAME or ip/ADDRESS", ref);
	if (!p)
		return err_set(err, "'%s': there is no such Pod", ref);
	if (p->finished && !p->host_network)
		finished_end(w, p, out);
	else
		world_end_pod(w, p, out);
	if (!out->has[0] && !out->has[1])
		return err_set(err, "'%s': the Pod has no address", ref);
	return 0;
}

int world_end(const struct world *w, const char *ref, struct end *out, struct err *err)
{
	const struct meta *node = strncmp(ref, "node/", 5) ? NULL : model_get(w->model, KIND_NODE, "", ref + 5);
	struct ip ip;

	if (node) {
		node_end((const void *)node, out);
		if (!out->has[0] && !out->has[1])
			return err_set(err, "'%s': the Node has no address", ref);
		return 0;
	}
	if (!strncmp(ref, "ip/", 3) && ip_parse(ref + 3, &ip)) {
		ip_end(w, &ip, out);
		return 0;
	}
	/* A namespace may be called "node" or "ip". */
	if (!pod_ref(w, ref, out, err))
		return 0;
	if (!strncmp(ref, "node/", 5))
		return err_set(err, "'%s': there is no such Node", ref);
	if (!strncmp(ref, "ip/", 3))
		return err_set(err, "'%s': not an IP address", ref);
	return -1;
}

static int ask(struct world *w, const struct flow *f, const char *node, enum stockade_door door,
	       struct walk *out, struct err *err)
{
	struct world_node *n = node_of(w, node, err);
	struct meeting *m = &out->v[out->n];
	struct stk_rule_def rule;

	if (!n)
		return -1;
	*m = (struct meeting){ .node = n->name, .door = door };
	m->verdict = judge_door(n->snapshot, &f->from->ip[f->v4], &f->to->ip[f->v4], f->proto, f->port, door);
	if (m->verdict.rule && stk_snapshot_find_rule(n->snapshot, m->verdict.rule, &rule)) {
		m->rule = rule.name;
		m->tier = rule.tier;
	}
	out->n++;
	out->denied |= m->verdict.verdict == STOCKADE_VERDICT_DENY;
	return 0;
}

static bool is_node(const struct end *e, const char *node)
{
	return e->kind == END_NODE && !strcmp(e->node, node);
}

static int cross(struct world *w, const struct flow *f, const char *node, struct walk *out, struct err *err)
{
	if (!*node || (w->only && strcmp(w->only, node)) || is_node(f->from, node))
		return 0;
	if (ask(w, f, node, STOCKADE_DOOR_EGRESS, out, err))
		return -1;
	return is_node(f->to, node) ? 0 : ask(w, f, node, STOCKADE_DOOR_INGRESS, out, err);
}

int world_walk(struct world *w, const struct flow *f, struct walk *out, struct err *err)
{
	*out = (struct walk){};
	if (cross(w, f, f->from->node, out, err))
		return -1;
	if (!strcmp(f->from->node, f->to->node))
		return 0;
	return cross(w, f, f->to->node, out, err);
}
