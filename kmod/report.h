/* SPDX-License-Identifier: GPL-2.0 */
/* report: flows, verdicts and the table's objects as netlink attributes. */
#ifndef STK_REPORT_H
#define STK_REPORT_H

#include <linux/skbuff.h>
#include "match.h"
#include "snapshot.h"

/* Each appends one nested attribute, or returns -EMSGSIZE and leaves a mess to be cancelled. */
int stk_report_flow(struct sk_buff *skb, int type, const struct stk_key *key);
/* @snap: the one that judged, to look up names in; NULL if there was none */
int stk_report_verdict(struct sk_buff *skb, int type, const struct stk_snapshot *snap,
		       enum stockade_door door, const struct stk_verdict *v);
int stk_report_config(struct sk_buff *skb, const struct stk_snapshot *snap);
int stk_report_rule(struct sk_buff *skb, const struct stk_rule_def *def);
int stk_report_subject(struct sk_buff *skb, const struct stk_subject_def *def,
		       const struct stk_subject *subject);
int stk_report_endpoint(struct sk_buff *skb, const struct stk_endpoint_def *def);
int stk_report_block(struct sk_buff *skb, const struct stk_block_def *def);

#endif
