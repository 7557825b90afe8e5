/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netns: network namespaces held by descriptors, and rtnetlink in them.
 *
 * A namespace lives as long as its descriptor or a process or socket in it; nothing
 * is left in the file system.
 */
#ifndef NETNS_NETNS_H
#define NETNS_NETNS_H

#include <stdint.h>
#include "base/err.h"
#include "base/ip.h"

struct nl_sock;

struct netns {
	int fd;			/* -1: none */
	struct nl_sock *rt;	/* rtnetlink, opened in it */
};

/* A new namespace, its lo up.  The caller is back in its own namespace afterwards.  -1 with @err. */
int netns_new(struct netns *n, struct err *err);
/* The one the process began in; netns_free() leaves it be. */
int netns_home(struct netns *n, struct err *err);
void netns_free(struct netns *n);
/* Go there (or, with NULL, back to where the process began). */
int netns_enter(const struct netns *n, struct err *err);
/* Write @value to /proc/sys/net/@name of the namespace entered last. */
int netns_sysctl(const char *name, const char *value, struct err *err);

/*
 * A veth pair, both ends up: @a_name with index @a_index in @a, and @b_name with
 * index @b_index in @b.
 */
int netns_veth(struct netns *a, const char *a_name, int a_index, struct netns *b, const char *b_name,
	       int b_index, struct err *err);
int netns_del_link(struct netns *n, int index, struct err *err);
/* As a single address (/32, /128), without duplicate address detection. */
int netns_add_addr(struct netns *n, int index, const struct ip *ip, struct err *err);
int netns_del_addr(struct netns *n, int index, const struct ip *ip, struct err *err);
/*
 * Route @dst (NULL: the default route of @via's family) to link @index, by @via, which need not be reachable by
 * another route, or, with @via NULL, on the link itself.  Replaces a route to @dst that is there.
 */
int netns_set_route(struct netns *n, const struct ip *dst, const struct ip *via, int index, struct err *err);
/* No error if there is none. */
int netns_del_route(struct netns *n, const struct ip *dst, struct err *err);

#define NETNS_LO 1	/* index of lo in every namespace */

#endif
