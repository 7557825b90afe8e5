// SPDX-License-Identifier: GPL-2.0
/* fixture: tables for the suites. */
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/sched.h>
#include "fixture.h"

struct stk_addr fix_addr(struct kunit *test, const char *text)
{
	struct stk_addr addr = {};

	if (strchr(text, ':')) {
		KUNIT_ASSERT_TRUE_MSG(test, in6_pton(text, -1, addr.b, -1, NULL), "%s", text);
	} else {
		addr.b[10] = 0xff;
		addr.b[11] = 0xff;
		KUNIT_ASSERT_TRUE_MSG(test, in4_pton(text, -1, &addr.b[12], -1, NULL), "%s", text);
	}
	return addr;
}

struct stk_block_def fix_block(struct kunit *test, const char *text, u32 identity)
{
	struct stk_block_def def = { .identity = identity };
	const char *slash = strchr(text, '/');
	char addr[48] = {};
	unsigned int prefix;

	KUNIT_ASSERT_NOT_NULL(test, slash);
	KUNIT_ASSERT_EQ(test, kstrtouint(slash + 1, 10, &prefix), 0);
	strscpy(addr, text, min_t(size_t, sizeof(addr), slash - text + 1));
	def.addr = fix_addr(test, addr);
	def.prefix = strchr(addr, ':') ? prefix : prefix + 96;
	return def;
}

static void put_snapshot(struct kunit_resource *res)
{
	stk_snapshot_put(res->data);
}

/* Leaves the snapshot to the test's end. */
static struct stk_snapshot *owned_by_test(struct kunit *test, struct stk_snapshot *snap)
{
	KUNIT_ASSERT_NOT_NULL(test, snap);
	KUNIT_ASSERT_NOT_NULL(test, kunit_alloc_resource(test, NULL, put_snapshot, GFP_KERNEL, snap));
	return snap;
}

struct stk_snapshot *fix_candidate(struct kunit *test)
{
	return owned_by_test(test, stk_snapshot_alloc(&stk_limits_default, 16));
}

struct stk_snapshot *fix_clone(struct kunit *test, const struct stk_snapshot *base)
{
	return owned_by_test(test, stk_snapshot_clone(base));
}

void fix_rule(struct kunit *test, struct stk_snapshot *cand, u32 id, const char *name)
{
	struct stk_rule_def def = { .id = id, .tier = STOCKADE_TIER_NETWORKPOLICY, .name = name };
	stk_why why = NULL;

	KUNIT_ASSERT_EQ_MSG(test, stk_snapshot_put_rule(cand, &def, &why), 0, "%s", why);
}

void fix_program(struct kunit *test, struct stk_snapshot *cand, u32 id,
		 const struct stk_map_def *maps, u32 n_maps)
{
	struct stk_program_def def = { .id = id, .maps = maps, .n_maps = n_maps };
	stk_why why = NULL;

	KUNIT_ASSERT_EQ_MSG(test, stk_snapshot_put_program(cand, &def, &why), 0, "%s", why);
}

void fix_subject(struct kunit *test, struct stk_snapshot *cand, u32 id, const char *name,
		 u32 ingress, u32 egress)
{
	struct stk_subject_def def = {
		.id = id, .name = name, .ingress = ingress, .egress = egress,
	};
	stk_why why = NULL;

	KUNIT_ASSERT_EQ_MSG(test, stk_snapshot_put_subject(cand, &def, NULL, &why), 0, "%s", why);
}

void fix_endpoint(struct kunit *test, struct stk_snapshot *cand, const char *addr, u32 identity,
		  u32 subject, u32 flags)
{
	struct stk_endpoint_def def = {
		.addr = fix_addr(test, addr), .identity = identity,
		.subject = subject, .flags = flags,
	};
	stk_why why = NULL;

	KUNIT_ASSERT_EQ_MSG(test, stk_snapshot_put_endpoint(cand, &def, &why), 0, "%s", why);
}

void fix_put_block(struct kunit *test, struct stk_snapshot *cand, const char *block, u32 identity)
{
	struct stk_block_def def = fix_block(test, block, identity);
	stk_why why = NULL;

	KUNIT_ASSERT_EQ_MSG(test, stk_snapshot_put_block(cand, &def, &why), 0, "%s", why);
}

void fix_config(struct kunit *test, struct stk_snapshot *cand, const char *const *cidrs,
		u16 overlay_port, u8 unknown)
{
	struct stk_block_def blocks[4];
	struct stk_config_def def = {
		.cidrs = blocks, .overlay_ports = &overlay_port, .n_overlay_ports = 1,
		.unknown = unknown,
	};
	stk_why why = NULL;

	while (cidrs[def.n_cidrs]) {
		KUNIT_ASSERT_LT(test, def.n_cidrs, (u32)ARRAY_SIZE(blocks));
		blocks[def.n_cidrs] = fix_block(test, cidrs[def.n_cidrs], 0);
		def.n_cidrs++;
	}
	KUNIT_ASSERT_EQ_MSG(test, stk_snapshot_put_config(cand, &def, &why), 0, "%s", why);
}

void fix_seal(struct kunit *test, struct stk_snapshot *cand, u64 generation)
{
	stk_why why = NULL;

	KUNIT_ASSERT_EQ_MSG(test, stk_snapshot_seal(cand, generation, &why), 0, "%s", why);
}

