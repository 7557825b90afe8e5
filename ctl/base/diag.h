/* SPDX-License-Identifier: GPL-2.0 */
/*
 * diag: what is wrong with the input, one finding each, naming file, object and field.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>

struct diag {
	char *file;	/* NULL where there is none (API) */
	unsigned line;	/* 1.., 0 unknown */
	char *object;	/* "NetworkPolicy shop/api", NULL where the document is no object */
	char *field;	/* "spec.ingress[0].ports[1].endPort", NULL for the whole */
	char *message;
};

struct diags {
	struct diag *v;
	size_t n;
	size_t suppressed;	/* past DIAGS_MAX they are only counted */
};
#define DIAGS_MAX 1000

void diags_add(struct diags *d, const char *file, unsigned line, const char *object,
	       const char *field, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void diags_free(struct diags *d);
/* "file:line: object: field: message", leaving out what is not there; malloc'ed. */
char *diag_format(const struct diag *d);

#endif
