/* SPDX-License-Identifier: GPL-2.0 */
/*
 * digest: 64 bits that stand for one object of the table; the table's digest is
 * their sum modulo 2^64.  Guards against drift and bugs, not against forgers.
 * Compiled into the module and the controller alike: this file is the definition.
 */
#ifndef STK_DIGEST_H
#define STK_DIGEST_H

#include "compat.h"

/*
 * An object is fed to a digest as a sequence of 64-bit words: its kind, its key, its
 * values.  Byte strings go in as their length and then little-endian words, zero padded.
 */
enum stk_digest_kind {
	STK_DIGEST_RULE = 1, STK_DIGEST_PROGRAM, STK_DIGEST_SUBJECT,
	STK_DIGEST_ENDPOINT, STK_DIGEST_BLOCK, STK_DIGEST_CONFIG,
};

static inline u64 stk_digest_init(enum stk_digest_kind kind)
{
	return 0x9e3779b97f4a7c15ULL * kind;
}

static inline u64 stk_digest_word(u64 h, u64 w)
{
	/* The finalizer of splitmix64 over the running sum: every bit of w reaches every bit of h. */
	h += w + 0x9e3779b97f4a7c15ULL;
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
	return h ^ (h >> 31);
}

static inline u64 stk_digest_bytes(u64 h, const void *p, u32 len)
{
	const u8 *b = p;
	u32 i;

	h = stk_digest_word(h, len);
	while (len) {
		u64 w = 0;

		for (i = 0; i < 8 && i < len; i++)
			w |= (u64)b[i] << (8 * i);
		h = stk_digest_word(h, w);
		b += i;
		len -= i;
	}
	return h;
}

/*
 * The objects (digest.c):
 *   rule      id, tier, bytes(name)
 *   program   id, digest of the default map's steps, and the sum over every listed identity of
 *             word(word(init(PROGRAM), identity), steps), where steps is the digest of its
 *             map's steps: so how identities are spread over maps and parts does not matter
 *   steps     init(PROGRAM), then each step as from << 32 | verdict
 *   subject   id, bytes(name), ingress, egress
 *   endpoint  address as two little-endian words, identity, subject, flags
 *   block     address, prefix (in the mapped space), identity
 *   config    n, then each CIDR's address and prefix; n, then each port; deny, unknown.
 *             A table without CONFIG counts the default one
 */
struct stk_rule_def;
struct stk_program_def;
struct stk_subject_def;
struct stk_endpoint_def;
struct stk_block_def;
struct stk_config_def;
u64 stk_digest_rule(const struct stk_rule_def *d);
u64 stk_digest_program(const struct stk_program_def *d);
u64 stk_digest_subject(const struct stk_subject_def *d);
u64 stk_digest_endpoint(const struct stk_endpoint_def *d);
u64 stk_digest_block(const struct stk_block_def *d);
u64 stk_digest_config(const struct stk_config_def *d);

#endif
