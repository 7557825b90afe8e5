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
	e->known = false;
	if (e->compiler)
		compiler_forget(e->compiler);
}

void enforce_exit(struct enforce *e)
{
	compiler_free(e->compiler);
	e->compiler = NULL;
	stnl_close(e->nl);
	e->nl = NULL;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Is what the kernel holds not what we took it for?  ENOENT: what we refer to is not there. */
static bool is_disagreement(int rc)
{
	return rc == -ESTALE || rc == -EBADMSG || rc == -ENOENT;
}

/* A difference where we know what is there. */
static int send_difference(struct enforce *e, uint64_t digest, struct enforce_result *r, struct err *err)
{
	struct table_pair pair;
	int rc;

	compiler_difference(e->compiler, &pair);
	rc = stnl_commit(e->nl, &pair.from, &pair.to, digest, &e->generation, &r->sent, err);
	table_pair_free(&pair);
	r->mode = ENFORCE_DIFFERENCE;
	if (is_disagreement(rc)) {
		log_warn("the kernel does not hold the table that is expected",
			 "generation=%" PRIu64 " error=%s", e->generation, err ? err->msg : "");
		e->stats.resent++;
		r->mode = ENFORCE_NOTHING;	/* that is */
		forget(e);
	}
	return rc;
}

static int send_whole(struct enforce *e, uint64_t digest, struct enforce_result *r, struct err *err)
{
	struct table_pair pair;
	int rc;

	compiler_whole(e->compiler, &pair);
	rc = stnl_commit(e->nl, NULL, &pair.to, digest, &e->generation, &r->sent, err);
	table_pair_free(&pair);
	r->mode = ENFORCE_WHOLE;
	return rc;
}

/* Makes a table that somebody else left into ours; ENFORCE_NOTHING: that did not work. */
static int send_over(struct enforce *e, uint64_t digest, struct enforce_result *r, struct err *err)
{
	struct table *left = stnl_dump(e->nl, &e->generation, err);
	struct table_pair pair;
	int rc;

	if (!left)
		return 0;
	compiler_whole(e->compiler, &pair);
	rc = stnl_commit(e->nl, left, &pair.to, digest, &e->generation, &r->sent, err);
	table_pair_free(&pair);
	table_free(left);
	if (!rc)
		r->mode = ENFORCE_DIFFERENCE;
	return is_disagreement(rc) || rc == -ENOSPC ? 0 : rc;
}

/* Not knowing what is in force: perhaps a predecessor left this very table, or one that differs little. */
static int take_over(struct enforce *e, uint64_t digest, struct enforce_result *r, struct err *err)
{
	struct stnl_status status;
	int rc = stnl_status(e->nl, &status, err);

	if (rc || !status.generation)
		return rc;
	if (status.digest != digest)
		return send_over(e, digest, r, err);
	e->generation = status.generation;
	r->mode = ENFORCE_TAKEOVER;
	return 0;
}

/* True: the kernel takes another table than was known, for a module was loaded. */
static bool learn_limits(struct enforce *e)
{
	struct stnl_status status;

	return !stnl_status(e->nl, &status, NULL) && compiler_limit(e->compiler, &status.max);
}

static int send(struct enforce *e, uint64_t digest, struct enforce_result *r, struct err *err)
{
	int rc;

	if (e->known && e->digest == digest)
		return 0;
	if (e->known) {
		rc = send_difference(e, digest, r, err);
		if (rc == -ENOSPC)	/* what goes has not gone yet when what comes is there: as a whole it may fit */
			return send_whole(e, digest, r, err);
		if (e->known)
			return rc;
	}
	rc = take_over(e, digest, r, err);
	if (rc || r->mode != ENFORCE_NOTHING)
		return rc;
	return send_whole(e, digest, r, err);
}

/* Pods of other nodes come and go all the time: of commits that only say so, one a second is told. */
static bool is_news(struct enforce *e, const struct enforce_result *r)
{
	struct compiler_stats s = compiler_stats(e->compiler);
	uint64_t made = s.whole + s.frames + s.programs;
	double now = seconds();
	bool news = r->mode != ENFORCE_DIFFERENCE || made != e->told_made || now - e->told_at >= 1;

	e->untold++;
	if (!news)
		return false;
	e->told_made = made;
	e->told_at = now;
	return true;
}

static void tell(struct enforce *e, const struct enforce_result *r)
{
	static const char *const modes[ENFORCE_MODES] = {
		[ENFORCE_NOTHING] = "nothing", [ENFORCE_TAKEOVER] = "takeover",
		[ENFORCE_WHOLE] = "whole", [ENFORCE_DIFFERENCE] = "difference",
	};
	struct table t = compiler_counts(e->compiler);

	if (r->mode == ENFORCE_NOTHING || !is_news(e, r))
		return;
	log_info("table in force", "node=%s generation=%" PRIu64 " mode=%s endpoints=%zu blocks=%zu subjects=%zu "
		 "programs=%zu rules=%zu put=%zu deleted=%zu bytes=%zu compile_ms=%.1f ms=%.1f commits=%u",
		 e->options.node, e->generation, modes[r->mode], t.n_endpoints, t.n_blocks, t.n_subjects,
		 t.n_programs, t.n_rules, r->sent.put, r->sent.deleted, r->sent.bytes, r->compile_s * 1e3,
		 (r->compile_s + r->commit_s) * 1e3, e->untold);
	e->untold = 0;
}

static void account(struct enforce *e, const struct enforce_result *r)
{
	e->stats.commits[r->mode]++;
	e->stats.sent.put += r->sent.put;
	e->stats.sent.deleted += r->sent.deleted;
	e->stats.sent.bytes += r->sent.bytes;
}

static int compile_and_send(struct enforce *e, struct enforce_result *r, struct err *err)
{
	double start = seconds();
	int rc;

	compiler_update(e->compiler, time(NULL));
	r->compile_s = seconds() - start;
	start = seconds();
	rc = send(e, compiler_digest(e->compiler), r, err);
	r->commit_s = seconds() - start;
	return rc;
}

int enforce_apply(struct enforce *e, struct model *m, struct enforce_result *out, struct err *err)
{
	struct enforce_result r = {};
	int rc;

	if (!e->compiler)
		e->compiler = compiler_follow(m, &e->options);
	if (!e->known)
		learn_limits(e);
	rc = compile_and_send(e, &r, err);
	/* The module may have come only after it was asked. */
	if (rc == -ENOSPC && learn_limits(e))
		rc = compile_and_send(e, &r, err);
	if (rc) {
		e->stats.errors++;
		return rc;
	}
	compiler_settle(e->compiler);
	e->known = true;
	e->digest = compiler_digest(e->compiler);
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

	if (!e->known && !e->lost)
		return true;	/* nothing was committed yet */
	if (stnl_status(e->nl, &status, &err))
		return check_lost(e, &err);
	if (e->known && status.generation == e->generation)
		return true;
	if (e->known && status.generation && status.digest == e->digest) {
		e->generation = status.generation;	/* somebody else committed the same */
		return true;
	}
	if (!e->lost)
		log_warn("the table in force is not the one committed", "generation=%" PRIu64 " expected=%" PRIu64,
			 status.generation, e->generation);
	forget(e);
	return false;
}
