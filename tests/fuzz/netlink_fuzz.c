// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_fuzz [--seed N] [--messages N] MANIFESTS NODE: malformed netlink against the live module.
 *
 * A table is committed; then messages that were valid once (the stream of that very table among them) are sent
 * mutated, in any order, between some that are left as they are, so that transactions are open
 * and commits are tried. Whatever the module makes of them, the table must be the same at the end: by its
 * digest, and read back object by object. What it takes in memory depends on how it came to be (the number of endpoints
 * that was announced, the room an index grew by), so it is loaded once more for that, as it was at first.
 * TEARDOWN, which says what it means, is not sent.
 * Run with a kernel that shouts when something is wrong.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/mem.h"
#include "compile/compile.h"
#include "manifest/manifest.h"
#include "nl/encode.h"
#include "nl/nl.h"

#define DRAIN_EVERY 32
#define PROGRESS_EVERY 10000
#define ERRNOS 134

struct sample {
	uint8_t *data;
	uint32_t len;
};

struct fuzz {
	uint64_t state;		/* of the generator */
	int family, fd;
	struct sample *samples;
	size_t n, cap;
	uint64_t answers[ERRNOS];	/* by errno; 0: accepted */
	uint64_t unanswered;
};

/* splitmix64 */
static uint64_t draw(struct fuzz *f)
{
	uint64_t z = (f->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint32_t below(struct fuzz *f, uint32_t n)
{
	return draw(f) % n;
}

/* --- what valid messages look like ------------------------------------------------- */

static int keep(void *ctx, struct nl_msg *msg)
{
	struct fuzz *f = ctx;
	struct nlmsghdr *h = nlmsg_hdr(msg);

	mem_grow(f->samples, f->n, f->cap);
	f->samples[f->n].data = mem_array(1, h->nlmsg_len);
	memcpy(f->samples[f->n].data, h, h->nlmsg_len);
	f->samples[f->n++].len = h->nlmsg_len;
	nlmsg_free(msg);
	return 0;
}

static void keep_plain(struct fuzz *f, uint8_t cmd, int flags)
{
	keep(f, encode_message(f->family, cmd, flags));
}

static void keep_begin(struct fuzz *f, const uint64_t *base)
{
	struct nl_msg *msg = encode_message(f->family, STOCKADE_CMD_BEGIN, NLM_F_ACK);

	if (base)
		nla_put_u64(msg, STOCKADE_A_BASE, *base);
	else
		nla_put_u32(msg, STOCKADE_A_ENDPOINT_COUNT, 100);
	keep(f, msg);
}

static void keep_commit(struct fuzz *f, uint64_t digest)
{
	struct nl_msg *msg = encode_message(f->family, STOCKADE_CMD_COMMIT, NLM_F_ACK);

	nla_put_u64(msg, STOCKADE_A_DIGEST, digest);
	keep(f, msg);
}

static void keep_judge(struct fuzz *f, const struct table *t)
{
	struct nl_msg *msg = encode_message(f->family, STOCKADE_CMD_JUDGE, NLM_F_ACK);
	struct stnl_flow flow = { t->endpoints[0].addr, t->endpoints[t->n_endpoints - 1].addr, 6, 80 };

	encode_flow(msg, STOCKADE_A_FLOW, &flow);
	keep(f, msg);
}

/* One object a message, put and deleted: small ones make the most of a mutation. */
static int keep_object(void *ctx, bool put, enum table_object what, const void *obj)
{
	struct fuzz *f = ctx;
	struct encode_stream s = { .send = keep, .ctx = f, .family = f->family };
	struct nl_msg *msg;

	if (encode_stream_add(&s, put, what, obj) || encode_stream_end(&s, false))
		return -1;
	if (what == TABLE_CONFIG)
		return 0;
	msg = encode_message(f->family, STOCKADE_CMD_DEL, NLM_F_ACK);
	if (encode_object(msg, false, what, obj)) {
		nlmsg_free(msg);
		return -1;
	}
	return keep(f, msg);
}

static int keep_all(struct fuzz *f, const struct table *t, uint64_t generation)
{
	struct encode_stream s = { .send = keep, .ctx = f, .family = f->family };

	keep_begin(f, NULL);
	keep_begin(f, &generation);
	keep_commit(f, table_digest(t));
	keep_commit(f, 0);
	keep_plain(f, STOCKADE_CMD_ABORT, NLM_F_ACK);
	keep_plain(f, STOCKADE_CMD_STATUS, NLM_F_ACK);
	keep_judge(f, t);
	for (int cmd = STOCKADE_CMD_GET_ENDPOINTS; cmd <= STOCKADE_CMD_GET_COUNTERS; cmd++)
		keep_plain(f, cmd, NLM_F_DUMP);
	if (table_diff(NULL, t, encode_stream_add, &s) || encode_stream_end(&s, false))
		return -1;
	return table_diff(NULL, t, keep_object, f);
}

/* --- mutations ------------------------------------------------------------------- */

#define MAX_LEN 32768

struct message {
	uint8_t data[MAX_LEN];
	uint32_t len;
};

static void flip(struct fuzz *f, struct message *m)
{
	uint32_t at = NLMSG_HDRLEN + below(f, m->len - NLMSG_HDRLEN);

	m->data[at] ^= 1 << below(f, 8);
}

/* A value that code tends to stumble over, somewhere. */
static void poke(struct fuzz *f, struct message *m)
{
	static const uint32_t values[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x3fffffff,
					   0x40000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
	uint32_t width = 1 << below(f, 3), v = values[below(f, sizeof(values) / sizeof(*values))];

	if (m->len < NLMSG_HDRLEN + GENL_HDRLEN + width)
		return;
	memcpy(m->data + NLMSG_HDRLEN + below(f, m->len - NLMSG_HDRLEN - width + 1), &v, width);
}

static void cut(struct fuzz *f, struct message *m)
{
	m->len = NLMSG_HDRLEN + below(f, m->len - NLMSG_HDRLEN + 1);
}

static void append(struct fuzz *f, struct message *m, const struct sample *s)
{
	uint32_t from = NLMSG_HDRLEN + GENL_HDRLEN, room = MAX_LEN - m->len, n;

	m->len = NLMSG_ALIGN(m->len);
	if (s->len <= from || room < 8)
		return;
	n = s->len - from;
	if (below(f, 2))
		n = 1 + below(f, n);
	if (n > room)
		n = room;
	memcpy(m->data + m->len, s->data + from, n);
	m->len += n;
}

static void noise(struct fuzz *f, struct message *m)
{
	uint32_t n = below(f, 64);

	if (m->len + n > MAX_LEN)
		return;
	for (uint32_t i = 0; i < n; i++)
		m->data[m->len++] = draw(f);
}

/* The type of an attribute at top level, or one level down. */
static void retype(struct fuzz *f, struct message *m)
{
	uint32_t at = NLMSG_HDRLEN + GENL_HDRLEN + (below(f, 2) ? NLA_HDRLEN : 0);
	uint16_t type = below(f, 24) | (below(f, 2) ? NLA_F_NESTED : 0);

	if (m->len >= at + NLA_HDRLEN)
		memcpy(m->data + at + 2, &type, sizeof(type));
}

static void other_command(struct fuzz *f, struct message *m)
{
	if (m->len > NLMSG_HDRLEN)
		m->data[NLMSG_HDRLEN] = below(f, STOCKADE_CMD_MAX + 3);
}

static void mutate(struct fuzz *f, struct message *m)
{
	for (uint32_t times = 1 + below(f, 4); times && m->len > NLMSG_HDRLEN + GENL_HDRLEN; times--) {
		switch (below(f, 8)) {
		case 0: case 1: flip(f, m); break;
		case 2: case 3: poke(f, m); break;
		case 4: cut(f, m); break;
		case 5: append(f, m, &f->samples[below(f, f->n)]); break;
		case 6: noise(f, m); break;
		case 7: below(f, 2) ? retype(f, m) : other_command(f, m); break;
		}
	}
}

/* --- sending --------------------------------------------------------------------- */

static int open_socket(struct fuzz *f)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int one = 1, size = 1 << 20;

	if (f->fd >= 0)
		close(f->fd);
	f->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&any, sizeof(any)))
		return -1;
	setsockopt(f->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(f->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return 0;
}

static void count(struct fuzz *f, const struct nlmsghdr *h)
{
	int error;

	if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return;
	error = -((const struct nlmsgerr *)NLMSG_DATA(h))->error;
	if (error >= 0 && error < ERRNOS)
		f->answers[error]++;
}

static void drain(struct fuzz *f)
{
	static uint8_t buf[65536] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = recv(f->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 || (n < 0 && errno == ENOBUFS)) {
		if (n < 0) {
			f->unanswered++;
			continue;
		}
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, (size_t)n); h = NLMSG_NEXT(h, n))
			count(f, h);
	}
}

