// SPDX-License-Identifier: GPL-2.0
/* genl: a netlink socket inside the kernel; see genl.h. */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <net/sock.h>
#include "digest.h"
#include "genl.h"
#include "snapshot.h"

MODULE_LICENSE("GPL");

#define DEPTH_MAX 4	/* of nests in a message */
#define BUFFER 65536	/* bytes a request may have */

static void close_and_free(struct kunit_resource *res)
{
	struct genl *g = res->data;

	genl_close(g);
	nlmsg_free(g->request);
}

static void set_option(struct genl *g, struct socket *sock, int option)
{
	int on = 1;

	KUNIT_ASSERT_EQ(g->test, sock->ops->setsockopt(sock, SOL_NETLINK, option, KERNEL_SOCKPTR(&on),
						       sizeof(on)), 0);
}

/* What a file brings: the credentials by which the kernel judges who asks. */
static void open_socket(struct genl *g)
{
	struct file *file;
	struct socket *sock;

	KUNIT_ASSERT_EQ(g->test, sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC, &sock), 0);
	file = sock_alloc_file(sock, O_CLOEXEC, NULL);
	KUNIT_ASSERT_FALSE(g->test, IS_ERR(file));
	g->file = file;
	set_option(g, sock, NETLINK_EXT_ACK);
	set_option(g, sock, NETLINK_GET_STRICT_CHK);
}

void genl_reopen(struct genl *g)
{
	genl_close(g);
	open_socket(g);
}

static struct socket *socket_of(const struct genl *g)
{
	return g->file->private_data;
}

struct closing {
	struct work_struct work;
	struct file *file;
};

static void close_file(struct work_struct *work)
{
	__fput_sync(container_of(work, struct closing, work)->file);
}

/*
 * The socket is gone when this returns.  By a worker, for only kernel threads may close a
 * file at once, and a test that was aborted is cleaned up by whoever loads the module.
 */
void genl_close(struct genl *g)
{
	struct closing closing = { .file = g->file };

	if (!g->file)
		return;
	INIT_WORK_ONSTACK(&closing.work, close_file);
	schedule_work(&closing.work);
	flush_work(&closing.work);
	destroy_work_on_stack(&closing.work);
	g->file = NULL;
}

static void put_item(struct kunit *test, struct sk_buff *skb, const struct item *i)
{
	int err = 0;

	switch (i->kind) {
	case ITEM_U8:
		err = nla_put_u8(skb, i->type, i->value);
		break;
	case ITEM_U16:
		err = nla_put_u16(skb, i->type, i->value);
		break;
	case ITEM_U32:
		err = nla_put_u32(skb, i->type, i->value);
		break;
	case ITEM_U64:
		err = nla_put(skb, i->type, sizeof(i->value), &i->value);
		break;
	case ITEM_TEXT:
		err = nla_put_string(skb, i->type, i->data);
		break;
	case ITEM_BYTES:
		err = nla_put(skb, i->type, i->len, i->data);
		break;
	}
	KUNIT_ASSERT_EQ(test, err, 0);
}

static void put_items(struct kunit *test, struct sk_buff *skb, const struct item *items)
{
	struct nlattr *nest[DEPTH_MAX + 1];
	const struct item *i;
	int depth = 0;

	for (i = items; i && i->kind != ITEM_END; i++) {
		KUNIT_ASSERT_LE(test, i->depth, depth);
		while (depth > i->depth)
			nla_nest_end(skb, nest[--depth]);
		if (i->kind != ITEM_NEST) {
			put_item(test, skb, i);
			continue;
		}
		KUNIT_ASSERT_LT(test, depth, DEPTH_MAX);
		nest[depth] = nla_nest_start(skb, i->type);
		KUNIT_ASSERT_NOT_NULL(test, nest[depth]);
		depth++;
	}
	while (depth)
		nla_nest_end(skb, nest[--depth]);
}

