// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "names.h"
#include "show.h"

void names_init(struct names *n, struct stnl *nl, struct model *model)
{
	*n = (struct names){ .nl = nl, .model = model };
}

void names_exit(struct names *n)
{
	if (n->model)
		model_free(n->model);
	if (n->table)
		table_free(n->table);
	*n = (struct names){};
}

static const char *by_model(const struct model *m, const struct ip *ip)
{
	static char buf[512];
	const struct pod *p = model_pod_by_ip(m, ip);
	const struct node *node = p ? NULL : model_node_by_ip(m, ip);

	if (p)
		snprintf(buf, sizeof(buf), "%s/%s", p->meta.ns, p->meta.name);
	else if (node)
		snprintf(buf, sizeof(buf), "node/%s", node->meta.name);
	return p || node ? buf : NULL;
}

/* The table changes much more often than who has which address: a second's delay is no harm. */
static void refresh(struct names *n, uint64_t generation)
{
	uint64_t now = time(NULL);
	struct table *t;

	if ((n->table && n->generation >= generation) || n->looked_at == now)
		return;
	n->looked_at = now;
	t = stnl_dump(n->nl, &n->generation, NULL);
	if (!t)
		return;
	if (n->table)
		table_free(n->table);
	n->table = t;
}

static const char *by_table(const struct table *t, const struct ip *ip)
{
	for (size_t lo = 0, hi = t->n_endpoints; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;
		int c = ip_cmp(&t->endpoints[mid].addr, ip);

		if (!c && t->endpoints[mid].subject)
			return show_subject_name(t, t->endpoints[mid].subject);
		if (!c)
			return t->endpoints[mid].flags & STOCKADE_ENDPOINT_F_OWN_NODE ? "this node" :
			       t->endpoints[mid].flags & STOCKADE_ENDPOINT_F_NODE ? "a node" : NULL;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *names_of(struct names *n, const struct ip *ip, uint64_t generation)
{
	const char *name = n->model ? by_model(n->model, ip) : NULL;

	if (name)
		return name;
	refresh(n, generation);
	return n->table ? by_table(n->table, ip) : NULL;
}
