/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tables: two tables, A and B, that differ nearly everywhere and yet say the same about the flows
 * that are sent; and whatever is half A and half B says the opposite.
 *
 * Of each flow's verdict two parts of the table have a say, and both are exchanged:
 *
 *   flow      peer's identity x program of the target	A: 100 x {100: deny, 200: allow}
 *							B: 200 x {200: deny, 100: allow}
 *   block     the same with an identity that a block gives, 300 and 400
 *   doors     way out x way in				A: allow x deny		B: deny x allow
 *   slot      the target's slot x subject in that slot	A: 1 x one that denies	B: the last x one that denies;
 *							   where the target's is in the one, one that allows is in the other
 *
 * Each but doors also the other way round, allowed by both and denied by any mixture.
 */
#ifndef STRESS_TABLES_H
#define STRESS_TABLES_H

#include "bed.h"
#include "compile/table.h"

enum trial { PEER_DENIED, PEER_ALLOWED, BLOCK_DENIED, BLOCK_ALLOWED, DOORS_DENIED, SLOT_DENIED, SLOT_ALLOWED, TRIALS };

struct trial_info {
	const char *name;
	int from;	/* to Bob */
	bool allowed;
};

extern const struct trial_info trials[TRIALS];

/* The port for @trial that lane @lane has for itself, 0 .. TABLES_LANES - 1. */
#define TABLES_LANES 8
uint16_t tables_port(enum trial trial, unsigned lane);

/* Table A, or B; @filler objects of each sort beside those that matter. */
struct table *tables_new(bool b, unsigned filler);

/*
 * For revocation: A permits Alice to send to Bob, all that is not A denies the port of PEER_DENIED, on
 * her way out or on his way in.  Bob may open flows whenever she may not, and only then: no reply of his can be
 * taken for a packet that opens, and nobody notice.
 */
enum revocation { PERMITTED, REVOKED_OUT, REVOKED_IN, REVOCATIONS };
struct table *tables_revocation(enum revocation r);

/* A table that takes much memory and little time: @programs programs of 64 kB, that nobody has. */
struct table *tables_heavy(unsigned programs);

#endif
