// SPDX-License-Identifier: GPL-2.0
/* flow: a namespace's own map of flows; see flow.h. */
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/sched.h>
#include "flow.h"

/* So far beyond the number expected an acknowledgment is still one of the answer, data and all. */
#define ACK_WINDOW 0x10000

/* A place in the map, which the caller's lock covers. */
struct place {
	struct stk_flow_bucket *b;
	unsigned int i;
};

static struct stk_flow *flow_at(struct place at)
{
	return &at.b->flow[at.i];
}

static u8 phase_at(struct place at)
{
	return STK_FLOW_PHASE_OF(at.b->state[at.i]);
}

static u8 opener_of(u8 state)
{
	return !!(state & STK_FLOW_OPENER);
}

/* Seconds without a packet after which a flow is over. */
static u32 timeout(u8 proto, u8 phase)
{
	static const u32 tcp[STK_FLOW_PHASES] = { 120, 60, 432000, 120, 120, 10 };
	static const u32 sctp[STK_FLOW_PHASES] = { 30, 30, 210, 30, 30, 10 };
	static const u32 udp[STK_FLOW_PHASES] = { 30, 30, 120 };
	static const u32 dccp[STK_FLOW_PHASES] = { 240, 480, 43200 };
	static const u32 gre[STK_FLOW_PHASES] = { 30, 180, 180 };

	switch (proto) {
	case IPPROTO_TCP:
		return tcp[phase];
	case IPPROTO_SCTP:
		return sctp[phase];
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return udp[phase];
	case IPPROTO_DCCP:
		return dccp[phase];
	case IPPROTO_GRE:
		return gre[phase];
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 30;
	default:
		return 600;
	}
}

/* Ticks without a packet; another CPU's tick may have begun before ours. */
static u32 idle(const struct stk_flow_bucket *b, unsigned int i, u32 now)
{
	s32 since = now - READ_ONCE(b->seen[i]);

	return max(since, 0);
}

static bool is_over(const struct stk_flow_bucket *b, unsigned int i, u32 now)
{
	u32 most = timeout(b->flow[i].ends.proto, STK_FLOW_PHASE_OF(b->state[i]));

	return idle(b, i, now) > STK_FLOW_TICKS(most);
}

/* Has it been established, and not ended since? */
static bool is_established(u8 state)
{
	u8 phase = STK_FLOW_PHASE_OF(state);

	return phase == STK_FLOW_ESTABLISHED || phase == STK_FLOW_CLOSING;
}

/* State of a flow in @phase; whose plain packets change nothing follows from that. */
static u8 state_of(u8 phase, u8 opener, u8 fin)
{
	static const u8 forth_back[STK_FLOW_PHASES] = {
		[STK_FLOW_OPENING] = 1, [STK_FLOW_ANSWERED] = 2,
		[STK_FLOW_ESTABLISHED] = 3, [STK_FLOW_CLOSING] = 3,
	};
	u8 plain = forth_back[phase];

	if (opener && plain != 3)
		plain ^= plain ? 3 : 0;
	return STK_FLOW_PHASE(phase) | (opener ? STK_FLOW_OPENER : 0) | fin | plain;
}

/* What an established flow, or one that was, becomes with this packet. */
static u8 wind_down(u8 state, const struct stk_tuple *t)
{
	u8 opener = opener_of(state), phase = STK_FLOW_PHASE_OF(state);
	u8 both = STK_FLOW_FIN | STK_FLOW_FIN << 1, mine = STK_FLOW_FIN << t->from;
	u8 fin = state & both;

	switch (t->kind) {
	case STK_TUPLE_RST:
		return phase == STK_FLOW_TIME_WAIT ? state :
		       state_of(STK_FLOW_CLOSED, opener, mine);
	case STK_TUPLE_FIN:
		fin |= mine;
		return state_of(fin == both ? STK_FLOW_TIME_WAIT : STK_FLOW_CLOSING, opener, fin);
	case STK_TUPLE_PLAIN:
		/* It talks on: the RST was not its own, or came late. */
		return phase == STK_FLOW_CLOSED && fin == mine ?
		       state_of(STK_FLOW_CLOSING, opener, 0) : state;
	default:
		return state;
	}
}

/* Does the opener, by going on, show that it heard the answer?  A flood's forged sources do not. */
static bool goes_on(const struct stk_flow *f, const struct stk_tuple *t)
{
	if (t->kind != STK_TUPLE_PLAIN && t->kind != STK_TUPLE_FIN)
		return false;
	return f->ends.proto != IPPROTO_TCP || t->ack - f->ack < ACK_WINDOW;
}

