// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "split.h"

void kube_split_init(struct kube_split *s, bool list, kube_split_each each, void *ctx)
{
	*s = (struct kube_split){ .list = list, .each = each, .ctx = ctx };
}

void kube_split_free(struct kube_split *s)
{
	free(s->item.s);
	free(s->outer.s);
	s->item = s->outer = (struct kube_text){ 0 };
}

static int fail(struct kube_split *s, const char *why)
{
	s->why = why;
	return -1;
}

static int append(struct kube_split *s, struct kube_text *t, const char *p, size_t len, size_t max)
{
	if (len > max - t->len)
		return fail(s, "an object is too large");
	if (t->len + len > t->cap) {
		t->cap = t->cap * 2 > t->len + len ? t->cap * 2 : t->len + len + 512;
		t->s = mem_resize(t->s, t->cap, 1);
	}
	memcpy(t->s + t->len, p, len);
	t->len += len;
	return 0;
}

/* Skips to the end of the string or of the bytes; returns how many it passed. */
static size_t skip_string(struct kube_split *s, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s->escaped)
			s->escaped = false;
		else if (p[i] == '\\')
			s->escaped = true;
		else if (p[i] == '"') {
			s->in_string = false;
			return i + 1;
		}
	}
	return len;
}

/* Passes bytes of an item, its closing brace included: then in_item is false. */
static size_t skip_item(struct kube_split *s, const char *p, size_t len)
{
	unsigned outside = s->list ? 2 : 0;
	size_t i = 0;

	while (i < len) {
		if (s->in_string) {
			i += skip_string(s, p + i, len - i);
			continue;
		}
		switch (p[i++]) {
		case '"':
			s->in_string = true;
			break;
		case '{':
		case '[':
			s->depth++;
			break;
		case '}':
		case ']':
			if (--s->depth == outside) {
				s->in_item = false;
				return i;
			}
		}
	}
	return len;
}

/* An item that came in one piece is handed on where it lies. */
static int item_bytes(struct kube_split *s, const char *p, size_t len)
{
	int ret;

	if (!s->in_item && !s->item.len)
		return s->each(s->ctx, p, len);
	if (append(s, &s->item, p, len, KUBE_OBJECT_MAX))
		return -1;
	if (s->in_item)
		return 0;
	ret = s->each(s->ctx, s->item.s, s->item.len);
	s->item.len = 0;
	return ret;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool last_string_is_items(const struct kube_split *s)
{
	static const char items[] = "\"items\"";

	return s->outer.len - s->string_at == sizeof(items) - 1 &&
	       !memcmp(s->outer.s + s->string_at, items, sizeof(items) - 1);
}

static int close_bracket(struct kube_split *s, char c)
{
	if (!s->depth)
		return fail(s, "a bracket closes that was not opened");
	s->depth--;
	if (s->in_items && s->depth == 1) {
		if (c != ']')
			return fail(s, "the list's items are not closed");
		s->in_items = false;
	}
	return 0;
}

/* One byte of the list object that is neither of an item nor of a string nor white. */
static int outer_structure(struct kube_split *s, char c)
{
	bool items_next = s->items_next;

	s->items_next = false;
	switch (c) {
	case '"':
		s->in_string = true;
		s->string_at = s->outer.len;
		return 0;
	case ':':
		s->items_next = s->depth == 1 && last_string_is_items(s);
		return 0;
	case '[':
		s->in_items = items_next;
		/* fallthrough */
	case '{':
		s->depth++;
		return 0;
	case '}':
	case ']':
		return close_bracket(s, c);
	default:
		return 0;
	}
}

static int outer_byte(struct kube_split *s, char c)
{
	bool ended = !s->depth && s->outer.len;

	if (is_space(c) && !s->in_string)
		return 0;
	if (ended || (!s->depth && c != '{'))
		return fail(s, "something other than one JSON object");
	if (s->in_items && !s->in_string && c != ']')
		return c == ',' ? 0 : fail(s, "an item is no object");
	if (s->in_string)
		skip_string(s, &c, 1);
	else if (outer_structure(s, c))
		return -1;
	return append(s, &s->outer, &c, 1, KUBE_OUTER_MAX);
}

/* True if @c opens an object to hand out. */
static bool opens_item(const struct kube_split *s, char c)
{
	return c == '{' && (s->list ? s->in_items && s->depth == 2 && !s->in_string : true);
}

static int between_items(struct kube_split *s, char c)
{
	if (s->list)
		return outer_byte(s, c);
	return is_space(c) ? 0 : fail(s, "something other than JSON objects");
}

int kube_split_feed(struct kube_split *s, const char *p, size_t len)
{
	int ret = s->why ? -1 : 0;

	while (len && !ret) {
		size_t n = 1;

		if (!s->in_item && opens_item(s, *p))
			s->in_item = true;
		if (s->in_item) {
			n = skip_item(s, p, len);
			ret = item_bytes(s, p, n);
		} else {
			ret = between_items(s, *p);
		}
		p += n;
		len -= n;
	}
	return ret;
}

int kube_split_end(struct kube_split *s)
{
	if (s->why)
		return -1;
	if (s->in_item || s->depth || (s->list && !s->outer.len))
		return fail(s, "the response was cut off");
	return 0;
}
