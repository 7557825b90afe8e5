// SPDX-License-Identifier: GPL-2.0
/*
 * doc_yaml: libyaml's events composed to trees.
 *
 * What a document may cost is bounded by its bytes: aliases are copied, and all
 * copies of a stream together may take COPIES_MAX bytes, so a "billion laughs" ends
 * as a message.  No tree is deeper than DOC_DEPTH_MAX, so recursion over it is safe.
 */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "doc_build.h"
#include "hash.h"
#include "mem.h"
#include "utf8.h"

#define COPIES_MAX (16u << 20)

struct anchor {
	char *name;
	const struct doc *node;
	bool open;	/* still being composed: an alias to it would never end */
};

struct composer {
	yaml_parser_t parser;
	const char *file;
	struct diags *diags;
	struct anchor *anchors;	/* of the document; the last of a name counts */
	size_t n_anchors, cap_anchors;
	struct doc **husks;	/* merged maps, which anchors may point to */
	size_t n_husks, cap_husks;
	size_t copies_left;
	bool bad;		/* the document has a mistake */
	bool stop;		/* and what follows can't be read */
};

#define mistake(c, line, ...) do { \
	diags_add((c)->diags, (c)->file, (line), NULL, NULL, __VA_ARGS__); \
	(c)->bad = true; \
} while (0)
#define fatal(c, line, ...) do { \
	mistake(c, line, __VA_ARGS__); \
	(c)->stop = true; \
} while (0)

static struct doc *compose(struct composer *c, yaml_event_t *ev, unsigned depth);

static unsigned event_line(const yaml_event_t *ev)
{
	return ev->start_mark.line + 1;
}

