// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <netlink/errno.h>
#include "../base/mem.h"
#include "attr.h"

int attr_parse(struct nlattr **tb, int max, const struct nlattr *nest, const struct nla_policy *policy,
	       const char *what, struct err *err)
{
	int rc = nla_parse_nested(tb, max, (struct nlattr *)nest, (struct nla_policy *)policy);

	return rc ? err_set(err, "%s: malformed attributes (%s)", what, nl_geterror(rc)) : 0;
}

uint8_t attr_u8(const struct nlattr *a)
{
	return a ? nla_get_u8((struct nlattr *)a) : 0;
}

uint16_t attr_u16(const struct nlattr *a)
{
	return a ? nla_get_u16((struct nlattr *)a) : 0;
}

uint32_t attr_u32(const struct nlattr *a)
{
	return a ? nla_get_u32((struct nlattr *)a) : 0;
}

uint64_t attr_u64(const struct nlattr *a)
{
	return a && nla_len(a) >= 8 ? nla_get_u64((struct nlattr *)a) : 0;
}

char *attr_strdup(const struct nlattr *a)
{
	return a ? mem_strndup(nla_data(a), strnlen(nla_data(a), nla_len(a))) : mem_strdup("");
}

void attr_strcpy(const struct nlattr *a, char *buf, size_t size)
{
	size_t len = a ? strnlen(nla_data(a), nla_len(a)) : 0;

	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(buf, nla_data(a), len);
	buf[len] = '\0';
}

int attr_array(const struct nlattr *a, size_t size, size_t *n)
{
	size_t len = a ? nla_len(a) : 0;

	*n = len / size;
	return len % size ? -1 : 0;
}

int attr_ip(const struct nlattr *a, struct ip *out, const char *what, struct err *err)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!a || (nla_len(a) != 4 && nla_len(a) != 16))
		return err_set(err, "%s: an address of %d bytes", what, a ? nla_len(a) : 0);
	if (nla_len(a) == 16) {
		memcpy(out->b, nla_data(a), 16);
		return 0;
	}
	memcpy(out->b, mapped, 12);
	memcpy(out->b + 12, nla_data(a), 4);
	return 0;
}
