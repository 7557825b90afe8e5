/* SPDX-License-Identifier: GPL-2.0 */
/* config: the options of a table; immutable, shared between generations. */
#ifndef STK_CONFIG_H
#define STK_CONFIG_H

#include "blocks.h"

/**
 * struct stk_config - the options of a table
 * @refs: generations that share it
 * @deny: enum stockade_deny_mode
 * @unknown: enum stockade_unknown_mode
 * @n_ports: overlay ports
 * @n_cidrs: pod CIDRs
 * @digest: its share of the table's digest
 * @inside: 1 for addresses in a pod CIDR, 0 for the others
 * @port: overlay ports as given
 * @cidr: pod CIDRs as given
 */
struct stk_config {
	refcount_t refs;
	u8 deny;
	u8 unknown;
	u16 n_ports;
	u32 n_cidrs;
	u64 digest;
	struct stk_ranges *inside;
	u16 port[STOCKADE_CONFIG_OVERLAY_PORTS_MAX];
	struct stk_block_def cidr[];
};

/**
 * stk_config_build() - check and build
 * @def: nothing of it is trusted
 * @out: set to the config with one reference
 * @why: set unless the error is -ENOMEM
 * Return: 0, -EINVAL, -ENOMEM
 */
int stk_config_build(const struct stk_config_def *def, struct stk_config **out, const char **why);
struct stk_config *stk_config_get(struct stk_config *config);
void stk_config_put(struct stk_config *config);		/* NULL is fine */
size_t stk_config_bytes(const struct stk_config *config);

/* Is @port one of the overlay ports? */
static inline bool stk_config_is_overlay(const struct stk_config *config, u16 port)
{
	u32 i;

	for (i = 0; i < config->n_ports; i++)
		if (config->port[i] == port)
			return true;
	return false;
}

#endif
