// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "perimeter.h"
#include "why.h"

void lines_add(struct lines *l, const char *fmt, ...)
{
	va_list ap;

	mem_grow(l->v, l->n, l->cap);
	va_start(ap, fmt);
	if (vasprintf(&l->v[l->n++], fmt, ap) < 0)
		abort();
	va_end(ap);
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct lines){};
}

const char *why_proto_text(uint8_t proto)
{
	switch (proto) {
	case PROTO_TCP:
		return "tcp";
	case PROTO_UDP:
		return "udp";
	case PROTO_SCTP:
		return "sctp";
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		return "icmp";
	}
	return NULL;
}

const char *why_port_text(uint8_t proto, uint16_t port, char buf[static WHY_PORT_STRLEN])
{
	const char *name = why_proto_text(proto);

	if (!name)
		snprintf(buf, WHY_PORT_STRLEN, "protocol %u", proto);
	else if (port)
		snprintf(buf, WHY_PORT_STRLEN, "%u/%s", port, name);
	else
		snprintf(buf, WHY_PORT_STRLEN, "%s", name);
	return buf;
}

/* The pod an address is, on this node: its own node's addresses are the node's. */
static const struct pod *pod_at(const struct model *m, const char *node, const struct ip *ip)
{
	const struct node *own = (const void *)model_get(m, KIND_NODE, "", node);

	for (unsigned i = 0; own && i < own->n_addresses; i++)
		if (!ip_cmp(&own->addresses[i], ip))
			return NULL;
	return model_pod_by_ip(m, ip);
}

void why_find(struct why *w, const struct model *m, const struct compile_options *o, const char *node,
	      const struct flow *f, enum stockade_door door)
{
	const struct ip *opener = &f->from->ip[f->v4], *target = &f->to->ip[f->v4];
	bool out = door == STOCKADE_DOOR_EGRESS;
	struct compile_options options = *o;
	struct asking a = {
		.model = m, .options = &options, .peer = out ? *target : *opener, .door = door,
		.proto = f->proto, .port = f->port,
	};

	options.node = node;
	*w = (struct why){ .subject = pod_at(m, node, out ? opener : target) };
	if (w->subject && strcmp(w->subject->node, node))
		w->subject = NULL;
	if (!w->subject)
		return;
	a.peer_pod = pod_at(m, node, &a.peer);
	a.target = out ? a.peer_pod : w->subject;
	w->mode = perimeter_mode(m, o, w->subject->meta.ns);
	why_policy(w, &a);
	why_gate(w, &a);
}

void why_free(struct why *w)
{
	for (size_t i = 0; i < w->n_near; i++) {
		free(w->near[i].rule);
		free(w->near[i].text);
	}
	free(w->near);
	lines_free(&w->isolating);
	lines_free(&w->allowing);
	lines_free(&w->opening);
	lines_free(&w->shut);
}
