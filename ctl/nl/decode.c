// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of the table from attributes.  (report.c has what is no object: status, counters, verdicts.)
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/stockade.h>
#include "../base/mem.h"
#include "attr.h"
#include "decode.h"

static int decode_rule(struct decode *d, const struct nlattr *nest, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_RULE_MAX + 1] = {
		[STOCKADE_RULE_ID] = { .type = NLA_U32 },
		[STOCKADE_RULE_TIER] = { .type = NLA_U8 },
		[STOCKADE_RULE_NAME] = { .type = NLA_STRING, .maxlen = STOCKADE_RULE_NAME_MAX + 1 },
	};
	struct nlattr *tb[STOCKADE_RULE_MAX + 1];
	struct table *t = d->table;

	if (attr_parse(tb, STOCKADE_RULE_MAX, nest, policy, "rule", err))
		return -EBADMSG;
	mem_grow(t->rules, t->n_rules, d->cap_rules);
	t->rules[t->n_rules++] = (struct table_rule){
		.id = attr_u32(tb[STOCKADE_RULE_ID]),
		.tier = attr_u8(tb[STOCKADE_RULE_TIER]),
		.name = attr_strdup(tb[STOCKADE_RULE_NAME]),
	};
	return 0;
}

/* Appends what @a holds to an array of *@n elements. */
static void *append_array(void *v, uint32_t *n, const struct nlattr *a, size_t size)
{
	size_t more = a ? nla_len(a) / size : 0;

	if (!more)
		return v;
	v = mem_resize(v, *n + more, size);
	memcpy((char *)v + *n * size, nla_data(a), more * size);
	*n += more;
	return v;
}

/* A map, or another piece of the last one. */
static int decode_map(struct decode *d, struct table_program *p, const struct nlattr *nest, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_MAP_MAX + 1] = {
		[STOCKADE_MAP_IDENTITIES] = { .type = NLA_UNSPEC },
		[STOCKADE_MAP_STEPS] = { .type = NLA_UNSPEC },
		[STOCKADE_MAP_MORE] = { .type = NLA_FLAG },
	};
	struct nlattr *tb[STOCKADE_MAP_MAX + 1];
	struct table_map *map;
	size_t n;

	if (attr_parse(tb, STOCKADE_MAP_MAX, nest, policy, "map", err))
		return -EBADMSG;
	if (attr_array(tb[STOCKADE_MAP_IDENTITIES], sizeof(*map->identities), &n) ||
	    attr_array(tb[STOCKADE_MAP_STEPS], sizeof(*map->steps), &n)) {
		err_set(err, "program %u: an array of odd size", p->id);
		return -EBADMSG;
	}
	if (!d->in_map) {
		p->maps = mem_resize(p->maps, p->n_maps + 1, sizeof(*p->maps));
		p->maps[p->n_maps++] = (struct table_map){};
	}
	map = &p->maps[p->n_maps - 1];
	map->identities = append_array(map->identities, &map->n_identities, tb[STOCKADE_MAP_IDENTITIES],
				       sizeof(*map->identities));
	map->steps = append_array(map->steps, &map->n_steps, tb[STOCKADE_MAP_STEPS], sizeof(*map->steps));
	d->in_map = tb[STOCKADE_MAP_MORE];
	return 0;
}

/* The program a part belongs to: the last one, if it wants more, or a new one; NULL if it fits neither. */
static struct table_program *program_of_part(struct decode *d, uint32_t id)
{
	struct table *t = d->table;

	if (d->in_program)
		return t->programs[t->n_programs - 1].id == id ? &t->programs[t->n_programs - 1] : NULL;
	mem_grow(t->programs, t->n_programs, d->cap_programs);
	t->programs[t->n_programs] = (struct table_program){ .id = id };
	return &t->programs[t->n_programs++];
}

static int decode_program(struct decode *d, const struct nlattr *nest, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_PROGRAM_MAX + 1] = {
		[STOCKADE_PROGRAM_ID] = { .type = NLA_U32 },
		[STOCKADE_PROGRAM_MAP] = { .type = NLA_NESTED },
		[STOCKADE_PROGRAM_MORE] = { .type = NLA_FLAG },
	};
	struct nlattr *tb[STOCKADE_PROGRAM_MAX + 1], *pos;
	struct table_program *p;
	int rem;

	if (attr_parse(tb, STOCKADE_PROGRAM_MAX, nest, policy, "program", err))
		return -EBADMSG;
	p = program_of_part(d, attr_u32(tb[STOCKADE_PROGRAM_ID]));
	if (!p) {
		err_set(err, "program %u begins before the one before it has ended", attr_u32(tb[STOCKADE_PROGRAM_ID]));
		return -EBADMSG;
	}
	d->in_program = tb[STOCKADE_PROGRAM_MORE];
	nla_for_each_nested(pos, nest, rem)
		if (nla_type(pos) == STOCKADE_PROGRAM_MAP && decode_map(d, p, pos, err))
			return -EBADMSG;
	if (d->in_map && !d->in_program) {
		err_set(err, "program %u ends before its last map does", p->id);
		return -EBADMSG;
	}
	return 0;
}

