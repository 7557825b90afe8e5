// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "measure.h"

#define PORTS_MAX 256

static struct sockaddr_in address(const char *ip, unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, ip, &a.sin_addr) != 1)
		die("%s: no address", ip);
	return a;
}

static int bound(const char *ip, unsigned port)
{
	struct sockaddr_in a = address(ip, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die("%s:%u: %m", ip, port);
	return fd;
}

static void send_one(int fd, const char *ip, unsigned port)
{
	struct sockaddr_in a = address(ip, port);

	if (sendto(fd, "0123456789abcdef01", 18, 0, (struct sockaddr *)&a, sizeof(a)) != 18)
		die("%s:%u: %m", ip, port);
}

/* The client's sockets stay open until the replies are there: no ICMP error answers them. */
void establish(struct figure *f, unsigned sport, unsigned ports)
{
	int client[PORTS_MAX], server;
	unsigned i;

	enter('c', f->row);
	for (i = 0; i < ports; i++) {
		client[i] = bound(f->client, sport + i);
		send_one(client[i], f->server, DPORT);
	}
	usleep(20000);
	enter('s', f->row);
	server = bound(f->server, DPORT);
	for (i = 0; i < ports; i++)
		send_one(server, f->client, sport + i);
	usleep(20000);
	close(server);
	f->passed += 2 * ports;
	for (i = 0; i < ports; i++)
		close(client[i]);
}