static void build(struct genl *g, u16 type, u16 flags, u8 cmd, const struct item *items)
{
	struct genlmsghdr *hdr;
	struct nlmsghdr *nlh;

	nlmsg_free(g->request);
	g->request = nlmsg_new(BUFFER, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(g->test, g->request);
	nlh = nlmsg_put(g->request, 0, ++g->seq, type, sizeof(*hdr), NLM_F_REQUEST | flags);
	hdr = nlmsg_data(nlh);
	*hdr = (struct genlmsghdr){ .cmd = cmd, .version = STOCKADE_GENL_VERSION };
	put_items(g->test, g->request, items);
	nlmsg_end(g->request, nlh);
}

static int send(struct genl *g)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct msghdr msg = { .msg_name = &to, .msg_namelen = sizeof(to) };
	struct kvec vec = { .iov_base = g->request->data, .iov_len = g->request->len };
	int err = kernel_sendmsg(socket_of(g), &msg, &vec, 1, vec.iov_len);

	return err < 0 ? err : 0;
}

/* One buffer of at most @room bytes behind what is there; its length or -errno. */
static int receive(struct genl *g, size_t room)
{
	struct kvec vec = { .iov_base = g->answer + g->len, .iov_len = room };
	struct msghdr msg = {};

	return kernel_recvmsg(socket_of(g), &msg, &vec, 1, room, MSG_DONTWAIT);
}

/* The attribute at @offset of the request; the kernel may point at nothing else. */
static const struct nlattr *attr_at(struct genl *g, u32 offset)
{
	KUNIT_ASSERT_LE(g->test, offset + NLA_HDRLEN, g->request->len);
	return (struct nlattr *)(g->request->data + offset);
}

/* The extended part lies behind the error and, unless it was capped, the request. */
static void read_extack(struct genl *g, const struct nlmsghdr *nlh, size_t fixed)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];

	g->why = NULL;
	g->bad = NULL;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	KUNIT_ASSERT_EQ(g->test, nla_parse_deprecated(tb, NLMSGERR_ATTR_MAX,
						      nlmsg_data(nlh) + NLMSG_ALIGN(fixed),
						      nlmsg_len(nlh) - NLMSG_ALIGN(fixed), NULL, NULL), 0);
	if (tb[NLMSGERR_ATTR_MSG])
		g->why = nla_data(tb[NLMSGERR_ATTR_MSG]);
	if (tb[NLMSGERR_ATTR_OFFS])
		g->bad = attr_at(g, nla_get_u32(tb[NLMSGERR_ATTR_OFFS]));
}

static void read_ack(struct genl *g, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *ack = nlmsg_data(nlh);
	size_t fixed = sizeof(*ack);

	g->ack = ack->error;
	if (ack->error && !(nlh->nlmsg_flags & NLM_F_CAPPED))
		fixed += ack->msg.nlmsg_len - sizeof(ack->msg);
	read_extack(g, nlh, fixed);
}

/* Looks through what came last: 1: there is more to come, 0: that was the end. */
static int read_messages(struct genl *g, int len)
{
	const struct nlmsghdr *nlh = (struct nlmsghdr *)(g->answer + g->len);

	for (; nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len)) {
		KUNIT_EXPECT_EQ(g->test, nlh->nlmsg_seq, g->seq);
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			read_ack(g, nlh);
			return 0;
		}
		if (nlh->nlmsg_type == NLMSG_DONE) {
			g->ack = *(int *)nlmsg_data(nlh);
			return 0;
		}
		g->len += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	return 1;
}

static int ctrl_family(struct genl *g)
{
	const struct item items[] = {
		{ ITEM_TEXT, 0, CTRL_ATTR_FAMILY_NAME, 0, STOCKADE_GENL_NAME }, {}
	};
	const struct nlattr *attr;

	build(g, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, items);
	KUNIT_ASSERT_EQ(g->test, send(g), 0);
	KUNIT_ASSERT_GT(g->test, receive(g, GENL_ANSWER_MAX), 0);
	attr = nlmsg_find_attr((struct nlmsghdr *)g->answer, GENL_HDRLEN, CTRL_ATTR_FAMILY_ID);
	KUNIT_ASSERT_NOT_NULL_MSG(g->test, attr, "there is no such family: is the module loaded?");
	/* And the ack, which nobody needs. */
	KUNIT_ASSERT_GT(g->test, receive(g, GENL_ANSWER_MAX), 0);
	return nla_get_u16(attr);
}

