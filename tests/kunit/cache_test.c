// SPDX-License-Identifier: GPL-2.0
/* cache: an answer is for one key under one table, whatever else lies in its line or looks like it. */
#include <linux/bottom_half.h>
#include <linux/prandom.h>
#include "cache.h"
#include "fixture.h"

#define ENDS 5
#define PORTS 4
#define PROTOS 3
#define SERIALS 3
#define KEYS (2 * ENDS * ENDS * PORTS * PROTOS)
#define FLOWS 64

/* Serials that differ by little, as do addresses, ports and protocols: what is packed badly comes out equal. */
static const u32 serials[SERIALS] = { 0x10, 0x11, 0x03000010 };
static const u16 ports[PORTS] = { 1, 2, 0x100, 0x201 };
static const u8 protos[PROTOS] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

/* A key by its number: family, opener, target, port, protocol. */
struct key {
	u8 family, opener, target, port, proto;
};

static struct key key_of(unsigned int n)
{
	return (struct key){
		.family = n % 2 ? NFPROTO_IPV6 : NFPROTO_IPV4, .opener = n / 2 % ENDS,
		.target = n / 2 / ENDS % ENDS, .port = n / 2 / ENDS / ENDS % PORTS,
		.proto = n / 2 / ENDS / ENDS / PORTS,
	};
}

/* An end's address; of IPv6 the first half may be nothing, and in the last word they differ as serials do. */
static union nf_inet_addr addr_of(u8 family, u8 end)
{
	union nf_inet_addr addr = {};

	if (family == NFPROTO_IPV4) {
		addr.ip = htonl(0x0a000000 + end);
		return addr;
	}
	addr.all[1] = htonl(end / 2);
	addr.all[3] = htonl(0x0a000000 + (end % 2 << 16));
	return addr;
}

struct world {
	struct nf_conn *ct[FLOWS];
	u64 __percpu *stats;
	struct stk_kept kept;	/* under the first of the serials */
	struct rnd_state rnd;
	bool ready;
	bool stored[KEYS][SERIALS];
};

static struct stk_kept keep(struct world *w, u64 serial)
{
	static const struct stk_verdict v[STOCKADE_DOORS] = {
		{ .reason = STOCKADE_REASON_NOT_ISOLATED }, { .reason = STOCKADE_REASON_RULE },
	};

	return stk_stats_keep(w->stats, serial, v);
}

static int setup(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	int i;

	test->priv = w;
	if (!w)
		return -ENOMEM;
	w->stats = stk_stats_alloc();
	if (!w->stats)
		return -ENOMEM;
	for (i = 0; i < FLOWS; i++) {
		w->ct[i] = kunit_kzalloc(test, sizeof(*w->ct[i]), GFP_KERNEL);
		if (!w->ct[i])
			return -ENOMEM;
	}
	prandom_seed_state(&w->rnd, 1);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "nothing is stored under PREEMPT_RT");
	stk_cache_init();
	w->kept = keep(w, serials[0]);
	w->ready = true;
	return 0;
}

static void teardown(struct kunit *test)
{
	struct world *w = test->priv;

	if (!w)
		return;
	if (w->ready)
		stk_cache_exit();
	stk_stats_free(w->stats);
}

static unsigned int any(struct world *w, unsigned int n)
{
	return prandom_u32_state(&w->rnd) % n;
}

/* One of the entries, as conntrack would have it for a flow of that key, before and behind NAT. */
static struct nf_conn *flow_of(struct world *w, struct key key)
{
	struct nf_conn *ct = w->ct[any(w, FLOWS)];
	struct nf_conntrack_tuple *orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	orig->src.l3num = key.family;
	reply->src.l3num = key.family;
	orig->src.u3 = addr_of(key.family, key.opener);
	orig->src.u.all = (__force __be16)any(w, 1 << 16);
	orig->dst.u3 = addr_of(key.family, any(w, ENDS));
	orig->dst.u.all = (__force __be16)any(w, 1 << 16);
	orig->dst.protonum = protos[key.proto];
	reply->src.u3 = addr_of(key.family, key.target);
	reply->src.u.all = htons(ports[key.port]);
	reply->dst.u3 = addr_of(key.family, any(w, ENDS));
	reply->dst.u.all = (__force __be16)any(w, 1 << 16);
	reply->dst.protonum = protos[key.proto];
	ct->master = NULL;
	return ct;
}

/* A packet from the opener of such a flow, to the map. */
static struct stk_tuple packet_of(struct world *w, struct key key)
{
	struct stk_tuple t = { .ends = { .family = key.family, .proto = protos[key.proto] } };
	union nf_inet_addr opener = addr_of(key.family, key.opener);
	union nf_inet_addr target = addr_of(key.family, key.target);

	if (key.family == NFPROTO_IPV4) {
		t.ends.v4[0] = opener.ip;
		t.ends.v4[1] = target.ip;
	} else {
		t.ends.v6[0] = opener.in6;
		t.ends.v6[1] = target.in6;
	}
	t.ends.port[0] = (__force __be16)any(w, 1 << 16);
	t.ends.port[1] = htons(ports[key.port]);
	t.from = stk_words_sort(&t.ends.words, &t.ends.ports, key.family);
	return t;
}

