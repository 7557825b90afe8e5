/* SPDX-License-Identifier: GPL-2.0 */
/*
 * subject: a pod of this node: its name, its two programs, its counters.
 *
 * A subject is immutable; a put of the same id makes a new object.  Two things
 * outlive the object:
 *
 *   its slot      a number below 65,536 by which endpoints name it in two bytes.
 *                 Slot 0 is nobody.  A subject keeps its slot from generation to
 *                 generation, so replacing it touches no endpoint, and a slot is
 *                 given away only when no endpoint of that generation holds it.
 *   its counters  shared by reference between the generations in which id and
 *                 name stay the same, and counted in by packets of any of them.
 *
 * Slots are a dense array of borrowed pointers: the subject index of the same
 * generation holds the references, and both are copied together.
 */
#ifndef STK_SUBJECT_H
#define STK_SUBJECT_H

#include <linux/stockade.h>
#include "index.h"

struct stk_subject_def;
struct stk_program;

#define STK_VERDICTS	3	/* allow, deny, would deny */
#define STK_SUBJECT_COUNTS (STOCKADE_DOORS * STK_VERDICTS)
#define STK_SLOTS_MAX	65535U	/* subjects; slot 0 is nobody */

/**
 * struct stk_counters - packets of a subject's flows
 * @refs: subjects (of all generations alive) that count here
 * @counts: per CPU, [door * STK_VERDICTS + verdict]; any context adds without a lock
 */
struct stk_counters {
	refcount_t refs;
	u64 __percpu *counts;
};

/**
 * struct stk_subject - a pod of this node
 * @object: id, references
 * @program: by door (egress, ingress), a reference held; NULL: all allowed
 * @counters: a reference held
 * @slot: its place in the slots of every generation it is in
 * @name: namespace/name
 */
struct stk_subject {
	struct stk_object object;
	const struct stk_program *program[STOCKADE_DOORS];
	struct stk_counters *counters;
	u16 slot;
	char name[];
};

/**
 * stk_subject_alloc() - a subject, not in any table yet
 * @def: valid; its program ids are not looked at
 * @program: by door; references are taken
 * @counters: whose counters to go on with, or NULL for new ones at 0
 * @slot: its slot
 * Return: one reference, or NULL for want of memory
 */
struct stk_subject *stk_subject_alloc(const struct stk_subject_def *def,
				      struct stk_program *program[STOCKADE_DOORS],
				      struct stk_counters *counters, u16 slot);

/* Id of a subject's program at @door, 0 if it has none. */
u32 stk_subject_program_id(const struct stk_subject *subject, enum stockade_door door);

/* Where packets of one door and verdict are counted. */
static inline u64 __percpu *stk_subject_counter(const struct stk_subject *subject,
						enum stockade_door door, u8 verdict)
{
	return subject->counters->counts + door * STK_VERDICTS + verdict;
}

/* Count one packet; any context, preemption need not be off. */
static inline void stk_subject_count(const struct stk_subject *subject, enum stockade_door door,
				     u8 verdict)
{
	stk_counts_inc(stk_subject_counter(subject, door, verdict), 0);
}

/* Packets so far, over all CPUs. */
static inline u64 stk_subject_counted(const struct stk_subject *subject, enum stockade_door door,
				      u8 verdict)
{
	return stk_counts_sum(subject->counters->counts, door * STK_VERDICTS + verdict);
}

/**
 * struct stk_slots - slot to subject; NULL stands for the empty one
 * @refs: generations that share it
 * @n: slots given out so far, slot 0 included
 * @free: how many of those are free again
 * @capacity: slots there is room for
 * @subject: borrowed from the same generation's index; NULL: free
 */
struct stk_slots {
	refcount_t refs;
	u32 n;
	u32 free;
	u32 capacity;
	const struct stk_subject *subject[];
};

struct stk_slots *stk_slots_get(struct stk_slots *slots);	/* NULL gives NULL */
void stk_slots_put(struct stk_slots *slots);			/* NULL is fine */
/* Make them writable with room for one more; 0 or -ENOMEM (nothing changed). */
int stk_slots_own(struct stk_slots **slots);
/* A free slot, not yet taken; the slots are owned, fewer than STK_SLOTS_MAX are in use. */
u16 stk_slots_pick(const struct stk_slots *slots);
void stk_slots_set(struct stk_slots *slots, u16 slot, const struct stk_subject *subject);
void stk_slots_clear(struct stk_slots *slots, u16 slot);
size_t stk_slots_bytes(const struct stk_slots *slots);

#endif
