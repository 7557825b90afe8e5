/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nl: the policy table over generic netlink (libnl-3).  Knows the ABI and struct
 * table, nothing of Kubernetes.  Acts on the network namespace the
 * socket was opened in.  One thread per struct stnl.
 *
 * The prefix is stnl_, for libnl-3 has nl_ (nl_close(), nl_dump(), ...) for itself.
 */
#ifndef NL_NL_H
#define NL_NL_H

#include <stdint.h>
#include "../base/err.h"
#include "../compile/table.h"

struct stnl;

/* NULL with @err if the module is not loaded, is of another version, or we lack the capability. */
struct stnl *stnl_open(struct err *err);
void stnl_close(struct stnl *nl);

struct stnl_status {
	char version[32];
	uint64_t generation, digest, memory, committed, events_lost;
	uint64_t flows_memory;	/* bytes of the flow map, 0: there is none */
	uint32_t rules, programs, subjects, endpoints, blocks, steps, flows;
	struct table_limits max;	/* 0: the module does not say */
	uint32_t txn_portid;	/* 0: none */
	uint8_t state;		/* enum stockade_state */
};
/* 0 or -errno; finds the module again if it was reloaded since (-ENOENT: it is not loaded). */
int stnl_status(struct stnl *nl, struct stnl_status *out, struct err *err);

/*
 * Make @to the table in force: the difference to @from on generation *@generation, or the whole table where
 * @from is NULL.  @digest is table_digest(@to).  *@generation is set to the new one.  @sent (may be NULL)
 * counts the objects sent, also where it fails.  Returns 0, or -errno:
 * -ESTALE: the kernel's generation is another (send the whole); -EBADMSG: digests differ (likewise);
 * anything else: nothing changed, *err names the kernel's reason and attribute.
 */
struct stnl_sent {
	size_t put, deleted;
	size_t bytes;		/* of the messages they were in */
};
int stnl_commit(struct stnl *nl, const struct table *from, const struct table *to, uint64_t digest,
		uint64_t *generation, struct stnl_sent *sent, struct err *err);
/* 0 or -errno; without a table there is nothing to do. */
int stnl_teardown(struct stnl *nl, struct err *err);

/* Arrays are malloc'ed, the caller frees them; calls return 0 or -errno. */

/* The kernel's table read back; NULL on error.  All of one generation. */
struct table *stnl_dump(struct stnl *nl, uint64_t *generation, struct err *err);

struct stnl_counter {
	uint8_t door, reason, verdict;
	uint64_t packets;
};
int stnl_counters(struct stnl *nl, struct stnl_counter **out, size_t *n, struct err *err);

struct stnl_subject_counters {
	uint32_t id;
	char name[STOCKADE_SUBJECT_NAME_MAX + 1];
	uint64_t c[__STOCKADE_SUBJECT_C_MAX];	/* by enum stockade_subject_counter */
};
int stnl_subject_counters(struct stnl *nl, struct stnl_subject_counters **out, size_t *n, struct err *err);

struct stnl_flow {
	struct ip opener, target;
	uint8_t proto;
	uint16_t port;
};
struct stnl_verdict {
	uint8_t door, verdict, reason, tier;
	uint32_t rule, subject, peer_identity;	/* 0: none */
	char rule_name[STOCKADE_RULE_NAME_MAX + 1];	/* "" : unknown */
	char subject_name[STOCKADE_SUBJECT_NAME_MAX + 1];
};
int stnl_judge(struct stnl *nl, const struct stnl_flow *flow, struct stnl_verdict out[STOCKADE_DOORS], struct err *err);

struct stnl_drop {
	struct stnl_flow flow;
	struct stnl_verdict verdict;
	uint64_t generation, time_ns;
	uint32_t lost;
	uint16_t sport;
	bool reply;
};
/*
 * Follow deny events: the descriptor to poll (or -errno), and a call that reads what is there without blocking:
 * 0, 1: events were lost because they were not read fast enough, or -errno.
 */
int stnl_drops_open(struct stnl *nl, struct err *err);
int stnl_drops_read(struct stnl *nl, void (*cb)(void *ctx, const struct stnl_drop *drop), void *ctx, struct err *err);

#endif
