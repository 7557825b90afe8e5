/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire: sockets in namespaces, and one loop that serves them all.
 *
 * A socket belongs to the namespace it was made in, wherever its process goes afterwards: so one
 * process holds both ends of everything.
 */
#ifndef NETNS_WIRE_H
#define NETNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "base/err.h"
#include "netns.h"
#include "scene.h"

/* A descriptor that is waited for; the first member of whatever is behind it. */
struct wire {
	int fd;
	void (*ready)(struct wire *w, uint32_t events);
};

struct wire_loop {
	int epoll;
};

int wire_loop_init(struct wire_loop *l, struct err *err);
void wire_loop_exit(struct wire_loop *l);
/* Serves some of what is ready within @timeout_ms; returns how many descriptors that were. */
int wire_loop_run(struct wire_loop *l, int timeout_ms);
/* -1 with errno.  wire_close() also ends the waiting. */
int wire_add(struct wire_loop *l, struct wire *w, uint32_t events);
void wire_close(struct wire *w);

int64_t wire_now_ms(void);
socklen_t wire_sockaddr(const struct ip *ip, uint16_t port, struct sockaddr_storage *out);
/*
 * A non-blocking socket in @ns for @proto, bound to @ip and @port (0: any; ports count only for TCP,
 * UDP and SCTP).  ICMP gives a ping socket, other protocols a raw one.  -1 with @err.
 */
int wire_socket(const struct netns *ns, uint8_t proto, const struct ip *ip, uint16_t port, struct err *err);
static inline bool wire_is_stream(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_SCTP;
}

/*
 * What is said: a question, and the same words as the answer.  All are of one length but the large ones, which
 * travel in fragments.
 */
#define WIRE_LEN 16
#define WIRE_LARGE_LEN 3000
#define WIRE_MAX 4096
/* Question @serial; @len is filled with x past the first words. */
void wire_question(char *buf, size_t len, uint64_t serial);
/* Makes a question its answer; false if it is none. */
bool wire_to_answer(char *buf, size_t len);
/* Is @buf the answer to question @serial? */
bool wire_is_answer(const char *buf, size_t len, uint64_t serial);

#endif
