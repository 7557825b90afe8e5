// SPDX-License-Identifier: GPL-2.0
/* flow: what conntrack knows of a packet, and the key it must give. */
#include <linux/in.h>
#include <linux/skbuff.h>
#include "fixture.h"
#include "key.h"

/* An entry as conntrack would have it: the flow before, and its replies after NAT. */
static struct nf_conn *entry(struct kunit *test, const char *client, u16 sport, const char *service,
			     u16 dport, const char *backend, u16 backend_port, u8 proto)
{
	struct nf_conn *ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);
	struct nf_conntrack_tuple *orig, *reply;
	struct stk_addr from = fix_addr(test, client), to = fix_addr(test, service);
	struct stk_addr end = fix_addr(test, backend);
	bool v4 = !strchr(client, ':');
	int at = v4 ? 12 : 0, len = v4 ? 4 : 16;

	KUNIT_ASSERT_NOT_NULL(test, ct);
	orig = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	orig->src.l3num = v4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	reply->src.l3num = orig->src.l3num;
	memcpy(&orig->src.u3, &from.b[at], len);
	memcpy(&orig->dst.u3, &to.b[at], len);
	memcpy(&reply->src.u3, &end.b[at], len);
	/* Behind source NAT: to whom the replies go must not matter. */
	memset(&reply->dst.u3, 0x77, len);
	orig->src.u.all = htons(sport);
	orig->dst.u.all = htons(dport);
	reply->src.u.all = htons(backend_port);
	reply->dst.u.all = htons(1);
	orig->dst.protonum = proto;
	reply->dst.protonum = proto;
	return ct;
}

static void expect_flow(struct kunit *test, const struct stk_key *key, const char *opener,
			const char *target, u8 proto, u16 port)
{
	struct stk_addr from = fix_addr(test, opener), to = fix_addr(test, target);

	KUNIT_EXPECT_EQ(test, memcmp(&key->opener, &from, sizeof(from)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&key->target, &to, sizeof(to)), 0);
	KUNIT_EXPECT_EQ(test, key->proto, proto);
	KUNIT_EXPECT_EQ(test, key->port, port);
	KUNIT_EXPECT_EQ(test, key->flags, 0);
}

static void nat_is_seen_through(struct kunit *test)
{
	struct nf_conn *ct = entry(test, "10.0.0.1", 40000, "10.96.0.1", 80, "10.0.1.7", 8080,
				   IPPROTO_TCP);
	struct stk_key key;

	KUNIT_ASSERT_EQ(test, stk_key_from_ct(ct, &key), 0);
	expect_flow(test, &key, "10.0.0.1", "10.0.1.7", IPPROTO_TCP, 8080);
}

static void ipv6_too(struct kunit *test)
{
	struct nf_conn *ct = entry(test, "fd00::1", 40000, "fd96::1", 53, "fd00::7", 5353, IPPROTO_UDP);
	struct stk_key key;

	KUNIT_ASSERT_EQ(test, stk_key_from_ct(ct, &key), 0);
	expect_flow(test, &key, "fd00::1", "fd00::7", IPPROTO_UDP, 5353);
}

static void echo_has_no_port(struct kunit *test)
{
	struct nf_conn *ct = entry(test, "10.0.0.1", 7, "10.0.0.2", 0x0800, "10.0.0.2", 7, IPPROTO_ICMP);
	struct stk_key key;

	KUNIT_ASSERT_EQ(test, stk_key_from_ct(ct, &key), 0);
	expect_flow(test, &key, "10.0.0.1", "10.0.0.2", IPPROTO_ICMP, 0);
}

static void what_was_expected_is_its_master(struct kunit *test)
{
	struct nf_conn *control = entry(test, "10.0.0.1", 40000, "10.0.0.2", 21, "10.0.0.2", 21,
					IPPROTO_TCP);
	struct nf_conn *data = entry(test, "10.0.0.2", 20, "10.0.0.1", 50000, "10.0.0.1", 50000,
				     IPPROTO_TCP);
	struct stk_key key;

	data->master = control;
	KUNIT_ASSERT_EQ(test, stk_key_from_ct(data, &key), 0);
	expect_flow(test, &key, "10.0.0.1", "10.0.0.2", IPPROTO_TCP, 21);
}

