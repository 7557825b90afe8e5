// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include "../nl/words.h"
#include "portmap.h"

#define PORT_MAX 0xffffU

struct walk {
	void (*each)(void *ctx, const struct portmap_range *r);
	void *ctx;
	uint32_t verdict;
};

static void emit(const struct walk *w, uint32_t from, uint32_t to)
{
	struct portmap_range r = {
		.from_proto = from >> 16, .to_proto = to >> 16,
		.from_port = from & PORT_MAX, .to_port = to & PORT_MAX,
		.verdict = STOCKADE_STEP_VERDICT(w->verdict), .rule = STOCKADE_STEP_RULE(w->verdict),
	};

	w->each(w->ctx, &r);
}

/* Cuts [from, to] where it enters or leaves a protocol in the middle of its ports. */
static void cut(const struct walk *w, uint32_t from, uint32_t to)
{
	if ((from & PORT_MAX) && from >> 16 != to >> 16) {
		emit(w, from, from | PORT_MAX);
		from = (from | PORT_MAX) + 1;
	}
	if ((to & PORT_MAX) != PORT_MAX && from >> 16 != to >> 16) {
		emit(w, from, (to & ~PORT_MAX) - 1);
		from = to & ~PORT_MAX;
	}
	emit(w, from, to);
}

void portmap_ranges(const struct table_map *map, void (*each)(void *ctx, const struct portmap_range *r), void *ctx)
{
	for (uint32_t i = 0; i < map->n_steps; i++) {
		struct walk w = { each, ctx, map->steps[i].verdict };
		uint32_t to = i + 1 < map->n_steps ? map->steps[i + 1].from - 1 : STOCKADE_STEP_FROM_MAX;

		cut(&w, map->steps[i].from, to);
	}
}

static const char *proto_word(unsigned proto, char buf[static 8])
{
	const char *word = words_proto(proto);

	if (word)
		return word;
	snprintf(buf, 8, "%u", proto);
	return buf;
}

const char *portmap_format(const struct portmap_range *r, char buf[static PORTMAP_STRLEN])
{
	bool all_ports = !r->from_port && r->to_port == PORT_MAX;
	char number[8];

	if (r->from_proto != r->to_proto) {
		if (!r->from_proto && r->to_proto == 255)
			snprintf(buf, PORTMAP_STRLEN, "everything");
		else
			snprintf(buf, PORTMAP_STRLEN, "protocols %u-%u", r->from_proto, r->to_proto);
		return buf;
	}
	if (all_ports && !words_proto(r->from_proto))
		snprintf(buf, PORTMAP_STRLEN, "protocol %u", r->from_proto);
	else if (all_ports)
		snprintf(buf, PORTMAP_STRLEN, "%s", words_proto(r->from_proto));
	else if (r->from_port == r->to_port)
		snprintf(buf, PORTMAP_STRLEN, "%s %u", proto_word(r->from_proto, number), r->from_port);
	else
		snprintf(buf, PORTMAP_STRLEN, "%s %u-%u", proto_word(r->from_proto, number), r->from_port, r->to_port);
	return buf;
}
