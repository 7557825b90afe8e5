// SPDX-License-Identifier: GPL-2.0
/*
 * decode_selector: labels and what selects by them.
 */
#include <stdlib.h>
#include <string.h>
#include "decoder.h"
#include "names.h"

static int compare_labels(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The value of a pair of a map of strings, where null is "". */
static const char *pair_text(struct decoder *dec, const struct doc_pair *p)
{
	size_t at;
	const char *s;

	if (p->value->type == DOC_NULL)
		return "";
	at = dec_enter(dec, p->key);
	s = dec_item_text(dec, p->value);
	dec_leave(dec, at);
	return s;
}

static void check_key(struct decoder *dec, const struct doc_pair *p)
{
	struct doc where = { .line = p->line };
	const char *why = name_check_label_key(p->key);

	if (why)
		dec_error(dec, &where, "key \"%s\": %s", p->key, why);
}

static const char *checked_value(struct decoder *dec, const struct doc_pair *p, const char *(*check)(const char *value))
{
	const char *s = pair_text(dec, p), *why = s && check ? check(s) : NULL;

	if (why)
		dec_error_in(dec, p->value, p->key, "\"%s\": %s", s, why);
	return s;
}

struct labels dec_labels(struct decoder *dec, const struct doc *map, const char *key,
			 bool (*wanted)(const char *key), const char *(*check)(const char *value))
{
	const struct doc *d = dec_map(dec, map, key);
	struct labels l = { 0 };
	struct label *v;
	size_t at;

	if (!d)
		return l;
	at = dec_enter(dec, key);
	v = mem_array(d->map.n, sizeof(*v));
	for (size_t i = 0; i < d->map.n; i++) {
		const struct doc_pair *p = &d->map.v[i];
		const char *value = checked_value(dec, p, check);

		check_key(dec, p);
		if (value && (!wanted || wanted(p->key)))
			v[l.n++] = (struct label){ dec_intern(dec, p->key), dec_intern(dec, value) };
	}
	dec_leave(dec, at);
	if (l.n)
		qsort(v, l.n, sizeof(*v), compare_labels);
	l = model_intern_labels(dec->m, v, l.n);
	free(v);
	return l;
}

void dec_equalities(struct decoder *dec, const struct doc *map, struct selector *s)
{
	for (size_t i = 0; i < map->map.n; i++) {
		const struct doc_pair *p = &map->map.v[i];
		const char *value = checked_value(dec, p, name_check_label_value);
		struct requirement *r = &s->v[s->n];

		check_key(dec, p);
		if (!value)
			continue;
		*r = (struct requirement){ .key = dec_intern(dec, p->key), .op = SELECTOR_IN };
		r->values = mem_array(1, sizeof(*r->values));
		r->values[r->n_values++] = dec_intern(dec, value);
		s->n++;
	}
}

static bool parse_operator(struct decoder *dec, const struct doc *d, enum selector_op *op)
{
	static const char *const names[] = {
		[SELECTOR_IN] = "In", [SELECTOR_NOT_IN] = "NotIn", [SELECTOR_EXISTS] = "Exists",
		[SELECTOR_DOES_NOT_EXIST] = "DoesNotExist",
	};
	const char *s = dec_text(dec, d, "operator");

	for (int i = SELECTOR_IN; s && i <= SELECTOR_DOES_NOT_EXIST; i++)
		if (!strcmp(s, names[i])) {
			*op = i;
			return true;
		}
	if (s)
		dec_error_in(dec, doc_get(d, "operator"), "operator",
			     "\"%s\" is none of In, NotIn, Exists, DoesNotExist", s);
	else if (!doc_get(d, "operator"))
		dec_error_in(dec, d, "operator", "is required");
	return false;
}

static void add_value(struct decoder *dec, const struct doc *node, struct requirement *r)
{
	const char *s = dec_item_text(dec, node), *why = s ? name_check_label_value(s) : NULL;

	if (why)
		dec_error(dec, node, "\"%s\": %s", s, why);
	if (s)
		r->values[r->n_values++] = dec_intern(dec, s);
}

static void sort_values(struct requirement *r)
{
	unsigned n = 0;

	if (!r->n_values)
		return;
	qsort(r->values, r->n_values, sizeof(*r->values), compare_strings);
	for (unsigned i = 0; i < r->n_values; i++)
		if (!n || r->values[n - 1] != r->values[i])
			r->values[n++] = r->values[i];
	r->n_values = n;
	r->values = mem_resize(r->values, n, sizeof(*r->values));
}

static void decode_values(struct decoder *dec, const struct doc *d, struct requirement *r)
{
	const struct doc *seq = dec_seq(dec, d, "values");
	bool wants = r->op == SELECTOR_IN || r->op == SELECTOR_NOT_IN;
	size_t at = dec_enter(dec, "values");

	if (wants && (!seq || !seq->seq.n))
		dec_error(dec, seq ? seq : d, "must be given with operators In and NotIn");
	else if (!wants && seq && seq->seq.n)
		dec_error(dec, seq, "must not be given with operators Exists and DoesNotExist");
	else if (seq && seq->seq.n)
		r->values = mem_array(seq->seq.n, sizeof(*r->values));
	for (size_t i = 0; r->values && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		add_value(dec, seq->seq.v[i], r);
		dec_leave(dec, in);
	}
	sort_values(r);
	dec_leave(dec, at);
}

static void decode_expression(struct decoder *dec, const struct doc *d, struct selector *s)
{
	static const char *const fields[] = { "key", "operator", "values", NULL };
	struct requirement r = { 0 };
	int before = dec->mistakes;
	const char *key, *why;

	if (!dec_is_map(dec, d))
		return;
	dec_known_fields(dec, d, fields);
	key = dec_text(dec, d, "key");
	why = name_check_label_key(key ? key : "");
	if (!doc_get(d, "key"))
		dec_error_in(dec, d, "key", "is required");
	else if (key && why)
		dec_error_in(dec, doc_get(d, "key"), "key", "\"%s\": %s", key, why);
	if (parse_operator(dec, d, &r.op))
		decode_values(dec, d, &r);
	if (dec->mistakes != before) {
		free(r.values);
		return;
	}
	r.key = dec_intern(dec, key);
	s->v[s->n++] = r;
}

struct selector dec_selector(struct decoder *dec, const struct doc *map)
{
	static const char *const fields[] = { "matchLabels", "matchExpressions", NULL };
	const struct doc *labels, *exprs;
	struct selector s = { 0 };
	size_t at;

	dec_known_fields(dec, map, fields);
	labels = dec_map(dec, map, "matchLabels");
	exprs = dec_seq(dec, map, "matchExpressions");
	s.v = mem_array((labels ? labels->map.n : 0) + (exprs ? exprs->seq.n : 0), sizeof(*s.v));
	at = dec_enter(dec, "matchLabels");
	if (labels)
		dec_equalities(dec, labels, &s);
	dec_leave(dec, at);
	at = dec_enter(dec, "matchExpressions");
	for (size_t i = 0; exprs && i < exprs->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);

		decode_expression(dec, exprs->seq.v[i], &s);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
	return s;
}

struct selector *dec_selector_field(struct decoder *dec, const struct doc *map, const char *key)
{
	const struct doc *d = dec_map(dec, map, key);
	struct selector *s;
	size_t at;

	if (!d)
		return NULL;
	at = dec_enter(dec, key);
	s = mem_new(struct selector);
	*s = dec_selector(dec, d);
	dec_leave(dec, at);
	return s;
}

bool dec_pod_ref(struct decoder *dec, const char *text, struct pod_ref_selector *out)
{
	const char *slash, *why;
	char *ns;

	text += strspn(text, " ");
	slash = strchr(text, '/');
	if (!slash) {
		dec_error(dec, NULL, "\"%s\" is not NAMESPACE/LABEL-SELECTOR", text);
		return false;
	}
	ns = mem_strndup(text, slash - text);
	why = name_check_label(ns);
	if (why)
		dec_error(dec, NULL, "namespace \"%s\": %s", ns, why);
	else if (!selector_parse(dec->m, slash + 1, &out->selector, &why))	/* which sets @why */
		dec_error(dec, NULL, "selector \"%s\": %s", slash + 1, why);
	out->ns = dec_intern(dec, ns);
	free(ns);
	return !why;
}
