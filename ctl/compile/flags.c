// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "flags.h"

/* Index of @arg in the NULL-terminated @words; -1 with @err set. */
static int choice(const char *flag, const char *arg, const char *const *words, struct err *err)
{
	char list[128] = "";

	for (int i = 0; words[i]; i++) {
		if (!strcmp(arg, words[i]))
			return i;
		strcat(list, i ? ", " : "");
		strcat(list, words[i]);
	}
	return err_set(err, "--%s=%s: must be one of %s", flag, arg, list);
}

/* A port at @s, ended by a comma or the end; NULL if it is none. */
static const char *parse_port(const char *s, uint16_t *out)
{
	unsigned long v;
	char *end;

	if (*s < '0' || *s > '9')
		return NULL;
	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno || !v || v > 65535 || (*end && *end != ','))
		return NULL;
	*out = v;
	return end;
}

static int overlay_ports(struct compile_options *o, const char *arg, struct err *err)
{
	uint16_t ports[STOCKADE_CONFIG_OVERLAY_PORTS_MAX];
	const char *s = arg;
	size_t n = 0;

	while (*s) {
		if (n == STOCKADE_CONFIG_OVERLAY_PORTS_MAX)
			return err_set(err, "--overlay-ports: more than %d ports", STOCKADE_CONFIG_OVERLAY_PORTS_MAX);
		s = parse_port(s, &ports[n++]);
		if (!s || (*s == ',' && !s[1]))
			return err_set(err, "--overlay-ports=%s: must be ports 1 to 65535 separated by commas", arg);
		s += *s == ',';
	}
	memcpy(o->overlay_ports, ports, n * sizeof(*ports));
	o->n_overlay_ports = n;
	return 1;
}

int compile_flag(struct compile_options *o, int opt, const char *arg, struct err *err)
{
	static const char *const modes[] = { "off", "audit", "enforce", NULL };
	static const char *const denies[] = { "drop", "reject", NULL };
	static const char *const unknowns[] = { "drop", "accept", NULL };
	int i = 0;

	switch (opt) {
	case COMPILE_FLAG_NODE:
		if (!*arg)
			return err_set(err, "--node: needs the node's name");
		o->node = arg;
		break;
	case COMPILE_FLAG_PERIMETER:
		i = choice("perimeter", arg, modes, err);
		o->perimeter = i < 0 ? o->perimeter : (enum perimeter_mode)i;
		break;
	case COMPILE_FLAG_OVERLAY_PORTS:
		return overlay_ports(o, arg, err);
	case COMPILE_FLAG_DENY:
		i = choice("deny", arg, denies, err);
		o->deny = i < 0 ? o->deny : i;
		break;
	case COMPILE_FLAG_UNKNOWN:
		i = choice("unknown", arg, unknowns, err);
		o->unknown = i < 0 ? o->unknown : i;
		break;
	default:
		return 0;
	}
	return i < 0 ? -1 : 1;
}
