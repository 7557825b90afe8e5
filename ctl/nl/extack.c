// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <linux/stockade.h>
#include "attr.h"
#include "extack.h"

/* The attribute tree of the uapi header, for names. */
struct names {
	int max;
	const struct {
		const char *name;
		const struct names *nested;
	} v[24];
};

static const struct names rule_names = { STOCKADE_RULE_MAX, {
	[STOCKADE_RULE_ID] = { "id" }, [STOCKADE_RULE_TIER] = { "tier" }, [STOCKADE_RULE_NAME] = { "name" },
} };
static const struct names map_names = { STOCKADE_MAP_MAX, {
	[STOCKADE_MAP_IDENTITIES] = { "identities" }, [STOCKADE_MAP_STEPS] = { "steps" },
} };
static const struct names program_names = { STOCKADE_PROGRAM_MAX, {
	[STOCKADE_PROGRAM_ID] = { "id" }, [STOCKADE_PROGRAM_MAP] = { "map", &map_names },
	[STOCKADE_PROGRAM_MORE] = { "more" },
} };
static const struct names subject_names = { STOCKADE_SUBJECT_MAX, {
	[STOCKADE_SUBJECT_ID] = { "id" }, [STOCKADE_SUBJECT_NAME] = { "name" },
	[STOCKADE_SUBJECT_INGRESS] = { "ingress" }, [STOCKADE_SUBJECT_EGRESS] = { "egress" },
} };
static const struct names endpoint_names = { STOCKADE_ENDPOINT_MAX, {
	[STOCKADE_ENDPOINT_ADDR] = { "addr" }, [STOCKADE_ENDPOINT_IDENTITY] = { "identity" },
	[STOCKADE_ENDPOINT_SUBJECT] = { "subject" }, [STOCKADE_ENDPOINT_FLAGS] = { "flags" },
} };
static const struct names block_names = { STOCKADE_BLOCK_MAX, {
	[STOCKADE_BLOCK_ADDR] = { "addr" }, [STOCKADE_BLOCK_PREFIX] = { "prefix" },
	[STOCKADE_BLOCK_IDENTITY] = { "identity" },
} };
static const struct names config_names = { STOCKADE_CONFIG_MAX, {
	[STOCKADE_CONFIG_CIDR] = { "cidr", &block_names }, [STOCKADE_CONFIG_OVERLAY_PORTS] = { "overlay-ports" },
	[STOCKADE_CONFIG_DENY] = { "deny" }, [STOCKADE_CONFIG_UNKNOWN] = { "unknown" },
} };
static const struct names flow_names = { STOCKADE_FLOW_MAX, {
	[STOCKADE_FLOW_OPENER] = { "opener" }, [STOCKADE_FLOW_TARGET] = { "target" },
	[STOCKADE_FLOW_PROTO] = { "proto" }, [STOCKADE_FLOW_PORT] = { "port" },
} };
static const struct names top_names = { STOCKADE_A_MAX, {
	[STOCKADE_A_CONFIG] = { "config", &config_names }, [STOCKADE_A_RULE] = { "rule", &rule_names },
	[STOCKADE_A_PROGRAM] = { "program", &program_names }, [STOCKADE_A_SUBJECT] = { "subject", &subject_names },
	[STOCKADE_A_ENDPOINT] = { "endpoint", &endpoint_names }, [STOCKADE_A_BLOCK] = { "block", &block_names },
	[STOCKADE_A_BASE] = { "base" }, [STOCKADE_A_ENDPOINT_COUNT] = { "endpoint-count" },
	[STOCKADE_A_DIGEST] = { "digest" }, [STOCKADE_A_FLOW] = { "flow", &flow_names },
} };

struct path {
	char *buf;
	size_t size, len;
};

static void path_add(struct path *p, const char *s)
{
	int n = snprintf(p->buf + p->len, p->size - p->len, "%s", s);

	p->len = p->len + n < p->size ? p->len + n : p->size - 1;
}