static unsigned line_at(const char *text, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

/* False once something unreadable was met, and then @ev needs no delete. */
static bool next_event(struct composer *c, yaml_event_t *ev)
{
	yaml_parser_t *p = &c->parser;

	if (c->stop)
		return false;
	if (yaml_parser_parse(p, ev))
		return true;
	if (p->context)
		fatal(c, p->problem_mark.line + 1, "not YAML: %s, %s", p->problem, p->context);
	else
		fatal(c, p->problem_mark.line + 1, "not YAML: %s", p->problem ? p->problem : "out of memory");
	return false;
}

static struct anchor *anchor_add(struct composer *c, const yaml_char_t *name, const struct doc *node)
{
	if (!name)
		return NULL;
	mem_grow(c->anchors, c->n_anchors, c->cap_anchors);
	c->anchors[c->n_anchors] = (struct anchor){ .name = mem_strdup((const char *)name), .node = node };
	return &c->anchors[c->n_anchors++];
}

static struct doc *alias_copy(struct composer *c, const yaml_event_t *ev, unsigned depth)
{
	const char *name = (const char *)ev->data.alias.anchor;
	struct doc *copy = NULL;
	size_t i = c->n_anchors;

	while (i && strcmp(c->anchors[i - 1].name, name))
		i--;
	if (!i) {
		fatal(c, event_line(ev), "alias *%s: there is no such anchor", name);
	} else if (c->anchors[i - 1].open) {
		fatal(c, event_line(ev), "alias *%s stands inside its own anchor: cyclic", name);
	} else {
		copy = doc_copy(c->anchors[i - 1].node, DOC_DEPTH_MAX - depth, &c->copies_left);
		if (!copy)
			fatal(c, event_line(ev), "alias *%s: aliases expand too far", name);
	}
	return copy;
}

static const char *short_tag(const char *tag)
{
	static const char prefix[] = "tag:yaml.org,2002:";

	return strncmp(tag, prefix, strlen(prefix)) ? tag : tag + strlen(prefix);
}

static bool type_fits(const char *tag, enum doc_type type)
{
	static const struct { const char *tag; enum doc_type type; } tags[] = {
		{ "null", DOC_NULL }, { "bool", DOC_BOOL }, { "int", DOC_INT }, { "float", DOC_FLOAT },
		{ "float", DOC_INT }, { "seq", DOC_SEQ }, { "map", DOC_MAP }, { "str", DOC_STRING },
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (!strcmp(tag, tags[i].tag) && type == tags[i].type)
			return true;
	return false;
}

static void check_tag(struct composer *c, const yaml_char_t *tag, const struct doc *d)
{
	if (tag && strcmp((const char *)tag, "!") && !type_fits(short_tag((const char *)tag), d->type))
		mistake(c, d->line, "tag \"%s\" is not understood here", short_tag((const char *)tag));
}

static struct doc *compose_scalar(struct composer *c, const yaml_event_t *ev)
{
	const char *s = (const char *)ev->data.scalar.value, *tag = (const char *)ev->data.scalar.tag;
	size_t len = ev->data.scalar.length;
	struct doc *d;

	if (!tag ? ev->data.scalar.plain_implicit : strcmp(tag, "!") && strcmp(short_tag(tag), "str"))
		d = doc_new_plain(s, len, event_line(ev));
	else
		d = doc_new_string(s, len, event_line(ev));
	check_tag(c, ev->data.scalar.tag, d);
	anchor_add(c, ev->data.scalar.anchor, d);
	return d;
}

static struct doc *compose_seq(struct composer *c, const yaml_event_t *start, unsigned depth)
{
	struct doc *d = doc_new(DOC_SEQ, event_line(start)), *child;
	struct anchor *a = anchor_add(c, start->data.sequence_start.anchor, d);
	size_t ia = a ? a - c->anchors : 0;
	yaml_event_t ev;
	bool end = false;

	if (a)
		a->open = true;
	check_tag(c, start->data.sequence_start.tag, d);
	while (!end && next_event(c, &ev)) {
		end = ev.type == YAML_SEQUENCE_END_EVENT;
		child = end ? NULL : compose(c, &ev, depth + 1);
		if (child)
			doc_push(d, child);
		yaml_event_delete(&ev);
	}
	if (a)
		c->anchors[ia].open = false;
	doc_trim(d);
	return d;
}

/* The map being composed, with what is not part of the tree. */
struct map_state {
	struct doc *d;
	struct hash keys;	/* of char *, those that are in @d */
	struct doc *merged;	/* values of "<<" keys */
};

static bool has_key(const struct hash *keys, const char *key)
{
	const char *k;
	size_t it = 0;

	while ((k = hash_next(keys, hash_string(key), &it)))
		if (!strcmp(k, key))
			return true;
	return false;
}

static void map_add(struct composer *c, struct map_state *m, char *key, unsigned line, struct doc *value)
{
	if (has_key(&m->keys, key))
		mistake(c, line, "key \"%s\" is given twice", key);
	hash_add(&m->keys, hash_string(key), key);
	doc_put(m->d, key, line, value);
}

/* Keys are strings in the end: numbers and booleans become what kubectl makes them. */
static char *key_text(struct composer *c, const struct doc *d)
{
	switch (d->type) {
	case DOC_STRING:
		if (strlen(d->string.s) != d->string.len)
			break;
		return mem_strdup(d->string.s);
	case DOC_FLOAT:
		return mem_strdup(d->string.s);
	case DOC_INT:
		return mem_printf("%lld", (long long)d->integer);
	case DOC_BOOL:
		return mem_strdup(d->boolean ? "true" : "false");
	default:
		break;
	}
	mistake(c, d->line, "a key must be a string");
	return mem_strdup("");
}

/* Out of the tree, but anchors may point to it until the document ends. */
static void keep_husk(struct composer *c, struct doc *d)
{
	if (!c->n_anchors) {
		doc_free(d);
		return;
	}
	mem_grow(c->husks, c->n_husks, c->cap_husks);
	c->husks[c->n_husks++] = d;
}

static void map_entry(struct composer *c, struct map_state *m, yaml_event_t *key_ev, unsigned depth)
{
	bool merge = key_ev->type == YAML_SCALAR_EVENT && key_ev->data.scalar.plain_implicit &&
		     !strcmp((const char *)key_ev->data.scalar.value, "<<");
	struct doc *key = compose(c, key_ev, depth + 1), *value = NULL;
	unsigned line = event_line(key_ev);
	yaml_event_t ev;

	if (key && next_event(c, &ev)) {
		value = compose(c, &ev, depth + 1);
		yaml_event_delete(&ev);
	}
	if (value && merge) {
		doc_push(m->merged, value);
	} else if (value) {
		map_add(c, m, key_text(c, key), line, value);
	}
	keep_husk(c, key);
}

static void merge_map(struct composer *c, struct map_state *m, const struct doc *from, unsigned depth)
{
	if (from->type != DOC_MAP) {
		mistake(c, from->line, "only maps can be merged with <<");
		return;
	}
	for (size_t i = 0; i < from->map.n && !c->stop; i++) {
		const struct doc_pair *p = &from->map.v[i];
		struct doc *copy;

		if (has_key(&m->keys, p->key))
			continue;
		copy = doc_copy(p->value, DOC_DEPTH_MAX - depth, &c->copies_left);
		if (copy)
			map_add(c, m, mem_strdup(p->key), p->line, copy);
		else
			fatal(c, from->line, "merged maps expand too far");
	}
}

/* Explicit keys win, then earlier maps over later ones. */
static void merge_all(struct composer *c, struct map_state *m, unsigned depth)
{
	for (size_t i = 0; i < m->merged->seq.n; i++) {
		const struct doc *from = m->merged->seq.v[i];

		if (from->type != DOC_SEQ)
			merge_map(c, m, from, depth);
		else
			for (size_t j = 0; j < from->seq.n; j++)
				merge_map(c, m, from->seq.v[j], depth);
	}
}

static struct doc *compose_map(struct composer *c, const yaml_event_t *start, unsigned depth)
{
	struct map_state m = { .d = doc_new(DOC_MAP, event_line(start)), .merged = doc_new(DOC_SEQ, 0) };
	struct anchor *a = anchor_add(c, start->data.mapping_start.anchor, m.d);
	size_t ia = a ? a - c->anchors : 0;
	yaml_event_t ev;
	bool end = false;

	if (a)
		a->open = true;
	check_tag(c, start->data.mapping_start.tag, m.d);
	while (!end && next_event(c, &ev)) {
		end = ev.type == YAML_MAPPING_END_EVENT;
		if (!end)
			map_entry(c, &m, &ev, depth);
		yaml_event_delete(&ev);
	}
	merge_all(c, &m, depth);
	if (a)
		c->anchors[ia].open = false;
	hash_free(&m.keys);
	keep_husk(c, m.merged);
	doc_trim(m.d);
	return m.d;
}

/* NULL only after a fatal mistake. */
static struct doc *compose(struct composer *c, yaml_event_t *ev, unsigned depth)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return compose_scalar(c, ev);
	case YAML_ALIAS_EVENT:
		return alias_copy(c, ev, depth);
	default:
		break;
	}
	if (depth >= DOC_DEPTH_MAX) {
		fatal(c, event_line(ev), "nested deeper than %d levels", DOC_DEPTH_MAX);
		return NULL;
	}
	return ev->type == YAML_SEQUENCE_START_EVENT ? compose_seq(c, ev, depth) : compose_map(c, ev, depth);
}

