// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "decoder.h"

size_t dec_enter(struct decoder *dec, const char *key)
{
	size_t at = strlen(dec->path);

	snprintf(dec->path + at, sizeof(dec->path) - at, "%s%s", at ? "." : "", key);
	return at;
}

size_t dec_enter_index(struct decoder *dec, size_t i)
{
	size_t at = strlen(dec->path);

	snprintf(dec->path + at, sizeof(dec->path) - at, "[%zu]", i);
	return at;
}

void dec_leave(struct decoder *dec, size_t at)
{
	dec->path[at] = 0;
}

static void report(struct decoder *dec, const struct doc *node, const char *fmt, va_list ap)
{
	char *msg;

	if (vasprintf(&msg, fmt, ap) < 0)
		abort();
	diags_add(dec->diags, dec->file, node && node->line ? node->line : dec->line, dec->object,
		  *dec->path ? dec->path : NULL, "%s", msg);
	dec->mistakes++;
	free(msg);
}

void dec_error(struct decoder *dec, const struct doc *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(dec, node, fmt, ap);
	va_end(ap);
}

void dec_error_in(struct decoder *dec, const struct doc *node, const char *key, const char *fmt, ...)
{
	size_t at = dec_enter(dec, key);
	va_list ap;

	va_start(ap, fmt);
	report(dec, node, fmt, ap);
	va_end(ap);
	dec_leave(dec, at);
}

static const char *type_name(enum doc_type t)
{
	static const char *const names[] = {
		[DOC_NULL] = "null", [DOC_BOOL] = "a boolean", [DOC_INT] = "an integer",
		[DOC_FLOAT] = "a number", [DOC_STRING] = "a string", [DOC_SEQ] = "a list", [DOC_MAP] = "a map",
	};

	return names[t];
}

static void wrong_type(struct decoder *dec, const struct doc *node, enum doc_type want)
{
	bool quotes = want == DOC_STRING && node->type >= DOC_BOOL && node->type <= DOC_FLOAT;

	dec_error(dec, node, "must be %s, not %s%s", type_name(want), type_name(node->type),
		  quotes ? " (put it in quotes)" : "");
}

static const struct doc *typed(struct decoder *dec, const struct doc *map, const char *key, enum doc_type want)
{
	const struct doc *v = doc_get(map, key);
	size_t at;

	if (!v || v->type == want)
		return v;
	at = dec_enter(dec, key);
	wrong_type(dec, v, want);
	dec_leave(dec, at);
	return NULL;
}

const struct doc *dec_map(struct decoder *dec, const struct doc *map, const char *key)
{
	return typed(dec, map, key, DOC_MAP);
}

const struct doc *dec_seq(struct decoder *dec, const struct doc *map, const char *key)
{
	return typed(dec, map, key, DOC_SEQ);
}

/* C strings from here on, so one that is cut short must not pass. */
static const char *text_of(struct decoder *dec, const struct doc *v)
{
	if (v->type != DOC_STRING) {
		wrong_type(dec, v, DOC_STRING);
		return NULL;
	}
	if (strlen(v->string.s) != v->string.len) {
		dec_error(dec, v, "must not hold a NUL character");
		return NULL;
	}
	return v->string.s;
}

const char *dec_text(struct decoder *dec, const struct doc *map, const char *key)
{
	const struct doc *v = doc_get(map, key);
	const char *s;
	size_t at;

	if (!v)
		return NULL;
	at = dec_enter(dec, key);
	s = text_of(dec, v);
	dec_leave(dec, at);
	return s;
}

bool dec_bool(struct decoder *dec, const struct doc *map, const char *key)
{
	const struct doc *v = typed(dec, map, key, DOC_BOOL);

	return v && v->boolean;
}

bool dec_int(struct decoder *dec, const struct doc *map, const char *key, int64_t min, int64_t max, int64_t *out)
{
	const struct doc *v = typed(dec, map, key, DOC_INT);

	if (!v)
		return false;
	if (v->integer < min || v->integer > max) {
		dec_error_in(dec, v, key, "%" PRId64 " is not between %" PRId64 " and %" PRId64,
			     v->integer, min, max);
		return false;
	}
	*out = v->integer;
	return true;
}

bool dec_is_map(struct decoder *dec, const struct doc *node)
{
	if (node->type == DOC_MAP)
		return true;
	wrong_type(dec, node, DOC_MAP);
	return false;
}

const char *dec_item_text(struct decoder *dec, const struct doc *node)
{
	return text_of(dec, node);
}

static bool is_field(const char *key, const char *const *fields)
{
	for (; *fields; fields++)
		if (!strcmp(*fields, key))
			return true;
	return false;
}

void dec_known_fields(struct decoder *dec, const struct doc *map, const char *const *fields)
{
	for (size_t i = 0; map && i < map->map.n; i++) {
		const struct doc_pair *p = &map->map.v[i];
		struct doc where = { .line = p->line };

		if (!is_field(p->key, fields))
			dec_error_in(dec, &where, p->key, "unknown field");
	}
}

const char *dec_intern(struct decoder *dec, const char *s)
{
	return s ? model_intern(dec->m, s, strlen(s)) : NULL;
}

const char *dec_string(struct decoder *dec, const struct doc *map, const char *key)
{
	const char *s = dec_text(dec, map, key);

	return dec_intern(dec, s ? s : "");
}

uint8_t dec_protocol(struct decoder *dec, const struct doc *map)
{
	const struct doc *v = doc_get(map, "protocol");
	const char *s = dec_text(dec, map, "protocol");

	if (!v)
		return PROTO_TCP;
	if (!s)
		return 0;
	if (!strcmp(s, "TCP"))
		return PROTO_TCP;
	if (!strcmp(s, "UDP"))
		return PROTO_UDP;
	if (!strcmp(s, "SCTP"))
		return PROTO_SCTP;
	dec_error_in(dec, v, "protocol", "\"%s\" is none of TCP, UDP, SCTP", s);
	return 0;
}

void dec_add_ip(struct decoder *dec, const struct doc *node, const char *s, struct ip *v, unsigned *n)
{
	struct ip ip;

	if (!ip_parse(s, &ip)) {
		dec_error(dec, node, "\"%s\" is not an IP address", s);
		return;
	}
	for (unsigned i = 0; i < *n; i++)
		if (!ip_cmp(&v[i], &ip))
			return;
	v[(*n)++] = ip;
}

struct ip *dec_ips(struct decoder *dec, const struct doc *map, const char *key, unsigned *n)
{
	const struct doc *seq = dec_seq(dec, map, key);
	size_t at = dec_enter(dec, key);
	struct ip *v = mem_array(seq ? seq->seq.n : 0, sizeof(*v));

	*n = 0;
	for (size_t i = 0; seq && i < seq->seq.n; i++) {
		size_t in = dec_enter_index(dec, i);
		const char *s = dec_item_text(dec, seq->seq.v[i]);

		if (s)
			dec_add_ip(dec, seq->seq.v[i], s, v, n);
		dec_leave(dec, in);
	}
	dec_leave(dec, at);
	return mem_resize(v, *n, sizeof(*v));
}
