// SPDX-License-Identifier: GPL-2.0
/* Rules: peers that match nothing or too much, ports nobody has, blocks over the cluster, DNS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctx.h"

/* One rule of one policy, as findings name it. */
struct at {
	const struct networkpolicy *np;
	const struct policy_rule *rule;
	unsigned index;
	bool egress;
};

#define AT_FMT "%s[%u] of %s/%s"
#define AT_ARGS(a) (a)->egress ? "egress" : "ingress", (a)->index, (a)->np->meta.ns, (a)->np->meta.name

/* --- who is meant -------------------------------------------------------- */

static bool peer_matches_any(const struct audit_ctx *c, const struct at *at, const struct policy_peer *peer)
{
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		if (pod_is_live(p) && audit_peer_matches(c, at->np, peer, p))
			return true;
	}
	return false;
}

static void check_matches_nothing(struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; i < at->rule->n_peers; i++) {
		const struct policy_peer *peer = &at->rule->peers[i];

		if (!peer->is_block && !peer_matches_any(c, at, peer))
			audit_add(c, AUDIT_PEER_MATCHES_NOTHING, &at->np->meta, NULL,
				  "peer %u of " AT_FMT " matches no pod: it allows nothing.", i, AT_ARGS(at));
	}
}

static bool by_absence(const struct selector *s)
{
	if (!s || !s->n)
		return false;
	for (unsigned i = 0; i < s->n; i++) {
		if (s->v[i].op == SELECTOR_IN || s->v[i].op == SELECTOR_EXISTS)
			return false;
	}
	return true;
}

static void check_absence(struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; i < at->rule->n_peers; i++) {
		const struct policy_peer *peer = &at->rule->peers[i];

		if (by_absence(peer->pod_selector) || by_absence(peer->namespace_selector))
			audit_add(c, AUDIT_SELECTOR_BY_ABSENCE, &at->np->meta, NULL,
				  "peer %u of " AT_FMT " is selected by NotIn or DoesNotExist alone: whatever lacks the label matches, also what is created later.",
				  i, AT_ARGS(at));
	}
}

static bool only_dns(const struct policy_rule *r)
{
	for (unsigned i = 0; i < r->n_ports; i++) {
		const struct policy_port *p = &r->ports[i];

		if (p->any || p->name || p->port != 53 || p->end_port != 53)
			return false;
	}
	return r->n_ports > 0;
}

static void check_all_namespaces(struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; i < at->rule->n_peers; i++) {
		const struct policy_peer *peer = &at->rule->peers[i];

		/* DNS is for every namespace; a peer narrowed by pod labels is a choice. */
		if (peer->namespace_selector && !peer->namespace_selector->n &&
		    (!peer->pod_selector || !peer->pod_selector->n) && !only_dns(at->rule))
			audit_add(c, AUDIT_SELECTOR_ALL_NAMESPACES, &at->np->meta, NULL,
				  "peer %u of " AT_FMT " has an empty namespaceSelector: every pod of every namespace matches.",
				  i, AT_ARGS(at));
	}
}

/* --- everyone ------------------------------------------------------------ */

static bool is_everyone(const struct policy_peer *peer)
{
	return peer->is_block && !peer->n_except &&
	       peer->cidr.prefix == (cidr_is4(&peer->cidr) ? 96 : 0);
}

static bool lets_everyone_in(const struct policy_rule *r)
{
	for (unsigned i = 0; i < r->n_peers; i++) {
		if (is_everyone(&r->peers[i]))
			return true;
	}
	return !r->n_peers;
}

/* A gateway, or a pod published by a Service, is open to the world on its ports by purpose. */
static bool meant_for_the_world(const struct audit_ctx *c, const struct at *at)
{
	const struct pod *p;
	bool any = false;

	if (!at->rule->n_ports)
		return false;
	for_each_ns(c->m, KIND_POD, at->np->meta.ns, p) {
		if (!audit_policy_selects(at->np, p))
			continue;
		any = true;
		if (!audit_is_gateway(c, p) && !audit_is_exposed(c, p))
			return false;
	}
	return any;
}

