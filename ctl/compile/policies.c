// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "policies.h"

static const char *const way[STOCKADE_DOORS] = {
	[STOCKADE_DOOR_EGRESS] = "egress", [STOCKADE_DOOR_INGRESS] = "ingress",
};

static void take_door(struct policies *p, struct policy *out, enum stockade_door door,
		      const struct policy_rule *rules, unsigned n)
{
	const struct meta *meta = &out->np->meta;
	struct policy_door *d = &out->doors[door];

	d->isolates = true;
	d->handle = rules_add(p->rules, STOCKADE_TIER_NETWORKPOLICY, "NetworkPolicy %s/%s isolates %s",
			      meta->ns, meta->name, way[door]);
	d->uses = arena_array(p->arena, n, sizeof(*d->uses));
	for (d->n = 0; d->n < n; d->n++) {
		struct policy_use *u = &d->uses[d->n];

		u->rule = &rules[d->n];
		u->group = peers_group(p->peers, meta->ns, u->rule);
		u->handle = rules_add(p->rules, STOCKADE_TIER_NETWORKPOLICY, "NetworkPolicy %s/%s %s[%u]",
				      meta->ns, meta->name, way[door], d->n);
		if (door == STOCKADE_DOOR_EGRESS)
			ports_use(p->ports, u->rule, u->group);
	}
}

static uint32_t take(struct policies *p, const struct networkpolicy *np)
{
	struct policy *out;

	mem_grow(p->v, p->n, p->cap);
	out = &p->v[p->n];
	*out = (struct policy){ .np = np };
	if (np->isolates_ingress)
		take_door(p, out, STOCKADE_DOOR_INGRESS, np->ingress, np->n_ingress);
	if (np->isolates_egress)
		take_door(p, out, STOCKADE_DOOR_EGRESS, np->egress, np->n_egress);
	return p->n++;
}

/* The policies of one namespace, and where they are in struct policies once one of its pods needs them. */
struct namespace_policies {
	const char *ns;
	const struct meta *const *list;
	size_t n;
	uint32_t *taken;	/* INDEX_NONE: not yet */
};

static void enter(struct namespace_policies *s, const struct model *m, const char *ns)
{
	s->ns = ns;
	s->list = model_list_ns(m, KIND_NETWORKPOLICY, ns, &s->n);
	free(s->taken);
	s->taken = mem_array(s->n, sizeof(*s->taken));
	for (size_t i = 0; i < s->n; i++)
		s->taken[i] = INDEX_NONE;
}

static struct words selecting(struct policies *p, struct namespace_policies *s, const struct pod *pod)
{
	uint32_t *v = arena_array(p->arena, s->n, sizeof(*v)), n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct networkpolicy *np = (const void *)s->list[i];

		if (!selector_matches(&np->pod_selector, &pod->meta.labels))
			continue;
		if (s->taken[i] == INDEX_NONE)
			s->taken[i] = take(p, np);
		v[n++] = s->taken[i];
	}
	return (struct words){ v, n };
}

void policies_collect(struct policies *p, const struct model *m, const struct pod *const *pods, size_t n)
{
	struct namespace_policies s = {};

	p->locals = mem_array(n, sizeof(*p->locals));
	for (; p->n_locals < n; p->n_locals++) {
		const struct pod *pod = pods[p->n_locals];

		if (s.ns != pod->meta.ns)
			enter(&s, m, pod->meta.ns);
		p->locals[p->n_locals] = (struct local){ pod, selecting(p, &s, pod) };
	}
	free(s.taken);
	ports_seal(p->ports);
}

void policies_free(struct policies *p)
{
	free(p->v);
	free(p->locals);
}
