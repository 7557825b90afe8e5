// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>
#include <math.h>
#include "report.h"

static void add(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

/* Instructions to a tenth: what a microsecond on two thousand packets can tell. */
static struct json_object *tenths(double v)
{
	char text[32];

	snprintf(text, sizeof(text), "%.1f", v);
	return json_object_new_double_s(v, text);
}

static struct json_object *cost_json(const struct cost *c)
{
	struct json_object *o = json_object_new_object();

	if (*c->refused) {
		add(o, "refused", json_object_new_string(c->refused));
		return o;
	}
	add(o, "instructions", tenths(c->least));
	add(o, "dearest_round", tenths(c->most));
	add(o, "rounds", json_object_new_int(c->rounds));
	return o;
}

static struct json_object *row_json(const struct row *r)
{
	struct json_object *o = json_object_new_object();

	add(o, "contender", json_object_new_string(r->contender));
	add(o, "policies", json_object_new_int(r->policies));
	add(o, "endpoints", json_object_new_int(r->endpoints));
	add(o, "blocks", json_object_new_int(r->blocks));
	if (r->end)
		add(o, "at_the_end", json_object_new_boolean(1));
	if (*r->unavailable)
		add(o, "unavailable", json_object_new_string(r->unavailable));
	for (enum kind kind = 0; kind < KINDS; kind++)
		if (r->cost[kind].rounds)
			add(o, kind_names[kind], cost_json(&r->cost[kind]));
	return o;
}

static struct json_object *target_json(const struct target *t)
{
	struct json_object *o = json_object_new_object();

	add(o, "target", json_object_new_string(t->what));
	add(o, "at_most", tenths(t->limit));
	if (t->known) {
		char text[32];

		snprintf(text, sizeof(text), "%.2f", t->figure);
		add(o, "figure", json_object_new_double_s(t->figure, text));
		add(o, "met", json_object_new_boolean(t->figure <= t->limit));
	}
	return o;
}

void json_print(const struct figures *f, const char *command, FILE *out)
{
	struct json_object *o = json_object_new_object(), *rows = json_object_new_array(), *notes = json_object_new_array();
	struct json_object *aims = json_object_new_array(), *values = json_object_new_object();
	struct target t[TARGETS_MAX];
	unsigned n = targets(f, t);

	add(o, "unit", json_object_new_string("instructions per packet, the least of all rounds"));
	add(o, "guest", json_object_new_string(command));
	for (unsigned i = 0; i < f->n_notes; i++)
		json_object_array_add(notes, json_object_new_string(f->note[i]));
	for (unsigned i = 0; i < f->n_rows; i++)
		json_object_array_add(rows, row_json(&f->row[i]));
	for (unsigned i = 0; i < f->n_values; i++)
		add(values, f->value[i].name, json_object_new_int64(f->value[i].n));
	for (unsigned i = 0; i < n; i++)
		json_object_array_add(aims, target_json(&t[i]));
	add(o, "commands", notes);
	add(o, "rows", rows);
	add(o, "values", values);
	add(o, "targets", aims);
	fprintf(out, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
