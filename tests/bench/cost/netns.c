// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "measure.h"

void enter(char end, const char *row)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%c.%s", end, row);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die("%s: %m", path);
	close(fd);
}

uint64_t received(void)
{
	FILE *f = fopen("/proc/net/dev", "r");
	uint64_t packets = UINT64_MAX;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " eth0: %*u %" SCNu64, &packets) == 1)
			break;
	if (!f || packets == UINT64_MAX)
		die("/proc/net/dev: no eth0");
	fclose(f);
	return packets;
}

void flush_conntrack(void)
{
	struct {
		struct nlmsghdr nlh;
		struct nfgenmsg nfg;
	} req = {
		{ sizeof(req), NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST | NLM_F_ACK, 0, 0 },
		{ AF_UNSPEC, NFNETLINK_V0, 0 },
	};
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
		char rest[256];
	} ack;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd < 0 || send(fd, &req, sizeof(req), 0) < 0 || recv(fd, &ack, sizeof(ack), 0) < (ssize_t)sizeof(ack) - 256)
		die("conntrack: %m");
	if (ack.err.error)
		die("conntrack: %s", strerror(-ack.err.error));
	close(fd);
}

static void raise_one(const char *pid)
{
	char path[300], comm[32] = "";
	struct sched_param p = {};
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "r");
	if (f && !fgets(comm, sizeof(comm), f))
		comm[0] = 0;
	if (f)
		fclose(f);
	if (!strncmp(comm, "kpktgend_", 9))
		p.sched_priority = 50;
	if (!strncmp(comm, "ksoftirqd/", 10))
		p.sched_priority = 51;
	if (p.sched_priority && sched_setscheduler(atoi(pid), SCHED_FIFO, &p))
		die("%s: %m", comm);
}

void raise_priorities(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	if (!dir)
		die("/proc: %m");
	while ((d = readdir(dir)))
		if (isdigit(d->d_name[0]))
			raise_one(d->d_name);
	closedir(dir);
}
