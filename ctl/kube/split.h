/* SPDX-License-Identifier: GPL-2.0 */
/*
 * split: cuts a response into the objects it carries while its bytes arrive, so that at
 * most one object's text is held, however long the list.
 *
 * A STREAM is what a watch sends: JSON objects one behind the other.  A LIST is one
 * object whose member "items" is an array of objects; everything but the items is kept and
 * handed out at the end.  Only brackets and strings are looked at: whether an object's text is valid JSON
 * is for the parser to say.
 */
#ifndef KUBE_SPLIT_H
#define KUBE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

/* etcd refuses objects over 1.5 MB unless told otherwise; nobody tells it more than 8. */
#define KUBE_OBJECT_MAX (16u << 20)
#define KUBE_OUTER_MAX (1u << 20)

/* One object's text, not NUL-terminated; nonzero stops. */
typedef int (*kube_split_each)(void *ctx, const char *json, size_t len);

struct kube_text {
	char *s;
	size_t len, cap;
};

struct kube_split {
	kube_split_each each;
	void *ctx;
	const char *why;		/* what was wrong, static text; NULL: nothing */
	struct kube_text item, outer;
	size_t string_at;		/* where in outer its last string began */
	unsigned depth;			/* brackets open */
	bool list;
	bool in_item, in_string, escaped;
	bool items_next;		/* "items": was read */
	bool in_items;			/* between its [ and ] */
};

void kube_split_init(struct kube_split *s, bool list, kube_split_each each, void *ctx);
/* Returns 0; what @each returned; or -1 with @s->why set, for good. */
int kube_split_feed(struct kube_split *s, const char *p, size_t len);
/*
 * At the end of the response: 0 if it ended where it may, -1 (with why) if it was cut off.  In a
 * LIST, @s->outer then holds the list object with an empty "items".
 */
int kube_split_end(struct kube_split *s);
void kube_split_free(struct kube_split *s);

#endif
