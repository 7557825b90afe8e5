/* SPDX-License-Identifier: GPL-2.0 */
/*
 * index: the objects of one kind in one generation, sorted by id.
 *
 * Rules, programs and subjects are immutable objects with a reference count.  An
 * index is a sorted vector of pointers to them that counts for each how often
 * others in the same generation refer to it.  It is off the packet's path:
 * transactions and dumps look ids up here, the judge follows pointers.
 *
 * SHARING.  An index belongs to as many generations as it has references.  A candidate
 * calls stk_index_own() before it writes: with one reference it is the only
 * owner already, otherwise it gets a copy, which costs a pointer and a
 * reference an entry.  Whoever sees one reference, his own, holds it, so nobody
 * can raise it behind his back.  Others may be letting go at the very same
 * time (old generations are freed by a workqueue): they do after a grace
 * period, when no packet reads the part any more, and by a decrement with release
 * semantics which stk_refs_are() acquires.  The other parts of a table
 * (endpoints.h, blocks.h, slots) are shared by the same rule.
 *
 * DELETED BUT REFERRED TO.  Deleting an object that others refer to is legal
 * in the middle of a transaction as long as the references go before its end.
 * Such an entry stays, marked, so its object lives and its users stay counted;
 * it goes with its last user, comes back with a put of its id, and forbids
 * sealing while it is there (deleted != 0).
 *
 * Example, subjects 3 (two endpoints) and 7 (none):
 *   entry    {3, users 2, A} {7, users 0, B}        deleted 0
 *   del 7    {3, users 2, A}                        deleted 0
 *   del 3    {3, users 2 | DELETED, A}              deleted 1: not to be sealed
 *   the endpoints go: users 1, users 0 -> {}        deleted 0
 */
#ifndef STK_INDEX_H
#define STK_INDEX_H

#include "compat.h"

/**
 * struct stk_object - what every object in an index begins with
 * @refs: references held: one an index, and one a pointer from another object
 * @id: its key, never 0
 * @digest: its share of the table's digest
 * @bytes: all memory allocated for it
 * @release: frees it; called with the last reference gone, may sleep
 *
 * All but @refs is immutable from the moment an index holds it.
 */
struct stk_object {
	refcount_t refs;
	u32 id;
	u64 digest;
	size_t bytes;
	void (*release)(struct stk_object *object);
};

static inline struct stk_object *stk_object_get(struct stk_object *object)
{
	refcount_inc(&object->refs);
	return object;
}

/* NULL is fine; may sleep. */
static inline void stk_object_put(struct stk_object *object)
{
	if (object && refcount_dec_and_test(&object->refs))
		object->release(object);
}

#define STK_ENTRY_DELETED 0x80000000U	/* in users: deleted while referred to */

struct stk_entry {
	u32 id;
	u32 users;		/* references from this generation's objects, | STK_ENTRY_DELETED */
	struct stk_object *object;	/* one reference held */
};

/**
 * struct stk_index - sorted by id; NULL stands for the empty one
 * @refs: generations that share it
 * @n: entries, deleted ones included
 * @deleted: entries marked deleted
 * @capacity: entries there is room for
 * @object_bytes: sum of the objects' bytes
 * @entry: ascending by id
 */
struct stk_index {
	refcount_t refs;
	u32 n;
	u32 deleted;
	u32 capacity;
	size_t object_bytes;
	struct stk_entry entry[];
};

struct stk_index *stk_index_get(struct stk_index *index);	/* NULL gives NULL */
void stk_index_put(struct stk_index *index);			/* NULL is fine; may sleep */

/**
 * stk_index_own() - make an index writable
 * @index: replaced by a copy if it is shared, NULL, or has no room
 * @room: how many entries will be inserted
 * Return: 0 or -ENOMEM (nothing changed)
 */
int stk_index_own(struct stk_index **index, u32 room);

/* The entry of @id, deleted or not, or NULL.  Write to it only if the index is owned. */
struct stk_entry *stk_index_find(const struct stk_index *index, u32 id);

/* The object of @id, or NULL if it is not there or deleted. */
struct stk_object *stk_index_lookup(const struct stk_index *index, u32 id);

/*
 * Writing; the index is owned.  insert takes over the caller's reference and
 * needs room and an id that is not there; replace does the same for an entry
 * (and undeletes it).
 */
void stk_index_insert(struct stk_index *index, struct stk_object *object);
void stk_index_replace(struct stk_index *index, struct stk_entry *entry, struct stk_object *object);
void stk_index_delete(struct stk_index *index, struct stk_entry *entry);
void stk_index_use(struct stk_entry *entry);
/* Return: true if that was the last user of a deleted entry, which is gone now */
bool stk_index_unuse(struct stk_index *index, struct stk_entry *entry);

/* Objects that count (not deleted), and memory of the vector and the objects. */
static inline u32 stk_index_count(const struct stk_index *index)
{
	return index ? index->n - index->deleted : 0;
}

size_t stk_index_bytes(const struct stk_index *index);

#endif
