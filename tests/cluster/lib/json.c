// SPDX-License-Identifier: GPL-2.0
/* A document tree as JSON text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin.h"

static void write_value(FILE *f, const struct doc *d);

static void write_string(FILE *f, const char *s, size_t len)
{
	fputc('"', f);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void write_seq(FILE *f, const struct doc *d)
{
	fputc('[', f);
	for (size_t i = 0; i < d->seq.n; i++) {
		if (i)
			fputc(',', f);
		write_value(f, d->seq.v[i]);
	}
	fputc(']', f);
}

static void write_map(FILE *f, const struct doc *d)
{
	fputc('{', f);
	for (size_t i = 0; i < d->map.n; i++) {
		if (i)
			fputc(',', f);
		write_string(f, d->map.v[i].key, strlen(d->map.v[i].key));
		fputc(':', f);
		write_value(f, d->map.v[i].value);
	}
	fputc('}', f);
}

static void write_value(FILE *f, const struct doc *d)
{
	switch (d->type) {
	case DOC_NULL:
		fputs("null", f);
		break;
	case DOC_BOOL:
		fputs(d->boolean ? "true" : "false", f);
		break;
	case DOC_INT:
		fprintf(f, "%" PRId64, d->integer);
		break;
	case DOC_FLOAT:
		fwrite(d->string.s, 1, d->string.len, f);
		break;
	case DOC_STRING:
		write_string(f, d->string.s, d->string.len);
		break;
	case DOC_SEQ:
		write_seq(f, d);
		break;
	case DOC_MAP:
		write_map(f, d);
		break;
	}
}

char *admin_json(const struct doc *d)
{
	char *s = NULL;
	size_t len;
	FILE *f = open_memstream(&s, &len);

	if (!f)
		abort();
	write_value(f, d);
	fclose(f);
	return s;
}