/* The key of an object, in words: its address or number. */
static void path_add_key(struct path *p, int type, const struct nlattr *object)
{
	const struct nlattr *key = nla_data(object);
	char buf[IP_STRLEN + 8] = " ";
	struct ip ip;

	if (!nla_ok(key, nla_len(object)) || nla_type(key) != 1)
		return;
	if (type == STOCKADE_A_ENDPOINT || type == STOCKADE_A_BLOCK) {
		if (!attr_ip(key, &ip, "", NULL))
			ip_format(&ip, buf + 1);
	} else if (type != STOCKADE_A_CONFIG && nla_len(key) == 4) {
		snprintf(buf, sizeof(buf), " %u", nla_get_u32((struct nlattr *)key));
	}
	if (buf[1])
		path_add(p, buf);
}

static void path_add_name(struct path *p, const struct names *names, int type)
{
	char number[32];

	if (type <= names->max && names->v[type].name) {
		path_add(p, names->v[type].name);
	} else {
		snprintf(number, sizeof(number), "attribute %d", type);
		path_add(p, number);
	}
}

/* Goes down to the attribute that begins at @at; false if there is none. */
static bool descend(struct path *p, const struct names *names, const struct nlattr *head, int len, const void *at)
{
	const struct nlattr *pos;
	int rem;

	nla_for_each_attr(pos, (struct nlattr *)head, len, rem) {
		int type = nla_type(pos);
		const struct names *nested = type <= names->max ? names->v[type].nested : NULL;

		if (at >= (const void *)((const char *)pos + NLA_ALIGN(pos->nla_len)))
			continue;
		path_add_name(p, names, type);
		if (names == &top_names && nested)
			path_add_key(p, type, pos);
		if (at == pos)
			return true;
		path_add(p, ": ");
		return nested && descend(p, nested, nla_data(pos), nla_len(pos), at);
	}
	return false;
}

void extack_path(const struct nlmsghdr *request, size_t offset, char *buf, size_t size)
{
	struct genlmsghdr *genl = nlmsg_data(request);
	struct path p = { buf, size, 0 };

	buf[0] = '\0';
	if (offset >= request->nlmsg_len ||
	    !descend(&p, &top_names, genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), (const char *)request + offset))
		buf[0] = '\0';
}

/* What the header's list of errors says, where the kernel itself says nothing. */
static const char *errno_words(int error)
{
	switch (error) {
	case EBUSY:
		return "another controller's transaction is open";
	case ESTALE:
		return "the table in force is not the one the change is based on";
	case EBADMSG:
		return "the table sent is not the one meant (digests differ)";
	case ENOSPC:
		return "a limit of the module (parameters max_*) would be passed";
	case EPERM:
		return "this needs CAP_NET_ADMIN";
	default:
		return strerror(error);
	}
}

static const struct nlattr *error_attrs(const struct nlmsghdr *error, int *len)
{
	const struct nlmsgerr *e = nlmsg_data(error);
	size_t skip = sizeof(*e);

	if (!(error->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - NLMSG_HDRLEN;
	*len = nlmsg_datalen(error) - (int)NLMSG_ALIGN(skip);
	return (const void *)((const char *)e + NLMSG_ALIGN(skip));
}

void extack_explain(const struct nlmsghdr *error, const struct nlmsghdr *request, struct err *err)
{
	const struct nlmsgerr *e = nlmsg_data(error);
	char path[256] = "", message[512];
	const struct nlattr *pos, *head;
	int rem, len;

	snprintf(message, sizeof(message), "%s", errno_words(-e->error));
	head = error_attrs(error, &len);
	if (error->nlmsg_flags & NLM_F_ACK_TLVS && len > 0)
		nla_for_each_attr(pos, (struct nlattr *)head, len, rem) {
			if (nla_type(pos) == NLMSGERR_ATTR_MSG)
				attr_strcpy(pos, message, sizeof(message));
			else if (nla_type(pos) == NLMSGERR_ATTR_OFFS && nla_len(pos) == 4)
				extack_path(request, attr_u32(pos), path, sizeof(path));
		}
	if (*path)
		err_set(err, "the kernel refused %s: %s (%s)", path, message, strerror(-e->error));
	else
		err_set(err, "the kernel refused: %s (%s)", message, strerror(-e->error));
}
