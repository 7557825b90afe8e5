// SPDX-License-Identifier: GPL-2.0
/*
 * selector_text: selectors as kubectl -l takes them: "app=web,tier!=db,env in (a, b),!canary".
 */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "model.h"
#include "names.h"

struct reader {
	struct model *m;
	const char *p;
	const char *why;	/* the first mistake */
};

static void skip_spaces(struct reader *r)
{
	r->p += strspn(r->p, " \t\n");
}

static bool take(struct reader *r, const char *token)
{
	size_t len = strlen(token);

	skip_spaces(r);
	if (strncmp(r->p, token, len))
		return false;
	r->p += len;
	return true;
}

/* A word followed by a space or "(": in, notin. */
static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	skip_spaces(r);
	if (strncmp(r->p, word, len) || !strchr(" \t\n(", r->p[len]) || !r->p[len])
		return false;
	r->p += len;
	return true;
}

/* Everything up to the grammar's own characters, checked; interned. */
static const char *take_text(struct reader *r, const char *(*check)(const char *s))
{
	size_t len;
	char *s;
	const char *out;

	skip_spaces(r);
	len = strcspn(r->p, " \t\n=!,()");
	s = mem_strndup(r->p, len);
	if (!r->why)
		r->why = check(s);
	out = model_intern(r->m, s, len);
	free(s);
	r->p += len;
	return out;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_value(struct reader *r, struct requirement *q)
{
	q->values = mem_resize(q->values, q->n_values + 1, sizeof(*q->values));
	q->values[q->n_values++] = take_text(r, name_check_label_value);
}

static void read_set(struct reader *r, struct requirement *q)
{
	if (!take(r, "(")) {
		r->why = "\"in\" and \"notin\" want a list in parentheses";
		return;
	}
	do {
		add_value(r, q);
	} while (take(r, ",") && !r->why);
	if (!take(r, ")") && !r->why)
		r->why = "a list must end with a parenthesis";
	qsort(q->values, q->n_values, sizeof(*q->values), compare_strings);
}

static void read_requirement(struct reader *r, struct requirement *q)
{
	bool not = take(r, "!");

	q->key = take_text(r, name_check_label_key);
	q->op = not ? SELECTOR_DOES_NOT_EXIST : SELECTOR_EXISTS;
	if (not || r->why)
		return;
	if (take(r, "==") || take(r, "=")) {
		q->op = SELECTOR_IN;
		add_value(r, q);
	} else if (take(r, "!=")) {
		q->op = SELECTOR_NOT_IN;
		add_value(r, q);
	} else if (take_word(r, "in")) {
		q->op = SELECTOR_IN;
		read_set(r, q);
	} else if (take_word(r, "notin")) {
		q->op = SELECTOR_NOT_IN;
		read_set(r, q);
	}
}

bool selector_parse(struct model *m, const char *text, struct selector *out, const char **why)
{
	struct reader r = { .m = m, .p = text };
	struct selector s = { 0 };

	do {
		s.v = mem_resize(s.v, s.n + 1, sizeof(*s.v));
		s.v[s.n] = (struct requirement){ 0 };
		read_requirement(&r, &s.v[s.n++]);
		skip_spaces(&r);
	} while (!r.why && take(&r, ","));
	if (!r.why && *r.p)
		r.why = "requirements are separated by commas";
	if (!r.why) {
		*out = s;
		return true;
	}
	selector_clear(&s);
	*why = r.why;
	return false;
}
