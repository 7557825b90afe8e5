/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ref_table: the policy table as one would write it in an afternoon: arrays, searched from
 * the beginning, every answer straight from the words of the uapi header.  What
 * kmod/snapshot.c and kmod/match.c say is compared with this.
 */
#ifndef LIB_REF_TABLE_H
#define LIB_REF_TABLE_H

#include "snapshot.h"

struct ref_program {
	u32 id;
	bool deleted;		/* stays while a subject refers to it */
	u32 n_maps;
	struct stk_map_def *maps;	/* owned, with their arrays */
};

struct ref_subject {
	u32 id, ingress, egress;
	bool deleted;		/* stays while an endpoint refers to it */
	char name[32];
};

struct ref_rule {
	u32 id;
	u8 tier;
	char name[32];
};

struct ref_table {
	struct ref_rule *rules;
	struct ref_program *programs;
	struct ref_subject *subjects;
	struct stk_endpoint_def *endpoints;
	struct stk_block_def *blocks;
	u32 n_rules, n_programs, n_subjects, n_endpoints, n_blocks;
	struct stk_block_def cidrs[STOCKADE_CONFIG_CIDRS_MAX];
	u16 ports[STOCKADE_CONFIG_OVERLAY_PORTS_MAX];
	struct stk_config_def config;
};

void ref_table_init(struct ref_table *t);
void ref_table_free(struct ref_table *t);
void ref_table_copy(struct ref_table *to, const struct ref_table *from);

/* The same contract as stk_snapshot_*, without limits. */
int ref_put_rule(struct ref_table *t, const struct stk_rule_def *def);
int ref_put_program(struct ref_table *t, const struct stk_program_def *def);
int ref_put_subject(struct ref_table *t, const struct stk_subject_def *def);
int ref_put_endpoint(struct ref_table *t, const struct stk_endpoint_def *def);
int ref_put_block(struct ref_table *t, const struct stk_block_def *def);
int ref_put_config(struct ref_table *t, const struct stk_config_def *def);
int ref_del_rule(struct ref_table *t, u32 id);
int ref_del_program(struct ref_table *t, u32 id);
int ref_del_subject(struct ref_table *t, u32 id);
int ref_del_endpoint(struct ref_table *t, const struct stk_addr *addr);
int ref_del_block(struct ref_table *t, const struct stk_addr *addr, u8 prefix);
/* 0, or -ENOENT: something refers to what was deleted. */
int ref_sealable(const struct ref_table *t);

u64 ref_digest(const struct ref_table *t);

/* What a door answers; .subject is not set, the subject's id (0: none) comes back in *subject. */
struct stk_verdict ref_match(const struct ref_table *t, const struct stk_key *key,
			     enum stockade_door door, u32 *subject);

/* Fails the running test with the first difference: sizes, digest, dumps, invariants. */
void ref_compare(const struct ref_table *t, const struct stk_snapshot *snap);
/* The same for one flow, both doors, every way of asking. */
void ref_compare_flow(const struct ref_table *t, const struct stk_snapshot *snap,
		      const struct stk_key *key);

/* Random numbers of a test: xorshift, so a seed means the same everywhere. */
u64 ref_rand(u64 *state);
u32 ref_below(u64 *state, u32 n);

#endif
