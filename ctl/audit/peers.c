// SPDX-License-Identifier: GPL-2.0
/* Rules: peers that match nothing or too much, ports nobody has, blocks over the cluster. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

/* --- who is meant -------------------------------------------------------- */

static bool peer_matches_any(const struct audit_ctx *c, const struct at *at, const struct policy_peer *peer, bool *hosts)
{
	const struct pod *p;

	*hosts = false;
	for_each(c->m, KIND_POD, p) {
		if (pod_is_live(p) && audit_peer_matches(c, at->np, peer, p))
			return true;
		*hosts |= p->host_network && audit_peer_selects(c, at->np, peer, p);
	}
	return false;
}

/* Has some namespace the selector asks for a pod or an object? */
static bool names_a_known_namespace(const struct audit_ctx *c, const struct selector *s)
{
	const struct namespace *ns;
	const struct pod *p;

	for_each(c->m, KIND_NAMESPACE, ns) {
		if (selector_matches(s, model_namespace_labels(c->m, ns->meta.name)))
			return true;
	}
	for_each(c->m, KIND_POD, p) {
		if (selector_matches(s, model_namespace_labels(c->m, p->meta.ns)))
			return true;
	}
	return false;
}

/*
 * A checkout is one team's part: whom it means in another namespace may stand elsewhere.  DNS is
 * everyone's, and manifests leave it out more often than not.
 */
static enum severity missing_peer(const struct audit_ctx *c, const struct at *at, const struct policy_peer *peer)
{
	bool elsewhere = c->checkout && peer->namespace_selector && !names_a_known_namespace(c, peer->namespace_selector);

	elsewhere |= at->egress && at_is_dns(at) && !at_dns_is_known(c);
	return elsewhere ? SEVERITY_INFO : SEVERITY_WARNING;
}

static void check_matches_nothing(struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; !c->no_pods && i < at->rule->n_peers; i++) {
		const struct policy_peer *peer = &at->rule->peers[i];
		bool hosts;

		if (peer->is_block || peer_matches_any(c, at, peer, &hosts))
			continue;
		audit_add_as(c, AUDIT_PEER_MATCHES_NOTHING, missing_peer(c, at, peer), &at->np->meta, NULL,
			     "peer %u of " AT_FMT " matches %s: it allows nothing.", i, AT_ARGS(at),
			     hosts ? "hostNetwork pods alone, which are their nodes" : "no pod");
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

bool at_is_dns(const struct at *at)
{
	for (unsigned i = 0; i < at->rule->n_ports; i++) {
		const struct policy_port *p = &at->rule->ports[i];

		if (p->name ? strncmp(p->name, "dns", 3) != 0 : p->any || p->port != p->end_port ||
							       (p->port != 53 && p->port != 5353))
			return false;
	}
	return at->rule->n_ports > 0;
}

static void check_all_namespaces(struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; i < at->rule->n_peers; i++) {
		const struct policy_peer *peer = &at->rule->peers[i];

		/* DNS is for every namespace, and where it is, is no secret. */
		if (!peer->namespace_selector || peer->namespace_selector->n || at_is_dns(at))
			continue;
		if (!peer->pod_selector || !peer->pod_selector->n)
			audit_add(c, AUDIT_SELECTOR_ALL_NAMESPACES, &at->np->meta, NULL,
				  "peer %u of " AT_FMT " has an empty namespaceSelector: every pod of every namespace matches.",
				  i, AT_ARGS(at));
		else if (!at->egress)
			audit_add_as(c, AUDIT_SELECTOR_ALL_NAMESPACES, SEVERITY_INFO, &at->np->meta, NULL,
				     "peer %u of " AT_FMT " has an empty namespaceSelector: whoever may label a pod in any namespace is let in.",
				     i, AT_ARGS(at));
	}
}

/* A default deny and DNS are for every pod; what else lets in is rarely so by thought. */
static void check_empty(struct audit_ctx *c, const struct at *at)
{
	if (at->egress || at_is_dns(at))
		return;
	if (!at->np->pod_selector.n)
		audit_add(c, AUDIT_SELECTOR_EMPTY, &at->np->meta, NULL,
			  AT_FMT " holds for every pod of the namespace: spec.podSelector is empty.", AT_ARGS(at));
	for (unsigned i = 0; i < at->rule->n_peers; i++) {
		const struct policy_peer *peer = &at->rule->peers[i];

		if (!peer->is_block && !peer->namespace_selector && peer->pod_selector && !peer->pod_selector->n)
			audit_add(c, AUDIT_SELECTOR_EMPTY, &at->np->meta, NULL,
				  "peer %u of " AT_FMT " has an empty podSelector: every pod of the namespace matches.",
				  i, AT_ARGS(at));
	}
}

