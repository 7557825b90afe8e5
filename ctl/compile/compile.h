/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compile: the cluster's objects to one node's policy table.  Pure and
 * deterministic: no I/O, no clock (the time certificates are judged at is an option).
 */
#ifndef COMPILE_COMPILE_H
#define COMPILE_COMPILE_H

#include <time.h>
#include "../base/err.h"
#include "../model/model.h"
#include "table.h"

enum perimeter_mode { PERIMETER_OFF, PERIMETER_AUDIT, PERIMETER_ENFORCE };

struct compile_options {
	const char *node;		/* --node; need not exist in the model */
	enum perimeter_mode perimeter;	/* default; a namespace's label stockade.io/perimeter overrides */
	uint16_t overlay_ports[STOCKADE_CONFIG_OVERLAY_PORTS_MAX];
	size_t n_overlay_ports;
	uint8_t deny;			/* enum stockade_deny_mode */
	uint8_t unknown;		/* enum stockade_unknown_mode */
	struct table_limits max;	/* what the kernel takes; of rules, at least 2 */
	time_t now;			/* for P3 */
};
/* 4789, 6081, 8472; audit; drop; drop; the module's defaults. */
void compile_options_init(struct compile_options *o);

/* The table of @o->node; the caller frees it.  Cannot fail on any model that decoded. */
struct table *compile_table(const struct model *m, const struct compile_options *o);

/*
 * A table that is kept up with a model: what compile_table() would make at every compiler_update(), for the price of what
 * changed.  And the difference to the table when it was last settled, which is the one in force.
 */
struct compiler;
/* How long a certificate may have expired unnoticed. */
#define COMPILE_CLOCK_S 30

/* @m must outlive it; @o is copied, o->node borrowed. */
struct compiler *compiler_follow(struct model *m, const struct compile_options *o);
void compiler_free(struct compiler *c);
/* The table of the model as it is; certificates are judged at @now, or were less than COMPILE_CLOCK_S before. */
void compiler_update(struct compiler *c, time_t now);
/* How often updates had to do how much. */
struct compiler_stats {
	uint64_t whole;		/* everything was begun anew */
	uint64_t frames;	/* what follows from this node's pods was made again */
	uint64_t programs;	/* and without that, only programs */
	uint64_t addresses;	/* addresses that were looked at one by one */
};
struct compiler_stats compiler_stats(const struct compiler *c);
/* The kernel takes this much (0: it does not say, which is the module's default); true if that is another than it was. */
bool compiler_limit(struct compiler *c, const struct table_limits *max);
/* As used for it; .now is when certificates were judged. */
const struct compile_options *compiler_options(const struct compiler *c);
/* table_digest() of the table. */
uint64_t compiler_digest(const struct compiler *c);
/* The table but for .endpoints, which is NULL; .n_endpoints is right.  Borrowed until the next update. */
struct table compiler_counts(const struct compiler *c);

/*
 * For table_diff(): what leads from one table to the other.  All but the arrays of endpoints is borrowed
 * until the next update.
 */
struct table_pair {
	struct table from, to;
};
/* From the settled table to this one, objects that are the same in both left out; false: it was never settled. */
bool compiler_difference(const struct compiler *c, struct table_pair *out);
/* From nothing. */
void compiler_whole(const struct compiler *c, struct table_pair *out);
void table_pair_free(struct table_pair *p);
/* This table is in force. */
void compiler_settle(struct compiler *c);
/* Nobody knows what is. */
void compiler_forget(struct compiler *c);

#endif

