// SPDX-License-Identifier: GPL-2.0
/* ref_table: the naive table; see ref_table.h. */
#include <stdlib.h>
#include <string.h>
#include "digest.h"
#include "ref_table.h"

static void *grow(void *array, u32 n, size_t size)
{
	array = realloc(array, (n + 1) * size);
	if (!array)
		abort();
	return array;
}

#define APPEND(t, what) \
	((t)->what = grow((t)->what, (t)->n_##what, sizeof(*(t)->what)), \
	 memset(&(t)->what[(t)->n_##what], 0, sizeof(*(t)->what)), &(t)->what[(t)->n_##what++])
#define REMOVE(t, what, i) \
	memmove(&(t)->what[i], &(t)->what[(i) + 1], (--(t)->n_##what - (i)) * sizeof(*(t)->what))
#define FIND(t, what, key) ({ \
	u32 i_ = 0; \
	while (i_ < (t)->n_##what && (t)->what[i_].id != (key)) \
		i_++; \
	i_ < (t)->n_##what ? &(t)->what[i_] : NULL; })

static void *copy(const void *p, size_t size)
{
	void *q = size ? malloc(size) : NULL;

	if (size)
		memcpy(q, p, size);
	return q;
}

static struct stk_map_def *copy_maps(const struct stk_map_def *from, u32 n)
{
	struct stk_map_def *maps = copy(from, n * sizeof(*from));
	u32 i;

	for (i = 0; i < n; i++) {
		maps[i].identities = copy(from[i].identities, from[i].n_identities * sizeof(u32));
		maps[i].steps = copy(from[i].steps, from[i].n_steps * sizeof(*from[i].steps));
	}
	return maps;
}

static void free_maps(struct stk_map_def *maps, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		free((void *)maps[i].identities);
		free((void *)maps[i].steps);
	}
	free(maps);
}

void ref_table_init(struct ref_table *t)
{
	memset(t, 0, sizeof(*t));
	t->config.cidrs = t->cidrs;
	t->config.overlay_ports = t->ports;
}

void ref_table_free(struct ref_table *t)
{
	u32 i;

	for (i = 0; i < t->n_programs; i++)
		free_maps(t->programs[i].maps, t->programs[i].n_maps);
	free(t->rules);
	free(t->programs);
	free(t->subjects);
	free(t->endpoints);
	free(t->blocks);
	ref_table_init(t);
}

void ref_table_copy(struct ref_table *to, const struct ref_table *from)
{
	u32 i;

	*to = *from;
	to->config.cidrs = to->cidrs;
	to->config.overlay_ports = to->ports;
	to->rules = copy(from->rules, from->n_rules * sizeof(*from->rules));
	to->programs = copy(from->programs, from->n_programs * sizeof(*from->programs));
	to->subjects = copy(from->subjects, from->n_subjects * sizeof(*from->subjects));
	to->endpoints = copy(from->endpoints, from->n_endpoints * sizeof(*from->endpoints));
	to->blocks = copy(from->blocks, from->n_blocks * sizeof(*from->blocks));
	for (i = 0; i < to->n_programs; i++)
		to->programs[i].maps = copy_maps(from->programs[i].maps, from->programs[i].n_maps);
}

/* Whatever is deleted and no longer referred to goes. */
static void forget_deleted(struct ref_table *t)
{
	u32 i, j;

	for (i = t->n_subjects; i-- > 0;) {
		if (!t->subjects[i].deleted)
			continue;
		for (j = 0; j < t->n_endpoints && t->endpoints[j].subject != t->subjects[i].id; j++)
			;
		if (j == t->n_endpoints)
			REMOVE(t, subjects, i);
	}
	for (i = t->n_programs; i-- > 0;) {
		for (j = 0; j < t->n_subjects && t->subjects[j].ingress != t->programs[i].id &&
		     t->subjects[j].egress != t->programs[i].id; j++)
			;
		if (!t->programs[i].deleted || j < t->n_subjects)
			continue;
		free_maps(t->programs[i].maps, t->programs[i].n_maps);
		REMOVE(t, programs, i);
	}
}

int ref_put_rule(struct ref_table *t, const struct stk_rule_def *def)
{
	struct ref_rule *rule = FIND(t, rules, def->id);

	if (!def->id || def->id > STOCKADE_RULE_ID_MAX || !def->tier || def->tier > 2)
		return -EINVAL;
	if (!rule)
		rule = APPEND(t, rules);
	rule->id = def->id;
	rule->tier = def->tier;
	strncpy(rule->name, def->name, sizeof(rule->name) - 1);
	return 0;
}

static bool map_legal(const struct stk_map_def *map)
{
	u32 i;

	if (!map->n_steps || map->steps[0].from)
		return false;
	for (i = 0; i < map->n_steps; i++)
		if ((i && map->steps[i].from <= map->steps[i - 1].from) ||
		    map->steps[i].from > STOCKADE_STEP_FROM_MAX || map->steps[i].verdict >> 30 > 2)
			return false;
	return true;
}

/* Does the @n-th identity of map @m stand anywhere before? */
static bool identity_before(const struct stk_program_def *def, u32 m, u32 n)
{
	u32 i, j;

	for (i = 0; i <= m; i++)
		for (j = 0; j < (i < m ? def->maps[i].n_identities : n); j++)
			if (def->maps[i].identities[j] == def->maps[m].identities[n])
				return true;
	return false;
}

int ref_put_program(struct ref_table *t, const struct stk_program_def *def)
{
	struct ref_program *program;
	u32 m, i, defaults = 0;

	if (FIND(t, programs, def->id))
		return -EEXIST;
	for (m = 0; m < def->n_maps; m++) {
		defaults += !def->maps[m].n_identities;
		if (!map_legal(&def->maps[m]))
			return -EINVAL;
		for (i = 0; i < def->maps[m].n_identities; i++)
			if (identity_before(def, m, i))
				return -EINVAL;
	}
	if (!def->id || defaults != 1)
		return -EINVAL;
	program = APPEND(t, programs);
	program->id = def->id;
	program->n_maps = def->n_maps;
	program->maps = copy_maps(def->maps, def->n_maps);
	return 0;
}

static bool there(const struct ref_table *t, u32 program)
{
	const struct ref_program *p = FIND(t, programs, program);

	return p && !p->deleted;
}

int ref_put_subject(struct ref_table *t, const struct stk_subject_def *def)
{
	struct ref_subject *subject = FIND(t, subjects, def->id);

	if (!def->id || !*def->name)
		return -EINVAL;
	if ((def->ingress && !there(t, def->ingress)) || (def->egress && !there(t, def->egress)))
		return -ENOENT;
	if (!subject)
		subject = APPEND(t, subjects);
	subject->id = def->id;
	subject->deleted = false;
	subject->ingress = def->ingress;
	subject->egress = def->egress;
	strncpy(subject->name, def->name, sizeof(subject->name) - 1);
	forget_deleted(t);
	return 0;
}

static struct stk_endpoint_def *find_endpoint(const struct ref_table *t,
					      const struct stk_addr *addr)
{
	u32 i;

	for (i = 0; i < t->n_endpoints; i++)
		if (t->endpoints[i].addr.q[0] == addr->q[0] &&
		    t->endpoints[i].addr.q[1] == addr->q[1])
			return &t->endpoints[i];
	return NULL;
}

int ref_put_endpoint(struct ref_table *t, const struct stk_endpoint_def *def)
{
	struct stk_endpoint_def *e = find_endpoint(t, &def->addr);
	struct ref_subject *subject = FIND(t, subjects, def->subject);

	if (!def->identity || def->flags > 3)
		return -EINVAL;
	if (def->subject && (!subject || subject->deleted))
		return -ENOENT;
	if (!e)
		e = APPEND(t, endpoints);
	*e = *def;
	forget_deleted(t);
	return 0;
}

static bool bit(const struct stk_addr *addr, u32 i)
{
	return addr->b[i / 8] >> (7 - i % 8) & 1;
}

/* Does @addr begin like @net does, for @prefix bits?  IPv6's ::/0 holds no IPv4 address. */
static bool within(const struct stk_addr *addr, const struct stk_addr *net, u32 prefix)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	u32 i;

	if (!memcmp(addr->b, mapped, 12) != !memcmp(net->b, mapped, 12))
		return false;
	for (i = 0; i < prefix; i++)
		if (bit(addr, i) != bit(net, i))
			return false;
	return true;
}

static bool block_legal(const struct stk_block_def *def)
{
	u32 i;

	for (i = def->prefix; i < 128; i++)
		if (bit(&def->addr, i))
			return false;
	return def->prefix <= 128;
}

static struct stk_block_def *find_block(const struct ref_table *t, const struct stk_addr *addr,
					u8 prefix)
{
	u32 i;

	for (i = 0; i < t->n_blocks; i++)
		if (!memcmp(&t->blocks[i].addr, addr, 16) && t->blocks[i].prefix == prefix)
			return &t->blocks[i];
	return NULL;
}

int ref_put_block(struct ref_table *t, const struct stk_block_def *def)
{
	struct stk_block_def *block = find_block(t, &def->addr, def->prefix);

	if (!block_legal(def))
		return -EINVAL;
	if (!block)
		block = APPEND(t, blocks);
	*block = *def;
	return 0;
}

int ref_put_config(struct ref_table *t, const struct stk_config_def *def)
{
	u32 i;

	for (i = 0; i < def->n_cidrs; i++)
		if (!block_legal(&def->cidrs[i]))
			return -EINVAL;
	if (def->n_cidrs > STOCKADE_CONFIG_CIDRS_MAX || def->deny > 1 || def->unknown > 1 ||
	    def->n_overlay_ports > STOCKADE_CONFIG_OVERLAY_PORTS_MAX)
		return -EINVAL;
	memcpy(t->cidrs, def->cidrs, def->n_cidrs * sizeof(*def->cidrs));
	memcpy(t->ports, def->overlay_ports, def->n_overlay_ports * sizeof(u16));
	t->config = *def;
	t->config.cidrs = t->cidrs;
	t->config.overlay_ports = t->ports;
	return 0;
}

int ref_del_rule(struct ref_table *t, u32 id)
{
	struct ref_rule *rule = FIND(t, rules, id);

	if (!rule)
		return -ENOENT;
	REMOVE(t, rules, rule - t->rules);
	return 0;
}

int ref_del_program(struct ref_table *t, u32 id)
{
	struct ref_program *program = FIND(t, programs, id);

	if (!program || program->deleted)
		return -ENOENT;
	program->deleted = true;
	forget_deleted(t);
	return 0;
}

int ref_del_subject(struct ref_table *t, u32 id)
{
	struct ref_subject *subject = FIND(t, subjects, id);

	if (!subject || subject->deleted)
		return -ENOENT;
	subject->deleted = true;
	forget_deleted(t);
	return 0;
}

int ref_del_endpoint(struct ref_table *t, const struct stk_addr *addr)
{
	struct stk_endpoint_def *e = find_endpoint(t, addr);

	if (!e)
		return -ENOENT;
	REMOVE(t, endpoints, e - t->endpoints);
	forget_deleted(t);
	return 0;
}

int ref_del_block(struct ref_table *t, const struct stk_addr *addr, u8 prefix)
{
	struct stk_block_def *block = find_block(t, addr, prefix);

	if (!block)
		return -ENOENT;
	REMOVE(t, blocks, block - t->blocks);
	return 0;
}

int ref_sealable(const struct ref_table *t)
{
	u32 i;

	for (i = 0; i < t->n_subjects; i++)
		if (t->subjects[i].deleted)
			return -ENOENT;
	for (i = 0; i < t->n_programs; i++)
		if (t->programs[i].deleted)
			return -ENOENT;
	return 0;
}

u64 ref_digest(const struct ref_table *t)
{
	u64 sum = stk_digest_config(&t->config);
	u32 i;

	for (i = 0; i < t->n_rules; i++)
		sum += stk_digest_rule(&(struct stk_rule_def) {
			t->rules[i].id, t->rules[i].tier, t->rules[i].name });
	for (i = 0; i < t->n_programs; i++)
		if (!t->programs[i].deleted)
			sum += stk_digest_program(&(struct stk_program_def) {
				t->programs[i].id, t->programs[i].maps, t->programs[i].n_maps });
	for (i = 0; i < t->n_subjects; i++)
		if (!t->subjects[i].deleted)
			sum += stk_digest_subject(&(struct stk_subject_def) {
				t->subjects[i].id, t->subjects[i].name,
				t->subjects[i].ingress, t->subjects[i].egress });
	for (i = 0; i < t->n_endpoints; i++)
		sum += stk_digest_endpoint(&t->endpoints[i]);
	for (i = 0; i < t->n_blocks; i++)
		sum += stk_digest_block(&t->blocks[i]);
	return sum;
}

/* The judge, sentence by sentence. */

static u32 port_map(const struct stk_map_def *map, u32 from)
{
	u32 i, verdict = 0;

	for (i = 0; i < map->n_steps; i++)
		if (map->steps[i].from <= from)
			verdict = map->steps[i].verdict;
	return verdict;
}

static u32 program_says(const struct ref_program *program, u32 identity, u32 from)
{
	u32 m, i, fallback = 0;

	for (m = 0; m < program->n_maps; m++) {
		for (i = 0; i < program->maps[m].n_identities; i++)
			if (program->maps[m].identities[i] == identity)
				return port_map(&program->maps[m], from);
		if (!program->maps[m].n_identities)
			fallback = m;
	}
	return port_map(&program->maps[fallback], from);
}

static u32 identity_of(const struct ref_table *t, const struct stk_addr *addr)
{
	const struct stk_endpoint_def *e = find_endpoint(t, addr);
	u32 identity = 0, i;
	int longest = -1;

	if (e)
		return e->identity;
	for (i = 0; i < t->n_blocks; i++) {
		if (t->blocks[i].prefix > longest &&
		    within(addr, &t->blocks[i].addr, t->blocks[i].prefix)) {
			longest = t->blocks[i].prefix;
			identity = t->blocks[i].identity;
		}
	}
	return identity;
}

static bool inside(const struct ref_table *t, const struct stk_addr *addr)
{
	u32 i;

	for (i = 0; i < t->config.n_cidrs; i++)
		if (within(addr, &t->cidrs[i].addr, t->cidrs[i].prefix))
			return true;
	return false;
}

static bool tunnel(const struct ref_table *t, const struct stk_key *key)
{
	u32 i;

	for (i = 0; i < t->config.n_overlay_ports; i++)
		if (key->proto == 17 && key->port == t->ports[i])
			return true;
	return key->proto == 4 || key->proto == 41 || key->proto == 47;
}

static struct stk_verdict say(u8 verdict, u8 reason)
{
	return (struct stk_verdict) { .verdict = verdict, .reason = reason };
}

struct stk_verdict ref_match(const struct ref_table *t, const struct stk_key *key,
			     enum stockade_door door, u32 *subject)
{
	bool egress = door == STOCKADE_DOOR_EGRESS;
	const struct stk_addr *own = egress ? &key->opener : &key->target;
	const struct stk_addr *other = egress ? &key->target : &key->opener;
	bool own_here = key->flags & (egress ? STK_KEY_OPENER_HERE : STK_KEY_TARGET_HERE);
	bool other_here = key->flags & (egress ? STK_KEY_TARGET_HERE : STK_KEY_OPENER_HERE);
	const struct stk_endpoint_def *e = find_endpoint(t, own);
	const struct stk_endpoint_def *peer = find_endpoint(t, other);
	const struct ref_subject *pod;
	struct stk_verdict v;
	u32 program, step;

	*subject = e ? e->subject : 0;
	if (key->flags & STK_KEY_LINK)
		return say(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_LINK);
	if (!e && !own_here && inside(t, own))
		return say(t->config.unknown ? STOCKADE_VERDICT_ALLOW : STOCKADE_VERDICT_DENY,
			   STOCKADE_REASON_UNKNOWN);
	if (!*subject)
		return say(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_NOT_SUBJECT);
	if (egress && tunnel(t, key) && (other_here || (peer && peer->flags)))
		return say(STOCKADE_VERDICT_DENY, STOCKADE_REASON_TUNNEL);
	if (peer && peer->subject == *subject)
		return say(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_SELF);
	if (other_here || (peer && peer->flags & STOCKADE_ENDPOINT_F_OWN_NODE))
		return say(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_OWN_NODE);
	pod = FIND(t, subjects, *subject);
	program = egress ? pod->egress : pod->ingress;
	if (!program)
		return say(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_NOT_ISOLATED);
	v.peer_identity = identity_of(t, other);
	step = program_says(FIND(t, programs, program), v.peer_identity,
			    (u32)key->proto << 16 | key->port);
	v.verdict = step >> 30;
	v.rule = step & STOCKADE_RULE_ID_MAX;
	v.reason = STOCKADE_REASON_RULE;
	return v;
}

u64 ref_rand(u64 *state)
{
	u64 x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

u32 ref_below(u64 *state, u32 n)
{
	return (ref_rand(state) >> 32) * n >> 32;
}