struct genl *genl_open(struct kunit *test)
{
	struct genl *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, g);
	g->test = test;
	g->answer = kunit_kzalloc(test, GENL_ANSWER_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, g->answer);
	KUNIT_ASSERT_NOT_NULL(test, kunit_alloc_resource(test, NULL, close_and_free, GFP_KERNEL, g));
	open_socket(g);
	g->family = ctrl_family(g);
	return g;
}

static void start(struct genl *g, u16 flags, u8 cmd, const struct item *items)
{
	g->len = 0;
	g->ack = 0;
	g->why = NULL;
	g->bad = NULL;
	build(g, g->family, flags, cmd, items);
}

/* Sends, and takes all that comes: requests are done when sendmsg returns. */
static int exchange(struct genl *g)
{
	int len, err = send(g);

	if (err)
		return err;
	do {
		len = receive(g, GENL_ANSWER_MAX - g->len);
		if (len <= 0)
			return len ? len : -ENODATA;
	} while (read_messages(g, len));
	return g->ack;
}

int genl_call(struct genl *g, u8 cmd, const struct item *items)
{
	int err;

	start(g, NLM_F_ACK, cmd, items);
	WRITE_ONCE(current->fail_nth, g->fail_nth);
	err = exchange(g);
	g->fail_nth = READ_ONCE(current->fail_nth);
	WRITE_ONCE(current->fail_nth, 0);
	return err;
}

void genl_dump_start(struct genl *g, u8 cmd)
{
	start(g, NLM_F_DUMP, cmd, NULL);
	KUNIT_ASSERT_EQ(g->test, send(g), 0);
}

int genl_dump_more(struct genl *g)
{
	int len = receive(g, GENL_ANSWER_MAX - g->len);

	if (len <= 0)
		return len ? len : -ENODATA;
	return read_messages(g, len) ? 1 : g->ack;
}

int genl_dump(struct genl *g, u8 cmd)
{
	int more;

	genl_dump_start(g, cmd);
	do {
		more = genl_dump_more(g);
	} while (more > 0);
	return more;
}

static const struct nlmsghdr *nth(const struct genl *g, int n)
{
	const struct nlmsghdr *nlh = (struct nlmsghdr *)g->answer;
	int len = g->len;

	while (n-- && nlmsg_ok(nlh, len))
		nlh = nlmsg_next(nlh, &len);
	return nlmsg_ok(nlh, len) ? nlh : NULL;
}

int genl_messages(const struct genl *g)
{
	int n = 0;

	while (nth(g, n))
		n++;
	return n;
}

bool genl_message(const struct genl *g, int n, struct nlattr *tb[STOCKADE_A_MAX + 1])
{
	const struct nlmsghdr *nlh = nth(g, n);

	return nlh && !nlmsg_parse_deprecated(nlh, GENL_HDRLEN, tb, STOCKADE_A_MAX, NULL, NULL);
}

static u32 status_u32(struct nlattr *const tb[], int type)
{
	return tb[type] ? nla_get_u32(tb[type]) : 0;
}

