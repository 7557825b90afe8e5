/* SPDX-License-Identifier: GPL-2.0 */
/*
 * measure: how many instructions a packet costs, in a guest whose clock counts them.
 *
 * A row of the bench is three network namespaces, which guest.sh has made:
 *
 *   c.ROW eth0 ---- c r.ROW s ---- eth0 s.ROW
 *   pktgen          a contender    takes packets to another's MAC: counts and drops them
 *
 * Everything here acts on the namespace the (only) thread is in; enter() changes it.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>

#define DPORT 9		/* what a row's policy allows */
#define DPORT_DENIED 10	/* what it does not */

enum kind { ESTABLISHED, NEW, DENIED, KINDS };

/* One figure to take, and what came of it in all rounds so far. */
struct figure {
	char row[48], client[16], server[16];
	enum kind kind;
	unsigned count;		/* packets a round */
	uint64_t passed, denied;	/* packets so far, those that opened flows included */
};

/* One round: packets, and the instructions from the first one to the end of the last one. */
struct sample {
	uint64_t sent, arrived, instructions;
};

extern const char *const kind_names[KINDS];

/* Ends the program with a message. */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* netns.c: */

/* Enters namespace @end.@row, @end being c, r or s. */
void enter(char end, const char *row);
/* Packets eth0 of this namespace has received. */
uint64_t received(void);
/* Empties this namespace's conntrack table. */
void flush_conntrack(void);
/* Generators run ahead of everything but the softirqs they cause. */
void raise_priorities(void);

/* pktgen.c: */

/* Sends @f->count packets from eth0 to @dport, their source ports counting up from @sport, @ports of them. */
struct sample generate(struct figure *f, unsigned sport, unsigned ports, unsigned dport);

/* slab.c: */

/*
 * Takes and gives back packet buffers.  Two slabs with one free object each take turns at every packet, for good, which
 * costs 300 instructions: after this, slabs have more free.
 */
void loosen_slabs(void);

/* flows.c: */

/* One packet and one reply for each source port from @sport on, by real sockets. */
void establish(struct figure *f, unsigned sport, unsigned ports);

#endif
