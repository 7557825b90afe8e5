// SPDX-License-Identifier: GPL-2.0
/* cache: what the doors answered last, for the next packet or flow of the same key. */
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "cache.h"

struct stk_cache_line __rcu *stk_cache_places[STK_CACHE_PLACES];
u64 stk_cache_odd __read_mostly = 1;

static struct stk_cache_line nobodys;

/*
 * Lines that this CPU took out of their places, the one that waits longest first, and the tick in which a
 * grace period was asked for.  Theirs alone who run here with softirqs off.
 */
struct waiting {
	struct list_head lines;
	unsigned int count;
	unsigned long asked;
};

static DEFINE_PER_CPU(struct waiting, waiting);

/* Somebody's will do, but nobody may want one. */
static void ask_for_grace(struct waiting *w)
{
	unsigned long now = jiffies;

	if (w->asked == now)
		return;
	w->asked = now;
	start_poll_synchronize_rcu();
}

/* A line that nobody reads any more, or never did. */
static struct stk_cache_line *get_line(void)
{
	struct waiting *w = this_cpu_ptr(&waiting);
	struct stk_cache_line *line;

	line = list_first_entry_or_null(&w->lines, struct stk_cache_line, waiting);
	if (line && poll_state_synchronize_rcu(line->since)) {
		list_del(&line->waiting);
		w->count--;
		return line;
	}
	if (line)
		ask_for_grace(w);
	return w->count < STK_CACHE_WAITING ?
	       kmalloc(sizeof(*line), GFP_ATOMIC | __GFP_NOWARN) : NULL;
}

/* That line has no place any more. */
static void put_line(struct stk_cache_line *line)
{
	struct waiting *w = this_cpu_ptr(&waiting);

	line->since = get_state_synchronize_rcu();
	list_add_tail(&line->waiting, &w->lines);
	w->count++;
}

/* Puts a line in a place; who was there is the caller's. */
static struct stk_cache_line *replace(u64 index, struct stk_cache_line *line)
{
	/* A full barrier: who sees the line sees what is in it. */
	return unrcu_pointer(xchg(&stk_cache_places[index], RCU_INITIALIZER(line)));
}

static bool is_for(const struct stk_cache_line *line, u64 tag, const struct stk_words *ends,
		   u8 family)
{
	return line->tag == tag && stk_cache_same_ends(&line->ends, ends, family);
}

static void store(const struct stk_words *ends, u64 tail, u8 family, const struct stk_kept *kept,
		  u64 __percpu *stats)
{
	u64 first = stk_cache_index(ends, tail, family);
	u64 tag = stk_cache_stamp(kept->serial, family) ^ tail;
	struct stk_cache_line *line;
	int door;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return;
	line = get_line();
	if (!line)
		return;
	line->tag = tag;
	line->ends = *ends;
	line->pair = stats + kept->pair;
	for (door = 0; door < STOCKADE_DOORS; door++)
		line->counts[door] = kept->counts[door];
	line = replace(first ^ STK_CACHE_FIRST, line);
	/* Its like, of another CPU, pushes nobody out. */
	if (line != &nobodys && !is_for(line, tag, ends, family))
		line = replace(first ^ STK_CACHE_SECOND, line);
	if (line != &nobodys)
		put_line(line);
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
	stk_words_swap(&ends, t->ends.family);
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
	u8 family = t->ends.family;
	u64 tail = tail_of(t);
	u64 tag = stk_cache_stamp(serial, family) ^ tail, first = stk_cache_index(&ends, tail, family);
	const struct stk_cache_line *line;
	int door;

	line = rcu_dereference(stk_cache_places[first ^ STK_CACHE_FIRST]);
	if (!is_for(line, tag, &ends, family))
		line = rcu_dereference(stk_cache_places[first ^ STK_CACHE_SECOND]);
	if (!is_for(line, tag, &ends, family))
		return false;
	kept->serial = serial;
	kept->pair = line->pair - stats;
	for (door = 0; door < STOCKADE_DOORS; door++)
		kept->counts[door] = line->counts[door];
	return true;
}

void stk_cache_draw(void)
{
	WRITE_ONCE(stk_cache_odd, get_random_u64() | 1);
}

void stk_cache_init(void)
{
	int cpu;
	u64 i;

	stk_cache_draw();
	for (i = 0; i < STK_CACHE_PLACES; i++)
		RCU_INIT_POINTER(stk_cache_places[i], &nobodys);
	for_each_possible_cpu(cpu) {
		INIT_LIST_HEAD(&per_cpu(waiting, cpu).lines);
		per_cpu(waiting, cpu).count = 0;
	}
}

void stk_cache_exit(void)
{
	struct stk_cache_line *line, *next;
	int cpu;
	u64 i;

	for (i = 0; i < STK_CACHE_PLACES; i++) {
		line = replace(i, &nobodys);
		if (line != &nobodys)
			kfree(line);
	}
	for_each_possible_cpu(cpu)
		list_for_each_entry_safe(line, next, &per_cpu(waiting, cpu).lines, waiting)
			kfree(line);
}
