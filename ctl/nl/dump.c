// SPDX-License-Identifier: GPL-2.0
/*
 * Reading back.  One dump speaks of one generation by itself.  A table is five of them: they
 * are begun on a socket each before any is read, and the generation looked at before and
 * after, so that commits which come in meanwhile, however many, disturb only the beginning.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <linux/stockade.h>
#include "../base/mem.h"
#include "attr.h"
#include "stnl.h"

static const uint8_t dumps[] = {
	STOCKADE_CMD_GET_RULES, STOCKADE_CMD_GET_PROGRAMS, STOCKADE_CMD_GET_SUBJECTS,
	STOCKADE_CMD_GET_ENDPOINTS, STOCKADE_CMD_GET_BLOCKS,
};
#define N_DUMPS (sizeof(dumps) / sizeof(dumps[0]))
#define TRIES 50

struct dump {
	struct nl_sock *sock[N_DUMPS];
	uint32_t seq[N_DUMPS];
	uint64_t generation;
	struct decode table;
};

static int on_objects(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	const struct nlattr *a = nla_find((struct nlattr *)head, len, STOCKADE_A_GENERATION);
	struct dump *d = ctx;

	if (attr_u64(a) != d->generation) {
		err_set(err, "the table changed during a dump");
		return -EAGAIN;
	}
	return decode_objects(&d->table, head, len, err);
}

static int dump_open(struct dump *d, struct err *err)
{
	for (size_t i = 0; i < N_DUMPS; i++) {
		d->sock[i] = conn_open(err);
		if (!d->sock[i])
			return -EIO;
	}
	return 0;
}

static int dump_begin(struct dump *d, struct stnl *nl, struct err *err)
{
	struct stnl_report report = { .config = &d->table };
	struct stnl_status after;
	int rc = stnl_report(nl, &report, err);

	d->generation = report.status.generation;
	for (size_t i = 0; i < N_DUMPS && !rc; i++)
		rc = conn_send(d->sock[i], stnl_message(nl, dumps[i], NLM_F_DUMP), &d->seq[i], err);
	rc = rc ?: stnl_status(nl, &after, err);
	if (!rc && after.generation != d->generation) {
		err_set(err, "the table changes faster than it can be read");
		rc = -EAGAIN;
	}
	return rc;
}

static int dump_read(struct dump *d, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < N_DUMPS && !rc; i++)
		rc = conn_receive(d->sock[i], d->seq[i], NULL, on_objects, d, err);
	return rc;
}

static void dump_close(struct dump *d)
{
	for (size_t i = 0; i < N_DUMPS; i++)
		nl_socket_free(d->sock[i]);
}

static int dump_once(struct stnl *nl, struct dump *d, struct err *err)
{
	int rc;

	*d = (struct dump){};
	rc = dump_open(d, err) ?: dump_begin(d, nl, err) ?: dump_read(d, err);
	dump_close(d);
	if (rc)
		decode_abandon(&d->table);
	return rc;
}

struct table *stnl_dump(struct stnl *nl, uint64_t *generation, struct err *err)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	struct table *t;
	struct dump d;
	int rc = -EAGAIN;

	for (int i = 0; rc == -EAGAIN && i < TRIES; i++) {
		if (i)
			nanosleep(&moment, NULL);
		rc = dump_once(nl, &d, err);
	}
	if (rc)
		return NULL;
	t = decode_finish(&d.table, err);
	if (t)
		*generation = d.generation;
	return t;
}

struct counters {
	struct stnl_counter *v;
	size_t n, cap;
};

static int on_counter(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	struct counters *c = ctx;
	const struct nlattr *pos;
	int rem;

	nla_for_each_attr(pos, (struct nlattr *)head, len, rem) {
		if (nla_type(pos) != STOCKADE_A_COUNTER)
			continue;
		mem_grow(c->v, c->n, c->cap);
		if (decode_counter(pos, &c->v[c->n], err))
			return -EBADMSG;
		c->n++;
	}
	return 0;
}

int stnl_counters(struct stnl *nl, struct stnl_counter **out, size_t *n, struct err *err)
{
	struct counters c = {};
	int rc = conn_request(nl->sock, stnl_message(nl, STOCKADE_CMD_GET_COUNTERS, NLM_F_DUMP), on_counter, &c, err);

	if (rc) {
		free(c.v);
		return rc;
	}
	*out = c.v;
	*n = c.n;
	return 0;
}

struct subjects {
	struct stnl_subject_counters *v;
	size_t n, cap;
};

static int on_subject(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	struct subjects *s = ctx;
	const struct nlattr *pos;
	int rem;

	nla_for_each_attr(pos, (struct nlattr *)head, len, rem) {
		if (nla_type(pos) != STOCKADE_A_SUBJECT)
			continue;
		mem_grow(s->v, s->n, s->cap);
		if (decode_subject_counters(pos, &s->v[s->n], err))
			return -EBADMSG;
		s->n++;
	}
	return 0;
}

int stnl_subject_counters(struct stnl *nl, struct stnl_subject_counters **out, size_t *n, struct err *err)
{
	struct subjects s = {};
	int rc = conn_request(nl->sock, stnl_message(nl, STOCKADE_CMD_GET_SUBJECTS, NLM_F_DUMP), on_subject, &s, err);

	if (rc) {
		free(s.v);
		return rc;
	}
	*out = s.v;
	*n = s.n;
	return 0;
}