static void check_anywhere(struct audit_ctx *c, const struct at *at)
{
	if (at->egress || !lets_everyone_in(at->rule) || meant_for_the_world(c, at))
		return;
	audit_add(c, AUDIT_ALLOW_FROM_ANYWHERE, &at->np->meta, NULL,
		  AT_FMT " lets anyone in%s: every pod, every node and every address outside.", AT_ARGS(at),
		  at->rule->n_ports ? " on its ports" : " on every port");
}

/* --- ports --------------------------------------------------------------- */

static bool pod_has_port(const struct pod *p, const struct policy_port *port)
{
	for (unsigned i = 0; i < p->n_ports; i++) {
		if (p->ports[i].proto == port->proto && !strcmp(p->ports[i].name, port->name))
			return true;
	}
	return false;
}

static bool rule_reaches(const struct audit_ctx *c, const struct at *at, const struct pod *p)
{
	if (!at->egress)
		return audit_policy_selects(at->np, p);
	if (!pod_is_live(p))
		return false;
	for (unsigned i = 0; i < at->rule->n_peers; i++) {
		if (audit_peer_matches(c, at->np, &at->rule->peers[i], p))
			return true;
	}
	return !at->rule->n_peers;
}

static bool port_known(const struct audit_ctx *c, const struct at *at, const struct policy_port *port)
{
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		if (pod_has_port(p, port) && rule_reaches(c, at, p))
			return true;
	}
	return false;
}

static void check_named_ports(struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; i < at->rule->n_ports; i++) {
		const struct policy_port *port = &at->rule->ports[i];

		if (port->name && !port_known(c, at, port))
			audit_add(c, AUDIT_NAMED_PORT_UNKNOWN, &at->np->meta, NULL,
				  "port \"%s\" of " AT_FMT " is no container port of that protocol in any pod it is for: it allows nothing.",
				  port->name, AT_ARGS(at));
	}
}

/* --- blocks over the cluster's own addresses ------------------------------ */

static bool overlaps(const struct cidr *a, const struct cidr *b)
{
	return cidr_covers(a, b) || cidr_covers(b, a);
}

static bool excepted(const struct policy_peer *peer, const struct cidr *inner)
{
	for (unsigned i = 0; i < peer->n_except; i++) {
		if (cidr_covers(&peer->except[i], inner))
			return true;
	}
	return false;
}

static bool block_hits(const struct policy_peer *peer, const struct cidr *range, char *what, const char *kind)
{
	char s[CIDR_STRLEN];

	if (!overlaps(&peer->cidr, range) || excepted(peer, range))
		return false;
	sprintf(what, "%s %s", kind, cidr_format(range, s));
	return true;
}

/* Finds a pod CIDR, node or pod address that the block reaches; @what gets its words. */
static bool block_in_cluster(const struct audit_ctx *c, const struct policy_peer *peer, char what[CIDR_STRLEN + 32])
{
	const struct node *node;
	const struct pod *p;

	for_each(c->m, KIND_NODE, node) {
		if (node->stand_in)
			continue;
		for (unsigned i = 0; i < node->n_pod_cidrs; i++) {
			if (block_hits(peer, &node->pod_cidrs[i], what, "pod CIDR"))
				return true;
		}
		for (unsigned i = 0; i < node->n_addresses; i++) {
			struct cidr one = { node->addresses[i], 128 };

			if (block_hits(peer, &one, what, "node address"))
				return true;
		}
	}
	for_each(c->m, KIND_POD, p) {
		for (unsigned i = 0; pod_is_live(p) && !p->stand_in && i < p->n_ips; i++) {
			struct cidr one = { p->ips[i], 128 };

			if (block_hits(peer, &one, what, "pod address"))
				return true;
		}
	}
	return false;
}

static void check_blocks(struct audit_ctx *c, const struct at *at)
{
	char what[CIDR_STRLEN + 32], s[CIDR_STRLEN];

	for (unsigned i = 0; i < at->rule->n_peers; i++) {
		const struct policy_peer *peer = &at->rule->peers[i];

		/* Everyone let in is a finding of its own (allow-from-anywhere), or meant. */
		if (!peer->is_block || (!at->egress && is_everyone(peer)) ||
		    (at->egress && only_dns(at->rule)) || !block_in_cluster(c, peer, what))
			continue;
		audit_add(c, AUDIT_IPBLOCK_OVERLAPS_CLUSTER, &at->np->meta, NULL,
			  "ipBlock %s of " AT_FMT " includes %s: it allows %s by address, whatever their labels say.",
			  cidr_format(&peer->cidr, s), AT_ARGS(at), what,
			  strncmp(what, "node", 4) ? "pods" : "nodes");
	}
}

