/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doc_build: what the two parsers share.  Private to base/.
 */
#ifndef BASE_DOC_BUILD_H
#define BASE_DOC_BUILD_H

#include "doc.h"

struct doc *doc_new(enum doc_type type, unsigned line);
struct doc *doc_new_string(const char *s, size_t len, unsigned line);
/* What a plain scalar is to Kubernetes' YAML reader. */
struct doc *doc_new_plain(const char *s, size_t len, unsigned line);
/* Takes @value; room doubles at powers of two. */
void doc_push(struct doc *seq, struct doc *value);
/* Takes @key and @value. */
void doc_put(struct doc *map, char *key, unsigned line, struct doc *value);
/* Gives back what growing left unused. */
void doc_trim(struct doc *d);
/*
 * A copy which is no deeper than @depth levels and takes no more than *@budget bytes, which it lowers;
 * NULL if it would.
 */
struct doc *doc_copy(const struct doc *d, unsigned depth, size_t *budget);

#endif