/* The next state of a flow that is not established yet; may note what to expect in @f. */
static u8 wind_up(struct stk_flow *f, u8 state, const struct stk_tuple *t)
{
	u8 opener = opener_of(state);
	bool back = t->from != opener;

	if (t->kind == STK_TUPLE_RST)
		return state_of(STK_FLOW_CLOSED, opener, 0);
	if (back && STK_FLOW_PHASE_OF(state) == STK_FLOW_OPENING && t->kind != STK_TUPLE_FIN) {
		/* A segment in the middle acknowledges nothing new: what its peer has sent follows. */
		f->ack = t->kind == STK_TUPLE_PLAIN ? t->seq - 1 : t->seq;
		return state_of(STK_FLOW_ANSWERED, opener, 0);
	}
	if (back && t->kind == STK_TUPLE_ANSWER)
		f->ack = t->seq;
	if (back || STK_FLOW_PHASE_OF(state) != STK_FLOW_ANSWERED || !goes_on(f, t))
		return state;
	return wind_down(state_of(STK_FLOW_ESTABLISHED, opener, 0), t);
}

static u8 next_state(struct stk_flow *f, u8 state, const struct stk_tuple *t)
{
	u8 phase = STK_FLOW_PHASE_OF(state);
	bool up = phase == STK_FLOW_OPENING || phase == STK_FLOW_ANSWERED ||
		  /* Broken off before it was established. */
		  (phase == STK_FLOW_CLOSED && !(state & (STK_FLOW_FIN | STK_FLOW_FIN << 1)));

	return up ? wind_up(f, state, t) : wind_down(state, t);
}

static bool may_open(const struct stk_tuple *t)
{
	return t->kind == STK_TUPLE_PLAIN || t->kind == STK_TUPLE_OPEN;
}

/* The lock of both buckets a flow may lie in. */
static spinlock_t *lock_of(struct stk_flows *flows, u64 hash)
{
	size_t bucket = stk_flow_bucket(flows, hash) - flows->bucket;

	return &flows->lock[bucket / STK_FLOW_REGION % STK_FLOW_LOCKS];
}

static u64 hash_of(const struct stk_flows *flows, const struct stk_ends *ends)
{
	return stk_flow_hash(flows, &ends->words, ends->ports, ends->proto, ends->family);
}

static bool same_flow(const struct stk_flow *f, const struct stk_ends *ends)
{
	return f->ends.kind == ends->kind &&
	       stk_flow_joins(f, &ends->words, ends->ports, ends->family);
}

static bool locate_in(struct stk_flow_bucket *b, u16 tag, const struct stk_ends *ends,
		      struct place *at)
{
	unsigned int i;

	for (i = 0; i < STK_FLOW_WAYS; i++) {
		if (likely(b->tag[i] != tag))
			continue;
		if (!same_flow(&b->flow[i], ends))
			continue;
		at->b = b;
		at->i = i;
		return true;
	}
	return false;
}

static bool locate(struct stk_flows *flows, u64 hash, const struct stk_ends *ends,
		   struct place *at)
{
	u16 tag = stk_flow_tag(hash);

	return locate_in(stk_flow_bucket(flows, hash), tag, ends, at) ||
	       (stk_flow_bucket(flows, hash)->away &&
		locate_in(stk_flow_second(flows, hash), tag, ends, at));
}

/* Around what readers without the lock may see half done. */
static void write_begin(struct stk_flow_bucket *b)
{
	raw_write_seqcount_begin(&b->seq);
}

static void write_end(struct stk_flow_bucket *b)
{
	raw_write_seqcount_end(&b->seq);
}

/* The first bucket of who lies @at, unless it is this. */
static struct stk_flow_bucket *home_of(struct stk_flows *flows, struct place at)
{
	struct stk_flow_bucket *first;

	first = stk_flow_bucket(flows, hash_of(flows, &flow_at(at)->ends));
	return first == at.b ? NULL : first;
}

/* Whoever lies there is gone. */
static void forget(struct stk_flows *flows, struct place at)
{
	struct stk_flow_bucket *home = home_of(flows, at);

	write_begin(at.b);
	at.b->tag[at.i] = 0;
	write_end(at.b);
	if (home)
		WRITE_ONCE(home->away, home->away - 1);
}

/* The flow moves on with one of its packets. */
static void move_on(struct place at, const struct stk_tuple *t, u32 now)
{
	u8 state = at.b->state[at.i], next = next_state(flow_at(at), state, t);

	WRITE_ONCE(at.b->seen[at.i], now);
	if (next == state)
		return;
	write_begin(at.b);
	at.b->state[at.i] = next;
	write_end(at.b);
}

/* Does the packet ask to open what is, for the map, open the other way or long over? */
static bool opens_anew(u8 phase, const struct stk_tuple *t)
{
	return t->kind == STK_TUPLE_OPEN &&
	       (phase == STK_FLOW_TIME_WAIT || phase == STK_FLOW_CLOSED);
}

