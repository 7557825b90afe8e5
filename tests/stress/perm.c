// SPDX-License-Identifier: GPL-2.0
/*
 * perm: only CAP_NET_ADMIN in the user namespace that owns a network namespace may see or change its table.
 *
 * Every command is tried in three places: as nobody in the node's namespace; there again as the root of a user namespace
 * that does not own it; and as the same in a network namespace of his own.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/stockade.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "load.h"
#include "stress.h"

#define NOBODY 65534

/* What a process says of itself at its end. */
enum answer { REFUSED = 10, HEARD, MIXED, LOST };

/* The errno a command is answered with, 0, or -1: no answer. */
static int ask(int fd, int family, uint8_t cmd)
{
	struct { struct nlmsghdr h; struct genlmsghdr g; } m = {
		.h = { .nlmsg_len = sizeof(m), .nlmsg_type = family, .nlmsg_seq = cmd },
		.g = { .cmd = cmd, .version = STOCKADE_GENL_VERSION },
	};
	bool dump = cmd >= STOCKADE_CMD_GET_ENDPOINTS && cmd <= STOCKADE_CMD_GET_COUNTERS;
	char buf[16384] __attribute__((aligned(8)));
	ssize_t n;

	m.h.nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	if (send(fd, &m, sizeof(m), 0) < 0)
		return -1;
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, (size_t)n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_seq != cmd)
				continue;
			if (h->nlmsg_type == NLMSG_ERROR)
				return -((struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
		}
	}
	return -1;
}

/* Every command there is, from where the process stands. */
static enum answer ask_all(int family)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	bool refused = false, heard = false;

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return LOST;
	for (uint8_t cmd = STOCKADE_CMD_STATUS; cmd <= STOCKADE_CMD_JUDGE; cmd++) {
		int error = ask(fd, family, cmd);

		if (error < 0)
			return LOST;
		refused |= error == EPERM;
		heard |= error != EPERM;
	}
	return refused && heard ? MIXED : refused ? REFUSED : HEARD;
}

static int be_nobody(void)
{
	return setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY) ? -1 : 0;
}

static int be_root_elsewhere(void)
{
	return unshare(CLONE_NEWUSER);
}

static int be_root_at_home(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

/* What becomes of one who is in @bed's node and then does @become. */
static enum answer ask_as(struct bed *bed, int family, int (*become)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(netns_enter(&bed->node, NULL) || become() ? LOST : ask_all(family));
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return LOST;
	return WEXITSTATUS(status);
}

static int stay(void)
{
	return 0;
}

int verb_perm(const struct options *o)
{
	struct bed bed;
	struct nlport port;
	struct err err;

	if (bed_init(&bed, &err) || nlport_open(&port, &bed, &err)) {
		printf("# %s\n", err.msg);
		return -1;
	}
	check(ask_as(&bed, port.family, stay) == HEARD, "root is heard with every command");
	check(ask_as(&bed, port.family, be_nobody) == REFUSED, "nobody is refused every one");
	check(ask_as(&bed, port.family, be_root_elsewhere) == REFUSED, "so is the root of another user namespace");
	check(ask_as(&bed, port.family, be_root_at_home) == HEARD, "who is heard in a network namespace of his own");
	nlport_close(&port);
	bed_exit(&bed);
	return 0;
}
