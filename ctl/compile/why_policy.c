// SPDX-License-Identifier: GPL-2.0
/* NetworkPolicy's part of why: which rules match, and where the others stop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "why.h"

static void put_values(FILE *f, const struct requirement *q)
{
	for (unsigned i = 0; i < q->n_values; i++)
		fprintf(f, "%s%s", i ? ", " : "", q->values[i]);
}

/* "app=web", "env in (a, b)", "no label tier" */
static void put_requirement(FILE *f, const struct requirement *q)
{
	if (q->op == SELECTOR_EXISTS)
		fprintf(f, "a label %s", q->key);
	else if (q->op == SELECTOR_DOES_NOT_EXIST)
		fprintf(f, "no label %s", q->key);
	else if (q->op == SELECTOR_IN && q->n_values == 1)
		fprintf(f, "%s=%s", q->key, q->values[0]);
	else {
		fprintf(f, "%s %s (", q->key, q->op == SELECTOR_IN ? "in" : "not in");
		put_values(f, q);
		fputc(')', f);
	}
}

static void put_label(FILE *f, const char *whose, const char *key, const struct labels *l)
{
	const char *value = labels_get(l, key);

	if (value)
		fprintf(f, "%s has %s=%s", whose, key, value);
	else
		fprintf(f, "%s has no label %s", whose, key);
}

/* The first requirement that fails, against what is there; false if none does. */
static bool put_mismatch(FILE *f, const char *whose, const struct selector *s, const struct labels *l)
{
	for (unsigned i = 0; s && i < s->n; i++) {
		const struct selector one = { .v = &s->v[i], .n = 1 };

		if (selector_matches(&one, l))
			continue;
		put_label(f, whose, s->v[i].key, l);
		fputs(", needs ", f);
		put_requirement(f, &s->v[i]);
		return true;
	}
	return false;
}

static bool put_block_mismatch(FILE *f, const struct policy_peer *p, const struct ip *ip)
{
	char a[IP_STRLEN], c[CIDR_STRLEN];

	if (!cidr_contains(&p->cidr, ip)) {
		fprintf(f, "%s is not in %s", ip_format(ip, a), cidr_format(&p->cidr, c));
		return true;
	}
	for (unsigned i = 0; i < p->n_except; i++)
		if (cidr_contains(&p->except[i], ip)) {
			fprintf(f, "%s is in the except %s", ip_format(ip, a), cidr_format(&p->except[i], c));
			return true;
		}
	return false;
}

/* What keeps @peer from matching the other end; false: it matches. */
static bool put_peer_mismatch(FILE *f, const struct asking *a, const char *ns, const struct policy_peer *peer)
{
	char ip[IP_STRLEN];

	if (peer->is_block)
		return put_block_mismatch(f, peer, &a->peer);
	if (!a->peer_pod) {
		fprintf(f, "%s is no pod's address", ip_format(&a->peer, ip));
		return true;
	}
	if (!peer->namespace_selector && strcmp(a->peer_pod->meta.ns, ns)) {
		fprintf(f, "the pod is in namespace %s, needs %s", a->peer_pod->meta.ns, ns);
		return true;
	}
	if (put_mismatch(f, "namespace", peer->namespace_selector,
			 model_namespace_labels(a->model, a->peer_pod->meta.ns)))
		return true;
	return put_mismatch(f, "pod", peer->pod_selector, &a->peer_pod->meta.labels);
}

/* The same for a rule: none of its peers may match. */
static bool put_peers_mismatch(FILE *f, const struct asking *a, const char *ns, const struct policy_rule *r)
{
	char *text = NULL;
	size_t len;
	bool all = r->n_peers > 0;
	FILE *list = open_memstream(&text, &len);

	if (!list)
		abort();
	for (unsigned i = 0; i < r->n_peers && all; i++) {
		if (i)
			fputs("; ", list);
		all = put_peer_mismatch(list, a, ns, &r->peers[i]);
	}
	fclose(list);
	if (all)
		fputs(text, f);
	free(text);
	return all;
}

/* The numbers a name has in the pod the flow goes to. */
static void put_named(FILE *f, const struct asking *a, const struct policy_port *p)
{
	unsigned n = 0;

	fprintf(f, "%s/%s", p->name, why_proto_text(p->proto));
	for (unsigned i = 0; a->target && i < a->target->n_ports; i++) {
		const struct container_port *c = &a->target->ports[i];

		if (c->proto == p->proto && !strcmp(c->name, p->name))
			fprintf(f, "%s%u", n++ ? ", " : " (", c->port);
	}
	fputs(n ? " there)" : " (no such port there)", f);
}

