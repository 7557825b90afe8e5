/* SPDX-License-Identifier: GPL-2.0 */
/*
 * server: whoever is asked, answers: listeners on addresses and ports in any namespace.
 */
#ifndef NETNS_SERVER_H
#define NETNS_SERVER_H

#include "wire.h"

struct server;

struct server *server_new(struct wire_loop *loop);
void server_free(struct server *s);
/* Answer there; once is enough.  ICMP is answered by the kernel.  -1 with @err. */
int server_listen(struct server *s, const struct netns *ns, const struct ip *ip, uint8_t proto, uint16_t port,
		  struct err *err);
/* Stop listening.  Connections that were accepted stay. */
void server_deafen(struct server *s);

#endif