/* --- DNS ------------------------------------------------------------------ */

static bool allows_dns(const struct policy_rule *r)
{
	if (!r->n_ports)
		return true;
	for (unsigned i = 0; i < r->n_ports; i++) {
		const struct policy_port *p = &r->ports[i];

		if (p->proto == PROTO_UDP && (p->any || (p->name && !strncmp(p->name, "dns", 3)) ||
					      (!p->name && p->port <= 53 && 53 <= p->end_port)))
			return true;
	}
	return false;
}

/* Is there a pod behind the cluster's DNS that the rule reaches?  Without any in the model: is anyone? */
static bool reaches_dns(const struct audit_ctx *c, const struct at *at)
{
	bool known = false;
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		const char *app = labels_get(&p->meta.labels, "k8s-app");

		if (!app || (strcmp(app, "kube-dns") && strcmp(app, "coredns")) || !pod_is_live(p))
			continue;
		known = true;
		if (rule_reaches(c, at, p))
			return true;
	}
	return !known;
}

struct egress_view {
	const struct networkpolicy *isolator;	/* the first that isolates the pod */
	bool any;	/* some egress is allowed */
	bool dns;
};

static struct egress_view view_egress(const struct audit_ctx *c, const struct pod *p)
{
	struct egress_view v = { 0 };
	const struct networkpolicy *np;

	for_each_ns(c->m, KIND_NETWORKPOLICY, p->meta.ns, np) {
		if (!np->isolates_egress || !audit_policy_selects(np, p))
			continue;
		if (!v.isolator)
			v.isolator = np;
		for (unsigned i = 0; i < np->n_egress; i++) {
			struct at at = { np, &np->egress[i], i, true };

			v.any = true;
			v.dns |= allows_dns(at.rule) && reaches_dns(c, &at);
		}
	}
	return v;
}

static char *dns_yaml(const char *ns)
{
	return audit_text("apiVersion: networking.k8s.io/v1\n"
			  "kind: NetworkPolicy\n"
			  "metadata:\n"
			  "  name: allow-dns\n"
			  "  namespace: %s\n"
			  "spec:\n"
			  "  podSelector: {}\n"
			  "  policyTypes:\n"
			  "  - Egress\n"
			  "  egress:\n"
			  "  - to:\n"
			  "    - namespaceSelector:\n"
			  "        matchLabels:\n"
			  "          kubernetes.io/metadata.name: kube-system\n"
			  "      podSelector:\n"
			  "        matchLabels:\n"
			  "          k8s-app: kube-dns\n"
			  "    ports:\n"
			  "    - protocol: UDP\n"
			  "      port: 53\n"
			  "    - protocol: TCP\n"
			  "      port: 53\n", ns);
}

static bool told(const struct audit_ctx *c, const struct networkpolicy *np, enum severity severity)
{
	for (size_t i = 0; i < c->out->n; i++) {
		const struct finding *f = &c->out->v[i];

		if (f->rule == AUDIT_EGRESS_WITHOUT_DNS && f->severity >= severity && f->ns == np->meta.ns &&
		    f->name == np->meta.name)
			return true;
	}
	return false;
}

/*
 * One finding a policy: the first that isolates a pod which may speak to someone but not to
 * DNS.  A pod that may speak to no one at all may be meant so; that is only mentioned.
 */
static void check_dns(struct audit_ctx *c)
{
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		struct egress_view v;
		enum severity severity;

		if (!pod_is_live(p))
			continue;
		v = view_egress(c, p);
		severity = v.any ? SEVERITY_WARNING : SEVERITY_INFO;
		if (!v.isolator || v.dns || told(c, v.isolator, severity))
			continue;
		audit_add_as(c, AUDIT_EGRESS_WITHOUT_DNS, severity, &v.isolator->meta, dns_yaml(v.isolator->meta.ns),
			     "%s/%s isolates %s %s/%s for egress%s and no policy lets it ask DNS.",
			     v.isolator->meta.ns, v.isolator->meta.name, audit_kind_word(&p->meta), p->meta.ns, p->meta.name,
			     v.any ? ", others let it out," : "");
	}
}

