/* SPDX-License-Identifier: GPL-2.0 */
/*
 * metrics: what the controller and its module did, for Prometheus; and whether it is ready.
 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdbool.h>
#include <stdio.h>
#include "../model/model.h"
#include "enforce.h"
#include "findings.h"
#include "loop.h"
#include "prom.h"

/* What a source that talks to the API counts. */
struct metrics_source {
	struct {
		bool enabled, synced;
		uint64_t events, relists, errors;
	} kind[KINDS];
	uint64_t bytes;
	uint64_t unreadable;		/* mistakes in objects */
	uint64_t told, untold;		/* Events about them */
};

struct metrics {
	const struct loop *loop;
	struct findings findings;
	struct prom_histogram compile_seconds, commit_seconds, commit_objects, latency_seconds;
	/* Fills in the source's counters; NULL: a source without such. */
	void (*source)(void *ctx, struct metrics_source *out);
	void *source_ctx;
};

void metrics_init(struct metrics *m, const struct loop *loop);
/* After a commit; @latency_s: since the source received the oldest change in it, negative: not known. */
void metrics_observe(struct metrics *m, const struct enforce_result *r, double latency_s);

/* http_route answers; @ctx is the struct metrics. */
unsigned metrics_answer(void *ctx, FILE *out);
unsigned metrics_healthz(void *ctx, FILE *out);
unsigned metrics_readyz(void *ctx, FILE *out);

#endif
