// SPDX-License-Identifier: GPL-2.0
/* config: the options of a table; see config.h. */
#include "config.h"
#include "digest.h"

static size_t config_bytes(u32 n_cidrs)
{
	return sizeof(struct stk_config) + n_cidrs * sizeof(struct stk_block_def);
}

static int check_def(const struct stk_config_def *def, stk_why *why)
{
	u32 i;
	int err;

	if (def->n_cidrs > STOCKADE_CONFIG_CIDRS_MAX) {
		*why = "CONFIG_CIDR: too many";
		return -EINVAL;
	}
	if (def->n_overlay_ports > STOCKADE_CONFIG_OVERLAY_PORTS_MAX) {
		*why = "CONFIG_OVERLAY_PORTS: too many";
		return -EINVAL;
	}
	if (def->deny > STOCKADE_DENY_REJECT) {
		*why = "CONFIG_DENY: no such mode";
		return -EINVAL;
	}
	if (def->unknown > STOCKADE_UNKNOWN_ACCEPT) {
		*why = "CONFIG_UNKNOWN: no such mode";
		return -EINVAL;
	}
	for (i = 0; i < def->n_cidrs; i++) {
		err = stk_block_check(&def->cidrs[i], why);
		if (err)
			return err;
	}
	return 0;
}

/* The sweep wants its prefixes sorted and each once. */
static struct stk_ranges *build_inside(const struct stk_config_def *def)
{
	struct stk_block_list *list = NULL;
	struct stk_ranges *inside = NULL;
	struct stk_block_def block;
	u32 i;

	for (i = 0; i < def->n_cidrs; i++) {
		block = def->cidrs[i];
		block.identity = 1;
		if (stk_block_list_find(list, &block.addr, block.prefix))
			continue;
		if (stk_block_list_own(&list))
			goto out;
		stk_block_list_insert(list, &block);
	}
	inside = stk_ranges_build(list ? list->block : NULL, list ? list->n : 0);
out:
	stk_block_list_put(list);
	return inside;
}

int stk_config_build(const struct stk_config_def *def, struct stk_config **out, stk_why *why)
{
	struct stk_config *config;
	u32 i;
	int err = check_def(def, why);

	if (err)
		return err;
	config = stk_zalloc(config_bytes(def->n_cidrs));
	if (!config)
		return -ENOMEM;
	config->inside = build_inside(def);
	if (!config->inside) {
		stk_free(config, config_bytes(def->n_cidrs));
		return -ENOMEM;
	}
	refcount_set(&config->refs, 1);
	config->deny = def->deny;
	config->unknown = def->unknown;
	config->digest = stk_digest_config(def);
	config->n_ports = def->n_overlay_ports;
	for (i = 0; i < def->n_overlay_ports; i++)
		config->port[i] = def->overlay_ports[i];
	config->n_cidrs = def->n_cidrs;
	for (i = 0; i < def->n_cidrs; i++) {
		config->cidr[i] = def->cidrs[i];
		config->cidr[i].identity = 0;
	}
	*out = config;
	return 0;
}

struct stk_config *stk_config_get(struct stk_config *config)
{
	refcount_inc(&config->refs);
	return config;
}

void stk_config_put(struct stk_config *config)
{
	if (!config || !refcount_dec_and_test(&config->refs))
		return;
	stk_ranges_put(config->inside);
	stk_free(config, config_bytes(config->n_cidrs));
}

size_t stk_config_bytes(const struct stk_config *config)
{
	return config_bytes(config->n_cidrs) + config->inside->bytes;
}
