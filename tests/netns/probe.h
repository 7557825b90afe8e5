/* SPDX-License-Identifier: GPL-2.0 */
/*
 * probe: questions sent all at once, and what became of each.
 *
 * Who should be answered is asked again, ever more seldom, until it is, or was asked often enough and
 * for a while nothing came for anyone.  Who should not is asked at once, and three times more after all
 * others have their answers, a little apart: the further, the longer those took.  Silence after
 * that is a denial.
 */
#ifndef NETNS_PROBE_H
#define NETNS_PROBE_H

#include "wire.h"

struct probe {
	/* Set by the caller. */
	const struct line *line;
	const struct netns *from;
	struct ip src, dst;
	uint8_t proto;		/* on the wire: ICMPv6 is PROTO_ICMPV6 */
	uint16_t port;
	enum dress dress;
	enum seen expect;
	/* Found out. */
	enum seen seen;
	char why[80];		/* of SEEN_BROKEN */

	/* Private. */
	struct attempt *attempts;
	unsigned tries;
	bool done;
	int64_t next_try;
};

void probe_run(struct wire_loop *loop, struct probe *v, size_t n);

#endif
