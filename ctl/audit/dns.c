// SPDX-License-Identifier: GPL-2.0
/* Pods that may speak to someone, and not to the cluster's DNS. */
#include <string.h>

#include "at.h"

#define LINK_LOCAL "169.254.0.0/16"	/* where a node's own DNS cache listens */

static bool is_dns_port(uint16_t from, uint16_t to)
{
	return (from <= 53 && 53 <= to) || (from <= 5353 && 5353 <= to);
}

static bool allows_dns(const struct policy_rule *r)
{
	for (unsigned i = 0; i < r->n_ports; i++) {
		const struct policy_port *p = &r->ports[i];

		if (p->proto == PROTO_UDP && (p->any || (p->name ? !strncmp(p->name, "dns", 3)
								 : is_dns_port(p->port, p->end_port))))
			return true;
	}
	return !r->n_ports;
}

static bool is_dns_pod(const struct pod *p)
{
	const char *app = labels_get(&p->meta.labels, "k8s-app");

	if (!app)
		app = labels_get(&p->meta.labels, "app.kubernetes.io/name");
	return app && (!strcmp(app, "kube-dns") || !strcmp(app, "coredns")) && pod_is_live(p);
}

bool at_dns_is_known(const struct audit_ctx *c)
{
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		if (is_dns_pod(p))
			return true;
	}
	return false;
}

/* Manifests may say nothing of the DNS pods: then it is their usual namespaces that count. */
static bool may_mean_dns(const struct audit_ctx *c, const struct at *at, const struct policy_peer *peer)
{
	static const char *const usual[] = { "kube-system", "openshift-dns" };

	if (peer->is_block)
		return at_is_everyone(peer) || at_is_dns(at);
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		if (peer->namespace_selector
		    ? selector_matches(peer->namespace_selector, model_namespace_labels(c->m, usual[i]))
		    : !strcmp(at->np->meta.ns, usual[i]))
			return true;
	}
	return false;
}

static bool rule_may_mean_dns(const struct audit_ctx *c, const struct at *at)
{
	for (unsigned i = 0; i < at->rule->n_peers; i++)
		if (may_mean_dns(c, at, &at->rule->peers[i]))
			return true;
	return !at->rule->n_peers;
}

static bool reaches_node_cache(const struct at *at)
{
	struct cidr link_local;

	cidr_parse(LINK_LOCAL, &link_local);
	for (unsigned i = 0; i < at->rule->n_peers; i++)
		if (at->rule->peers[i].is_block && cidr_covers(&link_local, &at->rule->peers[i].cidr))
			return true;
	return false;
}

static bool reaches_dns(const struct audit_ctx *c, const struct at *at)
{
	const struct pod *p;

	if (reaches_node_cache(at))
		return true;
	if (!at_dns_is_known(c))
		return rule_may_mean_dns(c, at);
	for_each(c->m, KIND_POD, p) {
		if (is_dns_pod(p) && at_reaches(c, at, p))
			return true;
	}
	return false;
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
void audit_dns(struct audit_ctx *c)
{
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		struct egress_view v;
		enum severity severity;

		if (!pod_is_live(p) || is_dns_pod(p))
			continue;
		v = view_egress(c, p);
		severity = v.any ? SEVERITY_WARNING : SEVERITY_INFO;
		if (!v.isolator || v.dns || told(c, v.isolator, severity))
			continue;
		audit_add_as(c, AUDIT_EGRESS_WITHOUT_DNS, severity, &v.isolator->meta, dns_yaml(v.isolator->meta.ns),
			     "%s/%s isolates %s %s/%s for egress%s and no policy lets it ask DNS.",
			     v.isolator->meta.ns, v.isolator->meta.name, audit_kind_word(&p->meta), p->meta.ns,
			     p->meta.name, v.any ? ", others let it out," : "");
	}
}
