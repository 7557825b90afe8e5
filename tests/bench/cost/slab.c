// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "measure.h"

/* More than a slab holds. */
#define BUFFERS 100

static int netlink_socket(struct sockaddr_nl *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);

	*addr = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	if (fd < 0 || bind(fd, (struct sockaddr *)addr, len) || getsockname(fd, (struct sockaddr *)addr, &len))
		die("netlink: %m");
	return fd;
}

/* Local sockets' buffers are of other caches than packets', netlink's are not. */
void loosen_slabs(void)
{
	static const char data[800];
	/* With what the kernel puts behind it, of 512 bytes, a kilobyte, two. */
	static const size_t sizes[] = { 64, 300, sizeof(data) };
	struct sockaddr_nl addr;

	for (unsigned s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		int to = netlink_socket(&addr), from = netlink_socket(&(struct sockaddr_nl){});

		for (unsigned i = 0; i < BUFFERS; i++)
			if (sendto(from, data, sizes[s], MSG_DONTWAIT, (struct sockaddr *)&addr, sizeof(addr)) < 0)
				break;	/* as many as it takes */
		close(from);
		close(to);
	}
}
