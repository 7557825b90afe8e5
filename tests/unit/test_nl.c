// SPDX-License-Identifier: GPL-2.0
/*
 * nl without a kernel: what is encoded, parsed back, is what was meant; and nothing the other
 * side may send makes the parser read past it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include "base/mem.h"
#include "nl/conn.h"
#include "nl/decode.h"
#include "nl/encode.h"
#include "nl/extack.h"
#include "nl/words.h"

#define FAMILY 77

static uint64_t seed;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return n ? (uint32_t)(seed >> 33) % n : 0;
}

static struct ip ip_of(const char *s)
{
	struct ip ip;

	assert_true(ip_parse(s, &ip));
	return ip;
}

/* Different for each @i below 2^24, of either family. */
static struct ip nth_ip(uint32_t i)
{
	struct ip ip = ip_of(i % 2 ? "2001:db8::" : "10.0.0.0");

	ip.b[13] = i >> 16;
	ip.b[14] = i >> 8;
	ip.b[15] = i;
	return ip;
}

static int endpoint_cmp(const void *a, const void *b)
{
	return ip_cmp(&((const struct table_endpoint *)a)->addr, &((const struct table_endpoint *)b)->addr);
}

static int block_cmp(const void *a, const void *b)
{
	return cidr_cmp(&((const struct table_block *)a)->cidr, &((const struct table_block *)b)->cidr);
}

static void add_rules(struct table *t, size_t n)
{
	t->rules = mem_array(n, sizeof(*t->rules));
	for (t->n_rules = 0; t->n_rules < n; t->n_rules++) {
		struct table_rule *r = &t->rules[t->n_rules];

		r->id = 1 + 7 * t->n_rules;
		r->tier = 1 + rnd(2);
		r->name = mem_printf("NetworkPolicy ns-%u/policy ingress[%u]", rnd(1000), rnd(9));
	}
}

static struct table_map make_map(uint32_t first, uint32_t n_identities, uint32_t n_steps)
{
	struct table_map m = { .n_identities = n_identities, .n_steps = n_steps };

	m.identities = mem_array(n_identities, sizeof(*m.identities));
	for (uint32_t i = 0; i < n_identities; i++)
		m.identities[i] = first + i;
	m.steps = mem_array(n_steps, sizeof(*m.steps));
	for (uint32_t i = 0; i < n_steps; i++)
		m.steps[i] = (struct stockade_step){ i * 17, STOCKADE_STEP(i & 1, (first + i) & STOCKADE_RULE_ID_MAX) };
	return m;
}

/* Maps of a program differ in their steps, as the compiler's do: else they would be one. */
static void add_programs(struct table *t, size_t n, uint32_t max_maps, uint32_t max_identities, uint32_t max_steps)
{
	t->programs = mem_array(n, sizeof(*t->programs));
	for (t->n_programs = 0; t->n_programs < n; t->n_programs++) {
		struct table_program *p = &t->programs[t->n_programs];
		uint32_t first = 1;

		p->id = 100 + t->n_programs;
		p->n_maps = 1 + rnd(max_maps);
		p->maps = mem_array(p->n_maps, sizeof(*p->maps));
		for (uint32_t i = 0; i < p->n_maps; i++) {
			p->maps[i] = make_map(first, i ? 1 + rnd(max_identities) : 0, 1 + rnd(max_steps));
			first += p->maps[i].n_identities;
		}
	}
}

static void add_subjects(struct table *t, size_t n)
{
	t->subjects = mem_array(n, sizeof(*t->subjects));
	for (t->n_subjects = 0; t->n_subjects < n; t->n_subjects++) {
		struct table_subject *s = &t->subjects[t->n_subjects];

		s->id = 1 + t->n_subjects;
		s->name = mem_printf("shop/pod-%u", s->id);
		s->ingress = t->n_programs ? t->programs[rnd(t->n_programs)].id : 0;
		s->egress = rnd(2) && t->n_programs ? t->programs[rnd(t->n_programs)].id : 0;
	}
}

