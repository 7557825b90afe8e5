// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "lines.h"

const char *const seen_words[SEENS] = {
	[SEEN_DENY] = "deny", [SEEN_ALLOW] = "allow", [SEEN_REFUSED] = "refused", [SEEN_BROKEN] = "broken",
};

static const struct {
	const char *word;
	uint8_t proto;
	enum dress dress;
	bool extra;
} protos[] = {
	{ "tcp", PROTO_TCP }, { "udp", PROTO_UDP }, { "sctp", PROTO_SCTP }, { "icmp", PROTO_ICMP },
	{ "frag", PROTO_UDP, DRESS_LARGE, true },
	{ "option", PROTO_UDP, DRESS_OPTION, true },
	{ "ipip", 4, 0, true }, { "gre", 47, 0, true }, { "exp", 253, 0, true },
};

static const struct {
	const char *word;
	enum seen seen;
	enum lines_kind kind;
} verdicts[] = {
	{ "allow", SEEN_ALLOW, LINES_PROBES }, { "deny", SEEN_DENY, LINES_PROBES },
	{ "allow", SEEN_ALLOW, LINES_EXTRA }, { "deny", SEEN_DENY, LINES_EXTRA },
	{ "refuse", SEEN_REFUSED, LINES_EXTRA },
	{ "pass", SEEN_ALLOW, LINES_FLOWS }, { "cut", SEEN_DENY, LINES_FLOWS },
};

#define ARRAY_LEN(v) (sizeof(v) / sizeof((v)[0]))

static int parse_proto(struct line *l, const char *word, enum lines_kind kind, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		size_t len = strlen(protos[i].word);
		const char *rest = word + len;

		if (strncmp(word, protos[i].word, len) || (*rest && strcmp(rest, "4") && strcmp(rest, "6")))
			continue;
		if ((protos[i].extra && kind != LINES_EXTRA) || (kind == LINES_FLOWS && protos[i].proto == PROTO_ICMP))
			break;
		l->proto = protos[i].proto;
		l->dress = protos[i].dress;
		l->family = *rest ? *rest - '0' : l->dress == DRESS_OPTION ? 6 : 0;
		return 0;
	}
	return err_set(err, "protocol \"%s\" is none that is probed here", word);
}

static int parse_verdict(struct line *l, const char *word, enum lines_kind kind, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		if (verdicts[i].kind == kind && !strcmp(word, verdicts[i].word)) {
			l->expect = verdicts[i].seen;
			return 0;
		}
	}
	return err_set(err, "verdict \"%s\" is none", word);
}

static bool has_ports(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP;
}

static int parse_port(struct line *l, const char *word, struct err *err)
{
	char *end;
	unsigned long port = strtoul(word, &end, 10);

	if (!*word || *end || port > 65535 || (has_ports(l->proto) ? port == 0 : port != 0))
		return err_set(err, "port \"%s\" does not suit protocol %s", word, l->proto_word);
	l->port = port;
	return 0;
}

static int parse_ref(const char *ref, struct err *err)
{
	const char *slash = strchr(ref, '/');

	return slash && slash != ref && slash[1] ? 0 :
		err_set(err, "\"%s\" is neither namespace/pod, node/NAME nor ip/ADDRESS", ref);
}

static int parse_line(struct line *l, char *text, enum lines_kind kind, struct err *err)
{
	char *fields[5], *save = text;
	size_t n = 0;

	while (n < 5 && save)
		fields[n++] = strsep(&save, "\t");
	if (n < 5 || save)
		return err_set(err, "not five fields separated by tabs");
	if (parse_ref(fields[0], err) || parse_ref(fields[1], err) || parse_proto(l, fields[2], kind, err))
		return -1;
	l->proto_word = mem_strdup(fields[2]);
	l->from = mem_strdup(fields[0]);
	l->to = mem_strdup(fields[1]);
	return parse_port(l, fields[3], err) || parse_verdict(l, fields[4], kind, err) ? -1 : 0;
}

static void free_line(struct line *l)
{
	free(l->from);
	free(l->to);
	free(l->proto_word);
}

static int parse_text(struct lines *out, char *text, const char *name, enum lines_kind kind, struct err *err)
{
	char *next = text, *line;
	unsigned number = 0;

	while ((line = strsep(&next, "\n"))) {
		struct line l = { .number = ++number, .file = name };

		line[strcspn(line, "\r")] = '\0';
		if (!line[strspn(line, " \t")] || *line == '#')
			continue;
		if (parse_line(&l, line, kind, err)) {
			free_line(&l);
			return err_prefix(err, "%s:%u", name, number);
		}
		mem_grow(out->v, out->n, out->cap);
		out->v[out->n++] = l;
	}
	return 0;
}

int lines_read(struct lines *out, const char *path, const char *name, enum lines_kind kind, struct err *err)
{
	struct text t = {};
	int rc = text_read(&t, path, err);

	if (!rc && t.s)
		rc = parse_text(out, t.s, name, kind, err);
	text_free(&t);
	return rc < 0 ? -1 : 0;
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free_line(&l->v[i]);
	free(l->v);
	*l = (struct lines){};
}
