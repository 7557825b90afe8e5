// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <time.h>
#include "../base/log.h"
#include "../kube/kube.h"
#include "cmd.h"
#include "live.h"

#define MAX_FDS 32
#define PATIENCE_S 120

bool live_flag(struct live *l, int opt, const char *arg)
{
	if (opt == LIVE_FLAG)
		l->wanted = true;
	else if (opt == LIVE_FLAG_KUBECONFIG)
		l->kubeconfig = arg;
	else if (opt == LIVE_FLAG_CONTEXT)
		l->context = arg;
	else
		return false;
	l->wanted = true;
	return true;
}

static bool sync(struct source *s)
{
	time_t until = time(NULL) + PATIENCE_S;

	while (!s->synced(s) && time(NULL) < until) {
		struct pollfd fds[MAX_FDS];
		int timeout = 1000;
		size_t n = s->poll_fds(s, fds, MAX_FDS, &timeout);

		if (poll(fds, n, timeout) >= 0)
			s->step(s, fds, n);
	}
	return s->synced(s);
}

struct model *live_load(const char *verb, const struct live *l)
{
	struct kube_options o = { .kubeconfig = l->kubeconfig, .context = l->context, .tls_secrets = true };
	struct model *m = model_new();
	struct source *s;
	struct err err;
	bool good;

	log_init(LOG_LEVEL_WARN, LOG_FORMAT_KV);
	s = kube_source_new(m, &o, &err);
	good = s && sync(s);
	if (!s)
		cmd_fail(verb, "%s", err.msg);
	else if (!good)
		cmd_fail(verb, "the API server did not list everything within %d s (see the warnings above)", PATIENCE_S);
	if (s)
		s->free(s);
	if (good)
		return m;
	model_free(m);
	return NULL;
}
