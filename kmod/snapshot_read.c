// SPDX-License-Identifier: GPL-2.0
/* snapshot_read: a snapshot as the objects it was made of, for dumps; see snapshot.h. */
#include "snapshot_priv.h"

void stk_snapshot_stats(const struct stk_snapshot *snap, struct stk_snapshot_stats *out)
{
	memset(out, 0, sizeof(*out));
	out->generation = snap->generation;
	out->digest = snap->digest;
	out->rules = stk_index_count(snap->rules);
	out->programs = stk_index_count(snap->programs);
	out->subjects = stk_index_count(snap->subjects);
	out->endpoints = snap->endpoints->n;
	out->blocks = snap->blocks ? snap->blocks->n : 0;
	out->steps = snap->steps;
	out->memory = sizeof(*snap) + stk_endpoints_bytes(snap->endpoints) +
		      stk_slots_bytes(snap->slots) + snap->ranges->bytes +
		      stk_config_bytes(snap->config) + stk_block_list_bytes(snap->blocks) +
		      stk_index_bytes(snap->subjects) + stk_index_bytes(snap->programs) +
		      stk_index_bytes(snap->rules);
}

/* The @n-th object; in a sealed index none is deleted. */
static struct stk_object *nth(const struct stk_index *index, u32 n)
{
	return index && n < index->n ? index->entry[n].object : NULL;
}

static void rule_def(struct stk_object *object, struct stk_rule_def *out)
{
	const struct stk_rule *rule = container_of(object, struct stk_rule, object);

	out->id = object->id;
	out->tier = rule->tier;
	out->name = rule->name;
}

bool stk_snapshot_nth_rule(const struct stk_snapshot *s, u32 n, struct stk_rule_def *out)
{
	struct stk_object *object = nth(s->rules, n);

	if (object)
		rule_def(object, out);
	return object;
}

bool stk_snapshot_find_rule(const struct stk_snapshot *s, u32 id, struct stk_rule_def *out)
{
	struct stk_object *object = stk_index_lookup(s->rules, id);

	if (object)
		rule_def(object, out);
	return object;
}

bool stk_snapshot_nth_subject(const struct stk_snapshot *s, u32 n, struct stk_subject_def *out,
			      const struct stk_subject **subject)
{
	struct stk_object *object = nth(s->subjects, n);
	struct stk_subject *found;

	if (!object)
		return false;
	found = container_of(object, struct stk_subject, object);
	out->id = object->id;
	out->name = found->name;
	out->ingress = stk_subject_program_id(found, STOCKADE_DOOR_INGRESS);
	out->egress = stk_subject_program_id(found, STOCKADE_DOOR_EGRESS);
	if (subject)
		*subject = found;
	return true;
}

bool stk_snapshot_nth_block(const struct stk_snapshot *s, u32 n, struct stk_block_def *out)
{
	if (!s->blocks || n >= s->blocks->n)
		return false;
	*out = s->blocks->block[n];
	return true;
}

bool stk_snapshot_next_endpoint(const struct stk_snapshot *s, u64 *cursor,
				struct stk_endpoint_def *out)
{
	const struct stk_endpoint *e = stk_endpoints_next(s->endpoints, cursor);

	if (!e)
		return false;
	out->addr = e->addr;
	out->identity = e->identity;
	out->subject = e->slot ? s->slots->subject[e->slot]->object.id : 0;
	out->flags = e->flags;
	return true;
}

bool stk_snapshot_nth_program(const struct stk_snapshot *s, u32 n, u32 *id, u32 *n_maps)
{
	struct stk_object *object = nth(s->programs, n);

	if (!object)
		return false;
	*id = object->id;
	*n_maps = container_of(object, struct stk_program, object)->n_maps;
	return true;
}

bool stk_snapshot_program_map(const struct stk_snapshot *s, u32 n, u32 map, struct stk_map_def *out)
{
	struct stk_object *object = nth(s->programs, n);

	return object && stk_program_map_def(container_of(object, struct stk_program, object),
					     map, out);
}

void stk_snapshot_config(const struct stk_snapshot *s, struct stk_config_def *out)
{
	const struct stk_config *config = s->config;

	out->cidrs = config->cidr;
	out->n_cidrs = config->n_cidrs;
	out->overlay_ports = config->port;
	out->n_overlay_ports = config->n_ports;
	out->deny = config->deny;
	out->unknown = config->unknown;
}
