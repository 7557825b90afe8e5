// SPDX-License-Identifier: GPL-2.0
/* digest: the definition of each object's digest; see digest.h. */
#include "digest.h"
#include "snapshot.h"

static u64 add_string(u64 h, const char *s)
{
	return stk_digest_bytes(h, s, strlen(s));
}

static u64 add_addr(u64 h, const struct stk_addr *addr)
{
	h = stk_digest_word(h, le64_to_cpu((__force __le64)addr->q[0]));
	return stk_digest_word(h, le64_to_cpu((__force __le64)addr->q[1]));
}

u64 stk_digest_rule(const struct stk_rule_def *d)
{
	u64 h = stk_digest_init(STK_DIGEST_RULE);

	h = stk_digest_word(h, d->id);
	h = stk_digest_word(h, d->tier);
	return add_string(h, d->name);
}

static u64 digest_steps(const struct stk_map_def *map)
{
	u64 h = stk_digest_init(STK_DIGEST_PROGRAM);
	u32 i;

	for (i = 0; i < map->n_steps; i++)
		h = stk_digest_word(h, (u64)map->steps[i].from << 32 | map->steps[i].verdict);
	return h;
}

u64 stk_digest_program(const struct stk_program_def *d)
{
	u64 h = stk_digest_init(STK_DIGEST_PROGRAM);
	u64 fallback = 0, sum = 0;
	u32 m, i;

	for (m = 0; m < d->n_maps; m++) {
		const struct stk_map_def *map = &d->maps[m];
		u64 steps = digest_steps(map);

		if (!map->n_identities)
			fallback = steps;
		for (i = 0; i < map->n_identities; i++)
			sum += stk_digest_word(stk_digest_word(stk_digest_init(STK_DIGEST_PROGRAM),
							       map->identities[i]), steps);
	}
	h = stk_digest_word(h, d->id);
	h = stk_digest_word(h, fallback);
	return stk_digest_word(h, sum);
}

u64 stk_digest_subject(const struct stk_subject_def *d)
{
	u64 h = stk_digest_init(STK_DIGEST_SUBJECT);

	h = stk_digest_word(h, d->id);
	h = add_string(h, d->name);
	h = stk_digest_word(h, d->ingress);
	return stk_digest_word(h, d->egress);
}

u64 stk_digest_endpoint(const struct stk_endpoint_def *d)
{
	u64 h = add_addr(stk_digest_init(STK_DIGEST_ENDPOINT), &d->addr);

	h = stk_digest_word(h, d->identity);
	h = stk_digest_word(h, d->subject);
	return stk_digest_word(h, d->flags);
}

u64 stk_digest_block(const struct stk_block_def *d)
{
	u64 h = add_addr(stk_digest_init(STK_DIGEST_BLOCK), &d->addr);

	h = stk_digest_word(h, d->prefix);
	return stk_digest_word(h, d->identity);
}

u64 stk_digest_config(const struct stk_config_def *d)
{
	u64 h = stk_digest_init(STK_DIGEST_CONFIG);
	u32 i;

	h = stk_digest_word(h, d->n_cidrs);
	for (i = 0; i < d->n_cidrs; i++) {
		h = add_addr(h, &d->cidrs[i].addr);
		h = stk_digest_word(h, d->cidrs[i].prefix);
	}
	h = stk_digest_word(h, d->n_overlay_ports);
	for (i = 0; i < d->n_overlay_ports; i++)
		h = stk_digest_word(h, d->overlay_ports[i]);
	h = stk_digest_word(h, d->deny);
	return stk_digest_word(h, d->unknown);
}
