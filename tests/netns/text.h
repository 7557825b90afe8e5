/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text: a growing piece of text, and documents written into it as JSON (which is YAML too).
 */
#ifndef NETNS_TEXT_H
#define NETNS_TEXT_H

#include <stddef.h>
#include "base/doc.h"
#include "base/err.h"

struct text {
	char *s;	/* NUL-terminated once anything was added, else NULL */
	size_t len, cap;
};

void text_add(struct text *t, const char *s, size_t len);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_doc(struct text *t, const struct doc *d);
void text_free(struct text *t);

/* The whole of @path, into @t.  1 if there is no such file (@t as before), -1 with @err. */
int text_read(struct text *t, const char *path, struct err *err);
/* So that readers of the folder see the old file or the new one; the name in between is hidden. */
int text_replace_file(const struct text *t, const char *dir, const char *name, struct err *err);

#endif
