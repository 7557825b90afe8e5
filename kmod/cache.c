// SPDX-License-Identifier: GPL-2.0
/* cache: what the doors answered last for a flow that conntrack follows. */
#include <linux/cpuhotplug.h>
#include "cache.h"

DEFINE_PER_CPU(struct stk_cache_line *, stk_cache_lines);

/* Calls for each CPU that comes and goes; what cpuhp_setup_state() said. */
static enum cpuhp_state cpu_state;

/* What a door's answer adds to. */
static void set_counters(struct stk_cache_line *line, enum stockade_door door,
			 const struct stk_verdict *v, u64 __percpu *stats)
{
	line->stat[door] = stk_stats_index(door, v->reason, v->verdict);
	line->counts[door] = v->subject ? stk_subject_counter(v->subject, door, v->verdict) :
					  stats + STK_STATS_NOBODY;
}

void stk_cache_store(u64 serial, const struct nf_conn *ct,
		     const struct stk_verdict v[STOCKADE_DOORS], u64 __percpu *stats)
{
	const struct nf_conntrack_tuple *orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_man *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src;
	struct stk_cache_line *line = stk_cache_line(ct);

	memcpy(line->opener, &orig->src.u3, sizeof(line->opener));
	memcpy(line->target, &reply->u3, sizeof(line->target));
	memcpy(&line->tail, &reply->u, sizeof(line->tail));
	line->proto = orig->dst.protonum;
	line->serial = serial;
	set_counters(line, STOCKADE_DOOR_EGRESS, &v[STOCKADE_DOOR_EGRESS], stats);
	set_counters(line, STOCKADE_DOOR_INGRESS, &v[STOCKADE_DOOR_INGRESS], stats);
}

/* Before @cpu comes up. */
static int lines_alloc(unsigned int cpu)
{
	struct stk_cache_line *lines;

	lines = kvzalloc_node(array_size(STK_CACHE_LINES, sizeof(*lines)), GFP_KERNEL,
			      cpu_to_node(cpu));
	per_cpu(stk_cache_lines, cpu) = lines;
	return lines ? 0 : -ENOMEM;
}

/* After @cpu has gone down, or for the module's end. */
static int lines_free(unsigned int cpu)
{
	kvfree(per_cpu(stk_cache_lines, cpu));
	per_cpu(stk_cache_lines, cpu) = NULL;
	return 0;
}

int __init stk_cache_init(void)
{
	int ret;

	BUILD_BUG_ON(STK_STATS > U8_MAX);
	ret = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "net/stockade:prepare", lines_alloc,
				lines_free);
	if (ret < 0)
		return ret;
	cpu_state = ret;
	return 0;
}

void stk_cache_exit(void)
{
	cpuhp_remove_state(cpu_state);
}