static void add_endpoints(struct table *t, size_t n)
{
	t->endpoints = mem_array(n, sizeof(*t->endpoints));
	for (t->n_endpoints = 0; t->n_endpoints < n; t->n_endpoints++)
		t->endpoints[t->n_endpoints] = (struct table_endpoint){
			.addr = nth_ip(t->n_endpoints), .identity = 1 + rnd(500),
			.subject = rnd(2) ? 0 : 1 + rnd(5), .flags = rnd(3),
		};
	if (n)
		qsort(t->endpoints, n, sizeof(*t->endpoints), endpoint_cmp);
}

static void add_blocks(struct table *t, size_t n)
{
	t->blocks = mem_array(n, sizeof(*t->blocks));
	for (t->n_blocks = 0; t->n_blocks < n; t->n_blocks++) {
		uint32_t i = t->n_blocks;

		t->blocks[i] = (struct table_block){ { nth_ip(i), 128 }, rnd(300) };
	}
	if (n)
		qsort(t->blocks, n, sizeof(*t->blocks), block_cmp);
}

static void add_config(struct table *t)
{
	t->cidrs = mem_array(2, sizeof(*t->cidrs));
	assert_true(cidr_parse("10.244.3.0/24", &t->cidrs[0]));
	assert_true(cidr_parse("fd00:3::/64", &t->cidrs[1]));
	t->n_cidrs = 2;
	t->overlay_ports[0] = 4789;
	t->overlay_ports[1] = 8472;
	t->n_overlay_ports = 2;
	t->deny = STOCKADE_DENY_REJECT;
	t->unknown = STOCKADE_UNKNOWN_ACCEPT;
}

static void assert_same_map(const struct table_map *a, const struct table_map *b)
{
	assert_int_equal(a->n_identities, b->n_identities);
	assert_int_equal(a->n_steps, b->n_steps);
	if (a->n_identities)
		assert_memory_equal(a->identities, b->identities, a->n_identities * sizeof(*a->identities));
	assert_memory_equal(a->steps, b->steps, a->n_steps * sizeof(*a->steps));
}

static void assert_same_objects(const struct table *a, const struct table *b)
{
	assert_int_equal(a->n_rules, b->n_rules);
	for (size_t i = 0; i < a->n_rules; i++) {
		assert_int_equal(a->rules[i].id, b->rules[i].id);
		assert_int_equal(a->rules[i].tier, b->rules[i].tier);
		assert_string_equal(a->rules[i].name, b->rules[i].name);
	}
	assert_int_equal(a->n_programs, b->n_programs);
	for (size_t i = 0; i < a->n_programs; i++) {
		assert_int_equal(a->programs[i].id, b->programs[i].id);
		assert_int_equal(a->programs[i].n_maps, b->programs[i].n_maps);
		for (uint32_t m = 0; m < a->programs[i].n_maps; m++)
			assert_same_map(&a->programs[i].maps[m], &b->programs[i].maps[m]);
	}
	assert_int_equal(a->n_subjects, b->n_subjects);
	for (size_t i = 0; i < a->n_subjects; i++) {
		assert_int_equal(a->subjects[i].id, b->subjects[i].id);
		assert_string_equal(a->subjects[i].name, b->subjects[i].name);
		assert_int_equal(a->subjects[i].ingress, b->subjects[i].ingress);
		assert_int_equal(a->subjects[i].egress, b->subjects[i].egress);
	}
}

