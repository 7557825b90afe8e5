/* SPDX-License-Identifier: GPL-2.0 */
/*
 * load: a transaction made ready once and sent as often as wanted, all of it in one datagram: the
 * kernel takes the messages in it one by one, and nothing but it takes time.
 */
#ifndef STRESS_LOAD_H
#define STRESS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "bed.h"
#include "compile/table.h"

struct nlmsghdr;

/* A generic netlink socket, and the family's number. */
struct nlport {
	int fd, family;
};

/* In the namespace of @b's node.  Room to send the largest of loads. */
int nlport_open(struct nlport *l, struct bed *b, struct err *err);
void nlport_close(struct nlport *l);

struct load {
	char *data;
	size_t len, cap;
	size_t base_at;		/* where the base generation stands in it; 0: a whole table */
	uint32_t commit_seq;
};

/* What makes @to of @from, NULL: of nothing. */
int load_init(struct load *load, const struct nlport *l, const struct table *from, const struct table *to,
	      struct err *err);
void load_exit(struct load *load);
/*
 * Commits it on *@generation, which is set to the new one; back when that is acknowledged.  0 or
 * -errno, with @err.
 */
int load_commit(struct load *load, const struct nlport *l, uint64_t *generation, struct err *err);

/* The messages one by one, for who wants to send them so: the first after NULL; NULL after the last. */
struct nlmsghdr *load_next(const struct load *load, struct nlmsghdr *h);
void load_set_base(struct load *load, uint64_t generation);

#endif
