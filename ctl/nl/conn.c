// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <linux/stockade.h>
#include "../base/version.h"
#include "attr.h"
#include "conn.h"
#include "extack.h"

/* The module answers at once; only a kernel in trouble takes this long to swap a table. */
#define ANSWER_SECONDS 120
/* Room to send several of the largest messages (ENCODE_MSG_MAX); libnl's own choice is too small for one. */
#define SEND_BYTES (256 << 10)
/* What the kernel fills at most with one message of a dump. */
#define RECEIVE_BYTES 65536

int conn_error(int rc, const char *what, struct err *err)
{
	err_set(err, "%s: %s", what, rc == -NLE_AGAIN ? "the kernel does not answer" : nl_geterror(rc));
	switch (rc) {
	case -NLE_NOMEM:
		return -ENOMEM;
	case -NLE_AGAIN:
		return -ETIMEDOUT;
	case -NLE_PERM:
		return -EPERM;
	default:
		return -EIO;
	}
}

static void enlarge_send_buffer(int fd)
{
	int bytes = SEND_BYTES;

	/* FORCE passes wmem_max, but only root of the first user namespace may. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

struct nl_sock *conn_open(struct err *err)
{
	struct timeval wait = { .tv_sec = ANSWER_SECONDS };
	struct nl_sock *sock = nl_socket_alloc();
	int on = 1, rc;

	if (!sock)
		abort();
	rc = genl_connect(sock);
	if (rc) {
		conn_error(rc, "cannot open a netlink socket", err);
		nl_socket_free(sock);
		return NULL;
	}
	/* Errors with words, and without the request they are about: we still have it. */
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	enlarge_send_buffer(nl_socket_get_fd(sock));
	nl_socket_set_msg_buf_size(sock, RECEIVE_BYTES);
	nl_socket_disable_msg_peek(sock);
	return sock;
}

int conn_send(struct nl_sock *sock, struct nl_msg *msg, uint32_t *seq, struct err *err)
{
	uint32_t len = nlmsg_hdr(msg)->nlmsg_len;
	int rc;

	errno = 0;
	rc = nl_send_auto(sock, msg);
	if (seq)
		*seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	if (rc >= 0)
		return 0;
	if (errno != EMSGSIZE)	/* which libnl has no word for */
		return conn_error(rc, "cannot send to the kernel", err);
	err_set(err, "a message of %u bytes is more than the socket may send: raise net.core.wmem_max", len);
	return -ENOBUFS;
}

struct wait {
	uint32_t seq;
	const struct nlmsghdr *request;
	conn_reply reply;
	void *ctx;
	struct err *err;
	bool done, interrupted;
};

/* The end of a dump may carry an error as an ack does. */
static int dump_end(struct wait *w, const struct nlmsghdr *h)
{
	int32_t error = 0;

	w->done = true;
	if (nlmsg_datalen(h) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(h), sizeof(error));
	if (error < 0) {
		err_set(w->err, "the kernel ended a dump early: %s", strerror(-error));
		return error;
	}
	if (w->interrupted) {
		err_set(w->err, "the table changed during a dump");
		return -EAGAIN;
	}
	return 0;
}

static int ack_or_error(struct wait *w, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nlmsg_data(h);

	w->done = true;
	if (nlmsg_datalen(h) < (int)sizeof(*e)) {
		err_set(w->err, "the kernel sent a truncated ack");
		return -EBADMSG;
	}
	if (e->error)
		extack_explain(h, w->request, w->err);
	return e->error;
}

static int take(struct wait *w, struct nlmsghdr *h)
{
	struct genlmsghdr *genl = nlmsg_data(h);

	w->interrupted |= !!(h->nlmsg_flags & NLM_F_DUMP_INTR);
	switch (h->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
		return ack_or_error(w, h);
	case NLMSG_DONE:
		return dump_end(w, h);
	}
	if (!genlmsg_valid_hdr(h, 0)) {
		err_set(w->err, "the kernel sent a truncated message");
		return -EBADMSG;
	}
	return w->reply ? w->reply(w->ctx, genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), w->err) : 0;
}

