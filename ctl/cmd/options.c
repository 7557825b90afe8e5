// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "options.h"

void paths_add(struct paths *p, char *path)
{
	p->v = realloc(p->v, (p->n + 1) * sizeof(*p->v));
	if (!p->v)
		abort();
	p->v[p->n++] = path;
}

void paths_free(struct paths *p)
{
	free(p->v);
	*p = (struct paths){};
}

bool output_parse(const char *s, enum output *out)
{
	if (!strcmp(s, "text"))
		*out = OUTPUT_TEXT;
	else if (!strcmp(s, "json"))
		*out = OUTPUT_JSON;
	else
		return false;
	return true;
}

bool colour_wanted(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no && *no)
		return false;
	return isatty(fileno(f)) && term && strcmp(term, "dumb");
}

struct colour colour_for(FILE *f)
{
	if (!colour_wanted(f))
		return (struct colour){ "", "", "", "", "", "" };
	return (struct colour){ "\033[31m", "\033[32m", "\033[33m", "\033[1m", "\033[2m", "\033[0m" };
}
