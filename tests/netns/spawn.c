// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "spawn.h"

/* In the child: what a pipe end, or nothing, becomes. */
static void become(int fd, int as)
{
	if (fd < 0)
		fd = open("/dev/null", O_RDWR);
	dup2(fd, as);
}

static void child(const struct netns *ns, char *const *argv, int in, int out)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setns(ns->fd, CLONE_NEWNET))
		_exit(126);
	become(in, 0);
	if (out >= 0) {
		dup2(out, 1);
		dup2(out, 2);
	}
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void close_both(int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

pid_t spawn(const struct netns *ns, char *const *argv, int *in, int *out, struct err *err)
{
	int inputs[2] = { -1, -1 }, outputs[2] = { -1, -1 };
	pid_t pid = -1;

	if ((in && pipe2(inputs, O_CLOEXEC)) || (out && pipe2(outputs, O_CLOEXEC)))
		err_set(err, "pipe: %s", strerror(errno));
	else if ((pid = fork()) < 0)
		err_set(err, "fork: %s", strerror(errno));
	if (!pid)
		child(ns, argv, inputs[0], outputs[1]);
	if (pid < 0) {
		close_both(inputs);
		close_both(outputs);
		return -1;
	}
	if (in) {
		close(inputs[0]);
		*in = inputs[1];
	}
	if (out) {
		close(outputs[1]);
		*out = outputs[0];
	}
	return pid;
}

static void feed(int fd, const struct text *t)
{
	size_t at = 0;
	ssize_t n;

	while (at < t->len && (n = write(fd, t->s + at, t->len - at)) > 0)
		at += n;
	close(fd);
}

static void drain(int fd, struct text *t)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		text_add(t, buf, n);
	close(fd);
}

int spawn_wait(const struct netns *ns, char *const *argv, const struct text *input, struct err *err)
{
	struct text output = {};
	int in, out, status, rc = 0;
	pid_t pid = spawn(ns, argv, &in, &out, err);

	if (pid < 0)
		return -1;
	feed(in, input);
	drain(out, &output);
	if (waitpid(pid, &status, 0) < 0 || status)
		rc = err_set(err, "%s: %s", argv[0], output.s ? output.s : "failed");
	text_free(&output);
	return rc;
}