static int take_all(struct wait *w, void *buf, int len)
{
	struct nlmsghdr *h;
	int rc = 0;

	for (h = buf; nlmsg_ok(h, len) && !rc && !w->done; h = nlmsg_next(h, &len))
		if (h->nlmsg_seq == w->seq)	/* else of a request that was given up */
			rc = take(w, h);
	return rc;
}

int conn_receive(struct nl_sock *sock, uint32_t seq, const struct nlmsghdr *request,
		 conn_reply reply, void *ctx, struct err *err)
{
	struct wait w = { .seq = seq, .request = request, .reply = reply, .ctx = ctx, .err = err };
	int rc = 0;

	while (!rc && !w.done) {
		struct sockaddr_nl from;
		unsigned char *buf = NULL;
		int n = nl_recv(sock, &from, &buf, NULL);

		if (n < 0)
			return conn_error(n, "cannot read from the kernel", err);
		if (n > 0 && from.nl_pid == 0)	/* else not from the kernel */
			rc = take_all(&w, buf, n);
		free(buf);
	}
	return rc;
}

int conn_request(struct nl_sock *sock, struct nl_msg *msg, conn_reply reply, void *ctx, struct err *err)
{
	uint32_t seq;
	int rc;

	nlmsg_get(msg);
	rc = conn_send(sock, msg, &seq, err) ?: conn_receive(sock, seq, nlmsg_hdr(msg), reply, ctx, err);
	nlmsg_free(msg);
	return rc;
}

static void find_group(const struct nlattr *groups, struct conn_family *out)
{
	struct nlattr *pos, *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];
	int rem;

	nla_for_each_nested(pos, groups, rem) {
		if (nla_parse_nested(tb, CTRL_ATTR_MCAST_GRP_MAX, pos, NULL) ||
		    !tb[CTRL_ATTR_MCAST_GRP_NAME] || !tb[CTRL_ATTR_MCAST_GRP_ID])
			continue;
		if (!nla_strcmp(tb[CTRL_ATTR_MCAST_GRP_NAME], STOCKADE_MCGRP_DROPS))
			out->drops_group = attr_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
	}
}

int conn_read_family(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	static const struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
		[CTRL_ATTR_VERSION] = { .type = NLA_U32 },
		[CTRL_ATTR_MCAST_GROUPS] = { .type = NLA_NESTED },
	};
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct conn_family *out = ctx;
	uint32_t version;

	if (nla_parse(tb, CTRL_ATTR_MAX, (struct nlattr *)head, len, (struct nla_policy *)policy) ||
	    !tb[CTRL_ATTR_FAMILY_ID]) {
		err_set(err, "the kernel describes the module in a way that cannot be read");
		return -EBADMSG;
	}
	version = attr_u32(tb[CTRL_ATTR_VERSION]);
	if (version != STOCKADE_GENL_VERSION) {
		err_set(err, "the kernel module speaks netlink version %u, but this is version %s, which speaks %d: "
			"install the module and the controller of one release", version, STOCKADE_VERSION,
			STOCKADE_GENL_VERSION);
		return -EPROTO;
	}
	out->id = attr_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		find_group(tb[CTRL_ATTR_MCAST_GROUPS], out);
	return 0;
}

int conn_resolve(struct nl_sock *sock, struct conn_family *out, struct err *err)
{
	struct conn_family found = {};
	struct nl_msg *msg = nlmsg_alloc();
	int rc;

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, NLM_F_ACK, CTRL_CMD_GETFAMILY, 1) ||
	    nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, STOCKADE_GENL_NAME))
		abort();
	rc = conn_request(sock, msg, conn_read_family, &found, err);
	if (rc == -ENOENT)
		err_set(err, "the kernel module is not loaded (try: modprobe stockade)");
	if (!rc)
		*out = found;
	return rc;
}
