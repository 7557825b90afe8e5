// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>
#include <limits.h>
#include <string.h>
#include "doc_build.h"
#include "mem.h"

static struct doc *convert(struct json_object *o);

static struct doc *convert_map(struct json_object *o)
{
	struct doc *d = doc_new(DOC_MAP, 0);

	json_object_object_foreach(o, key, value)
		doc_put(d, mem_strdup(key), 0, convert(value));
	return d;
}

static struct doc *convert_seq(struct json_object *o)
{
	struct doc *d = doc_new(DOC_SEQ, 0);
	size_t n = json_object_array_length(o);

	for (size_t i = 0; i < n; i++)
		doc_push(d, convert(json_object_array_get_idx(o, i)));
	return d;
}

/* Integers past 64 bits are floats to us: of no type that a field wants. */
static struct doc *convert_int(struct json_object *o)
{
	int64_t n = json_object_get_int64(o);
	struct doc *d;

	if (n == INT64_MAX || n == INT64_MIN) {
		const char *text = json_object_to_json_string(o);

		d = doc_new_string(text, strlen(text), 0);
		d->type = DOC_FLOAT;
		return d;
	}
	d = doc_new(DOC_INT, 0);
	d->integer = n;
	return d;
}

static struct doc *convert_float(struct json_object *o)
{
	const char *text = json_object_to_json_string(o);
	struct doc *d = doc_new_string(text, strlen(text), 0);

	d->type = DOC_FLOAT;
	return d;
}

static struct doc *convert(struct json_object *o)
{
	struct doc *d;

	switch (json_object_get_type(o)) {
	case json_type_boolean:
		d = doc_new(DOC_BOOL, 0);
		d->boolean = json_object_get_boolean(o);
		return d;
	case json_type_int:
		return convert_int(o);
	case json_type_double:
		return convert_float(o);
	case json_type_string:
		return doc_new_string(json_object_get_string(o), json_object_get_string_len(o), 0);
	case json_type_array:
		return convert_seq(o);
	case json_type_object:
		return convert_map(o);
	default:
		return doc_new(DOC_NULL, 0);
	}
}

/*
 * One for all, as making it costs more than most texts: it is larger than what malloc() keeps at hand.
 * NULL: out of memory.
 */
static struct json_tokener *tokener(void)
{
	static _Thread_local struct json_tokener *tok;

	if (tok) {
		json_tokener_reset(tok);
		return tok;
	}
	tok = json_tokener_new_ex(DOC_DEPTH_MAX);
	if (tok)
		json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	return tok;
}

struct doc *doc_parse_json(const char *text, size_t len, const char **why)
{
	struct json_tokener *tok;
	struct json_object *o;
	struct doc *d = NULL;

	if (len > DOC_BYTES_MAX) {
		*why = "too large";
		return NULL;
	}
	tok = tokener();
	if (!tok) {
		*why = "out of memory";
		return NULL;
	}
	o = json_tokener_parse_ex(tok, text, (int)len);
	if (json_tokener_get_error(tok) == json_tokener_continue)	/* a bare number may go on */
		o = json_tokener_parse_ex(tok, "", 1);
	if (json_tokener_get_error(tok) != json_tokener_success)
		*why = json_tokener_error_desc(json_tokener_get_error(tok));
	else if (memchr(text, 0, len))
		*why = "NUL byte";
	else
		d = convert(o);
	json_object_put(o);
	return d;
}
