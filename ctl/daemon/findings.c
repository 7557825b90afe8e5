// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <time.h>
#include "findings.h"
#include "prom.h"

#define REST 20		/* times as long as it took, before it is made again */
#define FRESH_S 3600	/* certificates age though nothing changes */

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool is_due(const struct findings *s, const struct loop *loop, double now)
{
	if (!s->made)
		return true;
	if (now - s->at < REST * s->took)
		return false;
	return s->changes != loop->stats.changed || now - s->at > FRESH_S;
}

static void make(struct findings *s, const struct loop *loop, double now)
{
	struct audit_options o;
	struct audit a;

	audit_options_init(&o);
	o.compile = loop->enforce->options;
	o.compile.now = o.now;
	audit_run(loop->model, &o, &a);
	*s = (struct findings){ .made = true, .changes = loop->stats.changed };
	for (size_t i = 0; i < a.n; i++) {
		if (a.v[i].suppressed)
			s->suppressed++;
		else
			s->count[a.v[i].rule][a.v[i].severity]++;
	}
	audit_free(&a);
	s->at = now_s();
	s->took = s->at - now;
}

void findings_put(struct findings *s, const struct loop *loop, FILE *f)
{
	double now = now_s();

	if (!loop->enforce->known)
		return;
	if (is_due(s, loop, now))
		make(s, loop, now);
	prom_head(f, "stockade_audit_findings", "gauge", "What stockadectl audit finds, by kind of finding.");
	for (int r = 0; r < AUDIT_RULES; r++)
		for (int v = 0; v <= SEVERITY_ERROR; v++)
			if (s->count[r][v] || v == (int)audit_rules[r].severity)
				prom_sample(f, "stockade_audit_findings", s->count[r][v], "id", audit_rules[r].id,
					    "severity", severity_name(v), NULL);
	prom_single(f, "stockade_audit_suppressed", "gauge", "Findings suppressed by annotations.", s->suppressed);
	prom_single(f, "stockade_audit_age_seconds", "gauge", "Age of the audit the findings are from.", now_s() - s->at);
}