static void assert_same_addresses(const struct table *a, const struct table *b)
{
	assert_int_equal(a->n_endpoints, b->n_endpoints);
	for (size_t i = 0; i < a->n_endpoints; i++) {
		assert_int_equal(ip_cmp(&a->endpoints[i].addr, &b->endpoints[i].addr), 0);
		assert_int_equal(a->endpoints[i].identity, b->endpoints[i].identity);
		assert_int_equal(a->endpoints[i].subject, b->endpoints[i].subject);
		assert_int_equal(a->endpoints[i].flags, b->endpoints[i].flags);
	}
	assert_int_equal(a->n_blocks, b->n_blocks);
	for (size_t i = 0; i < a->n_blocks; i++) {
		assert_int_equal(cidr_cmp(&a->blocks[i].cidr, &b->blocks[i].cidr), 0);
		assert_int_equal(a->blocks[i].identity, b->blocks[i].identity);
	}
	assert_int_equal(a->n_cidrs, b->n_cidrs);
	for (size_t i = 0; i < a->n_cidrs; i++)
		assert_int_equal(cidr_cmp(&a->cidrs[i], &b->cidrs[i]), 0);
	assert_int_equal(a->n_overlay_ports, b->n_overlay_ports);
	assert_memory_equal(a->overlay_ports, b->overlay_ports, a->n_overlay_ports * sizeof(*a->overlay_ports));
	assert_int_equal(a->deny, b->deny);
	assert_int_equal(a->unknown, b->unknown);
}

/* The other side: takes messages as the kernel would get them. */
struct receiver {
	struct decode decode;
	unsigned messages, parts;
	uint8_t cmd;
	size_t bytes;
	int fail_at;	/* the message to refuse, 0: none */
};

static int receive(void *ctx, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct genlmsghdr *genl = nlmsg_data(h);
	struct receiver *r = ctx;
	struct nlattr *pos;
	struct err err;
	int rem;

	r->messages++;
	r->bytes += h->nlmsg_len;
	if (r->fail_at && (int)r->messages == r->fail_at) {
		nlmsg_free(msg);
		return -ENOSPC;
	}
	assert_true(h->nlmsg_len <= ENCODE_MSG_MAX);
	assert_int_equal(h->nlmsg_type, FAMILY);
	r->cmd = genl->cmd;
	nla_for_each_attr(pos, genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), rem) {
		assert_true(pos->nla_type & NLA_F_NESTED);	/* strict validation wants it */
		r->parts += nla_type(pos) == STOCKADE_A_PROGRAM;
	}
	assert_int_equal(rem, 0);
	assert_int_equal(decode_objects(&r->decode, genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), &err), 0);
	nlmsg_free(msg);
	return 0;
}

/* Everything of @t in the order table_diff() gives. */
static int stream(struct encode_stream *s, bool put, const struct table *t)
{
	int rc = 0;

	for (size_t i = 0; i < t->n_rules && !rc; i++)
		rc = encode_stream_add(s, put, TABLE_RULE, &t->rules[i]);
	for (size_t i = 0; i < t->n_programs && !rc; i++)
		rc = encode_stream_add(s, put, TABLE_PROGRAM, &t->programs[i]);
	for (size_t i = 0; i < t->n_subjects && !rc; i++)
		rc = encode_stream_add(s, put, TABLE_SUBJECT, &t->subjects[i]);
	for (size_t i = 0; i < t->n_endpoints && !rc; i++)
		rc = encode_stream_add(s, put, TABLE_ENDPOINT, &t->endpoints[i]);
	for (size_t i = 0; i < t->n_blocks && !rc; i++)
		rc = encode_stream_add(s, put, TABLE_BLOCK, &t->blocks[i]);
	if (put && !rc)
		rc = encode_stream_add(s, put, TABLE_CONFIG, t);
	return encode_stream_end(s, rc) ?: rc;
}

static void round_trip(struct table *t, struct receiver *r)
{
	struct encode_stream s = { .send = receive, .ctx = r, .family = FAMILY };
	struct table *back;
	struct err err;

	assert_int_equal(stream(&s, true, t), 0);
	back = decode_finish(&r->decode, &err);
	assert_non_null(back);
	assert_int_equal(r->cmd, STOCKADE_CMD_PUT);
	assert_same_objects(t, back);
	assert_same_addresses(t, back);
	assert_true(table_digest(t) == table_digest(back));
	table_free(back);
	table_free(t);
}

static void empty_table(void **state)
{
	struct receiver r = {};

	round_trip(mem_new(struct table), &r);
	assert_int_equal(r.messages, 1);	/* a table always has a CONFIG */
}

