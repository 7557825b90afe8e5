// SPDX-License-Identifier: GPL-2.0
/*
 * watch: inotify, debounced.
 *
 * A checkout or an editor makes bursts of events, so a reading waits for QUIET_MS without one, but
 * no longer than PATIENCE_MS after the first.  A file that was written to and not closed yet is half
 * a file: while there is one, only PATIENCE_MS counts.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "../base/mem.h"
#include "watch.h"

#define QUIET_MS 60
#define PATIENCE_MS 1000
#define EVENTS (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | \
		IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

struct entry {
	int wd;
	char *name;	/* NULL: everything in it */
	unsigned round;
};
/* A file with bytes written and no close seen. */
struct writer {
	int wd;
	char *name;
};

struct watch {
	int fd;
	unsigned round;
	struct entry *v;
	size_t n, cap;
	struct writer *writers;
	size_t n_writers, cap_writers;
	int64_t first_ms, last_ms;	/* of the events not dealt with; first INT64_MAX: none */
};

struct watch *watch_new(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	struct watch *w;

	if (fd < 0)
		return NULL;
	w = mem_new(struct watch);
	w->fd = fd;
	w->first_ms = INT64_MAX;
	return w;
}

static void forget_writers(struct watch *w)
{
	while (w->n_writers)
		free(w->writers[--w->n_writers].name);
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i].name);
	forget_writers(w);
	free(w->v);
	free(w->writers);
	close(w->fd);
	free(w);
}

int watch_fd(const struct watch *w)
{
	return w->fd;
}

void watch_begin(struct watch *w)
{
	w->round++;
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* What can't be watched (it is gone, or too many watches) is left to the retries of the source. */
static void add(struct watch *w, const char *path, const char *name)
{
	int wd = inotify_add_watch(w->fd, path, EVENTS);

	if (wd < 0)
		return;
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].wd == wd && same_name(w->v[i].name, name)) {
			w->v[i].round = w->round;
			return;
		}
	mem_grow(w->v, w->n, w->cap);
	w->v[w->n++] = (struct entry){ .wd = wd, .name = name ? mem_strdup(name) : NULL, .round = w->round };
}

void watch_add(struct watch *w, const char *path)
{
	add(w, path, NULL);
}

void watch_add_name(struct watch *w, const char *dir, const char *name)
{
	add(w, dir, name);
}

static bool is_used(const struct watch *w, int wd)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].wd == wd)
			return true;
	return false;
}

void watch_end(struct watch *w)
{
	for (size_t i = 0; i < w->n;) {
		struct entry gone = w->v[i];

		if (gone.round == w->round) {
			i++;
			continue;
		}
		w->v[i] = w->v[--w->n];
		if (!is_used(w, gone.wd))
			inotify_rm_watch(w->fd, gone.wd);	/* fails where the kernel did it itself */
		free(gone.name);
	}
}

/* Names with two dots: the kubelet swaps "..data" below a mounted ConfigMap. */
static bool concerns_us(const struct watch *w, const struct inotify_event *ev)
{
	if (ev->mask & IN_Q_OVERFLOW)
		return true;
	if (ev->mask & IN_IGNORED)
		return false;
	for (size_t i = 0; i < w->n; i++) {
		const struct entry *e = &w->v[i];

		if (e->wd == ev->wd && (!e->name || (ev->len && (!strcmp(e->name, ev->name) ||
								 !strncmp(ev->name, "..", 2)))))
			return true;
	}
	return false;
}

static void note_writer(struct watch *w, const struct inotify_event *ev)
{
	const char *name = ev->len ? ev->name : "";
	size_t i = 0;

	while (i < w->n_writers && (w->writers[i].wd != ev->wd || strcmp(w->writers[i].name, name)))
		i++;
	if ((ev->mask & IN_MODIFY) && i == w->n_writers) {
		mem_grow(w->writers, w->n_writers, w->cap_writers);
		w->writers[w->n_writers++] = (struct writer){ .wd = ev->wd, .name = mem_strdup(name) };
	} else if ((ev->mask & (IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM)) && i < w->n_writers) {
		free(w->writers[i].name);
		w->writers[i] = w->writers[--w->n_writers];
	}
}

static void take_event(struct watch *w, const struct inotify_event *ev, int64_t now_ms)
{
	if (!concerns_us(w, ev))
		return;
	note_writer(w, ev);
	if (w->first_ms == INT64_MAX)
		w->first_ms = now_ms;
	w->last_ms = now_ms;
}

void watch_read(struct watch *w, int64_t now_ms)
{
	char buf[16 << 10] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t len;

	while ((len = read(w->fd, buf, sizeof(buf))) > 0 || (len < 0 && errno == EINTR))
		for (char *p = buf; p < buf + len;) {
			const struct inotify_event *ev = (const struct inotify_event *)p;

			take_event(w, ev, now_ms);
			p += sizeof(*ev) + ev->len;
		}
}

int64_t watch_due(const struct watch *w)
{
	int64_t patience, quiet;

	if (w->first_ms == INT64_MAX)
		return INT64_MAX;
	patience = w->first_ms + PATIENCE_MS;
	quiet = w->last_ms + QUIET_MS;
	return w->n_writers || quiet > patience ? patience : quiet;
}

void watch_done(struct watch *w)
{
	w->first_ms = INT64_MAX;
	forget_writers(w);
}
