// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "defs.h"
#include "judge.h"

struct building {
	struct stk_snapshot *cand;
	stk_why why;
};

static int put_program(struct building *b, const struct table_program *p)
{
	struct stk_program_def def = table_program_def(p);
	int rc = stk_snapshot_put_program(b->cand, &def, &b->why);

	free((void *)def.maps);
	return rc;
}

static int put_config(struct building *b, const struct table *t)
{
	struct stk_config_def def = table_config_def(t);
	int rc = stk_snapshot_put_config(b->cand, &def, &b->why);

	free((void *)def.cidrs);
	return rc;
}

static int put(struct building *b, enum table_object what, const void *obj)
{
	struct stk_rule_def rule;
	struct stk_subject_def subject;
	struct stk_endpoint_def endpoint;
	struct stk_block_def block;

	switch (what) {
	case TABLE_RULE:
		rule = table_rule_def(obj);
		return stk_snapshot_put_rule(b->cand, &rule, &b->why);
	case TABLE_PROGRAM:
		return put_program(b, obj);
	case TABLE_SUBJECT:
		subject = table_subject_def(obj);
		return stk_snapshot_put_subject(b->cand, &subject, NULL, &b->why);
	case TABLE_ENDPOINT:
		endpoint = table_endpoint_def(obj);
		return stk_snapshot_put_endpoint(b->cand, &endpoint, &b->why);
	case TABLE_BLOCK:
		block = table_block_def(obj);
		return stk_snapshot_put_block(b->cand, &block, &b->why);
	case TABLE_CONFIG:
		return put_config(b, obj);
	}
	return -EINVAL;
}

static int del(struct building *b, enum table_object what, const void *obj)
{
	struct stk_endpoint_def endpoint;
	struct stk_block_def block;

	switch (what) {
	case TABLE_RULE:
		return stk_snapshot_del_rule(b->cand, ((const struct table_rule *)obj)->id, &b->why);
	case TABLE_PROGRAM:
		return stk_snapshot_del_program(b->cand, ((const struct table_program *)obj)->id, &b->why);
	case TABLE_SUBJECT:
		return stk_snapshot_del_subject(b->cand, ((const struct table_subject *)obj)->id, &b->why);
	case TABLE_ENDPOINT:
		endpoint = table_endpoint_def(obj);
		return stk_snapshot_del_endpoint(b->cand, &endpoint.addr, &b->why);
	case TABLE_BLOCK:
		block = table_block_def(obj);
		return stk_snapshot_del_block(b->cand, &block.addr, block.prefix, &b->why);
	case TABLE_CONFIG:
		break;
	}
	return -EINVAL;
}

static int apply(void *ctx, bool add, enum table_object what, const void *obj)
{
	return add ? put(ctx, what, obj) : del(ctx, what, obj);
}

static struct stk_snapshot *finish(struct building *b, int rc, struct err *err)
{
	if (b->cand && !rc)
		rc = stk_snapshot_seal(b->cand, 1, &b->why);
	if (b->cand && !rc)
		return b->cand;
	stk_snapshot_put(b->cand);
	err_set(err, "the table can't be loaded: %s", b->why ? b->why : strerror(rc ? -rc : ENOMEM));
	return NULL;
}

/* No limits: whether a node's kernel has room is not asked here. */
static const struct stk_limits boundless = {
	.rules = UINT32_MAX, .programs = UINT32_MAX, .subjects = UINT32_MAX, .endpoints = UINT32_MAX,
	.blocks = UINT32_MAX, .steps = UINT32_MAX,
};

struct stk_snapshot *judge_snapshot(const struct table *t, struct err *err)
{
	struct building b = { .cand = stk_snapshot_alloc(&boundless, t->n_endpoints) };

	return finish(&b, b.cand ? table_diff(NULL, t, apply, &b) : 0, err);
}

struct stk_snapshot *judge_change(const struct stk_snapshot *base, const struct table *from,
				  const struct table *to, struct err *err)
{
	struct building b = { .cand = stk_snapshot_clone(base) };

	return finish(&b, b.cand ? table_diff(from, to, apply, &b) : 0, err);
}

struct stk_verdict judge_door(const struct stk_snapshot *s, const struct ip *opener, const struct ip *target,
			      uint8_t proto, uint16_t port, enum stockade_door door)
{
	struct stk_key key = {
		.opener = stk_addr_of(opener), .target = stk_addr_of(target), .port = port, .proto = proto,
	};

	return stk_match(s, &key, door);
}
