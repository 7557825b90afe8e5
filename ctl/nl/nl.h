/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nl: the policy table over generic netlink (libnl-3).  Knows the ABI and struct
 * table, nothing of Kubernetes.  Acts on the network namespace the
 * socket was opened in.  One thread per struct nl.
 */
#ifndef NL_NL_H
#define NL_NL_H

#include <stdint.h>
#include "../base/err.h"
#include "../compile/table.h"

struct nl;

/* -1 with @err if the module is not loaded, is of another version, or we lack the capability. */
struct nl *nl_open(struct err *err);
void nl_close(struct nl *nl);

struct nl_status {
	char version[32];
	uint64_t generation, digest, memory, committed, events_lost;
	uint32_t rules, programs, subjects, endpoints, blocks, steps, flows;
	uint32_t txn_portid;	/* 0: none */
	uint8_t state;		/* enum stockade_state */
};
int nl_status(struct nl *nl, struct nl_status *out, struct err *err);

/*
 * Make @to the table in force: the difference to @from on generation *@generation, or the whole table where
 * @from is NULL.  *@generation is set to the new one.  Returns 0, or -errno:
 * -ESTALE: the kernel's generation is another (send the whole); -EBADMSG: digests differ (likewise);
 * anything else: nothing changed, *err names the kernel's reason and attribute.
 */
int nl_commit(struct nl *nl, const struct table *from, const struct table *to,
	      uint64_t *generation, struct err *err);
int nl_teardown(struct nl *nl, struct err *err);

/* The kernel's table read back; NULL on error.  All of one generation. */
struct table *nl_dump(struct nl *nl, uint64_t *generation, struct err *err);

struct nl_counter {
	uint8_t door, reason, verdict;
	uint64_t packets;
};
int nl_counters(struct nl *nl, struct nl_counter **out, size_t *n, struct err *err);

struct nl_subject_counters {
	uint32_t id;
	char name[STOCKADE_SUBJECT_NAME_MAX + 1];
	uint64_t c[__STOCKADE_SUBJECT_C_MAX];	/* by enum stockade_subject_counter */
};
int nl_subject_counters(struct nl *nl, struct nl_subject_counters **out, size_t *n, struct err *err);

struct nl_flow {
	struct ip opener, target;
	uint8_t proto;
	uint16_t port;
};
struct nl_verdict {
	uint8_t door, verdict, reason, tier;
	uint32_t rule, subject, peer_identity;	/* 0: none */
	char rule_name[STOCKADE_RULE_NAME_MAX + 1];	/* "" : unknown */
	char subject_name[STOCKADE_SUBJECT_NAME_MAX + 1];
};
int nl_judge(struct nl *nl, const struct nl_flow *flow, struct nl_verdict out[STOCKADE_DOORS], struct err *err);

struct nl_drop {
	struct nl_flow flow;
	struct nl_verdict verdict;
	uint64_t generation, time_ns;
	uint32_t lost;
	uint16_t sport;
	bool reply;
};
/* Follow deny events: the descriptor to poll, and a call that reads what is there. */
int nl_drops_open(struct nl *nl, struct err *err);
int nl_drops_read(struct nl *nl, void (*cb)(void *ctx, const struct nl_drop *drop), void *ctx, struct err *err);

#endif
