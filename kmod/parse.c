// SPDX-License-Identifier: GPL-2.0
/*
 * parse: the objects of a PUT or DEL out of their netlink attributes and into a candidate.
 *
 * Types, lengths and ranges are the policies' (the core has refused what breaks
 * them before we are called); what they cannot say is checked here; what
 * depends on the rest of the table, in snapshot*.c.
 */
#include <linux/sched.h>
#include <net/genetlink.h>
#include "key.h"
#include "parse.h"
#include "policy.h"

/**
 * struct target - where the objects of one message go
 * @txn: the transaction
 * @inherit: snapshot in force, whose counters subjects keep; may be NULL
 * @extack: of the message
 */
struct target {
	struct stk_txn *txn;
	const struct stk_snapshot *inherit;
	struct netlink_ext_ack *extack;
};

/* The policy, which was applied before, lets no type past @shape->max through. */
static int check_once(const struct nlattr *nest, const struct stk_shape *shape,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	unsigned long seen = 0;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) == shape->repeated)
			continue;
		if (seen & BIT(nla_type(attr)))
			return stk_refuse(extack, attr, "an attribute stands here twice", -EINVAL);
		seen |= BIT(nla_type(attr));
	}
	return 0;
}

/* Attributes of @nest by type; all that are required are there, and once, if it returns 0. */
static int parse_nest(const struct nlattr *nest, const struct stk_shape *shape, struct nlattr *tb[],
		      struct netlink_ext_ack *extack)
{
	int type, err;

	err = nla_parse_nested(tb, shape->max, nest, shape->policy, extack);
	if (!err)
		err = check_once(nest, shape, extack);
	if (err)
		return err;
	for (type = 1; type <= shape->max; type++) {
		if (tb[type] || !shape->required[type])
			continue;
		NL_SET_ERR_ATTR_MISS(extack, nest, type);
		return stk_refuse(extack, nest, shape->required[type], -EINVAL);
	}
	return 0;
}

static int parse_addr(const struct nlattr *attr, struct stk_addr *addr,
		      struct netlink_ext_ack *extack)
{
	switch (nla_len(attr)) {
	case 4:
		stk_addr_set_v4(addr, nla_get_in_addr(attr));
		return 0;
	case 16:
		nla_memcpy(addr->b, attr, sizeof(addr->b));
		if (!stk_addr_is_v4(addr))
			return 0;
		return stk_refuse(extack, attr, "an IPv4-mapped address: give the IPv4 address",
				  -EINVAL);
	default:
		return stk_refuse(extack, attr, "an address has 4 bytes or 16", -EINVAL);
	}
}

static int parse_cidr(struct nlattr *const tb[], struct stk_block_def *def,
		      struct netlink_ext_ack *extack)
{
	int err;

	err = parse_addr(tb[STOCKADE_BLOCK_ADDR], &def->addr, extack);
	if (err)
		return err;
	def->prefix = nla_get_u8(tb[STOCKADE_BLOCK_PREFIX]);
	def->identity = STOCKADE_IDENTITY_NONE;
	if (!stk_addr_is_v4(&def->addr))
		return 0;
	if (def->prefix > 32)
		return stk_refuse(extack, tb[STOCKADE_BLOCK_PREFIX],
				  "BLOCK_PREFIX of an IPv4 address is at most 32", -ERANGE);
	def->prefix += 96;
	return 0;
}

static int put_rule(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_RULE_MAX + 1];
	struct stk_rule_def def;
	int err;

	err = parse_nest(attr, &stk_rule_shape, tb, t->extack);
	if (err)
		return err;
	def.id = nla_get_u32(tb[STOCKADE_RULE_ID]);
	def.tier = nla_get_u8(tb[STOCKADE_RULE_TIER]);
	def.name = nla_data(tb[STOCKADE_RULE_NAME]);
	return stk_snapshot_put_rule(t->txn->cand, &def, why);
}

