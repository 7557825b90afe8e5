// SPDX-License-Identifier: GPL-2.0
/* Collecting findings: suppression, order, and what the rule files share. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/mem.h"
#include "../compile/perimeter.h"
#include "ctx.h"

#define IGNORE_PREFIX "stockade.io/audit-ignore."

static const char *const severities[] = { "info", "warning", "error" };

const char *severity_name(enum severity s)
{
	return severities[s];
}

bool severity_parse(const char *s, enum severity *out)
{
	for (unsigned i = 0; i < 3; i++) {
		if (!strcmp(s, severities[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

void audit_options_init(struct audit_options *o)
{
	memset(o, 0, sizeof(*o));
	o->now = time(NULL);
	o->expiry_days = 30;
	compile_options_init(&o->compile);
	o->compile.now = o->now;
}

static char *vtext(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	return s;
}

char *audit_text(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = vtext(fmt, ap);
	va_end(ap);
	return s;
}

const char *audit_kind_word(const struct meta *obj)
{
	const struct pod *p = (const void *)obj;

	return obj->kind == KIND_POD && p->workload ? p->workload : kind_name(obj->kind);
}

static const char *suppression(const struct meta *obj, enum audit_rule_id rule)
{
	char key[128];
	const char *reason;

	snprintf(key, sizeof(key), IGNORE_PREFIX "%s", audit_rules[rule].id);
	reason = labels_get(&obj->annotations, key);
	return reason && reason[strspn(reason, " \t\n")] ? reason : NULL;
}

static struct finding *new_finding(struct audit *a)
{
	mem_grow(a->v, a->n, a->room);
	return &a->v[a->n++];
}

static void add(struct audit_ctx *c, enum audit_rule_id rule, enum severity severity,
		const struct meta *obj, char *fix, char *message)
{
	*new_finding(c->out) = (struct finding){
		.rule = rule, .severity = severity, .kind = obj->kind, .kind_word = audit_kind_word(obj), .ns = obj->ns,
		.name = obj->name, .origin = obj->origin, .message = message, .fix = fix,
		.suppressed = suppression(obj, rule),
	};
}

void audit_add(struct audit_ctx *c, enum audit_rule_id rule, const struct meta *obj, char *fix,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(c, rule, audit_rules[rule].severity, obj, fix, vtext(fmt, ap));
	va_end(ap);
}

void audit_add_as(struct audit_ctx *c, enum audit_rule_id rule, enum severity severity,
		  const struct meta *obj, char *fix, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(c, rule, severity, obj, fix, vtext(fmt, ap));
	va_end(ap);
}

struct audit_iter audit_iter_begin(const struct model *m, enum kind kind, const char *ns)
{
	size_t n;
	const struct meta *const *l = ns ? model_list_ns(m, kind, ns, &n) : model_list(m, kind, &n);

	return (struct audit_iter){ l, l + n };
}

const void *audit_iter_next(struct audit_iter *it)
{
	return it->next < it->end ? *it->next++ : NULL;
}

bool audit_policy_selects(const struct networkpolicy *np, const struct pod *p)
{
	return p->meta.ns == np->meta.ns && pod_is_live(p) &&
	       selector_matches(&np->pod_selector, &p->meta.labels);
}

static bool block_matches(const struct policy_peer *peer, const struct ip *ip)
{
	if (!cidr_contains(&peer->cidr, ip))
		return false;
	for (unsigned i = 0; i < peer->n_except; i++) {
		if (cidr_contains(&peer->except[i], ip))
			return false;
	}
	return true;
}

bool audit_peer_matches(const struct audit_ctx *c, const struct networkpolicy *np,
			const struct policy_peer *peer, const struct pod *p)
{
	if (peer->is_block) {
		for (unsigned i = 0; i < p->n_ips; i++) {
			if (block_matches(peer, &p->ips[i]))
				return true;
		}
		return false;
	}
	return pod_is_live(p) && audit_peer_selects(c, np, peer, p);
}

bool audit_peer_selects(const struct audit_ctx *c, const struct networkpolicy *np,
			const struct policy_peer *peer, const struct pod *p)
{
	if (peer->namespace_selector) {
		if (!selector_matches(peer->namespace_selector, model_namespace_labels(c->m, p->meta.ns)))
			return false;
	} else if (p->meta.ns != np->meta.ns) {
		return false;
	}
	return !peer->pod_selector || selector_matches(peer->pod_selector, &p->meta.labels);
}

bool audit_is_gateway(const struct audit_ctx *c, const struct pod *p)
{
	const struct ingressclass *ic;

	for_each(c->m, KIND_INGRESSCLASS, ic) {
		if (gateway_is(ic, p))
			return true;
	}
	return false;
}

/* An annotation that suppresses nothing, for want of a reason, is told on its object. */
static void check_suppressions(struct audit_ctx *c)
{
	for (enum kind k = 0; k < KINDS; k++) {
		const struct meta *obj;

		for_each(c->m, k, obj) {
			for (unsigned i = 0; i < obj->annotations.n; i++) {
				const struct label *a = &obj->annotations.v[i];

				if (!strncmp(a->key, IGNORE_PREFIX, strlen(IGNORE_PREFIX)) &&
				    !a->value[strspn(a->value, " \t\n")])
					audit_add(c, AUDIT_SUPPRESSED_WITHOUT_REASON, obj, NULL,
						  "annotation %s gives no reason, so it suppresses nothing.", a->key);
			}
		}
	}
}

