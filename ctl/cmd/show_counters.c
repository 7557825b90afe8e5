// SPDX-License-Identifier: GPL-2.0
/*
 * stockadectl show counters and subjects: what came by, and what became of it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "../nl/words.h"
#include "grid.h"
#include "json.h"
#include "show.h"

static void counters_text(const struct stnl_counter *v, size_t n)
{
	static const char *const headings[] = { "DOOR", "VERDICT", "REASON", "PACKETS", "" };
	struct grid g;

	grid_init(&g, 5, headings);
	for (size_t i = 0; i < n; i++) {
		if (!v[i].packets)
			continue;
		grid_cell(&g, "%s", words_door(v[i].door));
		grid_cell(&g, "%s", words_verdict(v[i].verdict));
		grid_cell(&g, "%s", words_reason(v[i].reason));
		grid_cell(&g, "%" PRIu64, v[i].packets);
		grid_cell(&g, "%s", words_reason_long(v[i].reason));
	}
	grid_print(&g, stdout);
}

static void counters_json(const struct stnl_counter *v, size_t n)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();

		json_set_str(o, "door", words_door(v[i].door));
		json_set_str(o, "verdict", words_verdict(v[i].verdict));
		json_set_str(o, "reason", words_reason(v[i].reason));
		json_set_u64(o, "packets", v[i].packets);
		json_object_array_add(list, o);
	}
	json_print(list);
}

int show_counters(struct stnl *nl, enum output output, struct err *err)
{
	struct stnl_counter *v = NULL;
	size_t n = 0;

	if (stnl_counters(nl, &v, &n, err))
		return -1;
	(output == OUTPUT_JSON ? counters_json : counters_text)(v, n);
	free(v);
	return 0;
}

/* The columns of both outputs, in the order of the ABI's enum. */
static const struct {
	uint8_t counter;
	const char *heading, *key;
} columns[] = {
	{ STOCKADE_SUBJECT_C_INGRESS_ALLOWED, "IN ALLOWED", "ingress_allowed" },
	{ STOCKADE_SUBJECT_C_INGRESS_DENIED, "IN DENIED", "ingress_denied" },
	{ STOCKADE_SUBJECT_C_INGRESS_WOULD_DENY, "IN AUDIT", "ingress_would_deny" },
	{ STOCKADE_SUBJECT_C_EGRESS_ALLOWED, "OUT ALLOWED", "egress_allowed" },
	{ STOCKADE_SUBJECT_C_EGRESS_DENIED, "OUT DENIED", "egress_denied" },
	{ STOCKADE_SUBJECT_C_EGRESS_WOULD_DENY, "OUT AUDIT", "egress_would_deny" },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const struct table_subject *find(const struct table *t, uint32_t id)
{
	for (size_t i = 0; i < t->n_subjects; i++)
		if (t->subjects[i].id == id)
			return &t->subjects[i];
	return NULL;
}

static void subjects_text(const struct table *t, const struct stnl_subject_counters *v, size_t n)
{
	const char *headings[4 + N_COLUMNS] = { "POD", "ID", "INGRESS PROGRAM", "EGRESS PROGRAM" };
	struct grid g;

	for (size_t c = 0; c < N_COLUMNS; c++)
		headings[4 + c] = columns[c].heading;
	grid_init(&g, 4 + N_COLUMNS, headings);
	for (size_t i = 0; i < n; i++) {
		const struct table_subject *s = find(t, v[i].id);

		grid_cell(&g, "%s", v[i].name);
		grid_cell(&g, "%u", v[i].id);
		grid_cell(&g, "%u", s ? s->ingress : 0);
		grid_cell(&g, "%u", s ? s->egress : 0);
		for (size_t c = 0; c < N_COLUMNS; c++)
			grid_cell(&g, "%" PRIu64, v[i].c[columns[c].counter]);
	}
	grid_print(&g, stdout);
}

static void subjects_json(const struct table *t, const struct stnl_subject_counters *v, size_t n)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object(), *packets = json_object_new_object();
		const struct table_subject *s = find(t, v[i].id);

		json_set_str(o, "name", v[i].name);
		json_set_u64(o, "id", v[i].id);
		json_set_u64(o, "ingress_program", s ? s->ingress : 0);
		json_set_u64(o, "egress_program", s ? s->egress : 0);
		for (size_t c = 0; c < N_COLUMNS; c++)
			json_set_u64(packets, columns[c].key, v[i].c[columns[c].counter]);
		json_object_object_add(o, "packets", packets);
		json_object_array_add(list, o);
	}
	json_print(list);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct stnl_subject_counters *)a)->name, ((const struct stnl_subject_counters *)b)->name);
}

int show_subjects(struct stnl *nl, enum output output, struct err *err)
{
	struct stnl_subject_counters *v = NULL;
	uint64_t generation;
	struct table *t = stnl_dump(nl, &generation, err);
	size_t n = 0;
	int rc;

	if (!t)
		return -1;
	rc = stnl_subject_counters(nl, &v, &n, err);
	if (n)
		qsort(v, n, sizeof(*v), by_name);
	if (!rc)
		(output == OUTPUT_JSON ? subjects_json : subjects_text)(t, v, n);
	free(v);
	table_free(t);
	return rc;
}
