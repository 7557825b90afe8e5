// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "../base/mem.h"
#include "doctor.h"

void findings_add(struct findings *f, enum doctor_level level, const char *check, const char *fix,
		  const char *fmt, ...)
{
	struct finding finding = { .level = level, .check = check, .fix = fix ? mem_strdup(fix) : NULL };
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&finding.message, fmt, ap) < 0)
		abort();
	va_end(ap);
	mem_grow(f->v, f->n, f->cap);
	f->v[f->n++] = finding;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].message);
		free(f->v[i].fix);
	}
	free(f->v);
	*f = (struct findings){};
}

enum doctor_level findings_worst(const struct findings *f)
{
	enum doctor_level worst = DOCTOR_OK;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].level > worst)
			worst = f->v[i].level;
	return worst;
}

static void judge_table(struct findings *f, const struct doctor_table *t)
{
	const struct stnl_status *s = &t->status;

	if (!s->generation) {
		findings_add(f, DOCTOR_PROBLEM, "table", "start stockaded here, and look at its log",
			     "no table is in force in this network namespace: every packet passes");
		return;
	}
	findings_add(f, DOCTOR_OK, "table", NULL, "generation %" PRIu64 " is in force: %u endpoints, %u pods of this node",
		     s->generation, s->endpoints, s->subjects);
	if (!s->subjects)
		findings_add(f, DOCTOR_WARNING, "table", "compare stockaded's --node with `kubectl get nodes`",
			     "the table has no pod of this node: is the controller told the right node?");
	if (t->table && !t->table->n_cidrs)
		findings_add(f, DOCTOR_WARNING, "table", "have spec.podCIDRs set on the Node",
			     "the table knows no pod CIDR of this node, so a pod that is not known yet is not denied");
}

void doctor_kernel(struct findings *f, const struct doctor_table *t)
{
	if (!t->module) {
		findings_add(f, DOCTOR_PROBLEM, "module", "dkms status; modprobe stockade", "%s", t->why);
		return;
	}
	findings_add(f, DOCTOR_OK, "module", NULL, "version %s is loaded", t->status.version);
	judge_table(f, t);
}

static bool has_v6(const struct table *t)
{
	for (size_t i = 0; t && i < t->n_cidrs; i++)
		if (!cidr_is4(&t->cidrs[i]))
			return true;
	return false;
}

void doctor_run(struct findings *f, const char *root, const struct doctor_table *t)
{
	bool v6 = has_v6(t->table);

	doctor_kernel(f, t);
	doctor_controller(f, root, t);
	doctor_ipvs(f, root);
	doctor_bridge(f, root, v6);
	doctor_forwarding(f, root, v6);
	doctor_conntrack(f, root);
	doctor_sources(f, root, t);
	doctor_enforcers(f, root);
	doctor_netfilter(f, root);
}
