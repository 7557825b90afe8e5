// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "prune.h"

/* A member to leave out, or (with inner) one with such members in it.  Arrays are looked through. */
struct member {
	const char *name;
	const struct member *inner;
};

static const struct member meta[] = { { "managedFields" }, { "ownerReferences" }, { "finalizers" }, {} };

static const struct member container[] = {
	{ "args" }, { "command" }, { "env" }, { "envFrom" }, { "lifecycle" }, { "livenessProbe" }, { "readinessProbe" },
	{ "resources" }, { "securityContext" }, { "startupProbe" }, { "volumeDevices" }, { "volumeMounts" }, {}
};
static const struct member pod_spec[] = {
	{ "containers", container }, { "initContainers", container }, { "affinity" }, { "dnsConfig" },
	{ "ephemeralContainers" }, { "hostAliases" }, { "imagePullSecrets" }, { "readinessGates" }, { "resourceClaims" },
	{ "securityContext" }, { "tolerations" }, { "topologySpreadConstraints" }, { "volumes" }, {}
};
static const struct member pod_status[] = {
	{ "containerStatuses" }, { "ephemeralContainerStatuses" }, { "initContainerStatuses" },
	{ "resourceClaimStatuses" }, {}
};
static const struct member pod[] = { { "metadata", meta }, { "spec", pod_spec }, { "status", pod_status }, {} };

static const struct member node_status[] = {
	{ "allocatable" }, { "capacity" }, { "conditions" }, { "images" }, { "nodeInfo" }, { "runtimeHandlers" },
	{ "volumesAttached" }, { "volumesInUse" }, {}
};
static const struct member node[] = { { "metadata", meta }, { "status", node_status }, {} };

static const struct member any[] = { { "metadata", meta }, {} };

static const struct member pod_event[] = { { "object", pod }, {} };
static const struct member node_event[] = { { "object", node }, {} };
static const struct member any_event[] = { { "object", any }, {} };

static const struct member *members_of(enum kind kind, bool event)
{
	switch (kind) {
	case KIND_POD:
		return event ? pod_event : pod;
	case KIND_NODE:
		return event ? node_event : node;
	default:
		return event ? any_event : any;
	}
}

struct prune {
	const char *p, *end;
	char *out;
};

static char peek(struct prune *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
	return s->p < s->end ? *s->p : 0;
}

static bool take(struct prune *s, char c)
{
	if (peek(s) != c)
		return false;
	s->p++;
	return true;
}

static bool skip_string(struct prune *s)
{
	for (s->p++; s->p < s->end; s->p++) {
		if (*s->p == '\\')
			s->p++;
		else if (*s->p == '"')
			return s->p++, true;
	}
	return false;
}

static bool skip_nested(struct prune *s)
{
	size_t depth = 0;

	while (s->p < s->end) {
		switch (*s->p) {
		case '"':
			if (!skip_string(s))
				return false;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (!--depth)
				return s->p++, true;
		}
		s->p++;
	}
	return false;
}

static bool skip_value(struct prune *s)
{
	char c = peek(s);

	if (c == '"')
		return skip_string(s);
	if (c == '{' || c == '[')
		return skip_nested(s);
	while (s->p < s->end && !strchr(",}] \t\n\r", *s->p))
		s->p++;
	return c;
}

static void write(struct prune *s, const char *p, size_t len)
{
	memcpy(s->out, p, len);
	s->out += len;
}

static const struct member *find(const struct member *m, const char *name, size_t len)
{
	for (; m->name; m++)
		if (!strncmp(m->name, name, len) && !m->name[len])
			return m;
	return NULL;
}

static bool value(struct prune *s, const struct member *m);

/* One member, its comma before it unless it is the first that stays. */
static bool member(struct prune *s, const struct member *members, bool *first)
{
	const char *key = s->p;
	const struct member *m;
	size_t len;

	if (peek(s) != '"')
		return false;
	key = s->p;
	if (!skip_string(s))
		return false;
	len = s->p - key;
	if (!take(s, ':'))
		return false;
	m = find(members, key + 1, len - 2);
	if (m && !m->inner)
		return skip_value(s);
	if (!*first)
		write(s, ",", 1);
	*first = false;
	write(s, key, len);
	write(s, ":", 1);
	return value(s, m ? m->inner : NULL);
}

static bool object(struct prune *s, const struct member *m)
{
	bool first = true;

	s->p++;
	write(s, "{", 1);
	if (peek(s) != '}')
		do {
			if (!member(s, m, &first))
				return false;
		} while (take(s, ','));
	write(s, "}", 1);
	return take(s, '}');
}

static bool array(struct prune *s, const struct member *m)
{
	bool first = true;

	s->p++;
	write(s, "[", 1);
	if (peek(s) != ']')
		do {
			if (!first)
				write(s, ",", 1);
			first = false;
			if (!value(s, m))
				return false;
		} while (take(s, ','));
	write(s, "]", 1);
	return take(s, ']');
}

static bool value(struct prune *s, const struct member *m)
{
	char c = peek(s);
	const char *from = s->p;

	if (m && c == '{')
		return object(s, m);
	if (m && c == '[')
		return array(s, m);
	if (!skip_value(s))
		return false;
	write(s, from, s->p - from);
	return true;
}

size_t kube_prune(enum kind kind, bool event, const char *json, size_t len, char *out)
{
	struct prune s = { .p = json, .end = json + len, .out = out };

	if (!value(&s, members_of(kind, event)) || peek(&s))
		return 0;
	return s.out - out;
}
