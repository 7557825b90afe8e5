/* SPDX-License-Identifier: GPL-2.0 */
/*
 * probes: lines of FROM TO PROTO PORT [VERDICT] separated by tabs, the form of a case's expect.tsv.
 */
#ifndef CMD_PROBES_H
#define CMD_PROBES_H

#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

/* tcp, udp, sctp, icmp; with a 4 or 6 behind it, of that family alone. */
struct probe_proto {
	char name[5];		/* without the family */
	uint8_t family;		/* 4, 6, 0: both */
};
/* -1 with @err where @s is none. */
int probe_proto_parse(const char *s, struct probe_proto *out, struct err *err);
/* The IP protocol of it in family @v4. */
uint8_t probe_proto_number(const struct probe_proto *p, int v4);

struct probe {
	const char *from, *to;
	struct probe_proto proto;
	uint16_t port;
	unsigned line;
};
struct probes {
	struct probe *v;
	size_t n;
	char *text;	/* what the strings point into */
};
/* Reads @path; blank lines and those that start with # say nothing.  -1 with @err ("path:line: ..."). */
int probes_read(const char *path, struct probes *out, struct err *err);
void probes_free(struct probes *p);

#endif