static int parse_map(const struct nlattr *attr, struct stk_map_def *map,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[STOCKADE_MAP_MAX + 1], *ids, *steps;
	int err;

	err = parse_nest(attr, &stk_map_shape, tb, extack);
	if (err)
		return err;
	steps = tb[STOCKADE_MAP_STEPS];
	if (steps && nla_len(steps) % sizeof(*map->steps))
		return stk_refuse(extack, steps, "MAP_STEPS is no array of struct stockade_step",
				  -EINVAL);
	map->steps = steps ? nla_data(steps) : NULL;
	map->n_steps = steps ? nla_len(steps) / sizeof(*map->steps) : 0;
	ids = tb[STOCKADE_MAP_IDENTITIES];
	if (ids && nla_len(ids) % sizeof(*map->identities))
		return stk_refuse(extack, ids, "MAP_IDENTITIES is no array of u32", -EINVAL);
	map->identities = ids ? nla_data(ids) : NULL;
	map->n_identities = ids ? nla_len(ids) / sizeof(*map->identities) : 0;
	map->more = tb[STOCKADE_MAP_MORE];
	return 0;
}

static u32 count_nested(const struct nlattr *nest, int type)
{
	const struct nlattr *attr;
	u32 n = 0;
	int rem;

	nla_for_each_nested(attr, nest, rem)
		n += nla_type(attr) == type;
	return n;
}

static int parse_maps(const struct nlattr *program, struct stk_map_def *maps,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_nested(attr, program, rem) {
		if (nla_type(attr) != STOCKADE_PROGRAM_MAP)
			continue;
		err = parse_map(attr, maps++, extack);
		if (err)
			return err;
	}
	return 0;
}

static int put_program(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_PROGRAM_MAX + 1];
	struct stk_program_def def;
	struct stk_map_def *maps;
	int err;

	err = parse_nest(attr, &stk_program_shape, tb, t->extack);
	if (err)
		return err;
	def.id = nla_get_u32(tb[STOCKADE_PROGRAM_ID]);
	def.n_maps = count_nested(attr, STOCKADE_PROGRAM_MAP);
	maps = kvmalloc_array(def.n_maps, sizeof(*maps), STK_GFP);
	if (!maps)
		return -ENOMEM;
	def.maps = maps;
	err = parse_maps(attr, maps, t->extack);
	if (!err)
		err = stk_txn_put_program(t->txn, &def, tb[STOCKADE_PROGRAM_MORE], why);
	kvfree(maps);
	return err;
}

static u32 get_u32_or_0(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static int put_subject(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_SUBJECT_MAX + 1];
	struct stk_subject_def def;
	int err;

	err = parse_nest(attr, &stk_subject_shape, tb, t->extack);
	if (err)
		return err;
	def.id = nla_get_u32(tb[STOCKADE_SUBJECT_ID]);
	def.name = nla_data(tb[STOCKADE_SUBJECT_NAME]);
	def.ingress = get_u32_or_0(tb[STOCKADE_SUBJECT_INGRESS]);
	def.egress = get_u32_or_0(tb[STOCKADE_SUBJECT_EGRESS]);
	return stk_snapshot_put_subject(t->txn->cand, &def, t->inherit, why);
}

static int put_endpoint(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_ENDPOINT_MAX + 1];
	struct stk_endpoint_def def;
	int err;

	err = parse_nest(attr, &stk_endpoint_shape, tb, t->extack);
	if (err)
		return err;
	err = parse_addr(tb[STOCKADE_ENDPOINT_ADDR], &def.addr, t->extack);
	if (err)
		return err;
	def.identity = nla_get_u32(tb[STOCKADE_ENDPOINT_IDENTITY]);
	def.subject = get_u32_or_0(tb[STOCKADE_ENDPOINT_SUBJECT]);
	def.flags = get_u32_or_0(tb[STOCKADE_ENDPOINT_FLAGS]);
	return stk_snapshot_put_endpoint(t->txn->cand, &def, why);
}

