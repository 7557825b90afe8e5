// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bed.h"
#include "model/model.h"
#include "wire.h"

#define UP 2		/* index of a place's link to the node */
#define FIRST_LINK 10	/* of the node's links */
#define WAIT_MS 20000	/* a loaded machine may let a guest's processor stand still for seconds */

static struct ip literal(const char *s)
{
	struct ip ip = {};

	ip_parse(s, &ip);
	return ip;
}

struct ip bed_ip(int place, int family)
{
	static const char *const text[PLACES][FAMILIES] = {
		[ALICE] = { "10.9.0.1", "fd09::1" },
		[BOB] = { "10.9.0.2", "fd09::2" },
		[STRANGER] = { "198.51.100.1", "2001:db8::1" },
	};

	return literal(text[place][family]);
}

static int forward(struct netns *n, struct err *err)
{
	int rc = netns_enter(n, err) || netns_sysctl("ipv4/ip_forward", "1", err) ||
		 netns_sysctl("ipv6/conf/all/forwarding", "1", err);

	return netns_enter(NULL, rc ? NULL : err) || rc ? -1 : 0;
}

/* The next hop of every place is an address of the node's that no place has. */
static int join(struct bed *b, int place, struct err *err)
{
	struct netns *n = &b->place[place];
	struct ip v4 = bed_ip(place, V4), v6 = bed_ip(place, V6);
	struct ip hop4 = literal("169.254.1.1"), hop6 = literal("fe80::1"), own6 = literal("fe80::2");
	int link = FIRST_LINK + place;
	char name[16];

	snprintf(name, sizeof(name), "p%d", link);
	return netns_new(n, err) || netns_veth(&b->node, name, link, n, "eth0", UP, err) ||
	       netns_add_addr(&b->node, link, &hop6, err) || netns_add_addr(n, UP, &own6, err) ||
	       netns_add_addr(n, UP, &v4, err) || netns_add_addr(n, UP, &v6, err) ||
	       netns_set_route(&b->node, &v4, NULL, link, err) || netns_set_route(&b->node, &v6, NULL, link, err) ||
	       netns_set_route(n, NULL, &hop4, UP, err) || netns_set_route(n, NULL, &hop6, UP, err) ? -1 : 0;
}

int bed_init(struct bed *b, struct err *err)
{
	struct ip hop = literal("169.254.1.1");
	int rc;

	*b = (struct bed){ .node.fd = -1 };
	for (int i = 0; i < PLACES; i++)
		b->place[i].fd = -1;
	rc = netns_new(&b->node, err) || forward(&b->node, err) || netns_add_addr(&b->node, NETNS_LO, &hop, err);
	for (int i = 0; !rc && i < PLACES; i++)
		rc = join(b, i, err);
	if (rc)
		bed_exit(b);
	return rc ? err_prefix(err, "bed") : 0;
}

void bed_exit(struct bed *b)
{
	netns_free(&b->node);
	for (int i = 0; i < PLACES; i++)
		netns_free(&b->place[i]);
}

int bed_socket(struct bed *b, int place, int family, uint16_t port, struct err *err)
{
	struct ip ip = bed_ip(place, family);
	int room = 1 << 20;
	int fd = wire_socket(&b->place[place], PROTO_UDP, &ip, port, err);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return fd;
}

int bed_connect(int fd, int place, int family, uint16_t port, struct err *err)
{
	struct ip ip = bed_ip(place, family);
	struct sockaddr_storage sa;
	socklen_t len = wire_sockaddr(&ip, port, &sa);

	return connect(fd, (struct sockaddr *)&sa, len) ? err_set(err, "connect: %s", strerror(errno)) : 0;
}

int bed_sender(struct bed *b, int from, int to, int family, uint16_t port, struct err *err)
{
	int fd = bed_socket(b, from, family, 0, err);

	if (fd >= 0 && !bed_connect(fd, to, family, port, err))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

unsigned bed_drain(int fd)
{
	unsigned n = 0;
	char buf[64];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

unsigned bed_await(int fd, unsigned n)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t until = wire_now_ms() + WAIT_MS;
	unsigned got = bed_drain(fd);

	while (got < n && wire_now_ms() < until) {
		poll(&p, 1, 100);
		got += bed_drain(fd);
	}
	return got;
}

unsigned bed_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

void bed_pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % bed_cpus(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}