static void send_one(struct fuzz *f, struct message *m, uint32_t seq)
{
	struct nlmsghdr *h = (void *)m->data;

	/* Only to this family, and as one message: what the core of netlink does is not at issue. */
	h->nlmsg_type = f->family;
	h->nlmsg_len = m->len;
	h->nlmsg_seq = seq;
	h->nlmsg_pid = 0;
	h->nlmsg_flags = NLM_F_REQUEST | (below(f, 8) ? NLM_F_ACK : NLM_F_DUMP);
	if (m->len > NLMSG_HDRLEN && m->data[NLMSG_HDRLEN] == STOCKADE_CMD_TEARDOWN)
		m->data[NLMSG_HDRLEN] = STOCKADE_CMD_ABORT;
	if (send(f->fd, m->data, m->len, 0) < 0)
		f->unanswered++;
}

static int run(struct fuzz *f, uint64_t messages)
{
	static struct message m __attribute__((aligned(8)));

	for (uint64_t i = 0; i < messages; i++) {
		const struct sample *s = &f->samples[below(f, f->n)];

		if (below(f, 500) == 0 && open_socket(f))	/* its transaction goes with it */
			return -1;
		m.len = s->len < MAX_LEN ? s->len : MAX_LEN;
		memcpy(m.data, s->data, m.len);
		if (below(f, 4))
			mutate(f, &m);
		send_one(f, &m, i + 1);
		if (i % DRAIN_EVERY == 0)
			drain(f);
		if (i && i % PROGRESS_EVERY == 0)
			fprintf(stderr, "fuzz: %" PRIu64 " of %" PRIu64 " messages\n", i, messages);
	}
	drain(f);
	close(f->fd);
	return 0;
}

