// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot: a candidate's life and what is put into it; see snapshot.h.
 *
 * Every operation runs in two halves: first all that can fail (checks, then making the
 * parts it writes the candidate's own, then allocation), then all that
 * cannot.  A part that was made the candidate's own by an operation that failed later
 * has the same content as before, so "changes nothing on error" holds.
 */
#include "digest.h"
#include "snapshot_priv.h"

const struct stk_limits stk_limits_default = STK_LIMITS_DEFAULT;

static int refuse(stk_why *why, const char *text, int err)
{
	if (why)
		*why = text;
	return err;
}

/* Life. */

static void put_parts(struct stk_snapshot *snap)
{
	stk_endpoints_put(snap->endpoints);
	stk_slots_put(snap->slots);
	stk_ranges_put(snap->ranges);
	stk_config_put(snap->config);
	stk_block_list_put(snap->blocks);
	stk_index_put(snap->subjects);
	stk_index_put(snap->programs);
	stk_index_put(snap->rules);
}

struct stk_snapshot *stk_snapshot_alloc(const struct stk_limits *limits, u32 endpoints_hint)
{
	const struct stk_config_def config = { 0 };
	struct stk_snapshot *cand = stk_zalloc(sizeof(*cand));
	stk_why why;

	if (!cand)
		return NULL;
	refcount_set(&cand->refs, 1);
	cand->limits = *limits;
	if (endpoints_hint > limits->endpoints)
		endpoints_hint = limits->endpoints;
	cand->endpoints = stk_endpoints_alloc(endpoints_hint);
	cand->ranges = stk_ranges_build(NULL, 0);
	if (!cand->endpoints || !cand->ranges || stk_config_build(&config, &cand->config, &why)) {
		stk_snapshot_put(cand);
		return NULL;
	}
	cand->digest = cand->config->digest;
	return cand;
}

struct stk_snapshot *stk_snapshot_clone(const struct stk_snapshot *base)
{
	struct stk_snapshot *cand = stk_zalloc(sizeof(*cand));

	if (!cand)
		return NULL;
	refcount_set(&cand->refs, 1);
	cand->endpoints = stk_endpoints_get(base->endpoints);
	cand->slots = stk_slots_get(base->slots);
	cand->ranges = stk_ranges_get(base->ranges);
	cand->config = stk_config_get(base->config);
	cand->blocks = stk_block_list_get(base->blocks);
	cand->subjects = stk_index_get(base->subjects);
	cand->programs = stk_index_get(base->programs);
	cand->rules = stk_index_get(base->rules);
	cand->blocks_touched = base->blocks_touched;
	cand->steps = base->steps;
	cand->digest = base->digest;
	cand->limits = base->limits;
	return cand;
}

static int rebuild_ranges(struct stk_snapshot *cand)
{
	const struct stk_block_list *list = cand->blocks;
	struct stk_ranges *ranges;

	ranges = stk_ranges_build(list ? list->block : NULL, list ? list->n : 0);
	if (!ranges)
		return -ENOMEM;
	stk_ranges_put(cand->ranges);
	cand->ranges = ranges;
	cand->blocks_touched = false;
	return 0;
}

int stk_snapshot_seal(struct stk_snapshot *cand, u64 generation, stk_why *why)
{
	int err = 0;

	if (cand->subjects && cand->subjects->deleted)
		return refuse(why, "an ENDPOINT refers to a SUBJECT that was deleted", -ENOENT);
	if (cand->programs && cand->programs->deleted)
		return refuse(why, "a SUBJECT refers to a PROGRAM that was deleted", -ENOENT);
	if (cand->blocks_touched)
		err = rebuild_ranges(cand);
	if (!err)
		cand->generation = generation;
	return err;
}

struct stk_snapshot *stk_snapshot_get(struct stk_snapshot *snap)
{
	refcount_inc(&snap->refs);
	return snap;
}

void stk_snapshot_put(struct stk_snapshot *snap)
{
	if (!snap || !refcount_dec_and_test(&snap->refs))
		return;
	put_parts(snap);
	stk_free(snap, sizeof(*snap));
}

/* What the objects behind indices have in common. */

/* Adds or replaces; the index is owned with room for one, @object's reference passes over. */
static void index_put(struct stk_snapshot *cand, struct stk_index *index, struct stk_object *object)
{
	struct stk_entry *entry = stk_index_find(index, object->id);

	cand->digest += object->digest;
	if (!entry) {
		stk_index_insert(index, object);
		return;
	}
	if (!(entry->users & STK_ENTRY_DELETED))
		cand->digest -= entry->object->digest;
	stk_index_replace(index, entry, object);
}

/* Is there room for one more object of @id under @limit? */
static bool index_room(const struct stk_index *index, u32 id, u32 limit)
{
	return stk_index_lookup(index, id) || stk_index_count(index) < limit;
}

/* Rules. */

int stk_snapshot_put_rule(struct stk_snapshot *cand, const struct stk_rule_def *def, stk_why *why)
{
	struct stk_rule *rule;

	if (!def->id || def->id > STOCKADE_RULE_ID_MAX)
		return refuse(why, "RULE_ID: out of range", -EINVAL);
	if (!def->tier || def->tier > STOCKADE_TIER_PERIMETER)
		return refuse(why, "RULE_TIER: no such tier", -EINVAL);
	if (!def->name || strlen(def->name) > STOCKADE_RULE_NAME_MAX)
		return refuse(why, "RULE_NAME: missing or too long", -EINVAL);
	if (!index_room(cand->rules, def->id, cand->limits.rules))
		return refuse(why, "RULE: no more of them than max_rules", -ENOSPC);
	if (stk_index_own(&cand->rules, 1))
		return -ENOMEM;
	rule = stk_rule_alloc(def);
	if (!rule)
		return -ENOMEM;
	index_put(cand, cand->rules, &rule->object);
	return 0;
}

int stk_snapshot_del_rule(struct stk_snapshot *cand, u32 id, stk_why *why)
{
	struct stk_entry *entry;

	if (!stk_index_lookup(cand->rules, id))
		return refuse(why, "RULE_ID: no such rule", -ENOENT);
	if (stk_index_own(&cand->rules, 0))
		return -ENOMEM;
	entry = stk_index_find(cand->rules, id);
	cand->digest -= entry->object->digest;
	stk_index_delete(cand->rules, entry);
	return 0;
}

/* Programs. */

static struct stk_program *find_program(const struct stk_snapshot *snap, u32 id)
{
	struct stk_object *object = stk_index_lookup(snap->programs, id);

	return object ? container_of(object, struct stk_program, object) : NULL;
}

int stk_snapshot_put_program(struct stk_snapshot *cand, const struct stk_program_def *def,
			     stk_why *why)
{
	struct stk_program *program;
	stk_why text = NULL;
	int err;

	/* Deleted ones that a subject still refers to are in the way, too. */
	if (stk_index_find(cand->programs, def->id))
		return refuse(why, "PROGRAM_ID: taken; programs are immutable", -EEXIST);
	if (!index_room(cand->programs, def->id, cand->limits.programs))
		return refuse(why, "PROGRAM: no more of them than max_programs", -ENOSPC);
	if (stk_program_def_size(def) > (u64)cand->limits.steps - cand->steps)
		return refuse(why, "PROGRAM_MAP: no more steps than max_steps", -ENOSPC);
	if (stk_index_own(&cand->programs, 1))
		return -ENOMEM;
	err = stk_program_build(def, &program, &text);
	if (err)
		return refuse(why, text, err);
	cand->steps += program->size;
	index_put(cand, cand->programs, &program->object);
	return 0;
}

int stk_snapshot_del_program(struct stk_snapshot *cand, u32 id, stk_why *why)
{
	struct stk_program *program = find_program(cand, id);
	struct stk_entry *entry;

	if (!program)
		return refuse(why, "PROGRAM_ID: no such program", -ENOENT);
	if (stk_index_own(&cand->programs, 0))
		return -ENOMEM;
	entry = stk_index_find(cand->programs, id);
	cand->digest -= program->object.digest;
	cand->steps -= program->size;
	stk_index_delete(cand->programs, entry);
	return 0;
}

/* Subjects. */

static struct stk_subject *entry_subject(const struct stk_entry *entry)
{
	return container_of(entry->object, struct stk_subject, object);
}

/* A subject comes, goes, or may go: its index, the slots, and the users of its programs. */
static int own_subjects(struct stk_snapshot *cand)
{
	if (stk_index_own(&cand->subjects, 1) || stk_slots_own(&cand->slots))
		return -ENOMEM;
	if (cand->programs && stk_index_own(&cand->programs, 0))
		return -ENOMEM;
	return 0;
}

static void use_programs(struct stk_snapshot *cand, struct stk_program *const *program)
{
	int door;

	for (door = 0; door < STOCKADE_DOORS; door++)
		if (program[door])
			stk_index_use(stk_index_find(cand->programs, program[door]->object.id));
}

static void unuse_programs(struct stk_snapshot *cand, const u32 id[STOCKADE_DOORS])
{
	int door;

	for (door = 0; door < STOCKADE_DOORS; door++)
		if (id[door])
			stk_index_unuse(cand->programs, stk_index_find(cand->programs, id[door]));
}

static void program_ids(const struct stk_subject *subject, u32 id[STOCKADE_DOORS])
{
	int door;

	for (door = 0; door < STOCKADE_DOORS; door++)
		id[door] = subject ? stk_subject_program_id(subject, door) : 0;
}

static int check_subject(const struct stk_snapshot *cand, const struct stk_subject_def *def,
			 stk_why *why)
{
	if (!def->id)
		return refuse(why, "SUBJECT_ID: must not be 0", -EINVAL);
	if (!def->name || !*def->name || strlen(def->name) > STOCKADE_SUBJECT_NAME_MAX)
		return refuse(why, "SUBJECT_NAME: missing or too long", -EINVAL);
	if (def->ingress && !find_program(cand, def->ingress))
		return refuse(why, "SUBJECT_INGRESS: no such program", -ENOENT);
	if (def->egress && !find_program(cand, def->egress))
		return refuse(why, "SUBJECT_EGRESS: no such program", -ENOENT);
	if (!index_room(cand->subjects, def->id, cand->limits.subjects))
		return refuse(why, "SUBJECT: no more of them than max_subjects", -ENOSPC);
	if (!stk_index_find(cand->subjects, def->id) && cand->slots &&
	    cand->slots->n - 1 - cand->slots->free >= STK_SLOTS_MAX)
		return refuse(why, "SUBJECT: no more of them than 65535", -ENOSPC);
	return 0;
}

/* The counters a subject goes on with: those of its id and name here, or in force. */
static struct stk_counters *inherited(const struct stk_snapshot *snap,
				      const struct stk_subject_def *def)
{
	const struct stk_entry *entry = snap ? stk_index_find(snap->subjects, def->id) : NULL;

	if (!entry || strcmp(entry_subject(entry)->name, def->name))
		return NULL;
	return entry_subject(entry)->counters;
}

int stk_snapshot_put_subject(struct stk_snapshot *cand, const struct stk_subject_def *def,
			     const struct stk_snapshot *inherit, stk_why *why)
{
	struct stk_program *program[STOCKADE_DOORS];
	struct stk_counters *counters;
	struct stk_subject *subject;
	u32 old_program[STOCKADE_DOORS];
	struct stk_entry *old;
	int err = check_subject(cand, def, why);

	if (err)
		return err;
	if (own_subjects(cand))
		return -ENOMEM;
	old = stk_index_find(cand->subjects, def->id);
	program_ids(old ? entry_subject(old) : NULL, old_program);
	program[STOCKADE_DOOR_EGRESS] = find_program(cand, def->egress);
	program[STOCKADE_DOOR_INGRESS] = find_program(cand, def->ingress);
	counters = inherited(cand, def);
	if (!counters)
		counters = inherited(inherit, def);
	subject = stk_subject_alloc(def, program, counters,
				    old ? entry_subject(old)->slot : stk_slots_pick(cand->slots));
	if (!subject)
		return -ENOMEM;
	index_put(cand, cand->subjects, &subject->object);
	stk_slots_set(cand->slots, subject->slot, subject);
	use_programs(cand, program);
	unuse_programs(cand, old_program);
	return 0;
}

int stk_snapshot_del_subject(struct stk_snapshot *cand, u32 id, stk_why *why)
{
	u32 program[STOCKADE_DOORS];
	struct stk_entry *entry;
	u16 slot;

	if (!stk_index_lookup(cand->subjects, id))
		return refuse(why, "SUBJECT_ID: no such subject", -ENOENT);
	if (own_subjects(cand))
		return -ENOMEM;
	entry = stk_index_find(cand->subjects, id);
	cand->digest -= entry->object->digest;
	if (!entry->users) {
		slot = entry_subject(entry)->slot;
		program_ids(entry_subject(entry), program);
		stk_slots_clear(cand->slots, slot);
		unuse_programs(cand, program);
	}
	stk_index_delete(cand->subjects, entry);
	return 0;
}

/* Endpoints. */

static u32 slot_subject(const struct stk_snapshot *snap, u16 slot)
{
	return slot ? snap->slots->subject[slot]->object.id : 0;
}

static u64 endpoint_digest(const struct stk_snapshot *snap, const struct stk_endpoint *e)
{
	const struct stk_endpoint_def def = {
		.addr = e->addr, .identity = e->identity,
		.subject = slot_subject(snap, e->slot), .flags = e->flags,
	};

	return stk_digest_endpoint(&def);
}

/* An endpoint's subject changes: its users do, and if it was deleted it may be its end. */
static int own_users(struct stk_snapshot *cand)
{
	if (cand->subjects->deleted)
		return own_subjects(cand);
	return stk_index_own(&cand->subjects, 0);
}

static void use_slot(struct stk_snapshot *cand, u16 slot)
{
	if (slot)
		stk_index_use(stk_index_find(cand->subjects, slot_subject(cand, slot)));
}

static void unuse_slot(struct stk_snapshot *cand, u16 slot)
{
	u32 program[STOCKADE_DOORS];
	struct stk_entry *entry;

	if (!slot)
		return;
	entry = stk_index_find(cand->subjects, slot_subject(cand, slot));
	program_ids(entry_subject(entry), program);
	if (!stk_index_unuse(cand->subjects, entry))
		return;
	stk_slots_clear(cand->slots, slot);
	unuse_programs(cand, program);
}

static int check_endpoint(const struct stk_snapshot *cand, const struct stk_endpoint_def *def,
			  stk_why *why)
{
	const u32 flags = STOCKADE_ENDPOINT_F_NODE | STOCKADE_ENDPOINT_F_OWN_NODE;

	if (def->identity == STOCKADE_IDENTITY_NONE)
		return refuse(why, "ENDPOINT_IDENTITY: must not be 0", -EINVAL);
	if (def->flags & ~flags)
		return refuse(why, "ENDPOINT_FLAGS: no such flag", -EINVAL);
	if (def->subject && !stk_index_lookup(cand->subjects, def->subject))
		return refuse(why, "ENDPOINT_SUBJECT: no such subject", -ENOENT);
	return 0;
}

int stk_snapshot_put_endpoint(struct stk_snapshot *cand, const struct stk_endpoint_def *def,
			      stk_why *why)
{
	struct stk_endpoint new = {
		.addr = def->addr, .identity = def->identity, .flags = def->flags,
	};
	const struct stk_endpoint *was = stk_endpoints_find(cand->endpoints, &def->addr);
	struct stk_endpoint old = { .identity = 0 };
	int err = check_endpoint(cand, def, why);

	if (err)
		return err;
	if (!was && cand->endpoints->n >= cand->limits.endpoints)
		return refuse(why, "ENDPOINT: no more of them than max_endpoints", -ENOSPC);
	if (def->subject)
		new.slot = entry_subject(stk_index_find(cand->subjects, def->subject))->slot;
	if (new.slot != (was ? was->slot : 0))
		err = own_users(cand);
	if (!err)
		err = stk_endpoints_put_key(&cand->endpoints, &new, &old);
	if (err == -ENOSPC)
		return refuse(why, "ENDPOINT_ADDR: too many with a hash like it", err);
	if (err)
		return err;
	if (old.identity)
		cand->digest -= endpoint_digest(cand, &old);
	cand->digest += stk_digest_endpoint(def);
	if (new.slot != old.slot) {
		use_slot(cand, new.slot);
		unuse_slot(cand, old.slot);
	}
	return 0;
}

int stk_snapshot_del_endpoint(struct stk_snapshot *cand, const struct stk_addr *addr, stk_why *why)
{
	const struct stk_endpoint *was = stk_endpoints_find(cand->endpoints, addr);
	struct stk_endpoint old;
	int err = 0;

	if (!was)
		return refuse(why, "ENDPOINT_ADDR: no such endpoint", -ENOENT);
	if (was->slot)
		err = own_users(cand);
	if (!err)
		err = stk_endpoints_del_key(&cand->endpoints, addr, &old);
	if (err)
		return err;
	cand->digest -= endpoint_digest(cand, &old);
	unuse_slot(cand, old.slot);
	return 0;
}

/* Blocks. */

int stk_snapshot_put_block(struct stk_snapshot *cand, const struct stk_block_def *def, stk_why *why)
{
	struct stk_block_def *block;
	stk_why text = NULL;
	int err = stk_block_check(def, &text);

	if (err)
		return refuse(why, text, err);
	block = stk_block_list_find(cand->blocks, &def->addr, def->prefix);
	if (!block && cand->blocks && cand->blocks->n >= cand->limits.blocks)
		return refuse(why, "BLOCK: no more of them than max_blocks", -ENOSPC);
	if (stk_block_list_own(&cand->blocks))
		return -ENOMEM;
	block = stk_block_list_find(cand->blocks, &def->addr, def->prefix);
	if (block) {
		cand->digest -= stk_digest_block(block);
		block->identity = def->identity;
	} else {
		stk_block_list_insert(cand->blocks, def);
	}
	cand->digest += stk_digest_block(def);
	cand->blocks_touched = true;
	return 0;
}

int stk_snapshot_del_block(struct stk_snapshot *cand, const struct stk_addr *addr, u8 prefix,
			   stk_why *why)
{
	struct stk_block_def *block;

	if (!stk_block_list_find(cand->blocks, addr, prefix))
		return refuse(why, "BLOCK: no such block", -ENOENT);
	if (stk_block_list_own(&cand->blocks))
		return -ENOMEM;
	block = stk_block_list_find(cand->blocks, addr, prefix);
	cand->digest -= stk_digest_block(block);
	stk_block_list_delete(cand->blocks, block);
	cand->blocks_touched = true;
	return 0;
}

/* Config. */

int stk_snapshot_put_config(struct stk_snapshot *cand, const struct stk_config_def *def,
			    stk_why *why)
{
	struct stk_config *config;
	stk_why text = NULL;
	int err = stk_config_build(def, &config, &text);

	if (err)
		return refuse(why, text, err);
	cand->digest += config->digest - cand->config->digest;
	stk_config_put(cand->config);
	cand->config = config;
	return 0;
}