static int decode_subject(struct decode *d, const struct nlattr *nest, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_SUBJECT_MAX + 1] = {
		[STOCKADE_SUBJECT_ID] = { .type = NLA_U32 },
		[STOCKADE_SUBJECT_NAME] = { .type = NLA_STRING, .maxlen = STOCKADE_SUBJECT_NAME_MAX + 1 },
		[STOCKADE_SUBJECT_INGRESS] = { .type = NLA_U32 },
		[STOCKADE_SUBJECT_EGRESS] = { .type = NLA_U32 },
	};
	struct nlattr *tb[STOCKADE_SUBJECT_MAX + 1];
	struct table *t = d->table;

	if (attr_parse(tb, STOCKADE_SUBJECT_MAX, nest, policy, "subject", err))
		return -EBADMSG;
	mem_grow(t->subjects, t->n_subjects, d->cap_subjects);
	t->subjects[t->n_subjects++] = (struct table_subject){
		.id = attr_u32(tb[STOCKADE_SUBJECT_ID]),
		.name = attr_strdup(tb[STOCKADE_SUBJECT_NAME]),
		.ingress = attr_u32(tb[STOCKADE_SUBJECT_INGRESS]),
		.egress = attr_u32(tb[STOCKADE_SUBJECT_EGRESS]),
	};
	return 0;
}

static int decode_endpoint(struct decode *d, const struct nlattr *nest, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_ENDPOINT_MAX + 1] = {
		[STOCKADE_ENDPOINT_ADDR] = { .type = NLA_UNSPEC },
		[STOCKADE_ENDPOINT_IDENTITY] = { .type = NLA_U32 },
		[STOCKADE_ENDPOINT_SUBJECT] = { .type = NLA_U32 },
		[STOCKADE_ENDPOINT_FLAGS] = { .type = NLA_U32 },
	};
	struct nlattr *tb[STOCKADE_ENDPOINT_MAX + 1];
	struct table *t = d->table;
	struct table_endpoint e;

	if (attr_parse(tb, STOCKADE_ENDPOINT_MAX, nest, policy, "endpoint", err) ||
	    attr_ip(tb[STOCKADE_ENDPOINT_ADDR], &e.addr, "endpoint", err))
		return -EBADMSG;
	e.identity = attr_u32(tb[STOCKADE_ENDPOINT_IDENTITY]);
	e.subject = attr_u32(tb[STOCKADE_ENDPOINT_SUBJECT]);
	e.flags = attr_u32(tb[STOCKADE_ENDPOINT_FLAGS]);
	mem_grow(t->endpoints, t->n_endpoints, d->cap_endpoints);
	t->endpoints[t->n_endpoints++] = e;
	return 0;
}

static int parse_block(const struct nlattr *nest, struct table_block *out, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_BLOCK_MAX + 1] = {
		[STOCKADE_BLOCK_ADDR] = { .type = NLA_UNSPEC },
		[STOCKADE_BLOCK_PREFIX] = { .type = NLA_U8 },
		[STOCKADE_BLOCK_IDENTITY] = { .type = NLA_U32 },
	};
	struct nlattr *tb[STOCKADE_BLOCK_MAX + 1];
	unsigned int prefix, max;

	if (attr_parse(tb, STOCKADE_BLOCK_MAX, nest, policy, "block", err) ||
	    attr_ip(tb[STOCKADE_BLOCK_ADDR], &out->cidr.ip, "block", err))
		return -EBADMSG;
	max = 8 * nla_len(tb[STOCKADE_BLOCK_ADDR]);
	prefix = attr_u8(tb[STOCKADE_BLOCK_PREFIX]);
	if (prefix > max) {
		err_set(err, "block: prefix length %u is over %u", prefix, max);
		return -EBADMSG;
	}
	out->cidr.prefix = prefix + 128 - max;
	out->identity = attr_u32(tb[STOCKADE_BLOCK_IDENTITY]);
	return 0;
}

static int decode_block(struct decode *d, const struct nlattr *nest, struct err *err)
{
	struct table *t = d->table;
	struct table_block b;

	if (parse_block(nest, &b, err))
		return -EBADMSG;
	mem_grow(t->blocks, t->n_blocks, d->cap_blocks);
	t->blocks[t->n_blocks++] = b;
	return 0;
}

static int decode_overlay_ports(struct table *t, const struct nlattr *a, struct err *err)
{
	if (attr_array(a, sizeof(*t->overlay_ports), &t->n_overlay_ports) ||
	    t->n_overlay_ports > STOCKADE_CONFIG_OVERLAY_PORTS_MAX) {
		t->n_overlay_ports = 0;
		err_set(err, "config: overlay ports of a wrong size");
		return -EBADMSG;
	}
	if (a)
		memcpy(t->overlay_ports, nla_data(a), nla_len(a));
	return 0;
}