static void random_tables(void **state)
{
	for (int i = 0; i < 300; i++) {
		struct table *t = mem_new(struct table);
		struct receiver r = {};

		seed = 1000 + i;
		add_rules(t, rnd(200));
		add_programs(t, rnd(30), 12, 60, 40);
		add_subjects(t, rnd(50));
		add_endpoints(t, rnd(3000));
		add_blocks(t, rnd(500));
		if (rnd(2))
			add_config(t);
		round_trip(t, &r);
	}
}

static void many_endpoints(void **state)
{
	struct table *t = mem_new(struct table);
	struct receiver r = {};

	add_endpoints(t, 150000);
	round_trip(t, &r);
	assert_in_range(r.messages, 2, 200);
	assert_true(r.bytes < 150000 * 60);
}

/* More identities, and more steps, than a message holds: maps in pieces, in several parts. */
static void large_program(void **state)
{
	struct table *t = mem_new(struct table);
	struct receiver r = {};

	t->programs = mem_new(struct table_program);
	t->n_programs = 1;
	t->programs[0] = (struct table_program){ .id = 9, .maps = mem_array(4, sizeof(struct table_map)), .n_maps = 4 };
	t->programs[0].maps[0] = make_map(0, 0, 40000);
	t->programs[0].maps[1] = make_map(1, 100000, 3);
	t->programs[0].maps[2] = make_map(200000, 1, 65000);
	t->programs[0].maps[3] = make_map(300000, 50000, 30000);
	round_trip(t, &r);
	/* Nothing is sent twice. */
	assert_true(r.bytes < 150001 * 4 + 135003 * 8 + 4000);
	assert_in_range(r.parts, 26, 30);
}

static void deletes_carry_keys_only(void **state)
{
	struct table *t = mem_new(struct table), *back;
	struct receiver r = {};
	struct encode_stream s = { .send = receive, .ctx = &r, .family = FAMILY };
	struct err err;

	add_rules(t, 40);
	add_programs(t, 3, 4, 9, 9);
	add_subjects(t, 7);
	add_endpoints(t, 900);
	add_blocks(t, 30);
	assert_int_equal(stream(&s, false, t), 0);
	back = decode_finish(&r.decode, &err);
	assert_int_equal(r.cmd, STOCKADE_CMD_DEL);
	assert_int_equal(back->n_rules, 40);
	assert_int_equal(back->rules[39].id, t->rules[39].id);
	assert_string_equal(back->rules[39].name, "");
	assert_int_equal(back->n_programs, 3);
	assert_int_equal(back->programs[1].n_maps, 0);
	assert_int_equal(back->n_subjects, 7);
	assert_int_equal(back->n_endpoints, 900);
	assert_int_equal(ip_cmp(&back->endpoints[899].addr, &t->endpoints[899].addr), 0);
	assert_int_equal(back->endpoints[899].identity, 0);
	assert_int_equal(back->n_blocks, 30);
	assert_int_equal(cidr_cmp(&back->blocks[29].cidr, &t->blocks[29].cidr), 0);
	table_free(back);
	table_free(t);
}

static void refusal_ends_the_stream(void **state)
{
	struct table *t = mem_new(struct table);
	struct receiver r = { .fail_at = 2 };
	struct encode_stream s = { .send = receive, .ctx = &r, .family = FAMILY };

	add_endpoints(t, 20000);
	assert_int_equal(stream(&s, true, t), -ENOSPC);
	assert_int_equal(r.messages, 2);
	assert_null(s.msg);
	decode_abandon(&r.decode);
	table_free(t);
}

/* A message of two endpoints, a block and a program, to point into and to break. */
static struct nl_msg *sample(void)
{
	struct nl_msg *msg = encode_message(FAMILY, STOCKADE_CMD_PUT, NLM_F_ACK);
	struct table_endpoint a = { ip_of("10.0.0.1"), 5, 0, 0 }, b = { ip_of("2001:db8::7"), 6, 2, 1 };
	struct table_map map = make_map(0, 0, 2);
	struct table_program p = { 31, &map, 1 };
	struct table_block block = { .identity = 8 };
	struct encode_cursor at = {};

