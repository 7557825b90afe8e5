// SPDX-License-Identifier: GPL-2.0
/*
 * compile: one node's table, in the order in which things become known:
 *
 *   policies   the pods of this node, the policies that select them, their rules' groups
 *   ranges     the groups' ipBlocks, flattened, and whose are left out if the kernel does not take all
 *   perimeter  what Services and Ingresses open on this node
 *   addresses  every address that needs naming, and its class
 *   verdicts   what each pod's doors say to each class
 *   emit       ids, and the table
 *
 * The same whether all is new or little changed (compiler.h).
 */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "compiler.h"
#include "defs.h"

/* Numberings may grow by this much before they are begun anew. */
#define GARBAGE_FACTOR 3
#define GARBAGE_SLACK 4096

static struct table_limits default_limits(void)
{
	const struct stk_limits *l = &stk_limits_default;

	return (struct table_limits){ .rules = l->rules, .blocks = l->blocks, .steps = l->steps };
}

void compile_options_init(struct compile_options *o)
{
	static const uint16_t overlays[] = { 4789, 6081, 8472 };

	*o = (struct compile_options){
		.node = "",
		.perimeter = PERIMETER_AUDIT,
		.n_overlay_ports = 3,
		.deny = STOCKADE_DENY_DROP,
		.unknown = STOCKADE_UNKNOWN_DROP,
		.max = default_limits(),
	};
	memcpy(o->overlay_ports, overlays, sizeof(overlays));
}

static size_t weight(const struct compiler *c)
{
	return c->rules.n + c->peers.n_atoms + c->peers.groups.n + c->ports.n + c->ports.profiles.n + c->sets.n +
	       c->classes.n + c->perimeter.lists.n + c->perimeter.profiles.n + c->addresses.n_joined;
}

static void begin(struct compiler *c)
{
	rules_init(&c->rules, &c->arena);
	peers_init(&c->peers, &c->arena);
	ports_init(&c->ports, &c->arena);
	wordset_init(&c->sets, &c->arena);
	classes_init(&c->classes, &c->arena);
	perimeter_init(&c->perimeter, c->model, &c->options, &c->rules, &c->arena);
	c->addresses = (struct addresses){
		c->model, c->options.node, &c->frame.policies, (const uint32_t *const *)&c->frame.subjects,
		&c->perimeter, &c->ports, &c->frame.ranges, &c->sets, &c->classes,
	};
	addresses_init(&c->addresses);
}

static void end(struct compiler *c)
{
	addresses_free(&c->addresses);
	addrmap_free(&c->map);
	frame_free(&c->frame);
	perimeter_free(&c->perimeter);
	classes_free(&c->classes);
	wordset_free(&c->sets);
	ports_free(&c->ports);
	peers_free(&c->peers);
	rules_free(&c->rules);
	arena_free(&c->arena);
}

static uint64_t endpoint_digest(const struct table_endpoint *e)
{
	struct stk_endpoint_def def = table_endpoint_def(e);

	return stk_digest_endpoint(&def);
}

static void enter(struct compiler *c, const struct address *a)
{
	c->classes.v[a->class].refs++;
	addrmap_put(&c->map, a);
}

static void enter_all(struct compiler *c, const struct ip *v, unsigned n)
{
	struct address a;

	for (unsigned i = 0; i < n; i++)
		if (!addrmap_get(&c->map, &v[i]) && addresses_find(&c->addresses, &v[i], &a))
			enter(c, &a);
}

/* Every address anyone claims. */
static void survey(struct compiler *c)
{
	const char *ns = NULL;
	size_t n;
	const struct meta *const *v = model_list(c->model, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++)
		enter_all(c, ((const struct node *)v[i])->addresses, ((const struct node *)v[i])->n_addresses);
	v = model_list(c->model, KIND_POD, &n);
	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const void *)v[i];

		if (!pod_is_live(p))
			continue;
		enter_all(c, p->ips, p->n_ips);
		if (p->meta.ns != ns)	/* so that model_namespaces() knows of it */
			model_namespace_labels(c->model, p->meta.ns);
		ns = p->meta.ns;
	}
}

/* False: some class that was there needs another id, which endpoints nobody looked at have. */
static bool emit(struct compiler *c)
{
	struct verdicts verdicts = {
		&c->frame.policies, &c->ports, &c->perimeter, &c->classes, &c->sets, &c->rules,
		c->options.max.steps, c->options.max.rules,
	};
	struct emit e = {
		&c->options, c->model, &c->frame.policies, &c->peers, &c->ports, &c->perimeter, &c->frame.ranges,
		&c->sets, &c->classes, &verdicts, c->frame.subjects,
	};

	if (!emit_identities(&e))
		return false;
	if (c->table != c->base)
		table_free(c->table);
	verdicts_make(&verdicts);
	c->table = emit_table(&e);
	c->digest = table_digest(c->table);
	verdicts_free(&verdicts);
	return true;
}

static int ip_order(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

/* What the endpoints of @old, @n in order, are another than. */
static void compare_endpoints(struct compiler *c, const struct table_endpoint *old, size_t n)
{
	const struct address *a;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		struct table_endpoint e = {};

		a = addrmap_get(&c->map, &old[i].addr);
		if (a)
			e = compiler_endpoint(c, a);
		if (!a || memcmp(&e, &old[i], sizeof(e)))
			compiler_edit(c, &old[i].addr, &old[i]);
	}
	while ((a = addrmap_next(&c->map, &at)))
		if (!n || !bsearch(&a->ip, old, n, sizeof(*old), ip_order))
			compiler_edit(c, &a->ip, NULL);
}

