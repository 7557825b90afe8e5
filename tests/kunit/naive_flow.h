/* SPDX-License-Identifier: GPL-2.0 */
/*
 * naive_flow: a flow of TCP or UDP as flow.h describes it, written from that description alone, without a map;
 * what the map says of a flow that it still has is compared with this.
 */
#ifndef NAIVE_FLOW_H
#define NAIVE_FLOW_H

#include <linux/in.h>
#include "flow.h"

struct naive_flow { bool there, back_opened, fin[2]; u8 proto, phase; u32 seen; };

static u32 naive_idle(const struct naive_flow *n)
{
	if (n->proto == IPPROTO_UDP)
		return n->phase == STK_FLOW_ESTABLISHED ? 120 : 30;
	switch (n->phase) {
	case STK_FLOW_ANSWERED:
		return 60;
	case STK_FLOW_ESTABLISHED:
		return 5 * 24 * 3600;
	case STK_FLOW_CLOSED:
		return 10;
	default:
		return 120;
	}
}

static enum stk_flow_way naive_open(struct naive_flow *n, u8 proto, bool back, u8 kind, u32 now)
{
	if (kind != STK_TUPLE_PLAIN && kind != STK_TUPLE_OPEN)
		return STK_FLOW_HEADER;
	*n = (struct naive_flow){ .there = true, .back_opened = back, .proto = proto, .seen = now };
	return STK_FLOW_NEW;
}

static void naive_end(struct naive_flow *n, bool back, u8 kind)
{
	bool broken = n->phase == STK_FLOW_CLOSED;

	if (kind == STK_TUPLE_FIN) {
		n->fin[back] = true;
		n->phase = n->fin[0] && n->fin[1] ? STK_FLOW_TIME_WAIT : STK_FLOW_CLOSING;
	} else if (kind == STK_TUPLE_RST && n->phase != STK_FLOW_TIME_WAIT) {
		n->fin[back] = true;
		n->fin[!back] = false;
		n->phase = STK_FLOW_CLOSED;
	} else if (kind == STK_TUPLE_PLAIN && broken && n->fin[back]) {
		n->fin[back] = false;
		n->phase = STK_FLOW_CLOSING;
	}
}

static void naive_move(struct naive_flow *n, bool back, u8 kind)
{
	bool answer = back != n->back_opened;
	bool stood = n->phase > STK_FLOW_ANSWERED && (n->phase != STK_FLOW_CLOSED || n->fin[0] || n->fin[1]);

	if (stood) {
		naive_end(n, back, kind);
	} else if (kind == STK_TUPLE_RST) {
		n->phase = STK_FLOW_CLOSED;
	} else if (n->phase == STK_FLOW_OPENING && answer && kind != STK_TUPLE_FIN) {
		n->phase = STK_FLOW_ANSWERED;
	} else if (n->phase == STK_FLOW_ANSWERED && !answer &&
		   (kind == STK_TUPLE_PLAIN || kind == STK_TUPLE_FIN)) {
		n->phase = STK_FLOW_ESTABLISHED;
		naive_end(n, back, kind);
	}
}

/* A packet of the flow: what it is to a map that lets it open the flow if it may. */
static enum stk_flow_way naive_pass(struct naive_flow *n, u8 proto, bool back, u8 kind, u32 now)
{
	bool stands = n->phase == STK_FLOW_ESTABLISHED || n->phase == STK_FLOW_CLOSING;

	if (!n->there || now - n->seen > STK_FLOW_TICKS(naive_idle(n)) ||
	    (kind == STK_TUPLE_OPEN && n->phase >= STK_FLOW_TIME_WAIT)) {
		n->there = false;
		return naive_open(n, proto, back, kind, now);
	}
	if (kind == STK_TUPLE_OPEN && stands && back != n->back_opened)
		return STK_FLOW_HEADER;
	n->seen = now;
	naive_move(n, back, kind);
	return back == n->back_opened ? STK_FLOW_FORTH : STK_FLOW_BACK;
}

#endif
