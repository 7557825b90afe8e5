// SPDX-License-Identifier: GPL-2.0
/* index: sorted vectors of reference counted objects, copied on write; see index.h. */
#include "index.h"

static size_t vector_bytes(u32 capacity)
{
	return sizeof(struct stk_index) + (size_t)capacity * sizeof(struct stk_entry);
}

/* Where @id is, or would be. */
static u32 position(const struct stk_index *index, u32 id)
{
	u32 low = 0, high = index->n;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (index->entry[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct stk_index *stk_index_get(struct stk_index *index)
{
	if (index)
		refcount_inc(&index->refs);
	return index;
}

void stk_index_put(struct stk_index *index)
{
	u32 i;

	if (!index || !refcount_dec_and_test(&index->refs))
		return;
	for (i = 0; i < index->n; i++)
		stk_object_put(index->entry[i].object);
	stk_free(index, vector_bytes(index->capacity));
}

static bool owned(const struct stk_index *index)
{
	return index && stk_refs_are(&index->refs, 1);
}

/* A first write copies exactly; whoever goes on writing gets room in proportion. */
static u32 next_capacity(const struct stk_index *index, u32 room)
{
	u32 n = index ? index->n : 0;

	return owned(index) ? n + n / 2 + 8 + room : n + room;
}

int stk_index_own(struct stk_index **index, u32 room)
{
	struct stk_index *old = *index;
	struct stk_index *new;
	u32 capacity, i;

	if (owned(old) && old->capacity - old->n >= room)
		return 0;
	capacity = next_capacity(old, room);
	new = stk_alloc(vector_bytes(capacity));
	if (!new)
		return -ENOMEM;
	refcount_set(&new->refs, 1);
	new->n = old ? old->n : 0;
	new->deleted = old ? old->deleted : 0;
	new->object_bytes = old ? old->object_bytes : 0;
	new->capacity = capacity;
	if (old)
		memcpy(new->entry, old->entry, old->n * sizeof(*old->entry));
	for (i = 0; i < new->n; i++)
		stk_object_get(new->entry[i].object);
	stk_index_put(old);
	*index = new;
	return 0;
}

struct stk_entry *stk_index_find(const struct stk_index *index, u32 id)
{
	u32 i;

	if (!index)
		return NULL;
	i = position(index, id);
	if (i == index->n || index->entry[i].id != id)
		return NULL;
	return (struct stk_entry *)&index->entry[i];
}

struct stk_object *stk_index_lookup(const struct stk_index *index, u32 id)
{
	const struct stk_entry *entry = stk_index_find(index, id);

	return entry && !(entry->users & STK_ENTRY_DELETED) ? entry->object : NULL;
}

void stk_index_insert(struct stk_index *index, struct stk_object *object)
{
	u32 i = position(index, object->id);
	struct stk_entry *entry = &index->entry[i];

	memmove(entry + 1, entry, (index->n - i) * sizeof(*entry));
	entry->id = object->id;
	entry->users = 0;
	entry->object = object;
	index->n++;
	index->object_bytes += object->bytes;
}

void stk_index_replace(struct stk_index *index, struct stk_entry *entry, struct stk_object *object)
{
	if (entry->users & STK_ENTRY_DELETED) {
		entry->users &= ~STK_ENTRY_DELETED;
		index->deleted--;
	}
	index->object_bytes += object->bytes - entry->object->bytes;
	stk_object_put(entry->object);
	entry->object = object;
}

static void remove_entry(struct stk_index *index, struct stk_entry *entry)
{
	u32 after = index->entry + index->n - (entry + 1);

	index->object_bytes -= entry->object->bytes;
	stk_object_put(entry->object);
	memmove(entry, entry + 1, after * sizeof(*entry));
	index->n--;
}

void stk_index_delete(struct stk_index *index, struct stk_entry *entry)
{
	if (entry->users) {
		entry->users |= STK_ENTRY_DELETED;
		index->deleted++;
	} else {
		remove_entry(index, entry);
	}
}

void stk_index_use(struct stk_entry *entry)
{
	entry->users++;
}

bool stk_index_unuse(struct stk_index *index, struct stk_entry *entry)
{
	if (--entry->users != STK_ENTRY_DELETED)
		return false;
	index->deleted--;
	remove_entry(index, entry);
	return true;
}

size_t stk_index_bytes(const struct stk_index *index)
{
	return index ? vector_bytes(index->capacity) + index->object_bytes : 0;
}