static void begin_anew(struct compiler *c)
{
	struct table_endpoint *old = c->base ? compiler_endpoints(c) : NULL;
	size_t n = old ? c->map.n : 0, at = 0;
	const struct address *a;

	c->stats.whole++;
	end(c);
	begin(c);
	locals_find(c);
	frame_build(c);
	survey(c);
	classes_count(&c->classes);
	emit(c);
	c->sum = 0;
	while ((a = addrmap_next(&c->map, &at))) {
		struct table_endpoint e = compiler_endpoint(c, a);

		c->sum += endpoint_digest(&e);
	}
	if (c->base)
		compare_endpoints(c, old, n);
	free(old);
	c->weight = weight(c);
}

/* Each stale address once. */
static void sort_stale(struct stale *s)
{
	size_t kept = 0;

	if (s->n)
		qsort(s->ips, s->n, sizeof(*s->ips), ip_order);
	for (size_t i = 0; i < s->n; i++)
		if (!i || ip_cmp(&s->ips[i], &s->ips[kept - 1]))
			s->ips[kept++] = s->ips[i];
	s->n = kept;
}

static bool same_address(const struct address *a, const struct address *b)
{
	return a->class == b->class && a->subject == b->subject && a->flags == b->flags;
}

/* Takes out what @ip was, and enters what it is; false: it is what it was. */
static bool look_at(struct compiler *c, const struct ip *ip)
{
	const struct address *was = addrmap_get(&c->map, ip);
	struct table_endpoint old;
	struct address is;
	bool entered = addresses_find(&c->addresses, ip, &is);

	if (was ? entered && same_address(was, &is) : !entered)
		return false;
	if (was) {
		old = compiler_endpoint(c, was);
		c->sum -= endpoint_digest(&old);
		c->classes.v[was->class].refs--;
	}
	compiler_edit(c, ip, was ? &old : NULL);
	if (entered)
		enter(c, &is);
	else
		addrmap_del(&c->map, ip);
	return true;
}

/* Do programs speak of the same classes as before? */
static bool same_classes(struct compiler *c, bool outside_was_entered)
{
	size_t n = c->classes.n_live;
	uint32_t *live = c->classes.live;
	bool same;

	c->classes.live = NULL;
	classes_count(&c->classes);
	same = n == c->classes.n_live && !memcmp(live, c->classes.live, n * sizeof(*live)) &&
	       outside_was_entered == !!c->classes.v[0].refs;
	free(live);
	return same;
}

/* Looks at what is stale; false if that does not suffice. */
static bool catch_up(struct compiler *c, bool framed)
{
	struct stale *s = &c->stale;
	bool outside = c->classes.v[0].refs, other;
	size_t changed = 0;

	addresses_look_again(&c->addresses);
	sort_stale(s);
	c->stats.addresses += s->n;
	for (size_t i = 0; i < s->n; i++)
		if (look_at(c, &s->ips[i]))
			s->ips[changed++] = s->ips[i];
	other = (changed || framed) && !same_classes(c, outside);
	c->stats.programs += other && !framed;
	if ((other || framed) && !emit(c))
		return false;
	for (size_t i = 0; i < changed; i++) {
		const struct address *a = addrmap_get(&c->map, &s->ips[i]);
		struct table_endpoint e = a ? compiler_endpoint(c, a) : (struct table_endpoint){};

		c->sum += a ? endpoint_digest(&e) : 0;
	}
	return true;
}

static bool is_garbage(const struct compiler *c)
{
	return weight(c) > GARBAGE_FACTOR * c->weight + GARBAGE_SLACK;
}

/*
 * A local pod's change asks for the pods of some namespaces.  The model keeps its list in order only for who
 * asks often; sorting it then would take longer than all the rest.
 */
static void keep_list(const struct compiler *c)
{
	size_t n;

	model_list(c->model, KIND_POD, &n);
}

void compiler_update(struct compiler *c, time_t now)
{
	struct stale *s = &c->stale;
	bool framed;

	if (c->perimeter.now.asks_time && now >= c->options.now + COMPILE_CLOCK_S)
		s->frame = true;
	s->all |= is_garbage(c);
	framed = s->frame && !s->all;
	if (s->frame || s->all)
		c->options.now = now;
	if (framed) {
		c->stats.frames++;
		frame_renew(c);
	}
	if (s->all || !catch_up(c, framed))
		begin_anew(c);
	free(s->ips);
	*s = (struct stale){};
	keep_list(c);
}

bool compiler_limit(struct compiler *c, const struct table_limits *max)
{
	struct table_limits now = default_limits();

	now.rules = max->rules ? max->rules : now.rules;
	now.blocks = max->blocks ? max->blocks : now.blocks;
	now.steps = max->steps ? max->steps : now.steps;
	if (!memcmp(&now, &c->options.max, sizeof(now)))
		return false;
	c->options.max = now;
	return c->stale.frame = true;
}

struct compiler *compiler_new(const struct model *m, const struct compile_options *o)
{
	struct compiler *c = mem_new(struct compiler);

	c->model = m;
	c->options = *o;
	c->stale.all = true;
	return c;
}

struct compiler *compiler_follow(struct model *m, const struct compile_options *o)
{
	struct compiler *c = compiler_new(m, o);

	stale_watch(c, m);
	return c;
}

void compiler_free(struct compiler *c)
{
	if (!c)
		return;
	if (c->followed)
		model_unwatch(c->followed, &c->watcher);
	compiler_forget(c);
	table_free(c->table);
	end(c);
	free(c->locals);
	free(c->stale.ips);
	free(c);
}

struct table *compile_table(const struct model *m, const struct compile_options *o)
{
	struct compiler *c = compiler_new(m, o);
	struct table *t;

	compiler_update(c, o->now);
	t = c->table;
	c->table = NULL;
	t->endpoints = compiler_endpoints(c);
	t->n_endpoints = c->map.n;
	compiler_free(c);
	return t;
}