static int put_block(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_BLOCK_MAX + 1];
	struct stk_block_def def;
	int err;

	err = parse_nest(attr, &stk_block_shape, tb, t->extack);
	if (err)
		return err;
	err = parse_cidr(tb, &def, t->extack);
	if (err)
		return err;
	def.identity = nla_get_u32(tb[STOCKADE_BLOCK_IDENTITY]);
	return stk_snapshot_put_block(t->txn->cand, &def, why);
}

static int parse_config_cidrs(const struct nlattr *config, struct stk_block_def *cidrs,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[STOCKADE_BLOCK_MAX + 1];
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_nested(attr, config, rem) {
		if (nla_type(attr) != STOCKADE_CONFIG_CIDR)
			continue;
		err = parse_nest(attr, &stk_cidr_shape, tb, extack);
		if (err)
			return err;
		err = parse_cidr(tb, cidrs++, extack);
		if (err)
			return err;
	}
	return 0;
}

static int parse_config_options(struct nlattr *const tb[], struct stk_config_def *def,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *ports = tb[STOCKADE_CONFIG_OVERLAY_PORTS];

	*def = (struct stk_config_def){ .deny = STOCKADE_DENY_DROP,
					.unknown = STOCKADE_UNKNOWN_DROP };
	if (tb[STOCKADE_CONFIG_DENY])
		def->deny = nla_get_u8(tb[STOCKADE_CONFIG_DENY]);
	if (tb[STOCKADE_CONFIG_UNKNOWN])
		def->unknown = nla_get_u8(tb[STOCKADE_CONFIG_UNKNOWN]);
	if (!ports)
		return 0;
	if (nla_len(ports) % sizeof(*def->overlay_ports))
		return stk_refuse(extack, ports, "CONFIG_OVERLAY_PORTS is no array of u16",
				  -EINVAL);
	def->overlay_ports = nla_data(ports);
	def->n_overlay_ports = nla_len(ports) / sizeof(*def->overlay_ports);
	return 0;
}

static int put_config(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_CONFIG_MAX + 1];
	struct stk_config_def def;
	struct stk_block_def *cidrs;
	int err;

	err = parse_nest(attr, &stk_config_shape, tb, t->extack);
	if (err)
		return err;
	err = parse_config_options(tb, &def, t->extack);
	if (err)
		return err;
	def.n_cidrs = count_nested(attr, STOCKADE_CONFIG_CIDR);
	if (def.n_cidrs > STOCKADE_CONFIG_CIDRS_MAX)
		return stk_refuse(t->extack, attr, "too many CONFIG_CIDR", -EINVAL);
	cidrs = kmalloc_array(def.n_cidrs, sizeof(*cidrs), STK_GFP);
	if (!cidrs)
		return -ENOMEM;
	def.cidrs = cidrs;
	err = parse_config_cidrs(attr, cidrs, t->extack);
	if (!err)
		err = stk_snapshot_put_config(t->txn->cand, &def, why);
	kfree(cidrs);
	return err;
}

static int del_rule(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_RULE_MAX + 1];
	int err;

	err = parse_nest(attr, &stk_rule_key_shape, tb, t->extack);
	if (err)
		return err;
	return stk_snapshot_del_rule(t->txn->cand, nla_get_u32(tb[STOCKADE_RULE_ID]), why);
}

static int del_program(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_PROGRAM_MAX + 1];
	int err;

	err = parse_nest(attr, &stk_program_key_shape, tb, t->extack);
	if (err)
		return err;
	return stk_snapshot_del_program(t->txn->cand, nla_get_u32(tb[STOCKADE_PROGRAM_ID]), why);
}

static int del_subject(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_SUBJECT_MAX + 1];
	int err;

	err = parse_nest(attr, &stk_subject_key_shape, tb, t->extack);
	if (err)
		return err;
	return stk_snapshot_del_subject(t->txn->cand, nla_get_u32(tb[STOCKADE_SUBJECT_ID]), why);
}