/* As a packet is in the doors. */
static void enter(void)
{
	local_bh_disable();
	rcu_read_lock();
}

static void leave(void)
{
	rcu_read_unlock();
	local_bh_enable();
}

static bool allows_as(const struct nf_conn *ct, u32 serial, u8 family, enum stockade_door door)
{
	u64 stamp = stk_cache_stamp(serial, family);

	return stk_cache_allows(stamp, ct, family, door, STK_CACHE_FIRST) ||
	       stk_cache_allows(stamp, ct, family, door, STK_CACHE_SECOND);
}

static bool allows(const struct nf_conn *ct, u32 serial, enum stockade_door door)
{
	return allows_as(ct, serial, ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.l3num, door);
}

/* Asks for a flow of the key in every way; only what was stored may be allowed. */
static void ask(struct kunit *test, struct world *w, unsigned int n, unsigned int s)
{
	struct nf_conn *ct = flow_of(w, key_of(n));
	struct stk_tuple t = packet_of(w, key_of(n));
	enum stockade_door door = any(w, STOCKADE_DOORS);
	struct stk_kept kept;

	if (allows(ct, serials[s], door) || stk_cache_find(&t, serials[s], &kept, w->stats))
		KUNIT_ASSERT_TRUE(test, w->stored[n][s]);
	/* A packet that was made one of the other family has no answer. */
	KUNIT_ASSERT_FALSE(test, allows_as(ct, serials[s], NFPROTO_IPV4 + NFPROTO_IPV6 -
					   key_of(n).family, door));
}

static void store(struct kunit *test, struct world *w, unsigned int n, unsigned int s)
{
	const struct stk_kept kept = keep(w, serials[s]);
	struct stk_tuple t = packet_of(w, key_of(n));
	struct nf_conn *ct;
	struct stk_kept found;

	w->stored[n][s] = true;
	if (any(w, 2)) {
		stk_cache_store(&t, &kept, w->stats);
	} else {
		ct = flow_of(w, key_of(n));
		stk_cache_store_ct(ct, &kept, w->stats);
		ct = flow_of(w, key_of(n));
		KUNIT_ASSERT_TRUE(test, allows(ct, serials[s], STOCKADE_DOOR_INGRESS));
		ct->master = w->ct[0];
		KUNIT_ASSERT_FALSE(test, allows(ct, serials[s], STOCKADE_DOOR_INGRESS));
	}
	t = packet_of(w, key_of(n));
	KUNIT_ASSERT_TRUE(test, stk_cache_find(&t, serials[s], &found, w->stats));
	KUNIT_ASSERT_EQ(test, found.serial, serials[s]);
	KUNIT_ASSERT_EQ(test, found.pair, kept.pair);
	KUNIT_ASSERT_PTR_EQ(test, found.counts[0], kept.counts[0]);
}

/* Seldom stored, often asked, so most questions are for what is not there. */
static void answers_are_one_keys(struct kunit *test)
{
	struct world *w = test->priv;
	int i, k;

	for (i = 0; i < 200; i++) {
		enter();
		for (k = 0; k < 1000; k++)
			ask(test, w, any(w, KEYS), any(w, SERIALS));
		store(test, w, any(w, KEYS), any(w, SERIALS));
		leave();
		cond_resched();
	}
}

static void empty_lines_answer_nobody(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int n, s;

	enter();
	for (n = 0; n < KEYS; n++)
		for (s = 0; s < SERIALS; s++)
			ask(test, w, n, s);
	leave();
}

/* Each is counted once, for its door, by the reason that opened it. */
static void answers_are_counted(struct kunit *test)
{
	struct world *w = test->priv;
	struct nf_conn *ct = flow_of(w, key_of(0));
	struct stk_stat stat;
	unsigned int i;

	enter();
	stk_cache_store_ct(ct, &w->kept, w->stats);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, allows(ct, serials[0], STOCKADE_DOOR_EGRESS));
	KUNIT_EXPECT_TRUE(test, allows(ct, serials[0], STOCKADE_DOOR_INGRESS));
	leave();
	for (i = 1; i < STK_STATS; i++) {
		stk_stats_read(w->stats, i, &stat);
		if (stat.verdict != STOCKADE_VERDICT_ALLOW)
			KUNIT_EXPECT_EQ(test, stat.packets, 0ULL);
		else if (stat.door == STOCKADE_DOOR_EGRESS)
			KUNIT_EXPECT_EQ(test, stat.packets,
					stat.reason == STOCKADE_REASON_NOT_ISOLATED ? 3ULL : 0ULL);
		else
			KUNIT_EXPECT_EQ(test, stat.packets,
					stat.reason == STOCKADE_REASON_RULE ? 1ULL : 0ULL);
	}
}

/* Keys between these two differ by the port alone. */
static const struct key two = { .family = NFPROTO_IPV4, .opener = 1, .target = 2 };

