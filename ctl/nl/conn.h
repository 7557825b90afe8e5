/* SPDX-License-Identifier: GPL-2.0 */
/*
 * conn: one generic netlink socket, and requests on it.  Private to nl/.
 */
#ifndef NL_CONN_H
#define NL_CONN_H

#include <netlink/netlink.h>
#include <netlink/msg.h>
#include "../base/err.h"

/* Connected, with extended acks and bounded waiting; NULL with @err. */
struct nl_sock *conn_open(struct err *err);

/* Called with the attributes of each reply; nonzero ends the request with that. */
typedef int (*conn_reply)(void *ctx, const struct nlattr *head, int len, struct err *err);

/* Sends @msg, which it takes over, and remembers nothing; 0 or -errno.  *@seq (may be NULL) is its number. */
int conn_send(struct nl_sock *sock, struct nl_msg *msg, uint32_t *seq, struct err *err);

/*
 * Reads replies to @seq until its ack, error or end of dump; 0 or -errno.  @request (may be NULL) is
 * what was sent, to name attributes by.
 */
int conn_receive(struct nl_sock *sock, uint32_t seq, const struct nlmsghdr *request,
		 conn_reply reply, void *ctx, struct err *err);

/* Both: a request with NLM_F_ACK or NLM_F_DUMP.  Takes @msg over. */
int conn_request(struct nl_sock *sock, struct nl_msg *msg, conn_reply reply, void *ctx, struct err *err);

/* An errno for what a libnl call returned, with @err set to "@what: reason". */
int conn_error(int rc, const char *what, struct err *err);

struct conn_family {
	int id;
	uint32_t drops_group;	/* 0: none */
};
/* A conn_reply: what the kernel says of the module, into @ctx, a struct conn_family. */
int conn_read_family(void *ctx, const struct nlattr *head, int len, struct err *err);
/* Finds the module; -ENOENT: it is not loaded, -EPROTO: it is of another version. */
int conn_resolve(struct nl_sock *sock, struct conn_family *out, struct err *err);

#endif
