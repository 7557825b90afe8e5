/* SPDX-License-Identifier: GPL-2.0 */
/*
 * attr: reading attributes that may be absent.  Values of absent ones are 0, "" or nothing.
 */
#ifndef NL_ATTR_H
#define NL_ATTR_H

#include <netlink/attr.h>
#include "../base/err.h"
#include "../base/ip.h"

/* Parses what is nested in @nest by @policy; 0, or -1 with @err saying it of @what. */
int attr_parse(struct nlattr **tb, int max, const struct nlattr *nest, const struct nla_policy *policy,
	       const char *what, struct err *err);
uint8_t attr_u8(const struct nlattr *a);
uint16_t attr_u16(const struct nlattr *a);
uint32_t attr_u32(const struct nlattr *a);
uint64_t attr_u64(const struct nlattr *a);
/* malloc'ed; the string may lack its NUL in the attribute. */
char *attr_strdup(const struct nlattr *a);
void attr_strcpy(const struct nlattr *a, char *buf, size_t size);
/* How many elements of @size it holds; -1 if that is no whole number. */
int attr_array(const struct nlattr *a, size_t size, size_t *n);
/* 4 or 16 bytes; -1 with @err otherwise, or if absent. */
int attr_ip(const struct nlattr *a, struct ip *out, const char *what, struct err *err);

#endif