static struct stk_tuple packet_to(struct world *w, u16 port)
{
	struct stk_tuple t = packet_of(w, two);

	t.ends.port[!t.from] = htons(port);
	return t;
}

static u64 place_of(struct world *w, u16 port)
{
	struct nf_conn *ct = flow_of(w, two);
	struct stk_words ends = stk_cache_ends_of_ct(ct, two.family);

	ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u.all = htons(port);
	return stk_cache_index(&ends, stk_cache_tail_of_ct(ct), two.family);
}

static bool is_found(struct world *w, const struct stk_tuple *t)
{
	struct stk_kept kept;

	return stk_cache_find(t, serials[0], &kept, w->stats);
}

/* Packets of three keys with one first place. */
static void three_of_one_place(struct kunit *test, struct stk_tuple t[3])
{
	struct world *w = test->priv;
	unsigned int n = 0;
	u16 port = 0;
	u64 place;

	/* By this one there are some eight ports a place; by some others they bunch up. */
	stk_cache_odd = 0x9e3779b97f4a7c15;
	place = place_of(w, port);
	do {
		if (place_of(w, port) == place)
			t[n++] = packet_to(w, port);
	} while (n < 3 && ++port);
	KUNIT_ASSERT_EQ(test, n, 3);
}

/* The two that came last. */
static void two_keys_share_a_place(struct kunit *test)
{
	struct world *w = test->priv;
	struct stk_tuple t[3];
	unsigned int n;

	three_of_one_place(test, t);
	for (n = 0; n < 3; n++) {
		enter();
		stk_cache_store(&t[n], &w->kept, w->stats);
		KUNIT_EXPECT_TRUE(test, is_found(w, &t[n]));
		KUNIT_EXPECT_TRUE(test, n < 1 || is_found(w, &t[n - 1]));
		KUNIT_EXPECT_FALSE(test, n == 2 && is_found(w, &t[0]));
		leave();
	}
}

/* Under RCU, as long as a packet takes, no line is written that it may be reading. */
static void memory_waits_for_readers(struct kunit *test)
{
	struct world *w = test->priv;
	struct stk_tuple t;
	u16 port;

	/* As many as there are places, those that push each other out, and one more. */
	enter();
	for (port = 0; port < 4 * STK_CACHE_PLACES; port++) {
		t = packet_to(w, port);
		stk_cache_store(&t, &w->kept, w->stats);
		if (!is_found(w, &t))
			break;
	}
	leave();
	KUNIT_ASSERT_GT(test, port, STK_CACHE_WAITING);
	KUNIT_ASSERT_LT(test, port, STK_CACHE_PLACES + STK_CACHE_WAITING + 1);
	/* One may not be told of, if it overlaps with an expedited one. */
	synchronize_rcu();
	synchronize_rcu();
	enter();
	stk_cache_store(&t, &w->kept, w->stats);
	KUNIT_EXPECT_TRUE(test, is_found(w, &t));
	leave();
}

/* Stored again, as by another CPU at the same time, a key leaves its neighbour where it is. */
static void a_key_has_one_place(struct kunit *test)
{
	struct world *w = test->priv;
	struct stk_tuple t[3];
	unsigned int n;

	three_of_one_place(test, t);
	enter();
	for (n = 0; n < 4; n++)
		stk_cache_store(&t[n > 0], &w->kept, w->stats);
	KUNIT_EXPECT_TRUE(test, is_found(w, &t[0]));
	KUNIT_EXPECT_TRUE(test, is_found(w, &t[1]));
	leave();
}

/* How many of two hundred keys in a row are found, once all were stored? */
static unsigned int found_of_row(struct world *w)
{
	unsigned int found = 0;
	struct stk_tuple t;
	u16 port;

	enter();
	for (port = 0; port < 200; port++) {
		t = packet_to(w, port);
		stk_cache_store(&t, &w->kept, w->stats);
	}
	for (port = 0; port < 200; port++) {
		t = packet_to(w, port);
		found += is_found(w, &t);
	}
	leave();
	return found;
}

/* By the worst of multipliers they are all in one place; most others are good for any row. */
static void a_bad_draw_does_not_last(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int found, draws = 0;

	stk_cache_odd = 1;
	KUNIT_EXPECT_EQ(test, found_of_row(w), 2);
	do {
		stk_cache_draw();
		found = found_of_row(w);
	} while (found < 180 && ++draws < 8);
	KUNIT_EXPECT_GE(test, found, 180);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(two_keys_share_a_place),
	KUNIT_CASE(a_key_has_one_place),
	KUNIT_CASE(a_bad_draw_does_not_last),
	KUNIT_CASE(memory_waits_for_readers),
	KUNIT_CASE(answers_are_one_keys),
	KUNIT_CASE(empty_lines_answer_nobody),
	KUNIT_CASE(answers_are_counted),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-cache",
	.init = setup,
	.exit = teardown,
	.test_cases = cases,
};

kunit_test_suite(suite);