static bool opens_against(u8 state, const struct stk_tuple *t)
{
	return t->kind == STK_TUPLE_OPEN && t->from != opener_of(state) && is_established(state);
}

static bool count(const struct stk_flow *f, int door, u64 serial, u64 __percpu *stats)
{
	if (!serial || f->serial != (u32)serial)
		return false;
	stk_stats_count_kept(stats + f->ends.spare, f->counts[door], door);
	return true;
}

static enum stk_flow_way find(struct stk_flows *flows, const struct stk_flow_packet *p, int door,
			      u64 serial, u64 __percpu *stats)
{
	const struct stk_tuple *t = &p->t;
	struct place at;
	bool over;

	if (!locate(flows, p->hash, &t->ends, &at))
		return may_open(t) ? STK_FLOW_NEW : STK_FLOW_HEADER;
	over = is_over(at.b, at.i, p->now) || opens_anew(phase_at(at), t);
	if (t->kind == STK_TUPLE_RELATED && over)
		return STK_FLOW_HEADER;
	if (over && door != STOCKADE_DOOR_INGRESS) {
		/* Or else the other door would go by it. */
		forget(flows, at);
		return may_open(t) ? STK_FLOW_NEW : STK_FLOW_HEADER;
	}
	if (opens_against(at.b->state[at.i], t))
		return STK_FLOW_HEADER;
	if (door != STOCKADE_DOOR_INGRESS && t->kind != STK_TUPLE_RELATED)
		move_on(at, t, p->now);
	if (count(flow_at(at), door, serial, stats))
		return STK_FLOW_ALLOWED;
	return t->from == opener_of(at.b->state[at.i]) ? STK_FLOW_FORTH : STK_FLOW_BACK;
}

enum stk_flow_way stk_flow_find(struct stk_flows *flows, struct stk_flow_packet *p, int door,
				u64 serial, u64 __percpu *stats)
{
	enum stk_flow_way way;
	spinlock_t *lock;

	p->hash = hash_of(flows, &p->t.ends);
	lock = lock_of(flows, p->hash);
	spin_lock(lock);
	way = find(flows, p, door, serial, stats);
	spin_unlock(lock);
	return way;
}

/* How much a flow is worth keeping when there is no room for all. */
static int worth(const struct stk_flow_bucket *b, unsigned int i, u32 now)
{
	u8 state = b->state[i];

	if (!b->tag[i] || is_over(b, i, now))
		return -1;
	if (is_established(state))
		return 2;
	return STK_FLOW_PHASE_OF(state) >= STK_FLOW_TIME_WAIT ? 0 : 1;
}

/* A bucket as a newcomer finds it: the place worth least, among equals the longest idle. */
struct room {
	struct place at;
	int worth;		/* of that place, -1: it is free or as good as */
	u32 idle;
	unsigned int taken;	/* places that are not */
};

static struct room survey(struct stk_flow_bucket *b, u32 now)
{
	struct room r = { .at.b = b, .worth = INT_MAX };
	unsigned int i;

	for (i = 0; i < STK_FLOW_WAYS; i++) {
		int w = worth(b, i, now);
		u32 since = idle(b, i, now);

		r.taken += w >= 0;
		if (w > r.worth || (w == r.worth && since <= r.idle))
			continue;
		r.at.i = i;
		r.worth = w;
		r.idle = since;
	}
	return r;
}

/* Flows from which on a bucket is crowded; then the emptier of the two is taken. */
#define CROWDED 4

/* The quick way to a place in a bucket that is far from crowded: one of its first is free. */
static bool has_room(struct stk_flow_bucket *b, struct place *at)
{
	unsigned int i;

	for (i = 0; i < CROWDED; i++) {
		if (b->tag[i])
			continue;
		*at = (struct place){ .b = b, .i = i };
		return true;
	}
	return false;
}

/* A place for a newcomer; whoever is there has to go. */
static struct place choose_place(struct stk_flows *flows, u64 hash, u32 now)
{
	struct room first, second;

	first = survey(stk_flow_bucket(flows, hash), now);
	if (first.taken < CROWDED)
		return first.at;
	second = survey(stk_flow_second(flows, hash), now);
	if (first.worth < 0 && second.worth < 0)
		return second.taken < first.taken ? second.at : first.at;
	if (first.worth != second.worth)
		return second.worth < first.worth ? second.at : first.at;
	return second.idle > first.idle ? second.at : first.at;
}

/* A free place for a newcomer. */
static struct place make_room(struct stk_flows *flows, u64 hash, u32 now)
{
	struct stk_flow_bucket *first = stk_flow_bucket(flows, hash);
	struct place at;

	if (has_room(first, &at))
		return at;
	at = choose_place(flows, hash, now);
	if (at.b->tag[at.i])
		forget(flows, at);
	if (at.b != first)
		WRITE_ONCE(first->away, first->away + 1);
	return at;
}

