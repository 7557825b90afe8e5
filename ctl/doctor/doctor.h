/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doctor: what on this node would stop enforcement, or surprise.  Each check looks at one thing and adds
 * findings; /proc and /sys are looked at below a root, so that tests can build one.
 */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include "../compile/table.h"
#include "../nl/nl.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_WARNING,		/* may surprise */
	DOCTOR_PROBLEM,		/* some policy is, or will be, not enforced */
};

struct finding {
	enum doctor_level level;
	const char *check;	/* which check, one word: "module", "ipvs"; static */
	char *message;		/* what is the case */
	char *fix;		/* what to do; NULL if nothing need be done */
};
struct findings {
	struct finding *v;
	size_t n, cap;
};
void findings_add(struct findings *f, enum doctor_level level, const char *check, const char *fix,
		  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void findings_free(struct findings *f);
enum doctor_level findings_worst(const struct findings *f);

/* What the module says, for doctor_kernel(). */
struct doctor_table {
	bool module;		/* it answers */
	const char *why;	/* it does not: in words */
	struct stnl_status status;
	const struct table *table;	/* read back; NULL if there is none */
};

/* Each looks below @root ("" for the real one). */
void doctor_kernel(struct findings *f, const struct doctor_table *t);
void doctor_controller(struct findings *f, const char *root, const struct doctor_table *t);
void doctor_ipvs(struct findings *f, const char *root);
void doctor_bridge(struct findings *f, const char *root, bool v6);
void doctor_forwarding(struct findings *f, const char *root, bool v6);
void doctor_conntrack(struct findings *f, const char *root);
/* Whether pods' IPv4 source addresses are checked; for IPv6 the kernel has no such switch. */
void doctor_sources(struct findings *f, const char *root, const struct doctor_table *t);
void doctor_enforcers(struct findings *f, const char *root);
/* Who has rules in netfilter: from the kernel itself, where its modules are loaded below @root. */
void doctor_netfilter(struct findings *f, const char *root);
/* A chain's or flowtable's name, as doctor_netfilter() judges it. */
struct doctor_chains {
	struct findings *findings;
	unsigned told;		/* bit mask of the enforcers told already */
	bool flowtable;
};
void doctor_chain(void *ctx, int thing, const char *table, const char *name);

/* All of them. */
void doctor_run(struct findings *f, const char *root, const struct doctor_table *t);

#endif