static int decode_config(struct decode *d, const struct nlattr *nest, struct err *err)
{
	static const struct nla_policy policy[STOCKADE_CONFIG_MAX + 1] = {
		[STOCKADE_CONFIG_CIDR] = { .type = NLA_NESTED },
		[STOCKADE_CONFIG_OVERLAY_PORTS] = { .type = NLA_UNSPEC },
		[STOCKADE_CONFIG_DENY] = { .type = NLA_U8 },
		[STOCKADE_CONFIG_UNKNOWN] = { .type = NLA_U8 },
	};
	struct nlattr *tb[STOCKADE_CONFIG_MAX + 1], *pos;
	struct table *t = d->table;
	struct table_block b;
	int rem;

	if (attr_parse(tb, STOCKADE_CONFIG_MAX, nest, policy, "config", err) ||
	    decode_overlay_ports(t, tb[STOCKADE_CONFIG_OVERLAY_PORTS], err))
		return -EBADMSG;
	t->deny = attr_u8(tb[STOCKADE_CONFIG_DENY]);
	t->unknown = attr_u8(tb[STOCKADE_CONFIG_UNKNOWN]);
	t->n_cidrs = 0;	/* a CONFIG replaces the one before it */
	nla_for_each_nested(pos, nest, rem) {
		if (nla_type(pos) != STOCKADE_CONFIG_CIDR)
			continue;
		if (parse_block(pos, &b, err))
			return -EBADMSG;
		mem_grow(t->cidrs, t->n_cidrs, d->cap_cidrs);
		t->cidrs[t->n_cidrs++] = b.cidr;
	}
	return 0;
}

int decode_objects(struct decode *d, const struct nlattr *head, int len, struct err *err)
{
	static int (*const by_type[STOCKADE_A_MAX + 1])(struct decode *, const struct nlattr *, struct err *) = {
		[STOCKADE_A_RULE] = decode_rule,
		[STOCKADE_A_PROGRAM] = decode_program,
		[STOCKADE_A_SUBJECT] = decode_subject,
		[STOCKADE_A_ENDPOINT] = decode_endpoint,
		[STOCKADE_A_BLOCK] = decode_block,
		[STOCKADE_A_CONFIG] = decode_config,
	};
	const struct nlattr *pos;
	int rem;

	if (!d->table)
		d->table = mem_new(struct table);
	nla_for_each_attr(pos, (struct nlattr *)head, len, rem) {
		int type = nla_type(pos);

		if (type <= STOCKADE_A_MAX && by_type[type] && by_type[type](d, pos, err))
			return -EBADMSG;
	}
	return 0;
}

#define BY_ID(type) \
	static int type##_by_id(const void *a, const void *b) \
	{ \
		uint32_t x = ((const struct type *)a)->id, y = ((const struct type *)b)->id; \
		return (x > y) - (x < y); \
	}
BY_ID(table_rule)
BY_ID(table_program)
BY_ID(table_subject)

static int endpoint_cmp(const void *a, const void *b)
{
	return ip_cmp(&((const struct table_endpoint *)a)->addr, &((const struct table_endpoint *)b)->addr);
}

static int block_cmp(const void *a, const void *b)
{
	return cidr_cmp(&((const struct table_block *)a)->cidr, &((const struct table_block *)b)->cidr);
}

static int identity_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The default map first, then by the lowest identity. */
static int map_cmp(const void *a, const void *b)
{
	const struct table_map *x = a, *y = b;

	if (!x->n_identities || !y->n_identities)
		return !!x->n_identities - !!y->n_identities;
	return identity_cmp(x->identities, y->identities);
}

/* qsort() that takes an array that was never allocated. */
static void sort(void *v, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	if (n)
		qsort(v, n, size, cmp);
}

static void program_sort(struct table_program *p)
{
	for (uint32_t i = 0; i < p->n_maps; i++)
		sort(p->maps[i].identities, p->maps[i].n_identities, sizeof(uint32_t), identity_cmp);
	sort(p->maps, p->n_maps, sizeof(*p->maps), map_cmp);
}

struct table *decode_finish(struct decode *d, struct err *err)
{
	struct table *t = d->table ?: mem_new(struct table);

	d->table = t;
	if (d->in_program) {
		err_set(err, "program %u has no last part", t->programs[t->n_programs - 1].id);
		decode_abandon(d);
		return NULL;
	}
	for (size_t i = 0; i < t->n_programs; i++)
		program_sort(&t->programs[i]);
	sort(t->rules, t->n_rules, sizeof(*t->rules), table_rule_by_id);
	sort(t->programs, t->n_programs, sizeof(*t->programs), table_program_by_id);
	sort(t->subjects, t->n_subjects, sizeof(*t->subjects), table_subject_by_id);
	sort(t->endpoints, t->n_endpoints, sizeof(*t->endpoints), endpoint_cmp);
	sort(t->blocks, t->n_blocks, sizeof(*t->blocks), block_cmp);
	*d = (struct decode){};
	return t;
}

void decode_abandon(struct decode *d)
{
	if (d->table)
		table_free(d->table);
	*d = (struct decode){};
}