/* Within write_begin() .. write_end(). */
static void set_answer(struct stk_flow *f, const struct stk_kept *kept)
{
	int door;

	f->serial = kept->serial;
	f->ends.spare = kept->pair;
	for (door = 0; door < STOCKADE_DOORS; door++)
		f->counts[door] = kept->counts[door];
}

static void settle(struct place at, const struct stk_flow_packet *p, const struct stk_kept *kept)
{
	struct stk_flow *f = flow_at(at);

	write_begin(at.b);
	f->ends = p->t.ends;
	set_answer(f, kept);
	at.b->state[at.i] = state_of(STK_FLOW_OPENING, p->t.from, 0);
	WRITE_ONCE(at.b->seen[at.i], p->now);
	at.b->tag[at.i] = stk_flow_tag(p->hash);
	write_end(at.b);
}

/* Who has opened the packet's flow, be it with this packet? */
static u8 open_flow(struct stk_flows *flows, const struct stk_flow_packet *p,
		    const struct stk_kept *kept, bool *known)
{
	spinlock_t *lock = lock_of(flows, p->hash);
	u8 opener = p->t.from;
	struct place at;

	spin_lock(lock);
	*known = locate(flows, p->hash, &p->t.ends, &at);
	if (*known)
		opener = opener_of(at.b->state[at.i]);
	else
		settle(make_room(flows, p->hash, p->now), p, kept);
	spin_unlock(lock);
	return opener;
}

bool stk_flow_open_unknown(struct stk_flows *flows, struct stk_flow_packet *p,
			   const struct stk_kept *kept)
{
	bool known;

	p->hash = hash_of(flows, &p->t.ends);
	open_flow(flows, p, kept, &known);
	return !known;
}

bool stk_flow_open(struct stk_flows *flows, const struct stk_flow_packet *p,
		   const struct stk_kept *kept)
{
	bool known;

	return open_flow(flows, p, kept, &known) == p->t.from;
}

void stk_flow_keep(struct stk_flows *flows, const struct stk_flow_packet *p,
		   enum stk_flow_way way, const struct stk_kept *kept)
{
	u8 opener = p->t.from ^ (way == STK_FLOW_BACK);
	spinlock_t *lock = lock_of(flows, p->hash);
	struct place at;

	spin_lock(lock);
	if (locate(flows, p->hash, &p->t.ends, &at) &&
	    opener_of(at.b->state[at.i]) == opener) {
		write_begin(at.b);
		set_answer(flow_at(at), kept);
		write_end(at.b);
	}
	spin_unlock(lock);
}

static size_t bytes(u32 buckets)
{
	return sizeof(struct stk_flows) + array_size(buckets, sizeof(struct stk_flow_bucket));
}

struct stk_flows *stk_flows_alloc(unsigned int flows)
{
	u32 buckets = max_t(u32, DIV_ROUND_UP(flows, STK_FLOW_WAYS), STK_FLOW_REGION), i;
	struct stk_flows *map;

	BUILD_BUG_ON(sizeof(struct stk_flow) != 64);
	BUILD_BUG_ON_NOT_POWER_OF_2(sizeof(struct stk_flow_bucket));
	if (buckets > 1 << 20)
		buckets = 1 << 20;
	buckets = roundup_pow_of_two(buckets);
	map = kvzalloc(bytes(buckets), STK_GFP);
	if (!map)
		return NULL;
	map->bucket = (struct stk_flow_bucket *)(map + 1);
	map->mask = (buckets - 1) * sizeof(struct stk_flow_bucket);
	get_random_bytes(map->secret, sizeof(map->secret));
	map->odd = get_random_u64() | 1;
	for (i = 0; i < STK_FLOW_LOCKS; i++)
		spin_lock_init(&map->lock[i]);
	for (i = 0; i < buckets; i++)
		seqcount_init(&map->bucket[i].seq);
	return map;
}

void stk_flows_free(struct stk_flows *flows)
{
	if (flows)
		kvfree_rcu(flows, rcu);
}

static u32 buckets_of(const struct stk_flows *flows)
{
	return flows->mask / sizeof(struct stk_flow_bucket) + 1;
}

size_t stk_flows_memory(const struct stk_flows *flows)
{
	return bytes(buckets_of(flows));
}

u32 stk_flows_count(const struct stk_flows *flows, u32 now)
{
	u32 n = 0, k;
	int i;

	for (k = 0; k < buckets_of(flows); k++) {
		for (i = 0; i < STK_FLOW_WAYS; i++) {
			if (!READ_ONCE(flows->bucket[k].tag[i]))
				continue;
			/* Under no lock: one that changes meanwhile may count or not. */
			n += !data_race(is_over(&flows->bucket[k], i, now));
		}
		if (k % 1024 == 0)
			cond_resched();
	}
	return n;
}