/* --- rules made redundant -------------------------------------------------- */

static bool same_selector(const struct selector *a, const struct selector *b)
{
	if (!a || !b)
		return a == b;
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		const struct requirement *x = &a->v[i], *y = &b->v[i];

		if (x->key != y->key || x->op != y->op || x->n_values != y->n_values ||
		    memcmp(x->values, y->values, x->n_values * sizeof(*x->values)))
			return false;
	}
	return true;
}

static bool peer_covers(const struct policy_peer *wide, const struct policy_peer *peer)
{
	if (wide->is_block != peer->is_block)
		return false;
	if (wide->is_block)
		return !wide->n_except && cidr_covers(&wide->cidr, &peer->cidr);
	return same_selector(wide->namespace_selector, peer->namespace_selector) &&
	       (!wide->pod_selector || !wide->pod_selector->n ||
		same_selector(wide->pod_selector, peer->pod_selector));
}

static bool peers_cover(const struct policy_rule *wide, const struct policy_rule *r)
{
	if (!wide->n_peers)
		return true;
	for (unsigned i = 0; i < r->n_peers; i++) {
		unsigned j = 0;

		while (j < wide->n_peers && !peer_covers(&wide->peers[j], &r->peers[i]))
			j++;
		if (j == wide->n_peers)
			return false;
	}
	return r->n_peers > 0;
}

static bool port_covers(const struct policy_port *wide, const struct policy_port *p)
{
	if (wide->proto != p->proto)
		return false;
	if (wide->any)
		return true;
	if (p->any || !wide->name != !p->name)
		return false;
	if (p->name)
		return !strcmp(wide->name, p->name);
	return wide->port <= p->port && p->end_port <= wide->end_port;
}

static bool ports_cover(const struct policy_rule *wide, const struct policy_rule *r)
{
	if (!wide->n_ports)
		return true;
	for (unsigned i = 0; i < r->n_ports; i++) {
		unsigned j = 0;

		while (j < wide->n_ports && !port_covers(&wide->ports[j], &r->ports[i]))
			j++;
		if (j == wide->n_ports)
			return false;
	}
	return r->n_ports > 0;
}

static bool rule_covers(const struct policy_rule *wide, const struct policy_rule *r)
{
	return peers_cover(wide, r) && ports_cover(wide, r);
}

/* Within one policy; of two equal rules the later one is told. */
static void check_shadowed(struct audit_ctx *c, const struct at *at, const struct policy_rule *rules, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (i == at->index || !rule_covers(&rules[i], at->rule))
			continue;
		if (i > at->index && rule_covers(at->rule, &rules[i]))
			continue;
		audit_add(c, AUDIT_RULE_SHADOWED, &at->np->meta, NULL,
			  AT_FMT " allows nothing that %s[%u] does not allow already.", AT_ARGS(at),
			  at->egress ? "egress" : "ingress", i);
		return;
	}
}

static void check_direction(struct audit_ctx *c, const struct networkpolicy *np, bool egress)
{
	const struct policy_rule *rules = egress ? np->egress : np->ingress;
	unsigned n = egress ? np->n_egress : np->n_ingress;

	for (unsigned i = 0; i < n; i++) {
		struct at at = { np, &rules[i], i, egress };

		check_matches_nothing(c, &at);
		check_absence(c, &at);
		check_all_namespaces(c, &at);
		check_anywhere(c, &at);
		check_named_ports(c, &at);
		check_blocks(c, &at);
		check_shadowed(c, &at, rules, n);
	}
}

void audit_peers(struct audit_ctx *c)
{
	const struct networkpolicy *np;

	for_each(c->m, KIND_NETWORKPOLICY, np) {
		if (by_absence(&np->pod_selector))
			audit_add(c, AUDIT_SELECTOR_BY_ABSENCE, &np->meta, NULL,
				  "spec.podSelector of %s/%s is NotIn or DoesNotExist alone: whatever lacks the label is selected, also what is created later.",
				  np->meta.ns, np->meta.name);
		if (np->isolates_ingress)
			check_direction(c, np, false);
		if (np->isolates_egress)
			check_direction(c, np, true);
	}
	check_dns(c);
}
