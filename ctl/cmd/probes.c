// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../model/model.h"
#include "probes.h"

static const struct {
	const char *name;
	uint8_t number[2];	/* in IPv6, IPv4 */
} protos[] = {
	{ "tcp", { PROTO_TCP, PROTO_TCP } },
	{ "udp", { PROTO_UDP, PROTO_UDP } },
	{ "sctp", { PROTO_SCTP, PROTO_SCTP } },
	{ "icmp", { PROTO_ICMPV6, PROTO_ICMP } },
};
#define N_PROTOS (sizeof(protos) / sizeof(protos[0]))

int probe_proto_parse(const char *s, struct probe_proto *out, struct err *err)
{
	for (size_t i = 0; i < N_PROTOS; i++) {
		size_t n = strlen(protos[i].name);
		const char *rest = s + n;

		if (strncmp(s, protos[i].name, n) || (*rest && ((*rest != '4' && *rest != '6') || rest[1])))
			continue;
		*out = (struct probe_proto){ .family = *rest ? *rest - '0' : 0 };
		strcpy(out->name, protos[i].name);
		return 0;
	}
	return err_set(err, "protocol '%s': must be tcp, udp, sctp or icmp, with a 4 or 6 behind it for one family", s);
}

uint8_t probe_proto_number(const struct probe_proto *p, int v4)
{
	for (size_t i = 0; i < N_PROTOS; i++)
		if (!strcmp(p->name, protos[i].name))
			return protos[i].number[!!v4];
	return 0;
}

static int parse_port(const char *s, const struct probe_proto *proto, uint16_t *out, struct err *err)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(s, &end, 10);
	if (*s < '0' || *s > '9' || *end || errno || v > 65535)
		return err_set(err, "port '%s': must be a number up to 65535", s);
	if (!strcmp(proto->name, "icmp") && v)
		return err_set(err, "port '%s': icmp has none, give 0", s);
	if (strcmp(proto->name, "icmp") && !v)
		return err_set(err, "port 0: %s needs a port", proto->name);
	*out = v;
	return 0;
}

#define FIELDS_MAX 5

/* Cuts @line at its tabs; how many fields there are, at most one more than there may be. */
static int split(char *line, char *fields[FIELDS_MAX])
{
	int n = 0;

	for (char *f; (f = strsep(&line, "\t")); n++) {
		if (n == FIELDS_MAX)
			return n + 1;
		fields[n] = f;
	}
	return n;
}

static int parse_line(char *line, struct probe *out, struct err *err)
{
	char *fields[FIELDS_MAX];
	int n = split(line, fields);

	if (n != 4 && n != 5)
		return err_set(err, "must have 4 or 5 fields separated by tabs (FROM TO PROTO PORT [VERDICT])");
	out->from = fields[0];
	out->to = fields[1];
	if (probe_proto_parse(fields[2], &out->proto, err))
		return -1;
	return parse_port(fields[3], &out->proto, &out->port, err);
}

static char *read_all(const char *path, struct err *err)
{
	FILE *f = !strcmp(path, "-") ? stdin : fopen(path, "re");
	char *text = NULL;
	size_t n = 0, cap = 0, got;
	int bad;

	if (!f) {
		err_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	do {
		text = mem_resize(text, cap = cap * 2 + 4096, 1);
		got = fread(text + n, 1, cap - n - 1, f);
		n += got;
	} while (got);
	text[n] = 0;
	bad = ferror(f);
	if (f != stdin)
		fclose(f);
	if (!bad && strlen(text) == n)
		return text;
	err_set(err, "%s: %s", path, bad ? strerror(errno) : "has a NUL byte in it, so it is no text");
	free(text);
	return NULL;
}

static int parse(const char *path, struct probes *out, struct err *err)
{
	size_t cap = 0;
	unsigned line = 0;

	for (char *rest = out->text, *s; (s = strsep(&rest, "\n"));) {
		size_t n = strlen(s);

		line++;
		if (n && s[n - 1] == '\r')
			s[n - 1] = 0;
		if (!*s || *s == '#')
			continue;
		mem_grow(out->v, out->n, cap);
		out->v[out->n].line = line;
		if (parse_line(s, &out->v[out->n++], err))
			return err_prefix(err, "%s:%u", path, line);
	}
	return 0;
}

int probes_read(const char *path, struct probes *out, struct err *err)
{
	*out = (struct probes){ .text = read_all(path, err) };
	if (out->text && !parse(path, out, err))
		return 0;
	probes_free(out);
	return -1;
}

void probes_free(struct probes *p)
{
	free(p->v);
	free(p->text);
	*p = (struct probes){};
}
