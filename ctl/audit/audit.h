/* SPDX-License-Identifier: GPL-2.0 */
/*
 * audit: what is wrong with the rules, or will surprise whoever relies on them.  Pure: a
 * model and a time in, findings out.  Each kind of finding has a stable id (audit_rules[]),
 * which is what suppressions, baselines and dashboards refer to.
 *
 * A finding is suppressed by an annotation on the object it is about:
 *   stockade.io/audit-ignore.<id>: "why this is meant"
 * The reason is required: an empty one is a finding of its own.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <time.h>
#include "../base/diag.h"
#include "../compile/compile.h"
#include "../model/model.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
const char *severity_name(enum severity s);
bool severity_parse(const char *s, enum severity *out);

enum audit_rule_id {
	/* segmentation */
	AUDIT_NO_DEFAULT_DENY_INGRESS,
	AUDIT_NO_DEFAULT_DENY_EGRESS,
	AUDIT_POD_NOT_SELECTED,
	AUDIT_POLICY_SELECTS_NOTHING,
	AUDIT_PEER_MATCHES_NOTHING,
	AUDIT_ALLOW_FROM_ANYWHERE,
	AUDIT_NAMED_PORT_UNKNOWN,
	AUDIT_IPBLOCK_OVERLAPS_CLUSTER,
	AUDIT_EGRESS_WITHOUT_DNS,
	AUDIT_SELECTOR_BY_ABSENCE,
	AUDIT_SELECTOR_ALL_NAMESPACES,
	AUDIT_SELECTOR_EMPTY,
	AUDIT_RULE_SHADOWED,
	/* perimeter */
	AUDIT_INGRESS_WITHOUT_TLS,
	AUDIT_HOST_OUTSIDE_TLS,
	AUDIT_TLS_SECRET_MISSING,
	AUDIT_TLS_UNPARSABLE,
	AUDIT_TLS_KEY_MISMATCH,
	AUDIT_TLS_NOT_IN_DATE,
	AUDIT_TLS_EXPIRES_SOON,
	AUDIT_TLS_HOST_NOT_COVERED,
	AUDIT_BACKEND_SERVICE_MISSING,
	AUDIT_BACKEND_PORT_MISSING,
	AUDIT_BACKEND_NOT_READY,
	AUDIT_BACKEND_UNREACHABLE,
	AUDIT_WILDCARD_HOST,
	AUDIT_INGRESSCLASS_UNKNOWN,
	AUDIT_INGRESSCLASS_MISSING,
	AUDIT_PATH_CLAIMED_TWICE,
	AUDIT_EXPOSED_NOT_ISOLATED,
	AUDIT_HOST_PORT,
	AUDIT_NODEPORT_ON_BACKEND,
	AUDIT_GATEWAY_UNKNOWN,
	/* the manifests, and the audit itself */
	AUDIT_MANIFEST_MISTAKE,
	AUDIT_SETTING_UNREADABLE,
	AUDIT_SUPPRESSED_WITHOUT_REASON,
	AUDIT_RULES
};

struct audit_rule {
	const char *id;
	enum severity severity;	/* the usual one; a finding may differ */
	const char *summary;	/* what it is, for catalogues (SARIF) */
	const char *advice;	/* one sentence: what to do */
};
extern const struct audit_rule audit_rules[AUDIT_RULES];

struct finding {
	enum audit_rule_id rule;
	enum severity severity;
	enum kind kind;
	const char *kind_word;		/* "Pod"; of a workload's template the workload's, "Deployment" */
	const char *ns, *name;		/* borrowed from the model; "" where there is none */
	struct origin origin;
	char *message;			/* one sentence: what is wrong */
	char *fix;			/* YAML that mends it; NULL where none can be given */
	const char *suppressed;		/* the reason given; NULL: not suppressed */
	char *object;			/* what the names lie in where no model has them, else NULL */
};

struct audit {
	struct finding *v;
	size_t n, room;
};

struct audit_options {
	time_t now;
	unsigned expiry_days;		/* a certificate that expires within is told (30) */
	struct compile_options compile;	/* how the cluster is enforced */
	const struct diags *mistakes;	/* of the manifests the model is from; NULL: none.  Outlive the findings */
};
void audit_options_init(struct audit_options *o);

/* Findings sorted by severity (worst first), kind, namespace, name, rule; suppressed ones included. */
void audit_run(const struct model *m, const struct audit_options *o, struct audit *out);
void audit_free(struct audit *a);
/* The worst severity among those not suppressed; false if there is none. */
bool audit_worst(const struct audit *a, enum severity *out);

#endif
