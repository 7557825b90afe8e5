// SPDX-License-Identifier: GPL-2.0
/* subject: pods of this node, their counters and slots; see subject.h. */
#include "digest.h"
#include "program.h"
#include "snapshot.h"
#include "subject.h"

static struct stk_counters *counters_alloc(void)
{
	struct stk_counters *counters = stk_alloc(sizeof(*counters));

	if (!counters)
		return NULL;
	counters->counts = stk_counts_alloc(STK_SUBJECT_COUNTS);
	if (!counters->counts) {
		stk_free(counters, sizeof(*counters));
		return NULL;
	}
	refcount_set(&counters->refs, 1);
	return counters;
}

static struct stk_counters *counters_get(struct stk_counters *counters)
{
	refcount_inc(&counters->refs);
	return counters;
}

static void counters_put(struct stk_counters *counters)
{
	if (!refcount_dec_and_test(&counters->refs))
		return;
	stk_counts_free(counters->counts, STK_SUBJECT_COUNTS);
	stk_free(counters, sizeof(*counters));
}

static size_t counters_bytes(void)
{
	return sizeof(struct stk_counters) + stk_counts_bytes(STK_SUBJECT_COUNTS);
}

static void program_put(const struct stk_program *program)
{
	if (program)
		stk_object_put((struct stk_object *)&program->object);
}

static void subject_release(struct stk_object *object)
{
	struct stk_subject *subject = container_of(object, struct stk_subject, object);
	size_t own_bytes = object->bytes - counters_bytes();
	int door;

	for (door = 0; door < STOCKADE_DOORS; door++)
		program_put(subject->program[door]);
	counters_put(subject->counters);
	stk_free(subject, own_bytes);
}

struct stk_subject *stk_subject_alloc(const struct stk_subject_def *def,
				      struct stk_program *program[STOCKADE_DOORS],
				      struct stk_counters *counters, u16 slot)
{
	size_t len = strlen(def->name) + 1;
	size_t bytes = sizeof(struct stk_subject) + len;
	struct stk_subject *subject = stk_alloc(bytes);
	int door;

	if (!subject)
		return NULL;
	subject->counters = counters ? counters_get(counters) : counters_alloc();
	if (!subject->counters) {
		stk_free(subject, bytes);
		return NULL;
	}
	refcount_set(&subject->object.refs, 1);
	subject->object.id = def->id;
	subject->object.digest = stk_digest_subject(def);
	subject->object.bytes = bytes + counters_bytes();
	subject->object.release = subject_release;
	for (door = 0; door < STOCKADE_DOORS; door++) {
		subject->program[door] = program[door];
		if (program[door])
			stk_object_get(&program[door]->object);
	}
	subject->slot = slot;
	memcpy(subject->name, def->name, len);
	return subject;
}

u32 stk_subject_program_id(const struct stk_subject *subject, enum stockade_door door)
{
	return subject->program[door] ? subject->program[door]->object.id : 0;
}

static size_t slots_bytes(u32 capacity)
{
	return sizeof(struct stk_slots) + (size_t)capacity * sizeof(struct stk_subject *);
}

struct stk_slots *stk_slots_get(struct stk_slots *slots)
{
	if (slots)
		refcount_inc(&slots->refs);
	return slots;
}

void stk_slots_put(struct stk_slots *slots)
{
	if (slots && refcount_dec_and_test(&slots->refs))
		stk_free(slots, slots_bytes(slots->capacity));
}

int stk_slots_own(struct stk_slots **slots)
{
	struct stk_slots *old = *slots;
	bool owned = old && stk_refs_are(&old->refs, 1);
	u32 n = old ? old->n : 1;
	struct stk_slots *new;
	u32 capacity;

	if (owned && old->capacity > n)
		return 0;
	capacity = owned ? n + n / 2 + 8 : n + 1;
	new = stk_zalloc(slots_bytes(capacity));
	if (!new)
		return -ENOMEM;
	refcount_set(&new->refs, 1);
	new->n = n;
	new->free = old ? old->free : 0;
	new->capacity = capacity;
	if (old)
		memcpy(new->subject, old->subject, n * sizeof(*old->subject));
	stk_slots_put(old);
	*slots = new;
	return 0;
}

u16 stk_slots_pick(const struct stk_slots *slots)
{
	u32 i = 1;

	if (!slots->free)
		return slots->n;
	while (slots->subject[i])
		i++;
	return i;
}

void stk_slots_set(struct stk_slots *slots, u16 slot, const struct stk_subject *subject)
{
	if (slot == slots->n)
		slots->n++;
	else if (!slots->subject[slot])
		slots->free--;
	slots->subject[slot] = subject;
}

void stk_slots_clear(struct stk_slots *slots, u16 slot)
{
	slots->subject[slot] = NULL;
	slots->free++;
}

size_t stk_slots_bytes(const struct stk_slots *slots)
{
	return slots ? slots_bytes(slots->capacity) : 0;
}
