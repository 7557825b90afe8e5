/* SPDX-License-Identifier: GPL-2.0 */
/*
 * encode: objects of the table as netlink attributes, packed into big messages.  No socket:
 * what becomes of a message is the caller's.
 */
#ifndef NL_ENCODE_H
#define NL_ENCODE_H

#include <netlink/msg.h>
#include "../base/err.h"
#include "../compile/table.h"
#include "nl.h"

/*
 * A message of this size holds no attribute over 64 KiB, whatever is in it, and is well
 * below a socket's default send buffer.
 */
#define ENCODE_MSG_MAX 65532

/* A message for @cmd with room for ENCODE_MSG_MAX bytes; aborts on out of memory. */
struct nl_msg *encode_message(int family, uint8_t cmd, int flags);

/*
 * Append one object (@put), or its key only.  -EMSGSIZE: there is no room left, and @msg is as it was.
 * Not for putting programs, which may need several messages.
 */
int encode_object(struct nl_msg *msg, bool put, enum table_object what, const void *obj);

/* Where the next part of a program starts; zero to begin with. */
struct encode_cursor {
	uint32_t map, identity, step;
};
/* Append as much of @p as there is room for: 0 all is in, 1 there is more, -EMSGSIZE as above. */
int encode_program_part(struct nl_msg *msg, const struct table_program *p, struct encode_cursor *at);

int encode_flow(struct nl_msg *msg, int attr, const struct stnl_flow *flow);

/*
 * The PUT and DEL messages of one transaction, in order.  @send takes a full message over and
 * returns 0, or a negative number which ends the stream.
 */
struct encode_stream {
	int (*send)(void *ctx, struct nl_msg *msg);
	void *ctx;
	int family;
	struct nl_msg *msg;	/* being filled, or NULL */
	bool putting;
	struct stnl_sent sent;
	struct err *err;
};
/* A table_op: @ctx is the stream. */
int encode_stream_add(void *ctx, bool put, enum table_object what, const void *obj);
/* Sends what is left; also needed (with @abandon) to free it after an error. */
int encode_stream_end(struct encode_stream *s, bool abandon);

#endif
