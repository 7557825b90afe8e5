// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>
#include <netinet/in.h>
#include <linux/stockade.h>
#include "words.h"

static const char *word(const char *const *v, size_t n, unsigned i)
{
	return i < n && v[i] ? v[i] : "?";
}
#define WORD(v, i) word(v, sizeof(v) / sizeof((v)[0]), i)

const char *words_door(unsigned door)
{
	static const char *const v[] = {
		[STOCKADE_DOOR_EGRESS] = "egress", [STOCKADE_DOOR_INGRESS] = "ingress",
	};

	return WORD(v, door);
}

const char *words_reason(unsigned reason)
{
	static const char *const v[] = {
		[STOCKADE_REASON_NO_TABLE] = "no-table",
		[STOCKADE_REASON_NOT_SUBJECT] = "not-subject",
		[STOCKADE_REASON_SELF] = "self",
		[STOCKADE_REASON_OWN_NODE] = "own-node",
		[STOCKADE_REASON_LINK] = "link",
		[STOCKADE_REASON_NOT_ISOLATED] = "not-isolated",
		[STOCKADE_REASON_RULE] = "rule",
		[STOCKADE_REASON_UNKNOWN] = "unknown",
		[STOCKADE_REASON_TUNNEL] = "tunnel",
		[STOCKADE_REASON_MALFORMED] = "malformed",
	};

	return WORD(v, reason);
}

const char *words_reason_long(unsigned reason)
{
	static const char *const v[] = {
		[STOCKADE_REASON_NO_TABLE] = "no table was committed yet",
		[STOCKADE_REASON_NOT_SUBJECT] = "no pod of this node at this door",
		[STOCKADE_REASON_SELF] = "a pod speaks to itself",
		[STOCKADE_REASON_OWN_NODE] = "the other end is the pod's own node",
		[STOCKADE_REASON_LINK] = "neighbour discovery or multicast listener report",
		[STOCKADE_REASON_NOT_ISOLATED] = "no policy isolates the pod in this direction",
		[STOCKADE_REASON_RULE] = "the pod's policies say so",
		[STOCKADE_REASON_UNKNOWN] = "an address of this node's pod CIDRs that is not known yet",
		[STOCKADE_REASON_TUNNEL] = "a tunnel from a pod to a node",
		[STOCKADE_REASON_MALFORMED] = "no flow can be read from the packet",
	};

	return WORD(v, reason);
}

const char *words_verdict(unsigned verdict)
{
	static const char *const v[] = {
		[STOCKADE_VERDICT_ALLOW] = "allow",
		[STOCKADE_VERDICT_DENY] = "deny",
		[STOCKADE_VERDICT_WOULD_DENY] = "would-deny",
	};

	return WORD(v, verdict);
}

const char *words_tier(unsigned tier)
{
	static const char *const v[] = {
		[STOCKADE_TIER_NETWORKPOLICY] = "networkpolicy", [STOCKADE_TIER_PERIMETER] = "perimeter",
	};

	return WORD(v, tier);
}

const char *words_state(unsigned state)
{
	static const char *const v[] = {
		[STOCKADE_STATE_NONE] = "none", [STOCKADE_STATE_CONNTRACK] = "conntrack", [STOCKADE_STATE_OWN] = "own",
	};

	return WORD(v, state);
}

const char *words_deny(unsigned mode)
{
	static const char *const v[] = { [STOCKADE_DENY_DROP] = "drop", [STOCKADE_DENY_REJECT] = "reject" };

	return WORD(v, mode);
}

const char *words_unknown(unsigned mode)
{
	static const char *const v[] = { [STOCKADE_UNKNOWN_DROP] = "drop", [STOCKADE_UNKNOWN_ACCEPT] = "accept" };

	return WORD(v, mode);
}

const char *words_proto(unsigned proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmp6";
	default:
		return NULL;
	}
}
