/* SPDX-License-Identifier: GPL-2.0 */
/*
 * genl: a netlink socket as a controller has one, but inside the kernel, and messages for it from
 * tables: what is sent, and what the answer must be.
 */
#ifndef STK_TEST_GENL_H
#define STK_TEST_GENL_H

#include <kunit/test.h>
#include <net/genetlink.h>
#include <linux/stockade.h>

#define GENL_ANSWER_MAX	131072

/**
 * struct genl - a socket
 * @test: whose it is
 * @file: the socket's; NULL: closed
 * @family: stockade's number
 * @seq: of the last request
 * @request: the last one, as it was sent
 * @answer: the messages received for it, up to the ack
 * @len: bytes in @answer
 * @ack: what the ack or the end of the dump said; 0 or -errno
 * @why: its words, NULL if none
 * @bad: the attribute of @request it points to, NULL if none
 * @fail_nth: the n-th allocation of the calls to come fails; counts down over them, 0: none does
 */
struct genl {
	struct kunit *test;
	struct file *file;
	u16 family;
	u32 seq;
	struct sk_buff *request;
	u8 *answer;
	int len;
	int ack;
	const char *why;
	const struct nlattr *bad;
	unsigned int fail_nth;
};

/* Opened in the initial namespace, with all capabilities; closed at the end of the test. */
struct genl *genl_open(struct kunit *test);
void genl_close(struct genl *g);
void genl_reopen(struct genl *g);

/* An attribute of a message.  Those of a greater depth that follow lie within it. */
enum item_kind { ITEM_END, ITEM_NEST, ITEM_U8, ITEM_U16, ITEM_U32, ITEM_U64, ITEM_TEXT, ITEM_BYTES };

struct item {
	u8 kind;
	u8 depth;
	u16 type;
	u64 value;
	const void *data;
	size_t len;
};

#define NEST(d, t)		{ ITEM_NEST, d, STOCKADE_##t }
#define U8(d, t, v)		{ ITEM_U8, d, STOCKADE_##t, v }
#define U16(d, t, v)		{ ITEM_U16, d, STOCKADE_##t, v }
#define U32(d, t, v)		{ ITEM_U32, d, STOCKADE_##t, v }
#define U64(d, t, v)		{ ITEM_U64, d, STOCKADE_##t, v }
#define TEXT(d, t, v)		{ ITEM_TEXT, d, STOCKADE_##t, 0, v }
#define BYTES(d, t, v, n)	{ ITEM_BYTES, d, STOCKADE_##t, 0, v, n }
#define FLAG(d, t)		{ ITEM_BYTES, d, STOCKADE_##t }
#define V4(d, t, v)		BYTES(d, t, v, 4)

/* Sends @cmd with @items (up to the first ITEM_END), takes the answer; returns the ack. */
int genl_call(struct genl *g, u8 cmd, const struct item *items);
int genl_dump(struct genl *g, u8 cmd);

/* The halves of a dump, to do something else in between: starts it, takes one buffer. */
void genl_dump_start(struct genl *g, u8 cmd);
int genl_dump_more(struct genl *g);	/* 1: there is more, 0: done, or -errno */

/* Messages in the answer, and the n-th's attributes (true) or none (false). */
int genl_messages(const struct genl *g);
bool genl_message(const struct genl *g, int n, struct nlattr *tb[STOCKADE_A_MAX + 1]);

/* What STATUS says is in force. */
struct genl_table {
	u64 generation, digest;
	u32 rules, programs, subjects, endpoints, blocks;
	u8 state;
	bool txn_open;
};

void genl_status(struct genl *g, struct genl_table *out);

/* BEGIN (whole table), PUT, COMMIT with a known digest: 0 or what refused. */
int genl_begin(struct genl *g);
int genl_commit(struct genl *g, u64 digest);
#define GENL_PUT(g, ...) genl_call(g, STOCKADE_CMD_PUT, (const struct item[]){ __VA_ARGS__, {} })
#define GENL_DEL(g, ...) genl_call(g, STOCKADE_CMD_DEL, (const struct item[]){ __VA_ARGS__, {} })

/*
 * A small table: program 1, subject 1 "shop/api" with it, endpoint 10.0.0.1, block
 * 192.168.0.0/16, rule 1; and its digest, which kmod/digest.c computes here as
 * the controller would.
 */
int genl_put_base(struct genl *g);
u64 genl_base_digest(void);

/* More endpoints for it, which are nobody here: 10.1.x.y for @n. */
int genl_put_endpoint(struct genl *g, u16 n, u32 identity);
int genl_del_endpoint(struct genl *g, u16 n);
u64 genl_endpoint_digest(u16 n, u32 identity);

#endif