void genl_status(struct genl *g, struct genl_table *out)
{
	struct nlattr *top[STOCKADE_A_MAX + 1], *tb[STOCKADE_STATUS_MAX + 1];

	KUNIT_ASSERT_EQ(g->test, genl_call(g, STOCKADE_CMD_STATUS, NULL), 0);
	KUNIT_ASSERT_TRUE(g->test, genl_message(g, 0, top));
	KUNIT_ASSERT_NOT_NULL(g->test, top[STOCKADE_A_STATUS]);
	KUNIT_ASSERT_EQ(g->test, nla_parse_nested_deprecated(tb, STOCKADE_STATUS_MAX, top[STOCKADE_A_STATUS],
							     NULL, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(g->test, tb[STOCKADE_STATUS_GENERATION]);
	KUNIT_ASSERT_NOT_NULL(g->test, tb[STOCKADE_STATUS_DIGEST]);
	KUNIT_ASSERT_NOT_NULL(g->test, tb[STOCKADE_STATUS_STATE]);
	*out = (struct genl_table){
		.generation = nla_get_u64(tb[STOCKADE_STATUS_GENERATION]),
		.digest = nla_get_u64(tb[STOCKADE_STATUS_DIGEST]),
		.rules = status_u32(tb, STOCKADE_STATUS_RULES),
		.programs = status_u32(tb, STOCKADE_STATUS_PROGRAMS),
		.subjects = status_u32(tb, STOCKADE_STATUS_SUBJECTS),
		.endpoints = status_u32(tb, STOCKADE_STATUS_ENDPOINTS),
		.blocks = status_u32(tb, STOCKADE_STATUS_BLOCKS),
		.state = nla_get_u8(tb[STOCKADE_STATUS_STATE]),
		.txn_open = tb[STOCKADE_STATUS_TXN_PORTID],
	};
}

int genl_begin(struct genl *g)
{
	return genl_call(g, STOCKADE_CMD_BEGIN, NULL);
}

int genl_commit(struct genl *g, u64 digest)
{
	const struct item items[] = { U64(0, A_DIGEST, digest), {} };

	return genl_call(g, STOCKADE_CMD_COMMIT, items);
}

/* The base. */

static const struct stockade_step base_steps[] = {
	{ 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 1) },
};

int genl_put_base(struct genl *g)
{
	return GENL_PUT(g,
		NEST(0, A_RULE), U32(1, RULE_ID, 1), U8(1, RULE_TIER, STOCKADE_TIER_NETWORKPOLICY),
			TEXT(1, RULE_NAME, "NetworkPolicy shop/api"),
		NEST(0, A_PROGRAM), U32(1, PROGRAM_ID, 1),
			NEST(1, PROGRAM_MAP), BYTES(2, MAP_STEPS, base_steps, sizeof(base_steps)),
		NEST(0, A_SUBJECT), U32(1, SUBJECT_ID, 1), TEXT(1, SUBJECT_NAME, "shop/api"),
			U32(1, SUBJECT_INGRESS, 1),
		NEST(0, A_ENDPOINT), V4(1, ENDPOINT_ADDR, "\x0a\0\0\1"), U32(1, ENDPOINT_IDENTITY, 7),
			U32(1, ENDPOINT_SUBJECT, 1),
		NEST(0, A_BLOCK), V4(1, BLOCK_ADDR, "\xc0\xa8\0\0"), U8(1, BLOCK_PREFIX, 16),
			U32(1, BLOCK_IDENTITY, 50));
}

static struct stk_addr mapped(u8 a, u8 b, u8 c, u8 d)
{
	return (struct stk_addr){ .b = { [10] = 0xff, [11] = 0xff, a, b, c, d } };
}

u64 genl_base_digest(void)
{
	const struct stk_map_def map = { .steps = base_steps, .n_steps = ARRAY_SIZE(base_steps) };
	const struct stk_rule_def rule = { 1, STOCKADE_TIER_NETWORKPOLICY, "NetworkPolicy shop/api" };
	const struct stk_program_def program = { 1, &map, 1 };
	const struct stk_subject_def subject = { 1, "shop/api", 1, 0 };
	const struct stk_endpoint_def endpoint = {
		.addr = mapped(10, 0, 0, 1), .identity = 7, .subject = 1,
	};
	const struct stk_block_def block = {
		.addr = mapped(192, 168, 0, 0), .prefix = 96 + 16, .identity = 50,
	};
	const struct stk_config_def config = {};

	return stk_digest_rule(&rule) + stk_digest_program(&program) + stk_digest_subject(&subject) +
	       stk_digest_endpoint(&endpoint) + stk_digest_block(&block) + stk_digest_config(&config);
}

int genl_put_endpoint(struct genl *g, u16 n, u32 identity)
{
	const u8 addr[] = { 10, 1, n >> 8, n };

	return GENL_PUT(g, NEST(0, A_ENDPOINT), V4(1, ENDPOINT_ADDR, addr), U32(1, ENDPOINT_IDENTITY, identity));
}

int genl_del_endpoint(struct genl *g, u16 n)
{
	const u8 addr[] = { 10, 1, n >> 8, n };

	return GENL_DEL(g, NEST(0, A_ENDPOINT), V4(1, ENDPOINT_ADDR, addr));
}

u64 genl_endpoint_digest(u16 n, u32 identity)
{
	const struct stk_endpoint_def def = { .addr = mapped(10, 1, n >> 8, n), .identity = identity };

	return stk_digest_endpoint(&def);
}