static int del_endpoint(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_ENDPOINT_MAX + 1];
	struct stk_addr addr;
	int err;

	err = parse_nest(attr, &stk_endpoint_key_shape, tb, t->extack);
	if (err)
		return err;
	err = parse_addr(tb[STOCKADE_ENDPOINT_ADDR], &addr, t->extack);
	return err ?: stk_snapshot_del_endpoint(t->txn->cand, &addr, why);
}

static int del_block(struct target *t, const struct nlattr *attr, stk_why *why)
{
	struct nlattr *tb[STOCKADE_BLOCK_MAX + 1];
	struct stk_block_def def;
	int err;

	err = parse_nest(attr, &stk_cidr_shape, tb, t->extack);
	if (err)
		return err;
	err = parse_cidr(tb, &def, t->extack);
	return err ?: stk_snapshot_del_block(t->txn->cand, &def.addr, def.prefix, why);
}

typedef int (*object_fn)(struct target *t, const struct nlattr *attr, stk_why *why);

static const struct object {
	object_fn put;
	object_fn del;
} objects[STOCKADE_A_MAX + 1] = {
	[STOCKADE_A_RULE] = { put_rule, del_rule },
	[STOCKADE_A_PROGRAM] = { put_program, del_program },
	[STOCKADE_A_SUBJECT] = { put_subject, del_subject },
	[STOCKADE_A_ENDPOINT] = { put_endpoint, del_endpoint },
	[STOCKADE_A_BLOCK] = { put_block, del_block },
	[STOCKADE_A_CONFIG] = { put_config, NULL },
};

static int do_object(struct target *t, const struct nlattr *attr, bool del)
{
	const struct object *object = &objects[nla_type(attr)];
	object_fn fn = del ? object->del : object->put;
	stk_why why = NULL;
	int err;

	/* The policy lets nothing else through but padding. */
	if (!fn)
		return stk_refuse(t->extack, attr, "no object of the table", -EINVAL);
	err = fn(t, attr, &why);
	return why ? stk_refuse(t->extack, attr, why, err) : err;
}

static int do_objects(struct target *t, const struct nlmsghdr *nlh, bool del)
{
	const struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		err = do_object(t, attr, del);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static unsigned int count_objects(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	unsigned int n = 0;
	int rem;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem)
		n++;
	return n;
}

int stk_parse_objects(struct stk_txn *txn, const struct nlmsghdr *nlh, bool del,
		      const struct stk_snapshot *inherit, struct netlink_ext_ack *extack)
{
	struct target t = { .txn = txn, .inherit = inherit, .extack = extack };
	int err;

	err = stk_txn_message_begin(txn, count_objects(nlh));
	if (err)
		return err;
	err = do_objects(&t, nlh, del);
	stk_txn_message_end(txn, err);
	return err;
}

int stk_parse_flow(const struct nlattr *attr, struct stk_key *key, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[STOCKADE_FLOW_MAX + 1];
	int err;

	err = parse_nest(attr, &stk_flow_shape, tb, extack);
	if (err)
		return err;
	err = parse_addr(tb[STOCKADE_FLOW_OPENER], &key->opener, extack);
	if (!err)
		err = parse_addr(tb[STOCKADE_FLOW_TARGET], &key->target, extack);
	if (err)
		return err;
	if (stk_addr_is_v4(&key->opener) != stk_addr_is_v4(&key->target))
		return stk_refuse(extack, tb[STOCKADE_FLOW_TARGET],
				  "FLOW_TARGET is of another family than FLOW_OPENER", -EINVAL);
	key->proto = nla_get_u8(tb[STOCKADE_FLOW_PROTO]);
	key->port = tb[STOCKADE_FLOW_PORT] ? nla_get_u16(tb[STOCKADE_FLOW_PORT]) : 0;
	key->flags = 0;
	if (key->port && !stk_proto_has_ports(key->proto))
		return stk_refuse(extack, tb[STOCKADE_FLOW_PORT],
				  "FLOW_PORT: this protocol has no ports", -EINVAL);
	return 0;
}
