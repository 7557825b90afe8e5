// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "base/mem.h"
#include "load.h"
#include "nl/encode.h"

#define SEQ_BEGIN 1
#define SEND_ROOM (1 << 22)

static int family_of(void)
{
	struct nl_sock *s = nl_socket_alloc();
	int family = genl_connect(s) ? -1 : genl_ctrl_resolve(s, STOCKADE_GENL_NAME);

	nl_socket_free(s);
	return family;
}

/* The one this thread is in. */
static int open_here(struct nlport *l, struct err *err)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	struct timeval patience = { .tv_sec = 60 };
	int room = SEND_ROOM, one = 1;

	l->family = family_of();
	if (l->family < 0)
		return err_set(err, "the module is not loaded");
	l->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&any, sizeof(any)))
		return err_set(err, "netlink: %s", strerror(errno));
	setsockopt(l->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(l->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(l->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return 0;
}

int nlport_open(struct nlport *l, struct bed *b, struct err *err)
{
	int rc;

	l->fd = -1;
	if (netns_enter(&b->node, err))
		return -1;
	rc = open_here(l, err);
	return netns_enter(NULL, rc ? NULL : err) || rc ? -1 : 0;
}

void nlport_close(struct nlport *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* Takes @msg over. */
static void append(struct load *load, struct nl_msg *msg, uint32_t seq)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	size_t len = NLMSG_ALIGN(h->nlmsg_len);

	h->nlmsg_seq = seq;
	h->nlmsg_pid = 0;
	/* Refusals are told without being asked for. */
	h->nlmsg_flags = NLM_F_REQUEST;
	if (load->len + len > load->cap) {
		load->cap = 2 * (load->len + len);
		load->data = mem_resize(load->data, load->cap, 1);
	}
	memset(load->data + load->len, 0, len);
	memcpy(load->data + load->len, h, h->nlmsg_len);
	load->len += len;
	nlmsg_free(msg);
}

static int append_objects(void *ctx, struct nl_msg *msg)
{
	struct load *load = ctx;

	append(load, msg, ++load->commit_seq);
	return 0;
}

static void append_begin(struct load *load, int family, bool change)
{
	struct nl_msg *msg = encode_message(family, STOCKADE_CMD_BEGIN, 0);

	if (change)
		nla_put_u64(msg, STOCKADE_A_BASE, 0);
	append(load, msg, SEQ_BEGIN);
	load->commit_seq = SEQ_BEGIN;
	load->base_at = change ? load->len - sizeof(uint64_t) : 0;
}

int load_init(struct load *load, const struct nlport *l, const struct table *from, const struct table *to,
	      struct err *err)
{
	struct encode_stream s = { .send = append_objects, .ctx = load, .family = l->family, .err = err };
	struct nl_msg *msg;

	*load = (struct load){};
	append_begin(load, l->family, from);
	if (table_diff(from, to, encode_stream_add, &s) || encode_stream_end(&s, false)) {
		encode_stream_end(&s, true);
		load_exit(load);
		return err_prefix(err, "load");
	}
	msg = encode_message(l->family, STOCKADE_CMD_COMMIT, 0);
	nla_put_u64(msg, STOCKADE_A_DIGEST, table_digest(to));
	append(load, msg, ++load->commit_seq);
	return 0;
}

void load_exit(struct load *load)
{
	free(load->data);
	*load = (struct load){};
}

static int failed(const char *what, struct err *err)
{
	int error = errno;

	err_set(err, "%s: %s", what, strerror(error));
	return -error;
}

/* What the kernel said to one message: 1 if that was the commit's reply, 0, or -errno. */
static int take(const struct load *load, const struct nlmsghdr *h, uint64_t *generation, struct err *err)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const struct nlattr *attr;

	if (h->nlmsg_type == NLMSG_ERROR) {
		err_set(err, "message %u: %s", h->nlmsg_seq, strerror(-e->error));
		return e->error;
	}
	if (h->nlmsg_seq != load->commit_seq)
		return 0;
	attr = nlmsg_find_attr((struct nlmsghdr *)h, GENL_HDRLEN, STOCKADE_A_GENERATION);
	if (!attr)
		return -EPROTO;
	*generation = nla_get_u64(attr);
	return 1;
}

static int answer(const struct load *load, const struct nlport *l, uint64_t *generation, struct err *err)
{
	char buf[8192] __attribute__((aligned(8)));
	ssize_t n;
	int rc = 0;

	while (!rc) {
		n = recv(l->fd, buf, sizeof(buf), 0);
		if (n < 0)
			return failed("no answer", err);
		for (struct nlmsghdr *h = (void *)buf; !rc && NLMSG_OK(h, (size_t)n); h = NLMSG_NEXT(h, n))
			rc = take(load, h, generation, err);
	}
	return rc < 0 ? rc : 0;
}

struct nlmsghdr *load_next(const struct load *load, struct nlmsghdr *h)
{
	size_t at = h ? (char *)h - load->data + NLMSG_ALIGN(h->nlmsg_len) : 0;

	return at < load->len ? (struct nlmsghdr *)(load->data + at) : NULL;
}

void load_set_base(struct load *load, uint64_t generation)
{
	if (load->base_at)
		memcpy(load->data + load->base_at, &generation, sizeof(generation));
}

int load_commit(struct load *load, const struct nlport *l, uint64_t *generation, struct err *err)
{
	load_set_base(load, *generation);
	if (send(l->fd, load->data, load->len, 0) < 0)
		return failed("send", err);
	return answer(load, l, generation, err);
}
