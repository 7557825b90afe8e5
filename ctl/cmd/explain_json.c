// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "../base/mem.h"
#include "../nl/words.h"
#include "explain.h"
#include "json.h"

static struct json_object *lines_json(const struct lines *l, const char *prefix)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < l->n; i++) {
		char *s = mem_printf("%s%s", prefix, l->v[i]);

		json_object_array_add(a, json_object_new_string(s));
		free(s);
	}
	return a;
}

static struct json_object *near_json(const struct why *y)
{
	static const char *const matches[] = { "nothing", "port", "peer" };
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < y->n_near; i++) {
		struct json_object *o = json_object_new_object();

		json_set_str(o, "rule", y->near[i].rule);
		json_set_str(o, "matches", matches[y->near[i].nearness]);
		json_set_str(o, "message", y->near[i].text);
		json_object_array_add(a, o);
	}
	return a;
}

static struct json_object *gate_json(const struct why *y)
{
	static const char *const modes[] = { "off", "audit", "enforce" };
	struct json_object *o = json_object_new_object();

	json_set_str(o, "mode", modes[y->mode]);
	json_set_bool(o, "open", y->opening.n > 0);
	json_object_object_add(o, "openedBy", lines_json(&y->opening, ""));
	json_object_object_add(o, "notes", lines_json(&y->shut, ""));
	return o;
}

static struct json_object *door_json(const struct meeting *m, const struct why *y)
{
	struct json_object *o = json_object_new_object();
	char *name;

	json_set_str(o, "node", m->node);
	json_set_str(o, "door", words_door(m->door));
	json_set_str(o, "verdict", words_verdict(m->verdict.verdict));
	json_set_str(o, "reason", words_reason(m->verdict.reason));
	if (m->rule) {
		json_set_str(o, "tier", words_tier(m->tier));
		json_set_str(o, "rule", m->rule);
	}
	if (!y->subject)
		return o;
	name = mem_printf("%s/%s", y->subject->meta.ns, y->subject->meta.name);
	json_set_str(o, "subject", name);
	free(name);
	json_object_object_add(o, "isolatedBy", lines_json(&y->isolating, "NetworkPolicy "));
	json_object_object_add(o, "allowedBy", lines_json(&y->allowing, ""));
	if (!y->allowing.n)
		json_object_object_add(o, "nearest", near_json(y));
	if (y->gate)
		json_object_object_add(o, "perimeter", gate_json(y));
	return o;
}

static struct json_object *family_json(const struct explained *v)
{
	struct json_object *o = json_object_new_object(), *doors = json_object_new_array();
	char buf[IP_STRLEN];

	json_set_str(o, "family", v->v4 ? "IPv4" : "IPv6");
	json_set_bool(o, "stand_in", v->stand_in);
	json_set_str(o, "opener", ip_format(&v->opener, buf));
	json_set_str(o, "target", ip_format(&v->target, buf));
	json_set_str(o, "verdict", v->walk.denied ? "deny" : "allow");
	for (size_t i = 0; i < v->walk.n; i++)
		json_object_array_add(doors, door_json(&v->walk.v[i], &v->why[i]));
	json_object_object_add(o, "doors", doors);
	return o;
}

void explain_json(const struct explain *x, const struct explained *v, size_t n)
{
	struct json_object *o = json_object_new_object(), *families = json_object_new_array();
	bool denied = false, allowed = false;

	for (size_t i = 0; i < n; i++) {
		denied |= v[i].walk.denied;
		allowed |= !v[i].walk.denied;
		json_object_array_add(families, family_json(&v[i]));
	}
	json_set_str(o, "from", x->from);
	json_set_str(o, "to", x->to);
	json_set_str(o, "protocol", x->proto.name);
	json_set_u64(o, "port", x->port);
	json_set_str(o, "verdict", denied && allowed ? "differs" : denied ? "deny" : "allow");
	json_object_object_add(o, "families", families);
	json_print(o);
}
