/* SPDX-License-Identifier: GPL-2.0 */
/*
 * snapshot: one generation of the policy table, immutable once sealed.
 *
 * Goals: a look-up whose cost does not grow with the table; a change that
 * costs what it changes, not what the table holds; readers that take no lock.
 *
 * A snapshot points to parts, each reference counted and shared with other
 * generations as long as it is unchanged:
 *
 *   endpoints  address -> {identity, slot, flags}: extendible hash of pages
 *              (two levels of pointers to refcounted pages of 4096 bytes; endpoints.h)
 *   blocks     two sorted arrays of range starts (IPv4, IPv6) -> identity,
 *              the longest prefixes flattened out: a binary search
 *   slots      slot -> struct stk_subject (a dense array; slot 0 is nobody)
 *   subjects, programs, rules   sorted by id; not on the packet's path
 *   config     pod CIDRs, overlay ports, options
 *
 * A candidate is a snapshot under construction: it starts empty or as a copy
 * of the references of a base, and copies a part the first time it is
 * written.  Candidates have one owner and need no lock; sealing gives it its
 * generation.  In the kernel, txn.c owns candidates (under the namespace's
 * mutex) and publishes sealed ones by RCU; nothing here knows of either.
 *
 * Compiled into userspace as well (compat.h maps allocation and refcounts).
 */
#ifndef STK_SNAPSHOT_H
#define STK_SNAPSHOT_H

#include "match.h"

/* Limits of one table; the kernel fills them from module parameters. */
struct stk_limits {
	u32 rules, programs, subjects, endpoints, blocks;
	u32 steps;	/* in all programs together, identities listed included */
};

#define STK_LIMITS_DEFAULT {		\
	.rules = 1 << 18,		\
	.programs = 1 << 16,		\
	.subjects = 1 << 14,		\
	.endpoints = 1 << 20,		\
	.blocks = 1 << 17,		\
	.steps = 1 << 22,		\
}

extern const struct stk_limits stk_limits_default;

/* Objects as they are put and read back; pointers are borrowed for the call. */
struct stk_rule_def { u32 id; u8 tier; const char *name; };
struct stk_map_def {
	const u32 *identities; u32 n_identities;	/* 0: the default map */
	const struct stockade_step *steps; u32 n_steps;
	bool more;	/* goes on in the next one; parts.c joins them */
};

struct stk_program_def { u32 id; const struct stk_map_def *maps; u32 n_maps; };
struct stk_subject_def { u32 id; const char *name; u32 ingress, egress; };
struct stk_endpoint_def { struct stk_addr addr; u32 identity; u32 subject; u32 flags; };
struct stk_block_def { struct stk_addr addr; u8 prefix; u32 identity; }; /* prefix 0..128, IPv4 + 96 */
struct stk_config_def {
	const struct stk_block_def *cidrs; u32 n_cidrs;	/* identity unused */
	const u16 *overlay_ports; u32 n_overlay_ports;
	u8 deny, unknown;
};

/*
 * Why an object was refused, for the extack: a static string naming the
 * attribute or rule broken.  NULL-able everywhere.
 */
typedef const char *stk_why;

/* The candidate's life. */
struct stk_snapshot *stk_snapshot_alloc(const struct stk_limits *limits, u32 endpoints_hint);
struct stk_snapshot *stk_snapshot_clone(const struct stk_snapshot *base); /* shares every part */
/* Validates what only the whole shows (a program or subject deleted while referred to). */
int stk_snapshot_seal(struct stk_snapshot *cand, u64 generation, stk_why *why);
struct stk_snapshot *stk_snapshot_get(struct stk_snapshot *snap);
void stk_snapshot_put(struct stk_snapshot *snap);	/* NULL is fine; may sleep; never in RCU callback context */

/*
 * Each returns 0 or -ENOMEM, -ENOSPC, -EINVAL, -ENOENT, -EEXIST as the uapi header says, with *why
 * set on any but -ENOMEM, and changes nothing on error.
 */
int stk_snapshot_put_rule(struct stk_snapshot *cand, const struct stk_rule_def *def, stk_why *why);
int stk_snapshot_put_program(struct stk_snapshot *cand, const struct stk_program_def *def, stk_why *why);
/* @inherit: the generation in force, whose counters a subject of the same id and name keeps; may be NULL */
int stk_snapshot_put_subject(struct stk_snapshot *cand, const struct stk_subject_def *def,
			     const struct stk_snapshot *inherit, stk_why *why);
int stk_snapshot_put_endpoint(struct stk_snapshot *cand, const struct stk_endpoint_def *def, stk_why *why);
int stk_snapshot_put_block(struct stk_snapshot *cand, const struct stk_block_def *def, stk_why *why);
int stk_snapshot_put_config(struct stk_snapshot *cand, const struct stk_config_def *def, stk_why *why);
int stk_snapshot_del_rule(struct stk_snapshot *cand, u32 id, stk_why *why);
int stk_snapshot_del_program(struct stk_snapshot *cand, u32 id, stk_why *why);
int stk_snapshot_del_subject(struct stk_snapshot *cand, u32 id, stk_why *why);
int stk_snapshot_del_endpoint(struct stk_snapshot *cand, const struct stk_addr *addr, stk_why *why);
int stk_snapshot_del_block(struct stk_snapshot *cand, const struct stk_addr *addr, u8 prefix, stk_why *why);

/* Sizes, digest (maintained as objects come and go), memory: every byte allocated for this table. */
struct stk_snapshot_stats {
	u64 generation, digest, memory;
	u32 rules, programs, subjects, endpoints, blocks, steps;
};

void stk_snapshot_stats(const struct stk_snapshot *snap, struct stk_snapshot_stats *out);

/*
 * Reading back, for dumps: give the n-th object in a fixed order (0 ..), false past the
 * end.  Pointers in *out live as long as the snapshot.  For endpoints n is a
 * cursor to start from 0 and pass back, not an index.
 */
bool stk_snapshot_nth_rule(const struct stk_snapshot *s, u32 n, struct stk_rule_def *out);
bool stk_snapshot_nth_subject(const struct stk_snapshot *s, u32 n, struct stk_subject_def *out,
			      const struct stk_subject **subject);
bool stk_snapshot_nth_block(const struct stk_snapshot *s, u32 n, struct stk_block_def *out);
bool stk_snapshot_next_endpoint(const struct stk_snapshot *s, u64 *cursor, struct stk_endpoint_def *out);
/* A program's maps one by one: identities are those of one map, as put. */
bool stk_snapshot_nth_program(const struct stk_snapshot *s, u32 n, u32 *id, u32 *n_maps);
bool stk_snapshot_program_map(const struct stk_snapshot *s, u32 n, u32 map, struct stk_map_def *out);
void stk_snapshot_config(const struct stk_snapshot *s, struct stk_config_def *out);
bool stk_snapshot_find_rule(const struct stk_snapshot *s, u32 id, struct stk_rule_def *out);

#endif
