// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/diag.h"
#include "../manifest/manifest.h"
#include "load.h"

static void tell(const struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		char *line = diag_format(&d->v[i]);

		fprintf(stderr, "%s\n", line);
		free(line);
	}
	if (d->suppressed)
		fprintf(stderr, "... and %zu more\n", d->suppressed);
}

/* @m, if there were no mistakes. */
static struct model *loaded(struct model *m, int mistakes, struct diags *diags)
{
	tell(diags);
	diags_free(diags);
	if (!mistakes)
		return m;
	model_free(m);
	return NULL;
}

struct model *load_model(const struct paths *paths)
{
	struct model *m = model_new();
	struct diags diags = {};

	return loaded(m, manifest_load(m, paths->v, paths->n, 0, &diags), &diags);
}

struct model *load_offline(const struct paths *paths)
{
	struct model *m = model_new();
	struct diags diags = {};

	m = loaded(m, manifest_load(m, paths->v, paths->n, DECODE_TEMPLATES, &diags), &diags);
	if (m)
		model_stand_in(m, false);
	return m;
}

static bool is_empty(const struct model *m)
{
	for (int k = 0; k < KINDS; k++)
		if (model_count(m, k))
			return false;
	return true;
}

struct model *load_in_spite(const struct paths *paths, struct diags *out)
{
	struct model *m = model_new();

	if (manifest_load(m, paths->v, paths->n, DECODE_TEMPLATES | DECODE_LENIENT, out) && is_empty(m)) {
		tell(out);
		model_free(m);
		return NULL;
	}
	model_stand_in(m, true);
	return m;
}

int load_now(const char *s, time_t *out, struct err *err)
{
	struct tm tm = {};
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%SZ", &tm);
	char *stop;
	long long v;

	if (end && !*end) {
		*out = timegm(&tm);
		return 0;
	}
	errno = 0;
	v = strtoll(s, &stop, 10);
	if (*s < '0' || *s > '9' || *stop || errno)
		return err_set(err, "--now=%s: must be seconds since the epoch or like 2030-01-31T12:00:00Z", s);
	*out = v;
	return 0;
}
