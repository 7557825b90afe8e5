// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <time.h>
#include "../base/log.h"
#include "enforce.h"

int enforce_init(struct enforce *e, const struct compile_options *options, struct err *err)
{
	*e = (struct enforce){ .options = *options };
	e->nl = stnl_open(err);
	return e->nl ? 0 : -1;
}

static void forget(struct enforce *e)
{
	if (e->table)
		table_free(e->table);
	e->table = NULL;
}

void enforce_exit(struct enforce *e)
{
	forget(e);
	stnl_close(e->nl);
	e->nl = NULL;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* A difference where we know what is there; the whole if the kernel knows better. */
static int send_difference(struct enforce *e, const struct table *t, uint64_t digest, struct enforce_result *r,
			   struct err *err)
{
	int rc = stnl_commit(e->nl, e->table, t, digest, &e->generation, &r->sent, err);

	r->mode = ENFORCE_DIFFERENCE;
	/* ENOENT: the module was reloaded, or something we refer to is not there. */
	if (rc == -ESTALE || rc == -EBADMSG || rc == -ENOENT) {
		log_warn("the kernel does not hold the table that is expected, sending the whole",
			 "generation=%" PRIu64 " error=%s", e->generation, err ? err->msg : "");
		e->stats.resent++;
		forget(e);
	}
	return rc;
}

static int send_whole(struct enforce *e, const struct table *t, uint64_t digest, struct enforce_result *r,
		      struct err *err)
{
	r->mode = ENFORCE_WHOLE;
	return stnl_commit(e->nl, NULL, t, digest, &e->generation, &r->sent, err);
}

/* Not knowing what is in force: perhaps it is this very table, which a predecessor left. */
static int take_over(struct enforce *e, uint64_t digest, struct enforce_result *r, struct err *err)
{
	struct stnl_status status;
	int rc = stnl_status(e->nl, &status, err);

	if (rc)
		return rc;
	if (status.generation && status.digest == digest) {
		e->generation = status.generation;
		r->mode = ENFORCE_TAKEOVER;
	}
	return 0;
}

static int send(struct enforce *e, const struct table *t, uint64_t digest, struct enforce_result *r, struct err *err)
{
	int rc;

	if (e->table && e->digest == digest)
		return 0;
	if (e->table) {
		rc = send_difference(e, t, digest, r, err);
		if (e->table)
			return rc;
	}
	rc = take_over(e, digest, r, err);
	if (rc || r->mode == ENFORCE_TAKEOVER)
		return rc;
	return send_whole(e, t, digest, r, err);
}

static void tell(const struct enforce *e, const struct enforce_result *r)
{
	static const char *const modes[ENFORCE_MODES] = {
		[ENFORCE_NOTHING] = "nothing", [ENFORCE_TAKEOVER] = "takeover",
		[ENFORCE_WHOLE] = "whole", [ENFORCE_DIFFERENCE] = "difference",
	};
	const struct table *t = e->table;

	if (r->mode == ENFORCE_NOTHING)
		return;
	log_info("table in force", "node=%s generation=%" PRIu64 " mode=%s endpoints=%zu blocks=%zu subjects=%zu "
		 "programs=%zu rules=%zu put=%zu deleted=%zu compile_ms=%.1f ms=%.1f",
		 e->options.node, e->generation, modes[r->mode], t->n_endpoints, t->n_blocks, t->n_subjects,
		 t->n_programs, t->n_rules, r->sent.put, r->sent.deleted, r->compile_s * 1e3,
		 (r->compile_s + r->commit_s) * 1e3);
}

static void account(struct enforce *e, const struct enforce_result *r)
{
	e->stats.commits[r->mode]++;
	e->stats.sent.put += r->sent.put;
	e->stats.sent.deleted += r->sent.deleted;
}

int enforce_apply(struct enforce *e, const struct model *m, struct enforce_result *out, struct err *err)
{
	struct enforce_result r = {};
	double start = seconds();
	struct table *t;
	uint64_t digest;
	int rc;

	e->options.now = time(NULL);
	t = compile_table(m, &e->options);
	digest = table_digest(t);
	r.compile_s = seconds() - start;
	start = seconds();
	rc = send(e, t, digest, &r, err);
	r.commit_s = seconds() - start;
	if (rc) {
		e->stats.errors++;
		table_free(t);
		return rc;
	}
	forget(e);
	e->table = t;
	e->digest = digest;
	e->lost = false;
	account(e, &r);
	tell(e, &r);
	*out = r;
	return 0;
}

/* The module does not answer: told once, until it does. */
static bool check_lost(struct enforce *e, const struct err *err)
{
	if (!e->lost)
		log_warn("the table in force is lost", "error=%s", err->msg);
	e->lost = true;
	forget(e);
	return false;
}

bool enforce_check(struct enforce *e)
{
	struct stnl_status status;
	struct err err;

	if (!e->table && !e->lost)
		return true;	/* nothing was committed yet */
	if (stnl_status(e->nl, &status, &err))
		return check_lost(e, &err);
	if (e->table && status.generation == e->generation)
		return true;
	if (e->table && status.generation && status.digest == e->digest) {
		e->generation = status.generation;	/* somebody else committed the same */
		return true;
	}
	if (!e->lost)
		log_warn("the table in force is not the one committed", "generation=%" PRIu64 " expected=%" PRIu64,
			 status.generation, e->generation);
	forget(e);
	return false;
}
