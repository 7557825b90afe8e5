// SPDX-License-Identifier: GPL-2.0
/* cache: what the doors last answered for a flow conntrack follows, per CPU. */
#include <linux/cpu.h>
#include "cache.h"

stk_cache_t stk_cache_alloc(void)
{
	return alloc_percpu_gfp(struct stk_cache_line *, STK_GFP);
}

int stk_cache_fill(stk_cache_t cache)
{
	struct stk_cache_line *lines;
	int cpu, err = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		if (*per_cpu_ptr(cache, cpu))
			continue;
		lines = kvcalloc(1 << STK_CACHE_BITS, sizeof(*lines), STK_GFP);
		if (!lines) {
			err = -ENOMEM;
			break;
		}
		/* Pairs with the address dependency of that CPU's this_cpu_read(). */
		smp_store_release(per_cpu_ptr(cache, cpu), lines);
	}
	cpus_read_unlock();
	return err;
}

void stk_cache_free(stk_cache_t cache)
{
	int cpu;

	if (!cache)
		return;
	for_each_possible_cpu(cpu)
		kvfree(*per_cpu_ptr(cache, cpu));
	free_percpu(cache);
}

static void set_flow(struct stk_cache_line *line, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_man *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src;

	memset(line, 0, sizeof(*line));
	memcpy(line->opener, &orig->src.u3, sizeof(line->opener));
	memcpy(line->target, &reply->u3, sizeof(line->target));
	memcpy(&line->tail, &reply->u, sizeof(line->tail));
	line->proto = orig->dst.protonum;
}

void stk_cache_store(stk_cache_t cache, u64 generation, const struct nf_conn *ct,
		     enum stockade_door door, const struct stk_verdict *v)
{
	struct stk_cache_line *line = stk_cache_line(cache, ct);

	/* An expected connection is judged by another flow's key than its own. */
	if (!line || ct->master)
		return;
	if (line->generation != generation || !stk_cache_same_flow(line, ct))
		set_flow(line, ct);
	line->generation = generation;
	line->what[door] = stk_stats_index(door, v->reason, v->verdict) + 1;
	line->counts[door] = v->subject ? v->subject->counters->counts +
					  door * STK_VERDICTS + v->verdict : NULL;
}