/* --- everyone ------------------------------------------------------------ */

bool at_is_everyone(const struct policy_peer *peer)
{
	return peer->is_block && peer->cidr.prefix <= (cidr_is4(&peer->cidr) ? 97 : 1);
}

/* The peer that lets everyone in; NULL if none does. */
static const struct policy_peer *everyone(const struct policy_rule *r)
{
	for (unsigned i = 0; i < r->n_peers; i++)
		if (at_is_everyone(&r->peers[i]))
			return &r->peers[i];
	return NULL;
}

/* A pod that is published is meant for the world on the ports that are; a gateway may be without our knowing. */
static bool ports_are_published(const struct audit_ctx *c, const struct at *at, const struct pod *p)
{
	if (!audit_is_exposed(c, p))
		return audit_is_gateway(c, p);
	for (unsigned i = 0; i < at->rule->n_ports; i++)
		if (!audit_exposes(c, p, &at->rule->ports[i]))
			return false;
	return true;
}

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
		if (!ports_are_published(c, at, p))
			return false;
	}
	return any;
}

static void check_anywhere(struct audit_ctx *c, const struct at *at)
{
	const struct policy_peer *peer = everyone(at->rule);
	const char *ports = at->rule->n_ports ? "on its ports" : "on every port";

	if (at->egress || (!peer && at->rule->n_peers) || (at_is_dns(at) && (!peer || !peer->n_except)) ||
	    meant_for_the_world(c, at))
		return;
	if (peer && peer->n_except)
		audit_add(c, AUDIT_ALLOW_FROM_ANYWHERE, &at->np->meta, NULL,
			  AT_FMT " lets anyone in %s but from a few ranges.", AT_ARGS(at), ports);
	else
		audit_add(c, AUDIT_ALLOW_FROM_ANYWHERE, &at->np->meta, NULL,
			  AT_FMT " lets anyone in %s: every pod, every node and every address outside.", AT_ARGS(at), ports);
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

bool at_reaches(const struct audit_ctx *c, const struct at *at, const struct pod *p)
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
		if (pod_has_port(p, port) && at_reaches(c, at, p))
			return true;
	}
	return false;
}

/* A policy that selects nothing is told once. */
static bool concerns_any(const struct audit_ctx *c, const struct at *at)
{
	const struct pod *p;

	if (at->egress)
		return true;
	for_each_ns(c->m, KIND_POD, at->np->meta.ns, p) {
		if (audit_policy_selects(at->np, p))
			return true;
	}
	return false;
}

/* That no pod has it may be for want of the pods. */
static enum severity unknown_port(const struct audit_ctx *c, const struct at *at)
{
	enum severity s = SEVERITY_WARNING;

	for (unsigned i = 0; at->egress && i < at->rule->n_peers; i++)
		if (!at->rule->peers[i].is_block && missing_peer(c, at, &at->rule->peers[i]) < s)
			s = SEVERITY_INFO;
	return s;
}

static void check_named_ports(struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; !c->no_pods && i < at->rule->n_ports; i++) {
		const struct policy_port *port = &at->rule->ports[i];

		if (port->name && concerns_any(c, at) && !port_known(c, at, port))
			audit_add_as(c, AUDIT_NAMED_PORT_UNKNOWN, unknown_port(c, at), &at->np->meta, NULL,
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
		if (!peer->is_block || (!at->egress && at_is_everyone(peer)) ||
		    (at->egress && at_is_dns(at)) || !block_in_cluster(c, peer, what))
			continue;
		audit_add(c, AUDIT_IPBLOCK_OVERLAPS_CLUSTER, &at->np->meta, NULL,
			  "ipBlock %s of " AT_FMT " includes %s: it allows %s by address, whatever their labels say.",
			  cidr_format(&peer->cidr, s), AT_ARGS(at), what,
			  strncmp(what, "node", 4) ? "pods" : "nodes");
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
		check_empty(c, &at);
		check_anywhere(c, &at);
		check_named_ports(c, &at);
		check_blocks(c, &at);
		at_check_shadowed(c, &at);
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
}
