/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doc: one document (YAML or JSON) as a tree that remembers its lines.  What the
 * decoder reads, whichever wire format it came in.
 */
#ifndef BASE_DOC_H
#define BASE_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "diag.h"

enum doc_type { DOC_NULL, DOC_BOOL, DOC_INT, DOC_FLOAT, DOC_STRING, DOC_SEQ, DOC_MAP };

struct doc {
	enum doc_type type;
	unsigned line;			/* 1.., 0 unknown */
	union {
		bool boolean;
		int64_t integer;
		struct { char *s; size_t len; } string;	/* DOC_STRING; DOC_FLOAT keeps its text here */
		struct { struct doc **v; size_t n; } seq;
		struct { struct doc_pair *v; size_t n; } map;
	};
};
struct doc_pair {
	char *key;
	unsigned line;
	struct doc *value;
};

void doc_free(struct doc *d);
/* Value of @key in map @d; NULL if @d is no map, the key is absent, or its value is null. */
const struct doc *doc_get(const struct doc *d, const char *key);

/*
 * Parse every document of a YAML stream: plain scalars are what Kubernetes reads (doc_scalar.c: unquoted
 * yes, no, on and off are booleans), anchors and merge keys are expanded within bounds, keys of other types
 * become strings.  Calls @each with each tree, which @each takes over; empty documents and those with a
 * mistake are left out.  Syntax errors, duplicate keys, cyclic anchors, too deep nesting or too large input
 * go to @diags under @file.  Returns 0, or -1 if anything was wrong.
 */
#define DOC_DEPTH_MAX 64
#define DOC_BYTES_MAX (64u << 20)
int doc_parse_yaml(const char *text, size_t len, const char *file, struct diags *diags,
		   void (*each)(void *ctx, struct doc *d), void *ctx);
/* One JSON value; NULL with *@why (static or malloc'ed never: static text) on malformed input. */
struct doc *doc_parse_json(const char *text, size_t len, const char **why);

#endif