	assert_true(cidr_parse("192.0.2.0/24", &block.cidr));
	assert_int_equal(encode_object(msg, true, TABLE_ENDPOINT, &a), 0);
	assert_int_equal(encode_object(msg, true, TABLE_ENDPOINT, &b), 0);
	assert_int_equal(encode_object(msg, true, TABLE_BLOCK, &block), 0);
	assert_int_equal(encode_program_part(msg, &p, &at), 0);
	free(map.steps);
	return msg;
}

static struct nlattr *nth_top(struct nl_msg *msg, int n)
{
	struct nlattr *pos = genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0);

	for (; n; n--)
		pos = (struct nlattr *)((char *)pos + NLA_ALIGN(pos->nla_len));
	return pos;
}

static size_t offset_of(struct nl_msg *msg, const void *attr)
{
	return (const char *)attr - (const char *)nlmsg_hdr(msg);
}

static void attributes_have_names(void **state)
{
	struct nl_msg *msg = sample();
	struct nlattr *e = nth_top(msg, 1), *p = nth_top(msg, 3);
	struct nlattr *identity = nla_find(nla_data(e), nla_len(e), STOCKADE_ENDPOINT_IDENTITY);
	struct nlattr *map = nla_find(nla_data(p), nla_len(p), STOCKADE_PROGRAM_MAP);
	struct nlattr *steps = nla_find(nla_data(map), nla_len(map), STOCKADE_MAP_STEPS);
	struct nlattr *prefix = nla_find(nla_data(nth_top(msg, 2)), nla_len(nth_top(msg, 2)), STOCKADE_BLOCK_PREFIX);
	char buf[256];

	extack_path(nlmsg_hdr(msg), offset_of(msg, identity), buf, sizeof(buf));
	assert_string_equal(buf, "endpoint 2001:db8::7: identity");
	extack_path(nlmsg_hdr(msg), offset_of(msg, e), buf, sizeof(buf));
	assert_string_equal(buf, "endpoint 2001:db8::7");
	extack_path(nlmsg_hdr(msg), offset_of(msg, steps), buf, sizeof(buf));
	assert_string_equal(buf, "program 31: map: steps");
	extack_path(nlmsg_hdr(msg), offset_of(msg, prefix), buf, sizeof(buf));
	assert_string_equal(buf, "block 192.0.2.0: prefix");
	/* Offsets into nowhere are no names, and no crash. */
	for (size_t at = 0; at < nlmsg_hdr(msg)->nlmsg_len + 64; at++)
		extack_path(nlmsg_hdr(msg), at, buf, sizeof(buf));
	extack_path(nlmsg_hdr(msg), offset_of(msg, steps) + 4, buf, sizeof(buf));
	assert_string_equal(buf, "");
	extack_path(nlmsg_hdr(msg), offset_of(msg, steps), buf, 12);
	assert_string_equal(buf, "program 31:");
	nlmsg_free(msg);
}

static void refusals_have_words(void **state)
{
	struct nl_msg *msg = sample(), *error = nlmsg_alloc();
	struct nlattr *e = nth_top(msg, 0);
	struct nlmsgerr body = { .error = -EINVAL, .msg = *nlmsg_hdr(msg) };
	struct err err;

	nlmsg_put(error, 0, 1, NLMSG_ERROR, 0, NLM_F_CAPPED | NLM_F_ACK_TLVS);
	nlmsg_append(error, &body, sizeof(body), NLMSG_ALIGNTO);
	extack_explain(nlmsg_hdr(error), nlmsg_hdr(msg), &err);
	assert_string_equal(err.msg, "the kernel refused: Invalid argument (Invalid argument)");
	nla_put_string(error, NLMSGERR_ATTR_MSG, "an identity must not be 0");
	nla_put_u32(error, NLMSGERR_ATTR_OFFS,
		    offset_of(msg, nla_find(nla_data(e), nla_len(e), STOCKADE_ENDPOINT_IDENTITY)));
	extack_explain(nlmsg_hdr(error), nlmsg_hdr(msg), &err);
	assert_string_equal(err.msg, "the kernel refused endpoint 10.0.0.1: identity: an identity must not be 0 "
			    "(Invalid argument)");
	nlmsg_free(error);
	nlmsg_free(msg);
}