static void put_port(FILE *f, const struct asking *a, const struct policy_port *p)
{
	if (p->any)
		fprintf(f, "all %s", why_proto_text(p->proto));
	else if (p->name)
		put_named(f, a, p);
	else if (p->end_port != p->port)
		fprintf(f, "%u-%u/%s", p->port, p->end_port, why_proto_text(p->proto));
	else
		fprintf(f, "%u/%s", p->port, why_proto_text(p->proto));
}

static bool port_matches(const struct asking *a, const struct policy_port *p)
{
	if (p->proto != a->proto)
		return false;
	if (p->any)
		return true;
	if (!p->name)
		return a->port >= p->port && a->port <= p->end_port;
	for (unsigned i = 0; a->target && i < a->target->n_ports; i++) {
		const struct container_port *c = &a->target->ports[i];

		if (c->proto == p->proto && c->port == a->port && !strcmp(c->name, p->name))
			return true;
	}
	return false;
}

static bool put_ports_mismatch(FILE *f, const struct asking *a, const struct policy_rule *r)
{
	char buf[WHY_PORT_STRLEN];

	for (unsigned i = 0; i < r->n_ports; i++)
		if (port_matches(a, &r->ports[i]))
			return false;
	if (!r->n_ports)
		return false;
	fprintf(f, "%s is not in ", why_port_text(a->proto, a->port, buf));
	for (unsigned i = 0; i < r->n_ports; i++) {
		if (i)
			fputs(", ", f);
		put_port(f, a, &r->ports[i]);
	}
	return true;
}

static void near(struct why *w, char *rule, int nearness, const char *peer, const char *port)
{
	struct why_near *n;

	mem_grow(w->near, w->n_near, w->cap_near);
	n = &w->near[w->n_near++];
	*n = (struct why_near){ .rule = rule, .nearness = nearness };
	if (nearness == 2)
		n->text = mem_printf("matches the peer, but %s", port);
	else if (nearness == 1)
		n->text = mem_printf("matches the port, but %s", peer);
	else
		n->text = mem_printf("matches neither: %s; %s", peer, port);
}

static void look_at(struct why *w, const struct asking *a, const struct meta *policy,
		    const struct policy_rule *r, unsigned number)
{
	const char *way = a->door == STOCKADE_DOOR_INGRESS ? "ingress" : "egress";
	char *rule = mem_printf("NetworkPolicy %s/%s %s[%u]", policy->ns, policy->name, way, number);
	char *peer = NULL, *port = NULL;
	size_t len;
	FILE *fp = open_memstream(&peer, &len), *fq = open_memstream(&port, &len);
	bool no_peer, no_port;

	if (!fp || !fq)
		abort();
	no_peer = put_peers_mismatch(fp, a, policy->ns, r);
	no_port = put_ports_mismatch(fq, a, r);
	fclose(fp);
	fclose(fq);
	if (no_peer || no_port) {
		near(w, rule, no_peer && no_port ? 0 : no_port ? 2 : 1, peer, port);
	} else {
		lines_add(&w->allowing, "%s", rule);
		free(rule);
	}
	free(peer);
	free(port);
}

static void look_at_policy(struct why *w, const struct asking *a, const struct networkpolicy *np)
{
	bool in = a->door == STOCKADE_DOOR_INGRESS;
	const struct policy_rule *v = in ? np->ingress : np->egress;
	unsigned n = in ? np->n_ingress : np->n_egress;

	if (!(in ? np->isolates_ingress : np->isolates_egress) ||
	    !selector_matches(&np->pod_selector, &w->subject->meta.labels))
		return;
	lines_add(&w->isolating, "%s/%s", np->meta.ns, np->meta.name);
	for (unsigned i = 0; i < n; i++)
		look_at(w, a, &np->meta, &v[i], i);
}

/* Stable: rules that are equally near stay in the order of policies and rules. */
static void sort_near(struct why *w)
{
	for (size_t i = 1; i < w->n_near; i++) {
		struct why_near at = w->near[i];
		size_t k = i;

		for (; k && w->near[k - 1].nearness < at.nearness; k--)
			w->near[k] = w->near[k - 1];
		w->near[k] = at;
	}
}

void why_policy(struct why *w, const struct asking *a)
{
	size_t n;
	const struct meta *const *v = model_list_ns(a->model, KIND_NETWORKPOLICY, w->subject->meta.ns, &n);

	for (size_t i = 0; i < n; i++)
		look_at_policy(w, a, (const void *)v[i]);
	sort_near(w);
}
