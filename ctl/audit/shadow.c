// SPDX-License-Identifier: GPL-2.0
/* Rules that allow nothing a broader one does not allow already, of the same policy or another. */
#include <string.h>

#include "at.h"

static bool same_requirement(const struct requirement *x, const struct requirement *y)
{
	return x->key == y->key && x->op == y->op && x->n_values == y->n_values &&
	       !memcmp(x->values, y->values, x->n_values * sizeof(*x->values));
}

static bool requires(const struct selector *s, const struct requirement *r)
{
	for (unsigned i = 0; i < s->n; i++)
		if (same_requirement(&s->v[i], r))
			return true;
	return false;
}

/* Whatever @wide asks for, @narrow asks for as well; NULL asks for nothing. */
static bool selector_covers(const struct selector *wide, const struct selector *narrow)
{
	for (unsigned i = 0; wide && i < wide->n; i++)
		if (!narrow || !requires(narrow, &wide->v[i]))
			return false;
	return true;
}

static bool is_excepted(const struct policy_peer *peer, const struct cidr *except)
{
	for (unsigned i = 0; i < peer->n_except; i++)
		if (cidr_covers(&peer->except[i], except))
			return true;
	return false;
}

static bool block_covers(const struct policy_peer *wide, const struct policy_peer *peer)
{
	if (!cidr_covers(&wide->cidr, &peer->cidr))
		return false;
	for (unsigned i = 0; i < wide->n_except; i++)
		if ((cidr_covers(&wide->except[i], &peer->cidr) || cidr_covers(&peer->cidr, &wide->except[i])) &&
		    !is_excepted(peer, &wide->except[i]))
			return false;
	return true;
}

/* Both in the same namespace: a peer without namespaceSelector means that one. */
static bool peer_covers(const struct policy_peer *wide, const struct policy_peer *peer)
{
	if (wide->is_block || peer->is_block)
		return wide->is_block && peer->is_block && block_covers(wide, peer);
	if (wide->namespace_selector ? !peer->namespace_selector && wide->namespace_selector->n
				     : peer->namespace_selector != NULL)
		return false;
	return selector_covers(wide->namespace_selector, peer->namespace_selector) &&
	       selector_covers(wide->pod_selector, peer->pod_selector);
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

/* Of two equal rules one must stay: the first, by the policies' names and then their order. */
static bool shadows(const struct at *wide, const struct at *at)
{
	int order = strcmp(wide->np->meta.name, at->np->meta.name);

	if (wide->rule == at->rule || !selector_covers(&wide->np->pod_selector, &at->np->pod_selector) ||
	    !rule_covers(wide->rule, at->rule))
		return false;
	if (!rule_covers(at->rule, wide->rule) || !selector_covers(&at->np->pod_selector, &wide->np->pod_selector))
		return true;
	return order < 0 || (!order && wide->index < at->index);
}

void at_check_shadowed(struct audit_ctx *c, const struct at *at)
{
	const struct networkpolicy *np;

	for_each_ns(c->m, KIND_NETWORKPOLICY, at->np->meta.ns, np) {
		const struct policy_rule *rules = at->egress ? np->egress : np->ingress;
		unsigned n = at->egress ? np->n_egress : np->n_ingress;

		for (unsigned i = 0; (at->egress ? np->isolates_egress : np->isolates_ingress) && i < n; i++) {
			struct at wide = { np, &rules[i], i, at->egress };

			if (!shadows(&wide, at))
				continue;
			audit_add(c, AUDIT_RULE_SHADOWED, &at->np->meta, NULL, AT_FMT
				  " allows nothing that " AT_FMT " does not allow already.", AT_ARGS(at), AT_ARGS(&wide));
			return;
		}
	}
}