/* Cut anywhere, or with any byte changed: an error or not, but never a read past the end (ASan looks). */
static void broken_messages(void **state)
{
	struct nl_msg *msg = sample();
	int len = genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0);
	struct err err;

	for (int i = 0; i < len * 8; i++) {
		struct decode d = {};
		int take = i < len ? i : len;
		char *copy = malloc(take + !take);
		struct table *t;

		memcpy(copy, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0), take);
		if (take == len)
			copy[i % len] = rnd(256);
		t = decode_objects(&d, (void *)copy, take, &err) ? NULL : decode_finish(&d, &err);
		if (t)
			table_free(t);
		else
			decode_abandon(&d);
		free(copy);
	}
	nlmsg_free(msg);
}

static void unfinished_map(void **state)
{
	struct nl_msg *msg = encode_message(FAMILY, STOCKADE_CMD_GET_PROGRAMS, 0);
	struct nlattr *program = nla_nest_start(msg, STOCKADE_A_PROGRAM), *map;
	struct decode d = {};
	struct err err;

	nla_put_u32(msg, STOCKADE_PROGRAM_ID, 5);
	map = nla_nest_start(msg, STOCKADE_PROGRAM_MAP);
	nla_put_flag(msg, STOCKADE_MAP_MORE);
	nla_nest_end(msg, map);
	nla_nest_end(msg, program);
	assert_int_equal(decode_objects(&d, nth_top(msg, 0), nlmsg_datalen(nlmsg_hdr(msg)) - GENL_HDRLEN, &err), -EBADMSG);
	assert_string_equal(err.msg, "program 5 ends before its last map does");
	decode_abandon(&d);
	nlmsg_free(msg);
}

static void unfinished_program(void **state)
{
	struct nl_msg *msg = encode_message(FAMILY, STOCKADE_CMD_GET_PROGRAMS, 0);
	struct table_map maps[2] = { make_map(0, 0, 7000), make_map(1, 10000, 2000) };
	struct table_program p = { 5, maps, 2 };
	struct encode_cursor at = {};
	struct decode d = {};
	struct err err;

	assert_int_equal(encode_program_part(msg, &p, &at), 1);
	assert_int_equal(decode_objects(&d, nth_top(msg, 0), nlmsg_datalen(nlmsg_hdr(msg)) - GENL_HDRLEN, &err), 0);
	assert_null(decode_finish(&d, &err));
	assert_string_equal(err.msg, "program 5 has no last part");
	for (int i = 0; i < 2; i++) {
		free(maps[i].identities);
		free(maps[i].steps);
	}
	nlmsg_free(msg);
}