/* The table most suites start from. */

static const struct stockade_step allow_all[] = { FIX_ALLOW(0, 0, 2) };
static const struct stockade_step deny_all[] = { FIX_DENY(0, 0, 1) };
const struct stockade_step fix_tcp_80[] = {
	FIX_DENY(0, 0, 0), FIX_ALLOW(IPPROTO_TCP, 80, 3), FIX_DENY(IPPROTO_TCP, 81, 0),
};

const u32 fix_ids_of_80[] = { 7, 9, 30 };
const struct stk_map_def fix_maps[] = { FIX_DEFAULT_MAP(deny_all), FIX_MAP(fix_ids_of_80, fix_tcp_80) };
static const struct stk_map_def open_maps[] = { FIX_DEFAULT_MAP(allow_all) };
static const char *const cidrs[] = { "10.0.0.0/24", "fd00::/64", NULL };

struct stk_snapshot *fix_table(struct kunit *test, bool backwards)
{
	struct stk_snapshot *cand = fix_candidate(test);
	int i;

	for (i = 0; i < 2; i++) {
		if (i == backwards) {
			fix_rule(test, cand, 1, "NetworkPolicy shop/api ingress[0]");
			fix_put_block(test, cand, "192.168.0.0/16", 50);
			fix_program(test, cand, 1, fix_maps, ARRAY_SIZE(fix_maps));
		} else {
			fix_rule(test, cand, 2, "NetworkPolicy shop/db");
			fix_put_block(test, cand, "2001:db8::/32", 52);
			fix_put_block(test, cand, "192.168.5.0/24", 0);
			fix_program(test, cand, 2, open_maps, ARRAY_SIZE(open_maps));
			fix_config(test, cand, cidrs, 4789, STOCKADE_UNKNOWN_DROP);
		}
	}
	for (i = 0; i < 2; i++) {
		if (i == backwards)
			fix_subject(test, cand, 1, "shop/api", 1, 2);
		else
			fix_subject(test, cand, 2, "shop/db", 1, 0);
	}
	for (i = 0; i < 2; i++) {
		if (i == backwards)
			fix_endpoint(test, cand, "10.0.0.1", 7, 1, 0);
		else
			fix_endpoint(test, cand, "fd00::2", 9, 2, 0);
	}
	fix_endpoint(test, cand, "10.9.0.1", 11, 0, STOCKADE_ENDPOINT_F_NODE);
	return cand;
}

void fix_expect_same(struct kunit *test, const struct stk_snapshot_stats *was,
		     const struct stk_snapshot *now)
{
	struct stk_snapshot_stats is;

	stk_snapshot_stats(now, &is);
	KUNIT_EXPECT_EQ(test, is.digest, was->digest);
	KUNIT_EXPECT_EQ(test, is.rules, was->rules);
	KUNIT_EXPECT_EQ(test, is.programs, was->programs);
	KUNIT_EXPECT_EQ(test, is.subjects, was->subjects);
	KUNIT_EXPECT_EQ(test, is.endpoints, was->endpoints);
	KUNIT_EXPECT_EQ(test, is.blocks, was->blocks);
	KUNIT_EXPECT_EQ(test, is.steps, was->steps);
}

size_t fix_bytes(struct kunit *test, const char *hex, u8 *out)
{
	size_t n = 0;

	while (*hex) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		KUNIT_ASSERT_LT(test, n, (size_t)FIX_PACKET_MAX);
		KUNIT_ASSERT_EQ_MSG(test, hex2bin(&out[n++], hex, 1), 0, "%s", hex);
		hex += 2;
	}
	return n;
}

static void free_packet(struct kunit_resource *res)
{
	kfree_skb(res->data);
}

static void put_paged(struct kunit *test, struct sk_buff *skb, const u8 *data, size_t paged)
{
	struct page *page;

	if (!paged)
		return;
	page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	memcpy(page_address(page), data, paged);
	skb_add_rx_frag(skb, 0, page, 0, paged, PAGE_SIZE);
}

struct sk_buff *fix_packet(struct kunit *test, const u8 *data, size_t len, size_t paged,
			   size_t link_header)
{
	struct sk_buff *skb = alloc_skb(link_header + len - paged, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, kunit_alloc_resource(test, NULL, free_packet, GFP_KERNEL, skb));
	skb_put_zero(skb, link_header);
	skb_set_network_header(skb, link_header);
	skb_put_data(skb, data, len - paged);
	put_paged(test, skb, data + len - paged, paged);
	return skb;
}

/* task_struct.fail_nth is how the kernel itself fails the n-th allocation of a task. */
#ifdef CONFIG_FAULT_INJECTION
void fix_fault(unsigned int n)
{
	WRITE_ONCE(current->fail_nth, n);
}

bool fix_fault_pending(void)
{
	return READ_ONCE(current->fail_nth);
}

/* They do not where failslab still spares allocations that may sleep. */
bool fix_faults_work(void)
{
	void *p;

	fix_fault(1);
	p = kmalloc(64, GFP_KERNEL | __GFP_NOWARN);
	fix_fault(0);
	kfree(p);
	return !p;
}
#else
#error "these suites need CONFIG_FAULT_INJECTION"
#endif
