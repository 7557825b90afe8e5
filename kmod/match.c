// SPDX-License-Identifier: GPL-2.0
/*
 * match: the judge; see match.h.  The order of the tests below is the policy,
 * first match wins; the reasons are described in the uapi header.
 */
#include "match.h"
#include "snapshot_priv.h"

#ifdef __KERNEL__
#include <linux/in.h>
#else
#include <netinet/in.h>
#endif

#ifndef IPPROTO_IPV6
#define IPPROTO_IPV6 41
#endif

#define NODE_FLAGS (STOCKADE_ENDPOINT_F_NODE | STOCKADE_ENDPOINT_F_OWN_NODE)

static __always_inline struct stk_verdict answer(const struct stk_subject *subject, u8 verdict,
						 u8 reason)
{
	return (struct stk_verdict){ .subject = subject, .verdict = verdict, .reason = reason };
}

/* Would a node unwrap this, and send what is inside past both doors? */
static bool is_tunnel(const struct stk_config *config, const struct stk_key *key)
{
	switch (key->proto) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
	case IPPROTO_GRE:
		return true;
	case IPPROTO_UDP:
		return stk_config_is_overlay(config, key->port);
	default:
		return false;
	}
}

/*
 * No pod of this node at this door: pass, unless the address ought to be one and
 * isn't known yet (@e is NULL).
 */
static struct stk_verdict judge_nobody(const struct stk_snapshot *snap, const struct stk_addr *own,
				       u8 flags, u8 own_here, const struct stk_endpoint *e)
{
	if (flags & STK_KEY_LINK)
		return answer(NULL, STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_LINK);
	if (e || flags & own_here || !stk_ranges_find(snap->config->inside, own))
		return answer(NULL, STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_NOT_SUBJECT);
	return answer(NULL, snap->config->unknown == STOCKADE_UNKNOWN_ACCEPT ?
		      STOCKADE_VERDICT_ALLOW : STOCKADE_VERDICT_DENY, STOCKADE_REASON_UNKNOWN);
}

/* @e is a pod of this node; @peer the other end's endpoint or NULL, at address @other. */
static __always_inline struct stk_verdict
judge_subject(const struct stk_snapshot *snap, const struct stk_key *key, enum stockade_door door,
	      const struct stk_endpoint *e, const struct stk_endpoint *peer,
	      const struct stk_addr *other, u8 peer_here)
{
	const struct stk_subject *subject = snap->slots->subject[e->slot];
	const struct stk_program *program = subject->program[door];
	u32 peer_flags = peer ? peer->flags : 0;
	bool here = key->flags & peer_here;
	struct stk_verdict v;
	u32 step;

	if (key->flags & STK_KEY_LINK)
		return answer(subject, STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_LINK);
	if (door == STOCKADE_DOOR_EGRESS && (here || peer_flags & NODE_FLAGS) &&
	    is_tunnel(snap->config, key))
		return answer(subject, STOCKADE_VERDICT_DENY, STOCKADE_REASON_TUNNEL);
	if (peer && peer->slot == e->slot)
		return answer(subject, STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_SELF);
	if (here || peer_flags & STOCKADE_ENDPOINT_F_OWN_NODE)
		return answer(subject, STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_OWN_NODE);
	if (!program)
		return answer(subject, STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_NOT_ISOLATED);

	v.subject = subject;
	v.reason = STOCKADE_REASON_RULE;
	v.peer_identity = peer ? peer->identity : stk_ranges_find(snap->ranges, other);
	step = stk_program_find(program, v.peer_identity,
				STOCKADE_STEP_FROM(key->proto, key->port));
	v.verdict = STOCKADE_STEP_VERDICT(step);
	v.rule = STOCKADE_STEP_RULE(step);
	return v;
}

/* One door, whose end of the flow is @own. */
static __always_inline struct stk_verdict
judge_door(const struct stk_snapshot *snap, const struct stk_key *key, enum stockade_door door,
	   const struct stk_addr *own, u8 own_here, const struct stk_addr *other, u8 other_here)
{
	/* On its way to the cache while the own end is looked up. */
	struct stk_place place = stk_endpoints_locate(snap->endpoints, other);
	const struct stk_endpoint *e = stk_endpoints_find(snap->endpoints, own);

	if (!e || !e->slot)
		return judge_nobody(snap, own, key->flags, own_here, e);
	return judge_subject(snap, key, door, e, stk_endpoints_probe(place, other), other,
			     other_here);
}

struct stk_verdict stk_match(const struct stk_snapshot *snap,
			     const struct stk_key *key, enum stockade_door door)
{
	if (door == STOCKADE_DOOR_EGRESS)
		return judge_door(snap, key, STOCKADE_DOOR_EGRESS, &key->opener,
				  STK_KEY_OPENER_HERE, &key->target, STK_KEY_TARGET_HERE);
	return judge_door(snap, key, STOCKADE_DOOR_INGRESS, &key->target,
			  STK_KEY_TARGET_HERE, &key->opener, STK_KEY_OPENER_HERE);
}

void stk_match_both(const struct stk_snapshot *snap, const struct stk_key *key,
		    struct stk_verdict v[STOCKADE_DOORS])
{
	struct stk_place place = stk_endpoints_locate(snap->endpoints, &key->target);
	const struct stk_endpoint *opener = stk_endpoints_find(snap->endpoints, &key->opener);
	const struct stk_endpoint *target = stk_endpoints_probe(place, &key->target);

	if (opener && opener->slot)
		v[STOCKADE_DOOR_EGRESS] = judge_subject(snap, key, STOCKADE_DOOR_EGRESS, opener,
							target, &key->target, STK_KEY_TARGET_HERE);
	else
		v[STOCKADE_DOOR_EGRESS] = judge_nobody(snap, &key->opener, key->flags,
						       STK_KEY_OPENER_HERE, opener);
	if (target && target->slot)
		v[STOCKADE_DOOR_INGRESS] = judge_subject(snap, key, STOCKADE_DOOR_INGRESS, target,
							 opener, &key->opener, STK_KEY_OPENER_HERE);
	else
		v[STOCKADE_DOOR_INGRESS] = judge_nobody(snap, &key->target, key->flags,
							STK_KEY_TARGET_HERE, target);
}

bool stk_match_wants_here(const struct stk_snapshot *snap, const struct stk_key *key,
			  enum stockade_door door, const struct stk_verdict *v)
{
	bool egress = door == STOCKADE_DOOR_EGRESS;
	u8 own_here = egress ? STK_KEY_OPENER_HERE : STK_KEY_TARGET_HERE;
	u8 peer_here = egress ? STK_KEY_TARGET_HERE : STK_KEY_OPENER_HERE;

	if (v->reason == STOCKADE_REASON_UNKNOWN)
		return v->verdict != STOCKADE_VERDICT_ALLOW && !(key->flags & own_here);
	if (!v->subject || key->flags & peer_here || v->reason == STOCKADE_REASON_LINK ||
	    v->reason == STOCKADE_REASON_TUNNEL)
		return false;
	if (v->verdict != STOCKADE_VERDICT_ALLOW)
		return true;
	return egress && is_tunnel(snap->config, key);
}
