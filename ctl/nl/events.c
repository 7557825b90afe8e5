// SPDX-License-Identifier: GPL-2.0
/*
 * Following what is denied: the module's multicast group, on a socket of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <netlink/genl/genl.h>
#include <linux/stockade.h>
#include "stnl.h"

/* Room for a burst: some thousand events of a few hundred bytes. */
#define BUFFER_BYTES (4 << 20)

static void enlarge_buffer(struct nl_sock *sock)
{
	int bytes = BUFFER_BYTES;

	/* FORCE passes rmem_max, but only root of the first user namespace may; else what we can get. */
	if (setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		nl_socket_set_buffer_size(sock, BUFFER_BYTES, 0);
}

int stnl_drops_open(struct stnl *nl, struct err *err)
{
	int rc;

	if (!nl->family.drops_group) {
		err_set(err, "the module has no group \"%s\"", STOCKADE_MCGRP_DROPS);
		return -ENOENT;
	}
	nl_socket_free(nl->events);
	nl->events = conn_open(err);
	if (!nl->events)
		return -EIO;
	rc = nl_socket_add_membership(nl->events, nl->family.drops_group) ?: nl_socket_set_nonblocking(nl->events);
	if (rc)
		return conn_error(rc, "cannot follow deny events", err);
	enlarge_buffer(nl->events);
	return nl_socket_get_fd(nl->events);
}

static int take_event(const struct nlmsghdr *h, void (*cb)(void *ctx, const struct stnl_drop *drop), void *ctx,
		      struct err *err)
{
	struct genlmsghdr *genl = nlmsg_data(h);
	struct stnl_drop drop = {};
	const struct nlattr *a;

	if (h->nlmsg_type < NLMSG_MIN_TYPE || !genlmsg_valid_hdr((struct nlmsghdr *)h, 0) ||
	    genl->cmd != STOCKADE_CMD_DROP)
		return 0;
	a = nla_find(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), STOCKADE_A_DROP);
	if (!a)
		return 0;
	if (decode_drop(a, &drop, err))
		return -EBADMSG;
	cb(ctx, &drop);
	return 0;
}

int stnl_drops_read(struct stnl *nl, void (*cb)(void *ctx, const struct stnl_drop *drop), void *ctx, struct err *err)
{
	int lost = 0, rc = 0;

	while (!rc) {
		struct sockaddr_nl from;
		unsigned char *buf = NULL;
		int n = nl_recv(nl->events, &from, &buf, NULL);
		struct nlmsghdr *h = (void *)buf;

		if (n == -NLE_AGAIN || !n)
			break;
		if (n == -NLE_NOMEM) {	/* ENOBUFS: the buffer ran over, and reading goes on behind the gap */
			lost = 1;
			continue;
		}
		if (n < 0)
			return conn_error(n, "cannot read deny events", err);
		for (; from.nl_pid == 0 && !rc && nlmsg_ok(h, n); h = nlmsg_next(h, &n))
			rc = take_event(h, cb, ctx, err);
		free(buf);
	}
	return rc ?: lost;
}
