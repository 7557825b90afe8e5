/* SPDX-License-Identifier: GPL-2.0 */
/*
 * enforce: keeps the kernel's table what the model compiles to.  The compiler knows what changed since
 * the table in force, so that a change sends its difference.  A table that somebody else left is read back
 * and taken over by difference, too; where that fails, the whole is sent.
 */
#ifndef DAEMON_ENFORCE_H
#define DAEMON_ENFORCE_H

#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"
#include "../compile/compile.h"
#include "../model/model.h"
#include "../nl/nl.h"

enum enforce_mode {
	ENFORCE_NOTHING,	/* the model compiles to what is in force */
	ENFORCE_TAKEOVER,	/* the kernel already held this table */
	ENFORCE_WHOLE,
	ENFORCE_DIFFERENCE,
	ENFORCE_MODES
};

struct enforce_stats {
	uint64_t commits[ENFORCE_MODES];
	uint64_t errors;		/* commits that failed for good, ESTALE and EBADMSG resolved by resending not among them */
	uint64_t resent;		/* differences the kernel did not accept: its table was read back, or the whole sent */
	struct stnl_sent sent;		/* in all commits */
};

struct enforce {
	struct stnl *nl;
	struct compile_options options;
	struct compiler *compiler;	/* settled with the table in force, if known; NULL before the first apply */
	bool known;			/* the table in force is ours, as generation */
	uint64_t digest;		/* of it */
	uint64_t generation;
	bool lost;			/* the module did not answer when last asked */
	struct enforce_stats stats;
	double told_at;			/* the last line of log about a commit, */
	uint64_t told_made;		/* what the compiler had made by then, */
	unsigned untold;		/* and commits since */
};

/* What one enforce_apply() did. */
struct enforce_result {
	enum enforce_mode mode;
	struct stnl_sent sent;
	double compile_s, commit_s;
};

/* Opens the module; -1 with @err. */
int enforce_init(struct enforce *e, const struct compile_options *options, struct err *err);
void enforce_exit(struct enforce *e);

/*
 * Compiles @m, always the same, which is followed from then on and must outlive @e, and puts the table in force, with a
 * log line unless it already was.  0, or -errno with @err: the table in force is as before.
 */
int enforce_apply(struct enforce *e, struct model *m, struct enforce_result *out, struct err *err);

/*
 * Is the table in force still ours?  False if the module went away, was reloaded, or somebody else
 * committed: then the next enforce_apply() takes over what is there.  Logs what it finds once.
 */
bool enforce_check(struct enforce *e);

#endif
