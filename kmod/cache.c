// SPDX-License-Identifier: GPL-2.0
/* cache: what the doors answered last, for the next packet or flow of the same key. */
#include <linux/cpuhotplug.h>
#include "cache.h"

DEFINE_PER_CPU(struct stk_cache_line *, stk_cache_lines);

/* Calls for each CPU that comes and goes; what cpuhp_setup_state() said. */
static enum cpuhp_state cpu_state;

static void store(struct stk_cache_line *line, u64 tag, const struct stk_words *ends,
		  const struct stk_kept *kept, u64 __percpu *stats)
{
	int door;

	line->tag = tag;
	line->ends = *ends;
	line->pair = stats + kept->pair;
	for (door = 0; door < STOCKADE_DOORS; door++)
		line->counts[door] = kept->counts[door];
}

/* Where a key's answer lies. */
static struct stk_cache_line *line_of(const struct stk_words *ends, u64 tail)
{
	u64 hash = ends->a ^ rol64(ends->b, 16) ^ rol64(ends->c, 32) ^ rol64(ends->d, 48);

	hash ^= rol64(tail, 56);
	hash *= 0x9e3779b97f4a7c15ULL;
	return this_cpu_read(stk_cache_lines) + hash / (U64_MAX / STK_CACHE_LINES + 1);
}

static u8 family_of(const struct nf_conn *ct)
{
	return ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.l3num;
}

void stk_cache_store_ct(const struct nf_conn *ct, const struct stk_kept *kept,
			u64 __percpu *stats)
{
	const struct stk_words ends = stk_cache_ends_of_ct(ct, family_of(ct));
	u64 tag = stk_cache_tag_of_ct(kept->serial, ct);

	store(stk_cache_line_of_ct(ct), tag, &ends, kept, stats);
	store(line_of(&ends, stk_cache_tail_of_ct(ct)), tag, &ends, kept, stats);
}

bool stk_cache_allows_like(u64 serial, const struct nf_conn *ct, enum stockade_door door)
{
	const struct stk_words ends = stk_cache_ends_of_ct(ct, family_of(ct));
	const struct stk_cache_line *line = line_of(&ends, stk_cache_tail_of_ct(ct));

	if (line->tag != stk_cache_tag_of_ct(serial, ct) ||
	    !stk_cache_same_ends(&line->ends, &ends, family_of(ct)) || ct->master)
		return false;
	*stk_cache_line_of_ct(ct) = *line;
	stk_stats_count_kept(line->pair, line->counts[door], door);
	return true;
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
		u64 tail;
	} u = { { .port = ends->port[!t->from], .family = ends->family } };

	if (ends->family != NFPROTO_IPV4)
		u.last = ends->v6[!t->from].s6_addr32[3];
	return u.tail;
}

void stk_cache_store(const struct stk_tuple *t, const struct stk_kept *kept, u64 __percpu *stats)
{
	const struct stk_words ends = ends_of(t);
	u64 tail = tail_of(t);

	store(line_of(&ends, tail), stk_cache_tag(kept->serial, tail, t->ends.proto), &ends, kept, stats);
}

bool stk_cache_find(const struct stk_tuple *t, u64 serial, struct stk_kept *kept,
		    u64 __percpu *stats)
{
	const struct stk_words ends = ends_of(t);
	u64 tail = tail_of(t);
	const struct stk_cache_line *line = line_of(&ends, tail);
	int door;

	if (line->tag != stk_cache_tag(serial, tail, t->ends.proto) ||
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