/* "NetworkPolicy shop/api", "Node n1" or "Pod", cut into its parts. */
static void name_object(struct finding *f, const char *object)
{
	char *space, *slash;

	f->object = mem_strdup(object ? object : "");
	space = strchr(f->object, ' ');
	slash = space ? strchr(space, '/') : NULL;
	f->kind_word = f->object;
	f->ns = f->name = "";
	if (space) {
		*space = 0;
		f->name = space + 1;
	}
	if (slash) {
		*slash = 0;
		f->ns = space + 1;
		f->name = slash + 1;
	}
	if (!kind_parse(f->kind_word, &f->kind))
		f->kind = KINDS;
}

static void tell_mistakes(struct audit_ctx *c)
{
	const struct diags *d = c->o->mistakes;

	for (size_t i = 0; d && i < d->n; i++) {
		const struct diag *g = &d->v[i];
		struct finding *f;

		if (g->field && strstr(g->field, ".stockade.io/"))
			continue;	/* a finding of its own, also of what no manifest says */
		f = new_finding(c->out);
		*f = (struct finding){ .rule = AUDIT_MANIFEST_MISTAKE, .severity = SEVERITY_ERROR,
				       .origin = { g->file, g->line } };
		name_object(f, g->object);
		f->message = audit_text("%s%s%s", g->field ? g->field : "", g->field ? ": " : "", g->message);
	}
}

static void finding_free(struct finding *f)
{
	free(f->message);
	free(f->fix);
	free(f->object);
}

static int by_order(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int d;

	if ((d = (int)y->severity - (int)x->severity) || (d = (int)x->kind - (int)y->kind) ||
	    (d = strcmp(x->ns, y->ns)) || (d = strcmp(x->name, y->name)) ||
	    (d = (int)x->rule - (int)y->rule))
		return d;
	return strcmp(x->message, y->message);
}

/* Two ways to the same finding are one finding. */
static void sort_unique(struct audit *a)
{
	size_t n = 0;

	if (a->n)
		qsort(a->v, a->n, sizeof(*a->v), by_order);
	for (size_t i = 0; i < a->n; i++) {
		if (n && !by_order(&a->v[n - 1], &a->v[i])) {
			finding_free(&a->v[i]);
		} else {
			a->v[n++] = a->v[i];
		}
	}
	a->n = n;
}

static void look_at_pods(struct audit_ctx *c)
{
	const struct pod *p;

	c->no_pods = !model_count(c->m, KIND_POD);
	for_each(c->m, KIND_POD, p)
		c->checkout |= p->stand_in;
}

void audit_run(const struct model *m, const struct audit_options *o, struct audit *out)
{
	struct audit_ctx c = { .m = m, .o = o, .out = out };
	struct compile_options segmentation = o->compile;

	memset(out, 0, sizeof(*out));
	segmentation.perimeter = PERIMETER_OFF;
	c.world = world_new(m, &segmentation, NULL);
	c.backends = (struct backends){ .model = m };
	look_at_pods(&c);
	audit_exposure_collect(&c);
	audit_segmentation(&c);
	audit_peers(&c);
	audit_dns(&c);
	audit_ingresses(&c);
	audit_tls(&c);
	audit_exposure(&c);
	audit_settings(&c);
	tell_mistakes(&c);
	check_suppressions(&c);
	free(c.exposed.v);
	world_free(c.world);
	sort_unique(out);
}

void audit_free(struct audit *a)
{
	for (size_t i = 0; i < a->n; i++)
		finding_free(&a->v[i]);
	free(a->v);
	memset(a, 0, sizeof(*a));
}

bool audit_worst(const struct audit *a, enum severity *out)
{
	bool any = false;

	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].suppressed)
			continue;
		if (!any || a->v[i].severity > *out)
			*out = a->v[i].severity;
		any = true;
	}
	return any;
}
