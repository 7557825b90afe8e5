// SPDX-License-Identifier: GPL-2.0
/* event: denials told on a multicast group, no faster than a token bucket allows. */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include "event.h"
#include "main.h"
#include "net.h"
#include "netlink.h"
#include "report.h"

/* Two names and two dozen small attributes. */
#define EVENT_SIZE (STOCKADE_SUBJECT_NAME_MAX + STOCKADE_RULE_NAME_MAX + 512)

void stk_events_init(struct stk_events *e)
{
	spin_lock_init(&e->lock);
	e->tokens = stk_events_burst;
	e->filled = jiffies;
}

/* Tokens for the time since they were last counted; whole ones, the rest of the time is kept. */
static void top_up(struct stk_events *e)
{
	u64 fresh = (u64)(jiffies - e->filled) * stk_events_per_second;

	do_div(fresh, HZ);
	if (!fresh)
		return;
	e->tokens = min_t(u64, e->tokens + fresh, stk_events_burst);
	e->filled += div_u64(fresh * HZ, stk_events_per_second);
}

/* A token, and how many events were lost before this one. */
static bool take_token(struct stk_events *e, u32 *lost)
{
	u64 total;
	bool taken;

	if (!spin_trylock(&e->lock))
		return false;
	top_up(e);
	taken = e->tokens > 0;
	if (taken) {
		e->tokens--;
		total = atomic64_read(&e->lost);
		*lost = min_t(u64, total - e->lost_told, U32_MAX);
		e->lost_told = total;
	}
	spin_unlock(&e->lock);
	return taken;
}

bool stk_events_wanted(const struct stk_net *sn)
{
	return stk_netlink_drops_heard(sn->net);
}

static int fill(struct sk_buff *skb, const struct stk_event *ev, u32 lost)
{
	const struct stk_table *table = ev->table;
	struct nlattr *nest = nla_nest_start(skb, STOCKADE_A_DROP);

	if (!nest ||
	    stk_report_flow(skb, STOCKADE_DROP_FLOW, ev->key) ||
	    stk_report_verdict(skb, STOCKADE_DROP_VERDICT, table ? table->snap : NULL,
			       ev->door, ev->verdict) ||
	    nla_put_u64_64bit(skb, STOCKADE_DROP_GENERATION, table ? table->generation : 0,
			      STOCKADE_DROP_PAD) ||
	    (ev->origin.reply && nla_put_flag(skb, STOCKADE_DROP_REPLY)) ||
	    nla_put_u16(skb, STOCKADE_DROP_SPORT, ev->origin.sport) ||
	    nla_put_u64_64bit(skb, STOCKADE_DROP_TIME, ktime_get_real_ns(), STOCKADE_DROP_PAD) ||
	    nla_put_u32(skb, STOCKADE_DROP_LOST, lost))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int tell(struct stk_net *sn, const struct stk_event *ev, u32 lost)
{
	struct sk_buff *skb = genlmsg_new(EVENT_SIZE, GFP_ATOMIC);
	void *hdr;

	if (!skb)
		return -ENOMEM;
	hdr = stk_netlink_drop_header(skb);
	if (!hdr || fill(skb, ev, lost)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	stk_netlink_drop_send(sn->net, skb);
	return 0;
}

void stk_event_tell(struct stk_net *sn, const struct stk_event *event)
{
	u32 lost;

	if (!take_token(&sn->events, &lost) || tell(sn, event, lost))
		atomic64_inc(&sn->events.lost);
}
