/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fixture: tables for the suites, built in a line an object.
 *
 * Everything here asserts: a fixture that cannot be built ends the test.
 */
#ifndef STK_TEST_FIXTURE_H
#define STK_TEST_FIXTURE_H

#include <kunit/test.h>
#include <linux/skbuff.h>
#include "snapshot.h"

/* An address from text, of either family; IPv4 as the table has it. */
struct stk_addr fix_addr(struct kunit *test, const char *text);
/* "ADDRESS/LENGTH" as a block, the prefix length counted in the mapped space for IPv4. */
struct stk_block_def fix_block(struct kunit *test, const char *text, u32 identity);

/* A candidate, freed at the end of the test unless fix_keep() took it over. */
struct stk_snapshot *fix_candidate(struct kunit *test);
struct stk_snapshot *fix_clone(struct kunit *test, const struct stk_snapshot *base);

/* One object into a candidate. */
void fix_rule(struct kunit *test, struct stk_snapshot *cand, u32 id, const char *name);
void fix_program(struct kunit *test, struct stk_snapshot *cand, u32 id,
		 const struct stk_map_def *maps, u32 n_maps);
void fix_subject(struct kunit *test, struct stk_snapshot *cand, u32 id, const char *name,
		 u32 ingress, u32 egress);
void fix_endpoint(struct kunit *test, struct stk_snapshot *cand, const char *addr, u32 identity,
		  u32 subject, u32 flags);
void fix_put_block(struct kunit *test, struct stk_snapshot *cand, const char *block, u32 identity);
/* @cidrs: up to 4, ended by NULL. */
void fix_config(struct kunit *test, struct stk_snapshot *cand, const char *const *cidrs,
		u16 overlay_port, u8 unknown);
void fix_seal(struct kunit *test, struct stk_snapshot *cand, u64 generation);

#define FIX_MAP(ids, step_array) {					\
	.identities = (ids), .n_identities = ARRAY_SIZE(ids),		\
	.steps = (step_array), .n_steps = ARRAY_SIZE(step_array) }
#define FIX_DEFAULT_MAP(step_array) {					\
	.steps = (step_array), .n_steps = ARRAY_SIZE(step_array) }

#define FIX_ALLOW(proto, port, rule) {					\
	STOCKADE_STEP_FROM(proto, port), STOCKADE_STEP(STOCKADE_VERDICT_ALLOW, rule) }
#define FIX_DENY(proto, port, rule) {					\
	STOCKADE_STEP_FROM(proto, port), STOCKADE_STEP(STOCKADE_VERDICT_DENY, rule) }
#define FIX_WOULD_DENY(proto, port, rule) {				\
	STOCKADE_STEP_FROM(proto, port), STOCKADE_STEP(STOCKADE_VERDICT_WOULD_DENY, rule) }

/*
 * Some of everything, put in either order where the order is free: rules 1 and 2,
 * programs 1 (fix_maps) and 2, subjects 1 and 2 with an address each, an endpoint of
 * no subject, three blocks.
 */
extern const struct stockade_step fix_tcp_80[3];
extern const u32 fix_ids_of_80[3];
extern const struct stk_map_def fix_maps[2];
struct stk_snapshot *fix_table(struct kunit *test, bool backwards);

/* Are two tables the same, by digest and by all that can be counted? */
void fix_expect_same(struct kunit *test, const struct stk_snapshot_stats *was,
		     const struct stk_snapshot *now);

/* Bytes from hex, at most FIX_PACKET_MAX; white space is for people. */
#define FIX_PACKET_MAX 256
size_t fix_bytes(struct kunit *test, const char *hex, u8 *out);

/*
 * A packet exactly as large as its bytes, so that KASAN sees whoever reads past them, freed at the end
 * of the test.  The last @paged of them lie in a page of their own, as a driver may have put
 * them; @link_header bytes come before the network header.
 */
struct sk_buff *fix_packet(struct kunit *test, const u8 *data, size_t len, size_t paged,
			   size_t link_header);

/*
 * Let the @n-th allocation from now on fail in this task (1: the next); 0: none.
 * fix_fault_pending() says whether it has not come to that yet.
 */
bool fix_faults_work(void);
void fix_fault(unsigned int n);
bool fix_fault_pending(void);

#endif
