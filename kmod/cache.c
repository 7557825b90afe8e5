// SPDX-License-Identifier: GPL-2.0
/* cache: what the doors answered last, for the next packet or flow of the same key. */
#include <linux/cpuhotplug.h>
#include "cache.h"

DEFINE_PER_CPU(struct stk_cache_line *, stk_cache_lines);

/* Calls for each CPU that comes and goes; what cpuhp_setup_state() said. */
static enum cpuhp_state cpu_state;

static void set_answer(struct stk_cache_line *line, const struct stk_kept *kept)
{
	int door;

	for (door = 0; door < STOCKADE_DOORS; door++) {
		line->stat[door] = kept->stat[door];
		line->counts[door] = kept->counts[door];
	}
	line->serial = kept->serial;
}

void stk_cache_store_ct(const struct nf_conn *ct, const struct stk_kept *kept)
{
	const struct nf_conntrack_tuple *orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_man *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src;
	struct stk_cache_line *line = stk_cache_line_of_ct(ct);

	line->opener = orig->src.u3;
	line->target = reply->u3;
	memcpy(&line->tail, &reply->u, sizeof(line->tail));
	line->proto = orig->dst.protonum;
	set_answer(line, kept);
}

/* By both ends and the target's port; the direction need not tell lines apart. */
static struct stk_cache_line *line_of(const struct stk_tuple *t)
{
	const struct stk_words *w = &t->ends.words;
	u64 hash = w->a ^ rol64(w->b, 16) ^ rol64(w->c, 32) ^ rol64(w->d, 48);

	hash ^= (u64)(__force u16)t->ends.port[!t->from] << 24;
	hash *= 0x9e3779b97f4a7c15ULL;
	return this_cpu_read(stk_cache_lines) + hash / (U64_MAX / STK_CACHE_LINES + 1);
}

/* What @tail is of a packet from the opener. */
static u32 tail_of(const struct stk_tuple *t)
{
	union {
		struct {
			__be16 port;
			u16 family;
		};
		u32 tail;
	} u = { { t->ends.port[!t->from], t->ends.family } };

	return u.tail;
}

static bool is_key(const struct stk_cache_line *line, const struct stk_tuple *t)
{
	const struct stk_ends *ends = &t->ends;

	if (line->tail != tail_of(t) || line->proto != ends->proto)
		return false;
	if (ends->family == NFPROTO_IPV4)
		return line->opener.ip == ends->v4[t->from] && line->target.ip == ends->v4[!t->from];
	return ipv6_addr_equal(&line->opener.in6, &ends->v6[t->from]) &&
	       ipv6_addr_equal(&line->target.in6, &ends->v6[!t->from]);
}

void stk_cache_store(const struct stk_tuple *t, const struct stk_kept *kept)
{
	struct stk_cache_line *line = line_of(t);

	line->tail = tail_of(t);
	line->proto = t->ends.proto;
	if (t->ends.family == NFPROTO_IPV4) {
		line->opener.ip = t->ends.v4[t->from];
		line->target.ip = t->ends.v4[!t->from];
	} else {
		line->opener.in6 = t->ends.v6[t->from];
		line->target.in6 = t->ends.v6[!t->from];
	}
	set_answer(line, kept);
}

bool stk_cache_find(const struct stk_tuple *t, u64 serial, struct stk_kept *kept)
{
	const struct stk_cache_line *line = line_of(t);
	int door;

	if (line->serial != serial || !is_key(line, t))
		return false;
	kept->serial = serial;
	for (door = 0; door < STOCKADE_DOORS; door++) {
		kept->counts[door] = line->counts[door];
		kept->stat[door] = line->stat[door];
	}
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
