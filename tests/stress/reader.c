// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include "model/model.h"
#include "reader.h"
#include "tables.h"

static int judge(struct reader *r, int trial, int family)
{
	struct stnl_flow flow = { bed_ip(trials[trial].from, family), bed_ip(BOB, family), PROTO_UDP,
				  tables_port(trial, 0) };
	struct stnl_verdict v[STOCKADE_DOORS];
	bool allowed = true;

	if (stnl_judge(r->nl, &flow, v, &r->err))
		return -1;
	for (int d = 0; d < STOCKADE_DOORS; d++)
		allowed &= v[d].verdict == STOCKADE_VERDICT_ALLOW;
	r->judged++;
	r->misjudged += allowed != trials[trial].allowed;
	return 0;
}

static int take(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	return decode_objects(ctx, head, len, err);
}

/* @t as a dump of one sort of objects gives it: without the others, and without CONFIG. */
static uint64_t digest_of_part(const struct table *t, uint8_t cmd)
{
	struct table part = {};

	switch (cmd) {
	case STOCKADE_CMD_GET_RULES:
		part.rules = t->rules, part.n_rules = t->n_rules;
		break;
	case STOCKADE_CMD_GET_PROGRAMS:
		part.programs = t->programs, part.n_programs = t->n_programs;
		break;
	case STOCKADE_CMD_GET_SUBJECTS:
		part.subjects = t->subjects, part.n_subjects = t->n_subjects;
		break;
	case STOCKADE_CMD_GET_ENDPOINTS:
		part.endpoints = t->endpoints, part.n_endpoints = t->n_endpoints;
		break;
	case STOCKADE_CMD_GET_BLOCKS:
		part.blocks = t->blocks, part.n_blocks = t->n_blocks;
		break;
	}
	return table_digest(&part);
}

static int dump(struct reader *r, uint8_t cmd)
{
	struct decode d = {};
	struct table *t;
	uint64_t digest;

	if (conn_request(r->nl->sock, stnl_message(r->nl, cmd, NLM_F_DUMP), take, &d, &r->err)) {
		decode_abandon(&d);
		return -1;
	}
	t = decode_finish(&d, &r->err);
	if (!t)
		return -1;
	digest = digest_of_part(t, cmd);
	table_free(t);
	r->dumps++;
	r->bad_dumps += digest != digest_of_part(r->table[0], cmd) && digest != digest_of_part(r->table[1], cmd);
	return 0;
}

static int round_of(struct reader *r)
{
	static const uint8_t dumps[] = { STOCKADE_CMD_GET_RULES, STOCKADE_CMD_GET_PROGRAMS, STOCKADE_CMD_GET_SUBJECTS,
					 STOCKADE_CMD_GET_ENDPOINTS, STOCKADE_CMD_GET_BLOCKS };

	for (int k = 0; k < TRIALS; k++)
		for (int f = 0; f < FAMILIES; f++)
			if (judge(r, k, f))
				return -1;
	for (unsigned i = 0; i < sizeof(dumps); i++)
		if (dump(r, dumps[i]))
			return -1;
	return 0;
}

static void *run(void *arg)
{
	struct reader *r = arg;

	while (!atomic_load(&r->stop) && !round_of(r))
		;
	return NULL;
}

static int open_there(struct reader *r, struct err *err)
{
	if (netns_enter(&r->bed->node, err))
		return -1;
	r->nl = stnl_open(err);
	return netns_enter(NULL, r->nl ? err : NULL) || !r->nl ? -1 : 0;
}

int reader_start(struct reader *r, struct bed *bed, const struct table *a, const struct table *b, struct err *err)
{
	*r = (struct reader){ .bed = bed, .table = { a, b } };
	if (open_there(r, err))
		return -1;
	if (!pthread_create(&r->thread, NULL, run, r))
		return 0;
	reader_free(r);
	return err_set(err, "no thread");
}

void reader_stop(struct reader *r)
{
	atomic_store(&r->stop, true);
	pthread_join(r->thread, NULL);
}

void reader_free(struct reader *r)
{
	if (r->nl)
		stnl_close(r->nl);
	r->nl = NULL;
}
