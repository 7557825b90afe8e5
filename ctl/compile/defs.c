// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "../base/mem.h"
#include "defs.h"

struct stk_rule_def table_rule_def(const struct table_rule *r)
{
	return (struct stk_rule_def){ .id = r->id, .tier = r->tier, .name = r->name };
}

struct stk_program_def table_program_def(const struct table_program *p)
{
	struct stk_map_def *maps = mem_array(p->n_maps, sizeof(*maps));

	for (uint32_t i = 0; i < p->n_maps; i++)
		maps[i] = (struct stk_map_def){
			.identities = p->maps[i].identities, .n_identities = p->maps[i].n_identities,
			.steps = p->maps[i].steps, .n_steps = p->maps[i].n_steps,
		};
	return (struct stk_program_def){ .id = p->id, .maps = maps, .n_maps = p->n_maps };
}

struct stk_subject_def table_subject_def(const struct table_subject *s)
{
	return (struct stk_subject_def){ .id = s->id, .name = s->name, .ingress = s->ingress, .egress = s->egress };
}

struct stk_endpoint_def table_endpoint_def(const struct table_endpoint *e)
{
	return (struct stk_endpoint_def){
		.addr = stk_addr_of(&e->addr), .identity = e->identity, .subject = e->subject, .flags = e->flags,
	};
}

static struct stk_block_def block_def(const struct cidr *c, uint32_t identity)
{
	return (struct stk_block_def){ .addr = stk_addr_of(&c->ip), .prefix = c->prefix, .identity = identity };
}

struct stk_block_def table_block_def(const struct table_block *b)
{
	return block_def(&b->cidr, b->identity);
}

struct stk_config_def table_config_def(const struct table *t)
{
	struct stk_block_def *cidrs = mem_array(t->n_cidrs, sizeof(*cidrs));

	for (size_t i = 0; i < t->n_cidrs; i++)
		cidrs[i] = block_def(&t->cidrs[i], 0);
	return (struct stk_config_def){
		.cidrs = cidrs, .n_cidrs = t->n_cidrs,
		.overlay_ports = t->overlay_ports, .n_overlay_ports = t->n_overlay_ports,
		.deny = t->deny, .unknown = t->unknown,
	};
}
