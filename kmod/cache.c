// SPDX-License-Identifier: GPL-2.0
/* cache: what the doors answered last, for the next packet or flow of the same key. */
#include <linux/cpuhotplug.h>
#include <linux/random.h>
#include "cache.h"

DEFINE_PER_CPU(struct stk_cache_line *, stk_cache_lines);
u64 stk_cache_odd __ro_after_init = 1;

/* Calls for each CPU that comes and goes; what cpuhp_setup_state() said. */
static enum cpuhp_state cpu_state;

static void store(const struct stk_words *ends, u64 tail, u8 family, const struct stk_kept *kept,
		  u64 __percpu *stats)
{
	struct stk_cache_line *line = stk_cache_line_of(ends, tail, family);
	int door;

	line->tag = stk_cache_stamp(kept->serial, family) ^ tail;
	line->ends = *ends;
	line->pair = stats + kept->pair;
	for (door = 0; door < STOCKADE_DOORS; door++)
		line->counts[door] = kept->counts[door];
}

void stk_cache_store_ct(const struct nf_conn *ct, const struct stk_kept *kept,
			u64 __percpu *stats)
{
	u8 family = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.l3num;
	const struct stk_words ends = stk_cache_ends_of_ct(ct, family);

	store(&ends, stk_cache_tail_of_ct(ct), family, kept, stats);
}

/* Of a packet from the opener, as a line has it. */
static struct stk_words ends_of(const struct stk_tuple *t)
{
	struct stk_words ends = t->ends.words;

	if (t->from)
		return ends;
	if (t->ends.family == NFPROTO_IPV4)
		stk_words_swap_v4(&ends);
	else
		stk_words_swap_v6(&ends);
	return ends;
}

static u64 tail_of(const struct stk_tuple *t)
{
	const struct stk_ends *ends = &t->ends;
	union {
		struct {
			__be32 last;
			__be16 port;
			u16 family;
		};
		u64 words;
	} u = { { .port = ends->port[!t->from], .family = ends->family } };

	if (ends->family != NFPROTO_IPV4)
		u.last = ends->v6[!t->from].s6_addr32[3];
	return stk_cache_tail(u.words, ends->proto);
}

void stk_cache_store(const struct stk_tuple *t, const struct stk_kept *kept, u64 __percpu *stats)
{
	const struct stk_words ends = ends_of(t);

	store(&ends, tail_of(t), t->ends.family, kept, stats);
}

bool stk_cache_find(const struct stk_tuple *t, u64 serial, struct stk_kept *kept,
		    u64 __percpu *stats)
{
	const struct stk_words ends = ends_of(t);
	u64 tail = tail_of(t);
	const struct stk_cache_line *line = stk_cache_line_of(&ends, tail, t->ends.family);
	int door;

	if (line->tag != (stk_cache_stamp(serial, t->ends.family) ^ tail) ||
	    !stk_cache_same_ends(&line->ends, &ends, t->ends.family))
		return false;
	kept->serial = serial;
	kept->pair = line->pair - stats;
	for (door = 0; door < STOCKADE_DOORS; door++)
		kept->counts[door] = line->counts[door];
	return true;
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

	stk_cache_odd = get_random_u64() | 1;
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
