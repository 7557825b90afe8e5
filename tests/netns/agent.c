// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "agent.h"
#include "base/mem.h"
#include "spawn.h"

#define PATIENCE_S 60	/* under emulation, on a busy machine */
#define LAST_WORDS 2000	/* bytes */

int agent_start(struct agent *a, const struct topo_node *n, const char *program, const char *dir, char *const *flags,
		size_t n_flags, struct err *err)
{
	const char *argv[n_flags + 6];
	size_t argc = 0;

	*a = (struct agent){ .node = mem_strdup(n->name), .out = -1 };
	argv[argc++] = program;
	if (dir) {
		argv[argc++] = "--manifests";
		argv[argc++] = dir;
	}
	argv[argc++] = "--node";
	argv[argc++] = n->name;
	for (size_t i = 0; i < n_flags; i++)
		argv[argc++] = flags[i];
	argv[argc] = NULL;
	a->pid = spawn(&n->ns, (char *const *)argv, NULL, &a->out, err);
	if (a->pid < 0)
		return -1;
	fcntl(a->out, F_SETFL, O_NONBLOCK);
	return 0;
}

/* False at the end: it is gone. */
static bool listen_to(struct agent *a)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(a->out, buf, sizeof(buf))) > 0)
		text_add(&a->said, buf, n);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

const char *agent_said(struct agent *a)
{
	listen_to(a);
	if (!a->said.s)
		return "(nothing)\n";
	return a->said.len > LAST_WORDS ? a->said.s + a->said.len - LAST_WORDS : a->said.s;
}

/* A whole line that was not looked at yet and holds @word, NULL if there is none. */
static const char *find_line(struct agent *a, const char *word)
{
	char *line, *end;

	while (a->said.s && (end = strchr(line = a->said.s + a->seen, '\n'))) {
		a->seen = end + 1 - a->said.s;
		if (memmem(line, end - line, word, strlen(word)))
			return line;
	}
	return NULL;
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *wait_line(struct agent *a, const char *word, struct err *err)
{
	long end = now_ms() + PATIENCE_S * 1000, left;
	struct pollfd p = { .fd = a->out, .events = POLLIN };
	const char *line;
	bool alive = true;

	while (!(line = find_line(a, word)) && alive && (left = end - now_ms()) > 0) {
		poll(&p, 1, left);
		alive = listen_to(a);
	}
	if (!line)
		err_set(err, "the controller of node %s %s before it said %s", a->node,
			alive ? "took too long" : "ended", word);
	return line;
}

int agent_wait_start(struct agent *a, struct err *err)
{
	return wait_line(a, "msg=\"table in force\"", err) ? 0 : -1;
}

int agent_reload(struct agent *a, struct err *err)
{
	listen_to(a);
	a->seen = a->said.len;
	return kill(a->pid, SIGHUP) ? err_set(err, "SIGHUP: %s", strerror(errno)) : 0;
}

int agent_wait_reload(struct agent *a, struct err *err)
{
	const char *line = wait_line(a, "msg=reloaded", err), *end;

	if (!line)
		return -1;
	end = strchr(line, '\n');
	return memmem(line, end - line, "result=ok", strlen("result=ok")) ? 0 :
		err_set(err, "the controller of node %s refused the change", a->node);
}

/* Waits for its end, which closes the pipe. */
static int wait_end(struct agent *a)
{
	long end = now_ms() + PATIENCE_S * 1000, left;
	struct pollfd p = { .fd = a->out, .events = POLLIN };
	int status;

	while (listen_to(a) && (left = end - now_ms()) > 0)
		poll(&p, 1, left);
	if (waitpid(a->pid, &status, WNOHANG) == a->pid)
		return status;
	if (end <= now_ms())
		kill(a->pid, SIGKILL);
	waitpid(a->pid, &status, 0);
	return status;
}

int agent_stop(struct agent *a, struct err *err)
{
	int status = 0;

	if (a->pid > 0) {
		kill(a->pid, SIGTERM);
		status = wait_end(a);
		a->pid = 0;
	}
	if (!status)
		return 0;
	return err_set(err, "the controller of node %s ended by %s %d", a->node,
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

void agent_free(struct agent *a)
{
	agent_stop(a, NULL);
	if (a->out >= 0)
		close(a->out);
	text_free(&a->said);
	free(a->node);
	*a = (struct agent){ .out = -1 };
}