static void drop_event(void **state)
{
	struct nl_msg *msg = encode_message(FAMILY, STOCKADE_CMD_DROP, 0);
	struct stnl_flow flow = { ip_of("10.0.0.9"), ip_of("10.0.1.5"), 6, 443 };
	struct nlattr *drop = nla_nest_start(msg, STOCKADE_A_DROP), *verdict;
	struct stnl_drop out = {};
	struct err err;

	assert_int_equal(encode_flow(msg, STOCKADE_DROP_FLOW, &flow), 0);
	assert_int_equal(decode_drop(drop, &out, &err), -EBADMSG);
	verdict = nla_nest_start(msg, STOCKADE_DROP_VERDICT);
	nla_put_u8(msg, STOCKADE_VERDICT_A_DOOR, STOCKADE_DOOR_INGRESS);
	nla_put_u8(msg, STOCKADE_VERDICT_A_VERDICT, STOCKADE_VERDICT_DENY);
	nla_put_u8(msg, STOCKADE_VERDICT_A_REASON, STOCKADE_REASON_RULE);
	nla_put_u32(msg, STOCKADE_VERDICT_A_RULE, 12);
	nla_put_string(msg, STOCKADE_VERDICT_A_RULE_NAME, "NetworkPolicy shop/api ingress");
	nla_put_string(msg, STOCKADE_VERDICT_A_SUBJECT_NAME, "shop/api");
	nla_nest_end(msg, verdict);
	nla_put_u64(msg, STOCKADE_DROP_GENERATION, 41);
	nla_put_u16(msg, STOCKADE_DROP_SPORT, 50123);
	nla_put_flag(msg, STOCKADE_DROP_REPLY);
	nla_nest_end(msg, drop);
	assert_int_equal(decode_drop(drop, &out, &err), 0);
	assert_int_equal(ip_cmp(&out.flow.opener, &flow.opener), 0);
	assert_int_equal(ip_cmp(&out.flow.target, &flow.target), 0);
	assert_int_equal(out.flow.port, 443);
	assert_int_equal(out.verdict.door, STOCKADE_DOOR_INGRESS);
	assert_int_equal(out.verdict.rule, 12);
	assert_string_equal(out.verdict.subject_name, "shop/api");
	assert_int_equal(out.generation, 41);
	assert_int_equal(out.sport, 50123);
	assert_true(out.reply);
	assert_int_equal(out.lost, 0);
	nlmsg_free(msg);
}

static void every_value_has_a_word(void **state)
{
	for (unsigned i = 0; i < STOCKADE_REASONS; i++) {
		assert_string_not_equal(words_reason(i), "?");
		assert_string_not_equal(words_reason_long(i), "?");
	}
	assert_string_equal(words_reason(STOCKADE_REASONS), "?");
	assert_string_equal(words_verdict(STOCKADE_VERDICT_WOULD_DENY), "would-deny");
	assert_string_equal(words_door(STOCKADE_DOORS), "?");
}

/* What the kernel answers about a module that speaks @version. */
static int read_family(uint32_t version, struct conn_family *out, struct err *err)
{
	struct nl_msg *msg = nlmsg_alloc();
	int rc;

	genlmsg_put(msg, 0, 0, GENL_ID_CTRL, 0, 0, CTRL_CMD_NEWFAMILY, 1);
	nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, 33);
	nla_put_u32(msg, CTRL_ATTR_VERSION, version);
	rc = conn_read_family(out, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0),
			      genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0), err);
	nlmsg_free(msg);
	return rc;
}

/* The module of one release and the controller of another: said so, before anything is sent. */
static void another_netlink_version(void **state)
{
	struct conn_family family = {};
	struct err err;
	char text[64];

	assert_int_equal(read_family(STOCKADE_GENL_VERSION, &family, &err), 0);
	assert_int_equal(family.id, 33);
	assert_int_equal(read_family(STOCKADE_GENL_VERSION + 1, &family, &err), -EPROTO);
	snprintf(text, sizeof(text), "speaks netlink version %d,", STOCKADE_GENL_VERSION + 1);
	assert_non_null(strstr(err.msg, text));
	assert_non_null(strstr(err.msg, "install the module and the controller of one release"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_table),
		cmocka_unit_test(random_tables),
		cmocka_unit_test(many_endpoints),
		cmocka_unit_test(large_program),
		cmocka_unit_test(deletes_carry_keys_only),
		cmocka_unit_test(refusal_ends_the_stream),
		cmocka_unit_test(attributes_have_names),
		cmocka_unit_test(refusals_have_words),
		cmocka_unit_test(broken_messages),
		cmocka_unit_test(unfinished_program),
		cmocka_unit_test(unfinished_map),
		cmocka_unit_test(another_netlink_version),
		cmocka_unit_test(drop_event),
		cmocka_unit_test(every_value_has_a_word),
	};

	return cmocka_run_group_tests_name("nl", tests, NULL, NULL);
}