static void mapped_addresses_are_nobodys(struct kunit *test)
{
	struct nf_conn *ct = entry(test, "fd00::1", 1, "fd00::2", 2, "fd00::2", 2, IPPROTO_UDP);
	struct stk_addr mapped = fix_addr(test, "10.0.0.1");
	struct stk_key key;

	memcpy(&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3, mapped.b, sizeof(mapped.b));
	KUNIT_EXPECT_EQ(test, stk_key_from_ct(ct, &key), -EBADMSG);
}

/* A TCP packet 10.0.0.9:1025 -> 10.0.0.8:443, with an entry of conntrack or without. */
static struct sk_buff *packet(struct kunit *test, const struct nf_conn *ct, enum ip_conntrack_info info)
{
	static const u8 bytes[] = {
		0x45, 0, 0, 40, 0, 0, 0, 0, 64, IPPROTO_TCP, 0, 0, 10, 0, 0, 9, 10, 0, 0, 8,
		4, 1, 1, 187, 0, 0, 0, 0,
	};
	struct sk_buff *skb = kunit_kzalloc(test, sizeof(*skb) + sizeof(bytes), GFP_KERNEL);

	/* Not from the network's pools: nothing of it is to be given back, the entry least of all. */
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->head = (u8 *)(skb + 1);
	skb->data = skb->head;
	skb->len = sizeof(bytes);
	skb->tail = sizeof(bytes);
	memcpy(skb->data, bytes, sizeof(bytes));
	nf_ct_set(skb, (struct nf_conn *)ct, info);
	return skb;
}

static void untracked_speaks_for_itself(struct kunit *test)
{
	struct sk_buff *skb = packet(test, NULL, IP_CT_UNTRACKED);
	struct stk_origin origin;
	struct stk_key key;

	KUNIT_ASSERT_EQ(test, stk_key_read(skb, NFPROTO_IPV4, &key), 0);
	expect_flow(test, &key, "10.0.0.9", "10.0.0.8", IPPROTO_TCP, 443);
	stk_key_origin(skb, NFPROTO_IPV4, &origin);
	KUNIT_EXPECT_EQ(test, origin.sport, 1025);
	KUNIT_EXPECT_FALSE(test, origin.reply);
}

static void a_template_is_no_flow(struct kunit *test)
{
	struct nf_conn *ct = entry(test, "10.1.1.1", 1, "10.2.2.2", 2, "10.2.2.2", 2, IPPROTO_UDP);
	struct stk_key key;

	ct->status = IPS_TEMPLATE;
	KUNIT_ASSERT_EQ(test, stk_key_read(packet(test, ct, IP_CT_NEW), NFPROTO_IPV4, &key), 0);
	expect_flow(test, &key, "10.0.0.9", "10.0.0.8", IPPROTO_TCP, 443);
}

/* The same key whichever way the packet goes. */
static const struct way { const char *name; enum ip_conntrack_info info; bool reply; } ways[] = {
	{ "new", IP_CT_NEW, false }, { "established", IP_CT_ESTABLISHED, false },
	{ "related", IP_CT_RELATED, false }, { "reply", IP_CT_ESTABLISHED_REPLY, true },
	{ "related reply", IP_CT_RELATED_REPLY, true },
};

static void describe_way(const struct way *w, char *desc)
{
	strscpy(desc, w->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ways, ways, describe_way);

static void whichever_way_it_goes(struct kunit *test)
{
	const struct way *w = test->param_value;
	struct nf_conn *ct = entry(test, "10.1.1.1", 7000, "10.96.0.1", 80, "10.2.2.2", 8080, IPPROTO_TCP);
	struct sk_buff *skb = packet(test, ct, w->info);
	struct stk_origin origin;
	struct stk_key key;

	KUNIT_ASSERT_EQ(test, stk_key_read(skb, NFPROTO_IPV4, &key), 0);
	expect_flow(test, &key, "10.1.1.1", "10.2.2.2", IPPROTO_TCP, 8080);
	stk_key_origin(skb, NFPROTO_IPV4, &origin);
	KUNIT_EXPECT_EQ(test, origin.sport, 7000);
	KUNIT_EXPECT_EQ(test, origin.reply, w->reply);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nat_is_seen_through),
	KUNIT_CASE(ipv6_too),
	KUNIT_CASE(echo_has_no_port),
	KUNIT_CASE(what_was_expected_is_its_master),
	KUNIT_CASE(mapped_addresses_are_nobodys),
	KUNIT_CASE(untracked_speaks_for_itself),
	KUNIT_CASE(a_template_is_no_flow),
	KUNIT_CASE_PARAM(whichever_way_it_goes, ways_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "stockade-flow",
	.test_cases = cases,
};

kunit_test_suite(suite);
