// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "diag.h"
#include "mem.h"

static char *dup_or_null(const char *s)
{
	return s ? mem_strdup(s) : NULL;
}

void diags_add(struct diags *d, const char *file, unsigned line, const char *object,
	       const char *field, const char *fmt, ...)
{
	struct diag *new;
	va_list ap;

	if (d->n == DIAGS_MAX) {
		d->suppressed++;
		return;
	}
	if (!(d->n & (d->n - 1)))	/* room doubles at powers of two */
		d->v = mem_resize(d->v, d->n ? d->n * 2 : 1, sizeof(*d->v));
	new = &d->v[d->n++];
	*new = (struct diag){
		.file = dup_or_null(file), .line = line,
		.object = dup_or_null(object), .field = dup_or_null(field),
	};
	va_start(ap, fmt);
	if (vasprintf(&new->message, fmt, ap) < 0)
		abort();
	va_end(ap);
}

void diags_free(struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].file);
		free(d->v[i].object);
		free(d->v[i].field);
		free(d->v[i].message);
	}
	free(d->v);
	*d = (struct diags){ 0 };
}

char *diag_format(const struct diag *d)
{
	char line[16] = "";

	if (d->line)
		snprintf(line, sizeof(line), ":%u", d->line);
	return mem_printf("%s%s%s%s%s%s%s%s",
			  d->file ? d->file : "", d->file ? line : "", d->file ? ": " : "",
			  d->object ? d->object : "", d->object ? ": " : "",
			  d->field ? d->field : "", d->field ? ": " : "", d->message);
}
