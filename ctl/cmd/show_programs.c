// SPDX-License-Identifier: GPL-2.0
/*
 * stockadectl show programs: who uses it, then map by map which identities, which ports, which verdict.
 */
#include <stdio.h>
#include "../nl/words.h"
#include "json.h"
#include "portmap.h"
#include "show.h"

/* Identities told before "and N more". */
#define IDENTITIES_SHOWN 16

struct print {
	const struct table *t;
	uint32_t background;	/* the verdict told last, as "anything else" */
	unsigned told;
};

static void print_verdict(const struct table *t, const char *what, uint8_t verdict, uint32_t rule)
{
	const char *name = show_rule_name(t, rule);

	printf("    %-22s %-10s", what, words_verdict(verdict));
	if (name)
		printf(" %s", name);
	else if (rule)
		printf(" rule %u", rule);
	putchar('\n');
}

static void print_range(void *ctx, const struct portmap_range *r)
{
	char buf[PORTMAP_STRLEN];
	struct print *p = ctx;

	if (STOCKADE_STEP(r->verdict, r->rule) == p->background)
		return;
	p->told++;
	print_verdict(p->t, portmap_format(r, buf), r->verdict, r->rule);
}

/* What most protocols meet is told once, at the end. */
static void print_ports(const struct table *t, const struct table_map *map)
{
	struct print p = { .t = t, .background = map->n_steps ? map->steps[0].verdict : 0 };

	portmap_ranges(map, print_range, &p);
	print_verdict(t, p.told ? "anything else" : "everything", STOCKADE_STEP_VERDICT(p.background),
		      STOCKADE_STEP_RULE(p.background));
}

static void print_identities(const struct table_map *map)
{
	if (!map->n_identities) {
		puts("  every other identity:");
		return;
	}
	printf("  %u %s:", map->n_identities, map->n_identities == 1 ? "identity" : "identities");
	for (uint32_t i = 0; i < map->n_identities && i < IDENTITIES_SHOWN; i++)
		printf(map->identities[i] ? " %u" : " %u (addresses that nothing names)", map->identities[i]);
	if (map->n_identities > IDENTITIES_SHOWN)
		printf(" and %u more", map->n_identities - IDENTITIES_SHOWN);
	putchar('\n');
}

static void print_users(const struct table *t, uint32_t id)
{
	const char *sep = "";

	for (size_t i = 0; i < t->n_subjects; i++) {
		if (t->subjects[i].ingress == id)
			printf("%s ingress of %s", sep, t->subjects[i].name);
		sep = t->subjects[i].ingress == id ? "," : sep;
		if (t->subjects[i].egress == id)
			printf("%s egress of %s", sep, t->subjects[i].name);
		sep = t->subjects[i].egress == id ? "," : sep;
	}
	puts(*sep ? "" : " not used");
}

static void print_program(const struct table *t, const struct table_program *p)
{
	printf("program %u:", p->id);
	print_users(t, p->id);
	for (uint32_t i = 0; i < p->n_maps; i++) {
		const struct table_map *map = &p->maps[(i + 1) % p->n_maps];	/* the default map last */

		print_identities(map);
		print_ports(t, map);
	}
}

struct list {
	const struct table *t;
	struct json_object *v;
};

static struct json_object *point(uint8_t proto, uint16_t port)
{
	struct json_object *o = json_object_new_object();

	json_set_u64(o, "protocol", proto);
	json_set_u64(o, "port", port);
	return o;
}

static void add_range(void *ctx, const struct portmap_range *r)
{
	struct json_object *o = json_object_new_object();
	struct list *l = ctx;
	const char *name = show_rule_name(l->t, r->rule);

	json_object_object_add(o, "from", point(r->from_proto, r->from_port));
	json_object_object_add(o, "to", point(r->to_proto, r->to_port));
	json_set_str(o, "verdict", words_verdict(r->verdict));
	if (r->rule)
		json_set_u64(o, "rule", r->rule);
	if (name)
		json_set_str(o, "rule_name", name);
	json_object_array_add(l->v, o);
}

static struct json_object *map_json(const struct table *t, const struct table_map *map)
{
	struct json_object *o = json_object_new_object();
	struct list ranges = { t, json_object_new_array() };

	if (map->n_identities) {
		struct json_object *ids = json_object_new_array_ext(map->n_identities);

		for (uint32_t i = 0; i < map->n_identities; i++)
			json_object_array_add(ids, json_object_new_uint64(map->identities[i]));
		json_object_object_add(o, "identities", ids);
	}
	json_set_bool(o, "default", !map->n_identities);
	portmap_ranges(map, add_range, &ranges);
	json_object_object_add(o, "ranges", ranges.v);
	return o;
}

static struct json_object *users_json(const struct table *t, uint32_t id, bool ingress)
{
	struct json_object *v = json_object_new_array();

	for (size_t i = 0; i < t->n_subjects; i++)
		if ((ingress ? t->subjects[i].ingress : t->subjects[i].egress) == id)
			json_object_array_add(v, json_object_new_string(t->subjects[i].name));
	return v;
}

static struct json_object *program_json(const struct table *t, const struct table_program *p)
{
	struct json_object *o = json_object_new_object(), *maps = json_object_new_array();

	json_set_u64(o, "id", p->id);
	json_object_object_add(o, "ingress_of", users_json(t, p->id, true));
	json_object_object_add(o, "egress_of", users_json(t, p->id, false));
	for (uint32_t i = 0; i < p->n_maps; i++)
		json_object_array_add(maps, map_json(t, &p->maps[i]));
	json_object_object_add(o, "maps", maps);
	return o;
}

void show_programs(const struct table *t, enum output output)
{
	struct json_object *v;

	if (output == OUTPUT_TEXT) {
		for (size_t i = 0; i < t->n_programs; i++)
			print_program(t, &t->programs[i]);
		return;
	}
	v = json_object_new_array();
	for (size_t i = 0; i < t->n_programs; i++)
		json_object_array_add(v, program_json(t, &t->programs[i]));
	json_print(v);
}
