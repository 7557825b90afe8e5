/* SPDX-License-Identifier: GPL-2.0 */
/*
 * prom: the Prometheus text format, version 0.0.4.
 */
#ifndef DAEMON_PROM_H
#define DAEMON_PROM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PROM_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* # HELP and # TYPE, before the samples of one metric. */
void prom_head(FILE *f, const char *name, const char *type, const char *help);
/*
 * One sample.  Label names and values alternate, ended by NULL; values are escaped as the format wants:
 *	prom_sample(f, "x_total", 3, "door", "egress", NULL);
 */
void prom_sample(FILE *f, const char *name, double value, ...) __attribute__((sentinel));
/* Head and the one sample, without labels. */
void prom_single(FILE *f, const char *name, const char *type, const char *help, double value);

#define PROM_BUCKETS_MAX 16
struct prom_histogram {
	double bounds[PROM_BUCKETS_MAX];	/* ascending; +Inf is implied */
	size_t n;
	uint64_t counts[PROM_BUCKETS_MAX + 1];	/* not cumulated */
	double sum;
};
/* @n bounds: @first, then each @factor times the one before. */
void prom_histogram_init(struct prom_histogram *h, double first, double factor, size_t n);
void prom_observe(struct prom_histogram *h, double value);
void prom_histogram(FILE *f, const char *name, const char *help, const struct prom_histogram *h);

#endif
