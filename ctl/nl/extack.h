/* SPDX-License-Identifier: GPL-2.0 */
/*
 * extack: a refusal of the kernel in words.
 */
#ifndef NL_EXTACK_H
#define NL_EXTACK_H

#include <stddef.h>
#include <linux/netlink.h>
#include "../base/err.h"

/*
 * Sets @err from an NLMSG_ERROR message: what was refused, the attribute it is about (found
 * by its offset in @request) with the object it belongs to, and the kernel's reason.
 */
void extack_explain(const struct nlmsghdr *error, const struct nlmsghdr *request, struct err *err);

/* "endpoint[3] 10.0.0.1: identity": the attribute at @offset in the stockade message @request; "" if none is. */
void extack_path(const struct nlmsghdr *request, size_t offset, char *buf, size_t size);

#endif
