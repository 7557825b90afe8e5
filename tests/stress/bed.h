/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bed: the network that is stressed: a node, and what is behind it.
 *
 *	 alice           bob          stranger		10.9.0.K and fd09::K, each alone;
 *	   | eth0         | eth0         | eth0		the stranger's 198.51.100.1 and 2001:db8::1
 *	   | p10          | p11          | p12
 *	 +-+--------------+--------------+-+
 *	 |              node               |		forwards; its table is what is changed
 *	 +---------------------------------+
 *
 * Alice and Bob are pods of the node; the stranger is none, and no endpoint names it.
 */
#ifndef STRESS_BED_H
#define STRESS_BED_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "netns.h"

enum { ALICE, BOB, STRANGER, PLACES };
enum { V4, V6, FAMILIES };

struct bed {
	struct netns node, place[PLACES];
};

int bed_init(struct bed *b, struct err *err);
/* The node goes first: what is on its way then meets a namespace that dies. */
void bed_exit(struct bed *b);
struct ip bed_ip(int place, int family);

/* A UDP socket at @place, bound to @port (0: any), non-blocking, with room for a burst.  -1 with @err. */
int bed_socket(struct bed *b, int place, int family, uint16_t port, struct err *err);
/* Have it send to @port at @place. */
int bed_connect(int fd, int place, int family, uint16_t port, struct err *err);
/* One to @port at @place in one call. */
int bed_sender(struct bed *b, int from, int to, int family, uint16_t port, struct err *err);

/* How many packets are there to be read from @fd; they are thrown away. */
unsigned bed_drain(int fd);
/* The same, but waits until there are @n, for some seconds at most. */
unsigned bed_await(int fd, unsigned n);

/* The calling thread runs on @cpu modulo those there are, and nowhere else. */
void bed_pin(unsigned cpu);
unsigned bed_cpus(void);

#endif
