/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode: netlink attributes back to what they say.  Mirrors encode; no socket.  What comes from the
 * kernel is checked as if it did not: a size that is wrong is an error, never a read past it.
 */
#ifndef NL_DECODE_H
#define NL_DECODE_H

#include <netlink/attr.h>
#include "../base/err.h"
#include "../compile/table.h"
#include "nl.h"

/* A table being collected from any number of messages; zero to begin with. */
struct decode {
	struct table *table;
	size_t cap_rules, cap_programs, cap_subjects, cap_endpoints, cap_blocks, cap_cidrs;
	bool in_program;	/* the last program wants more parts */
	bool in_map;		/* its last map wants more pieces */
};
/* Takes every object among the top level attributes; 0, or -EBADMSG with @err. */
int decode_objects(struct decode *d, const struct nlattr *head, int len, struct err *err);
/*
 * The table, sorted as struct table wants it; the caller's.  NULL with @err if a program's last part never came.  Either way @d is empty again.
 */
struct table *decode_finish(struct decode *d, struct err *err);
void decode_abandon(struct decode *d);

/* Each takes the (nested) attribute; 0, or -EBADMSG with @err. */
int decode_status(const struct nlattr *nest, struct stnl_status *out, struct err *err);
int decode_counter(const struct nlattr *nest, struct stnl_counter *out, struct err *err);
int decode_subject_counters(const struct nlattr *nest, struct stnl_subject_counters *out, struct err *err);
int decode_flow(const struct nlattr *nest, struct stnl_flow *out, struct err *err);
int decode_verdict(const struct nlattr *nest, struct stnl_verdict *out, struct err *err);
int decode_drop(const struct nlattr *nest, struct stnl_drop *out, struct err *err);

#endif