/* --- before and after --------------------------------------------------------------- */

static unsigned passed, failed;
static uint64_t seed;

static void check(bool good, const char *what)
{
	if (good)
		printf("ok - %s\n", what);
	else
		printf("not ok - %s, --seed %" PRIu64 "\n", what, seed);
	*(good ? &passed : &failed) += 1;
}

static int any(void *ctx, bool put, enum table_object what, const void *obj)
{
	return 1;
}

static uint64_t refused(const struct fuzz *f)
{
	uint64_t n = 0;

	for (int e = 1; e < ERRNOS; e++)
		n += f->answers[e];
	return n;
}

static void report(const struct fuzz *f)
{
	printf("  accepted %" PRIu64 ", without an answer %" PRIu64 "\n", f->answers[0], f->unanswered);
	for (int e = 1; e < ERRNOS; e++)
		if (f->answers[e])
			printf("  %" PRIu64 " x %s\n", f->answers[e], strerrorname_np(e));
}

static void compare(struct stnl *nl, const struct fuzz *f, const struct table *t, const struct stnl_status *before,
		    uint64_t messages)
{
	struct stnl_status after = {};
	uint64_t generation;
	struct err err;
	struct table *now;

	check(!stnl_status(nl, &after, &err), "the module answers");
	check(after.digest == before->digest, "the table's digest is as before");
	check(!after.txn_portid, "no transaction was left open");
	now = stnl_dump(nl, &generation, &err);
	check(now && !table_diff(t, now, any, NULL), "read back, every object is as it was");
	table_free(now);
	check(!stnl_commit(nl, NULL, t, table_digest(t), &generation, NULL, &err) && !stnl_status(nl, &after, &err) &&
	      after.memory == before->memory, "loaded once more, the table takes the memory it took before");
	check(refused(f) > messages / 4, "a good part of the messages was refused");
	check(f->answers[0] > messages / 100, "some were accepted");
	check(f->answers[EINVAL] && f->answers[ENOENT] && f->answers[EBADMSG], "for several reasons");
}

static int family_of(void)
{
	struct nl_sock *s = nl_socket_alloc();
	int family = genl_connect(s) ? -1 : genl_ctrl_resolve(s, STOCKADE_GENL_NAME);

	nl_socket_free(s);
	return family;
}

static struct table *table_of(char *path, const char *node)
{
	struct model *m = model_new();
	struct compile_options o;
	struct diags diags = {};
	struct table *t = NULL;

	compile_options_init(&o);
	o.node = node;
	if (!manifest_load(m, &path, 1, 0, &diags))
		t = compile_table(m, &o);
	diags_free(&diags);
	model_free(m);
	return t;
}

static int fuzz(struct fuzz *f, uint64_t messages, char *path, const char *node)
{
	struct stnl_status before;
	uint64_t generation = 0;
	struct err err = { "the manifests have mistakes" };
	struct table *t = table_of(path, node);
	struct stnl *nl = t && t->n_endpoints ? stnl_open(&err) : NULL;

	f->family = family_of();
	if (!nl || f->family < 0 || stnl_commit(nl, NULL, t, table_digest(t), &generation, NULL, &err) ||
	    stnl_status(nl, &before, &err) || keep_all(f, t, generation) || open_socket(f)) {
		fprintf(stderr, "fuzz: %s\n", err.msg);
		return 1;
	}
	if (run(f, messages)) {
		perror("fuzz");
		return 1;
	}
	report(f);
	compare(nl, f, t, &before, messages);
	stnl_close(nl);
	table_free(t);
	printf("fuzz: %u passed, %u failed\n", passed, failed);
	return failed > 0;
}

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "seed", required_argument, NULL, 's' }, { "messages", required_argument, NULL, 'n' }, {} };
	struct fuzz f = { .state = getpid(), .fd = -1 };
	uint64_t messages = 100000;
	int opt;

	while ((opt = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (opt == 's')
			f.state = strtoull(optarg, NULL, 0);
		else if (opt == 'n')
			messages = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: netlink_fuzz [--seed N] [--messages N] MANIFESTS NODE\n");
		return 2;
	}
	seed = f.state;
	printf("fuzz: %" PRIu64 " messages, --seed %" PRIu64 "\n", messages, seed);
	return fuzz(&f, messages, argv[optind], argv[optind + 1]);
}
