// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdarg.h>
#include "prom.h"

void prom_head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_value(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n')
			fputs("\\n", f);
		else if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else
			putc(*s, f);
	}
}

/* Whole numbers as such: counters lose no digit up to 2^53. */
static void put_number(FILE *f, double v)
{
	if (v == floor(v) && fabs(v) < 9007199254740992.0)
		fprintf(f, " %.0f\n", v);
	else
		fprintf(f, " %.9g\n", v);
}

void prom_sample(FILE *f, const char *name, double value, ...)
{
	const char *label, *sep = "{";
	va_list ap;

	fputs(name, f);
	va_start(ap, value);
	while ((label = va_arg(ap, const char *))) {
		fprintf(f, "%s%s=\"", sep, label);
		put_value(f, va_arg(ap, const char *));
		putc('"', f);
		sep = ",";
	}
	va_end(ap);
	if (*sep == ',')
		putc('}', f);
	put_number(f, value);
}

void prom_single(FILE *f, const char *name, const char *type, const char *help, double value)
{
	prom_head(f, name, type, help);
	prom_sample(f, name, value, NULL);
}

void prom_histogram_init(struct prom_histogram *h, double first, double factor, size_t n)
{
	*h = (struct prom_histogram){ .n = n };
	for (size_t i = 0; i < n; i++, first *= factor)
		h->bounds[i] = first;
}

void prom_observe(struct prom_histogram *h, double value)
{
	size_t i = 0;

	while (i < h->n && value > h->bounds[i])
		i++;
	h->counts[i]++;
	h->sum += value;
}

void prom_histogram(FILE *f, const char *name, const char *help, const struct prom_histogram *h)
{
	uint64_t below = 0;

	prom_head(f, name, "histogram", help);
	for (size_t i = 0; i <= h->n; i++) {
		below += h->counts[i];
		if (i < h->n)
			fprintf(f, "%s_bucket{le=\"%.9g\"} %llu\n", name, h->bounds[i], (unsigned long long)below);
		else
			fprintf(f, "%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)below);
	}
	fprintf(f, "%s_sum", name);
	put_number(f, h->sum);
	fprintf(f, "%s_count %llu\n", name, (unsigned long long)below);
}
