// SPDX-License-Identifier: GPL-2.0
/*
 * compile: one node's table, in the order in which things become known:
 *
 *   policies   the pods of this node, the policies that select them, their rules' groups
 *   ranges     the groups' ipBlocks, flattened
 *   perimeter  what Services and Ingresses open on this node
 *   addresses  every address that needs naming, and its class
 *   verdicts   what each pod's doors say to each class
 *   emit       ids, and the table
 */
#include <string.h>
#include "addresses.h"
#include "emit.h"

void compile_options_init(struct compile_options *o)
{
	static const uint16_t overlays[] = { 4789, 6081, 8472 };

	*o = (struct compile_options){
		.node = "",
		.perimeter = PERIMETER_AUDIT,
		.n_overlay_ports = 3,
		.deny = STOCKADE_DENY_DROP,
		.unknown = STOCKADE_UNKNOWN_DROP,
	};
	memcpy(o->overlay_ports, overlays, sizeof(overlays));
}

struct compiler {
	struct arena arena;
	struct rules rules;
	struct peers peers;
	struct ports ports;
	struct policies policies;
	struct perimeter perimeter;
	struct wordset sets;
	struct ranges ranges;
	struct classes classes;
	struct addresses addresses;
	struct verdicts verdicts;
};

static void gather(struct compiler *c, const struct model *m, const struct compile_options *o)
{
	rules_init(&c->rules, &c->arena);
	peers_init(&c->peers, &c->arena);
	ports_init(&c->ports, &c->arena);
	wordset_init(&c->sets, &c->arena);
	classes_init(&c->classes, &c->arena);
	c->policies = (struct policies){ &c->arena, &c->rules, &c->peers, &c->ports };
	policies_collect(&c->policies, m, o->node);
	ranges_build(&c->ranges, &c->peers, &c->sets);
	perimeter_collect(&c->perimeter, m, o, &c->rules, &c->policies, &c->arena);
	c->addresses = (struct addresses){
		m, o->node, &c->policies, &c->perimeter, &c->ports, &c->ranges, &c->sets, &c->classes,
	};
	addresses_collect(&c->addresses);
	c->verdicts = (struct verdicts){
		&c->policies, &c->ports, &c->perimeter, &c->classes, &c->sets, &c->rules, &c->arena,
	};
	verdicts_init(&c->verdicts);
}

static void forget(struct compiler *c)
{
	verdicts_free(&c->verdicts);
	addresses_free(&c->addresses);
	perimeter_free(&c->perimeter);
	ranges_free(&c->ranges);
	policies_free(&c->policies);
	classes_free(&c->classes);
	wordset_free(&c->sets);
	ports_free(&c->ports);
	peers_free(&c->peers);
	rules_free(&c->rules);
	arena_free(&c->arena);
}

struct table *compile_table(const struct model *m, const struct compile_options *o)
{
	struct compiler c = {};
	struct emit e = {
		o, m, &c.policies, &c.peers, &c.ports, &c.perimeter, &c.ranges, &c.sets, &c.classes,
		&c.addresses, &c.verdicts, &c.rules,
	};
	struct table *t;

	gather(&c, m, o);
	t = emit_table(&e);
	forget(&c);
	return t;
}
