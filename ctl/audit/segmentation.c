// SPDX-License-Identifier: GPL-2.0
/* Segmentation: namespaces without default deny, pods left open, policies that select nothing. */
#include <string.h>

#include "ctx.h"

static bool rules_allow_everything(const struct policy_rule *rules, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!rules[i].n_peers && !rules[i].n_ports)
			return true;
	}
	return false;
}

/* A policy that isolates every pod of its namespace and does not give it all back. */
static bool is_default_deny(const struct networkpolicy *np, bool egress)
{
	if (np->pod_selector.n)
		return false;
	return egress ? np->isolates_egress && !rules_allow_everything(np->egress, np->n_egress)
		      : np->isolates_ingress && !rules_allow_everything(np->ingress, np->n_ingress);
}

static bool has_default_deny(const struct audit_ctx *c, const char *ns, bool egress)
{
	const struct networkpolicy *np;

	for_each_ns(c->m, KIND_NETWORKPOLICY, ns, np) {
		if (is_default_deny(np, egress))
			return true;
	}
	return false;
}

static char *default_deny_yaml(const char *ns, bool egress)
{
	const char *type = egress ? "Egress" : "Ingress", *low = egress ? "egress" : "ingress";

	return audit_text("apiVersion: networking.k8s.io/v1\n"
			  "kind: NetworkPolicy\n"
			  "metadata:\n"
			  "  name: default-deny-%s\n"
			  "  namespace: %s\n"
			  "spec:\n"
			  "  podSelector: {}\n"
			  "  policyTypes:\n"
			  "  - %s\n", low, ns, type);
}

/* Namespaces of Kubernetes' own: what runs there is rarely the reader's to change. */
static bool is_system(const char *ns)
{
	return !strncmp(ns, "kube-", 5);
}

static void check_default_deny(struct audit_ctx *c, const struct meta *ns, unsigned pods)
{
	static const enum audit_rule_id rule[] = { AUDIT_NO_DEFAULT_DENY_INGRESS,
						   AUDIT_NO_DEFAULT_DENY_EGRESS };

	for (int egress = 0; egress < 2; egress++) {
		if (has_default_deny(c, ns->name, egress))
			continue;
		audit_add_as(c, rule[egress], is_system(ns->name) ? SEVERITY_INFO : SEVERITY_WARNING,
			     ns, default_deny_yaml(ns->name, egress),
			     "namespace %s has %u pod%s and no default deny for %s: a pod that no policy selects %s.",
			     ns->name, pods, pods == 1 ? "" : "s", egress ? "egress" : "ingress",
			     egress ? "may reach anyone" : "is open to everyone");
	}
}

static bool selected(const struct audit_ctx *c, const struct pod *p)
{
	const struct networkpolicy *np;

	for_each_ns(c->m, KIND_NETWORKPOLICY, p->meta.ns, np) {
		if (audit_policy_selects(np, p))
			return true;
	}
	return false;
}

/*
 * In a namespace that has policies, a pod that none selects was forgotten; in one that has none, the
 * namespace's own finding says what matters and the pod is only listed.
 */
static unsigned check_pods(struct audit_ctx *c, const char *ns)
{
	const struct pod *p;
	size_t policies;
	unsigned pods = 0;

	model_list_ns(c->m, KIND_NETWORKPOLICY, ns, &policies);
	for_each_ns(c->m, KIND_POD, ns, p) {
		if (!pod_is_live(p))
			continue;
		pods++;
		if (!selected(c, p))
			audit_add_as(c, AUDIT_POD_NOT_SELECTED,
				     policies && !is_system(ns) ? SEVERITY_WARNING : SEVERITY_INFO, &p->meta, NULL,
				     "no NetworkPolicy selects %s %s/%s: it is open in both directions.",
				     audit_kind_word(&p->meta), ns, p->meta.name);
	}
	return pods;
}

/* Pods may lie in a namespace whose object is not among the manifests. */
static void check_namespaces(struct audit_ctx *c)
{
	const char *last = NULL;
	const struct pod *p;

	for_each(c->m, KIND_POD, p) {
		struct meta stand_in = { .kind = KIND_NAMESPACE, .ns = "", .name = p->meta.ns,
					 .origin = p->meta.origin };
		const struct meta *ns;
		unsigned pods;

		if (last && !strcmp(last, p->meta.ns))
			continue;
		last = p->meta.ns;
		ns = model_get(c->m, KIND_NAMESPACE, "", last);
		pods = check_pods(c, last);
		if (pods)
			check_default_deny(c, ns ? ns : &stand_in, pods);
	}
}

static bool selects_any(const struct audit_ctx *c, const struct networkpolicy *np, bool *hosts)
{
	const struct pod *p;

	*hosts = false;
	for_each_ns(c->m, KIND_POD, np->meta.ns, p) {
		if (audit_policy_selects(np, p))
			return true;
		*hosts |= p->host_network && selector_matches(&np->pod_selector, &p->meta.labels);
	}
	return false;
}

/* A default deny in a namespace without pods is prudence, not a mistake. */
static void check_policies(struct audit_ctx *c)
{
	const struct networkpolicy *np;
	bool hosts;

	for_each(c->m, KIND_NETWORKPOLICY, np) {
		if (!np->pod_selector.n || selects_any(c, np, &hosts))
			continue;
		if (hosts)
			audit_add(c, AUDIT_POLICY_SELECTS_NOTHING, &np->meta, NULL,
				  "spec.podSelector of %s/%s matches hostNetwork pods alone, which are their nodes: the policy has no effect.",
				  np->meta.ns, np->meta.name);
		else
			audit_add_as(c, AUDIT_POLICY_SELECTS_NOTHING, c->no_pods ? SEVERITY_INFO : SEVERITY_WARNING,
				     &np->meta, NULL, "spec.podSelector of %s/%s matches no pod: the policy has no effect.",
				     np->meta.ns, np->meta.name);
	}
}

void audit_segmentation(struct audit_ctx *c)
{
	check_namespaces(c);
	check_policies(c);
}