static void forget_document(struct composer *c)
{
	for (size_t i = 0; i < c->n_anchors; i++)
		free(c->anchors[i].name);
	for (size_t i = 0; i < c->n_husks; i++)
		doc_free(c->husks[i]);
	c->n_anchors = c->n_husks = 0;
}

static void compose_document(struct composer *c, yaml_event_t *root,
			     void (*each)(void *ctx, struct doc *d), void *ctx)
{
	struct doc *d;

	c->bad = false;
	d = compose(c, root, 0);
	forget_document(c);
	if (!c->bad && d->type != DOC_NULL)
		each(ctx, d);
	else
		doc_free(d);
}

/* The node events at top level are the documents. */
static bool parse_stream(struct composer *c, void (*each)(void *ctx, struct doc *d), void *ctx)
{
	bool bad = false, end = false;
	yaml_event_t ev;

	while (!end && next_event(c, &ev)) {
		switch (ev.type) {
		case YAML_STREAM_END_EVENT:
			end = true;
			break;
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		default:
			compose_document(c, &ev, each, ctx);
			bad |= c->bad;
		}
		yaml_event_delete(&ev);
	}
	return !bad && !c->stop;
}

/* libyaml would find these too, but not tell where. */
static bool check_bytes(const char *text, size_t len, const char *file, struct diags *diags)
{
	size_t at;

	if (len > DOC_BYTES_MAX) {
		diags_add(diags, file, 0, NULL, NULL, "larger than %u MiB", DOC_BYTES_MAX >> 20);
		return false;
	}
	at = utf8_check(text, len);
	if (at < len) {
		diags_add(diags, file, line_at(text, at), NULL, NULL, "byte 0x%02x is not UTF-8",
			  (unsigned char)text[at]);
		return false;
	}
	for (at = 0; at < len; at++) {
		unsigned char ch = text[at];

		if ((ch < 0x20 && !strchr("\t\r\n", ch)) || !ch || ch == 0x7f) {
			diags_add(diags, file, line_at(text, at), NULL, NULL, "control character 0x%02x", ch);
			return false;
		}
	}
	return true;
}

int doc_parse_yaml(const char *text, size_t len, const char *file, struct diags *diags,
		   void (*each)(void *ctx, struct doc *d), void *ctx)
{
	struct composer c = { .file = file, .diags = diags, .copies_left = COPIES_MAX };
	bool good;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {	/* byte order mark */
		text += 3;
		len -= 3;
	}
	if (!check_bytes(text, len, file, diags))
		return -1;
	if (!yaml_parser_initialize(&c.parser))
		abort();
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&c.parser, (const unsigned char *)text, len);
	good = parse_stream(&c, each, ctx);
	yaml_parser_delete(&c.parser);
	free(c.anchors);
	free(c.husks);
	return good ? 0 : -1;
}
