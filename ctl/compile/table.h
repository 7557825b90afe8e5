/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table: the policy table as the kernel will hold it (uapi header), and the
 * difference of two.  Pure data: each array sorted by its key, ids derived from content,
 * so that equal inputs give equal tables whatever happened before.
 */
#ifndef COMPILE_TABLE_H
#define COMPILE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/stockade.h>
#include "../base/ip.h"

struct table_rule {
	uint32_t id;
	uint8_t tier;
	char *name;
};
struct table_map {
	uint32_t *identities;	/* ascending; none: the default map */
	uint32_t n_identities;
	struct stockade_step *steps;
	uint32_t n_steps;
};
struct table_program {
	uint32_t id;
	struct table_map *maps;	/* the default map first */
	uint32_t n_maps;
};
struct table_subject {
	uint32_t id;
	char *name;
	uint32_t ingress, egress;
};
struct table_endpoint {
	struct ip addr;
	uint32_t identity;
	uint32_t subject;
	uint32_t flags;
};
struct table_block {
	struct cidr cidr;
	uint32_t identity;
};

/*
 * A door that is shut for want of room: what the pod's policies say there takes more of the kernel's table than it has, and
 * nothing else takes more.  The kernel is not told, it sees a program that denies everything.
 */
struct table_closed {
	uint32_t subject;
	uint32_t door;		/* enum stockade_door */
	uint64_t steps;		/* it would have taken; UINT64_MAX: more than the whole table may have; 0: want of blocks */
	uint64_t blocks;	/* prefixes that its ipBlocks name; 0: want of steps */
};

/* What the kernel takes in one table, its module's max_*. */
struct table_limits {
	uint32_t rules, blocks;
	uint32_t steps;		/* in all programs, listed identities included */
};

struct table {
	struct table_rule *rules;
	struct table_program *programs;
	struct table_subject *subjects;
	struct table_endpoint *endpoints;
	struct table_block *blocks;
	struct table_closed *closed;	/* by subject and door */
	size_t n_rules, n_programs, n_subjects, n_endpoints, n_blocks, n_closed;
	struct cidr *cidrs;	/* pod CIDRs of the node */
	size_t n_cidrs;
	uint16_t overlay_ports[STOCKADE_CONFIG_OVERLAY_PORTS_MAX];
	size_t n_overlay_ports;
	uint8_t deny, unknown;
};

void table_free(struct table *t);

/* The digest the kernel must come to (kmod/digest.h is what both use). */
uint64_t table_digest(const struct table *t);

/*
 * What to put and delete to make @from into @to, in an order the ABI accepts: puts
 * of rules, programs, subjects, endpoints, blocks, config; then deletes in reverse.
 * @from NULL: everything is put.  @op gets a pointer to the table_* object (of @to for puts, of @from for
 * deletes; the struct table itself for CONFIG); a nonzero return stops and is returned.
 */
enum table_object { TABLE_RULE, TABLE_PROGRAM, TABLE_SUBJECT, TABLE_ENDPOINT, TABLE_BLOCK, TABLE_CONFIG };
typedef int (*table_op)(void *ctx, bool put, enum table_object what, const void *obj);
int table_diff(const struct table *from, const struct table *to, table_op op, void *ctx);

#endif
