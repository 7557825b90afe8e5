// SPDX-License-Identifier: GPL-2.0
/* Ingress and TLS: hosts without a certificate, certificates that do not do. */
#include <stdlib.h>
#include <string.h>

#include "../compile/tls.h"
#include "fix.h"

static enum audit_rule_id rule_of(enum tls_verdict v)
{
	static const enum audit_rule_id rule[] = {
		[TLS_NO_ENTRY] = AUDIT_HOST_OUTSIDE_TLS,
		[TLS_NO_SECRET] = AUDIT_TLS_SECRET_MISSING,
		[TLS_UNREADABLE] = AUDIT_TLS_UNPARSABLE,
		[TLS_OTHER_KEY] = AUDIT_TLS_KEY_MISMATCH,
		[TLS_OTHER_HOST] = AUDIT_TLS_HOST_NOT_COVERED,
		[TLS_NOT_YET] = AUDIT_TLS_NOT_IN_DATE,
		[TLS_EXPIRED] = AUDIT_TLS_NOT_IN_DATE,
	};

	return rule[v];
}

static const struct ingressclass *class_of(const struct audit_ctx *c, const struct ingress *in)
{
	const struct ingressclass *ic;

	for_each(c->m, KIND_INGRESSCLASS, ic) {
		if (in->class_name ? ic->meta.name == in->class_name : ic->is_default)
			return ic;
	}
	return NULL;
}

static bool requires_tls(const struct audit_ctx *c, const struct ingress *in)
{
	const struct ingressclass *ic = class_of(c, in);

	return ic && ic->require_tls;
}

/* Those who ask cert-manager for it have no Secret in their manifests. */
static bool is_made_elsewhere(const struct ingress *in)
{
	static const char *const by[] = { "cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme" };

	for (size_t i = 0; i < sizeof(by) / sizeof(*by); i++)
		if (labels_get(&in->meta.annotations, by[i]))
			return true;
	return false;
}

static enum severity severity_of(const struct audit_ctx *c, const struct ingress *in, enum tls_verdict v)
{
	if (v == TLS_NO_SECRET && is_made_elsewhere(in))
		return SEVERITY_INFO;
	return requires_tls(c, in) ? SEVERITY_ERROR : audit_rules[rule_of(v)].severity;
}

static void check_host(struct audit_ctx *c, const struct ingress *in, const char *host)
{
	time_t soon = c->o->now + (time_t)c->o->expiry_days * 86400;
	enum tls_verdict v = tls_judge(c->m, in, host, c->o->now);
	const char *what = *host ? host : "any host";

	if (v == TLS_COVERED) {
		if (tls_judge(c->m, in, host, soon) == TLS_EXPIRED)
			audit_add(c, AUDIT_TLS_EXPIRES_SOON, &in->meta, NULL,
				  "the certificate for %s of %s/%s expires within %u days.",
				  what, in->meta.ns, in->meta.name, c->o->expiry_days);
		return;
	}
	audit_add_as(c, rule_of(v), severity_of(c, in, v), &in->meta, v == TLS_NO_ENTRY && *host ? fix_tls(in) : NULL,
		     "%s of %s/%s is not served under TLS: %s%s.",
		     what, in->meta.ns, in->meta.name, tls_verdict_text(v),
		     requires_tls(c, in) ? " (the class requires it, so it declares no backends)" : "");
}

static bool seen_before(const struct ingress *in, unsigned i)
{
	for (unsigned k = 0; k < i; k++) {
		if (in->rules[k].host == in->rules[i].host)
			return true;
	}
	return false;
}

void audit_tls(struct audit_ctx *c)
{
	const struct ingress *in;

	for_each(c->m, KIND_INGRESS, in) {
		if (!in->n_tls) {
			audit_add_as(c, AUDIT_INGRESS_WITHOUT_TLS,
				     requires_tls(c, in) ? SEVERITY_ERROR : SEVERITY_WARNING, &in->meta,
				     fix_tls(in), "%s/%s has no spec.tls: what it publishes is served in the clear.",
				     in->meta.ns, in->meta.name);
			continue;
		}
		for (unsigned i = 0; i < in->n_rules; i++) {
			if (!seen_before(in, i))
				check_host(c, in, in->rules[i].host);
		}
		if (in->default_backend.service && !in->n_rules)
			check_host(c, in, "");
	}
}
