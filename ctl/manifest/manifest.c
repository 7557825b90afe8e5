// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "batch.h"
#include "files.h"
#include "manifest.h"
#include "watch.h"

/* While a path can't be read nothing may tell of its return. */
#define RETRY_MS 1000

struct manifest_source {
	struct source source;	/* first, so that one can be had from the other */
	struct model *m;
	char **paths;
	size_t n_paths;
	struct watch *watch;
	struct files last;	/* as they were read last, well or not */
	bool last_complete;
	int64_t retry_ms;	/* INT64_MAX: no need */
};

int manifest_load(struct model *m, char *const *paths, size_t n, unsigned flags, struct diags *diags)
{
	struct batch b = { .m = m, .diags = diags, .flags = flags };
	struct files files = { 0 };

	for (size_t i = 0; i < n; i++)
		b.mistakes += !files_add(&files, paths[i], true, diags);
	batch_read(&b, &files);
	if (!b.mistakes || (flags & DECODE_LENIENT))
		batch_apply(&b);
	files_free(&files);
	batch_free(&b);
	return b.mistakes;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * (int64_t)1000 + ts.tv_nsec / 1000000;
}

static void visit_dir(void *ctx, const char *dir)
{
	watch_add(ctx, dir);
}

/* A path may be replaced as a whole: its name in the folder that holds it is watched as well. */
static void watch_path(struct watch *w, const char *path)
{
	char *a = mem_strdup(path), *b = mem_strdup(path);

	watch_add_name(w, dirname(a), basename(b));
	free(a);
	free(b);
}

/* What a link leads to may lie outside of all folders that are watched. */
static void watch_links(struct watch *w, const struct files *files)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->v[i].link)
			watch_add(w, files->v[i].path);
}

static bool scan(struct manifest_source *s, struct files *files, struct diags *diags)
{
	bool good = true;

	*files = (struct files){ .visit = visit_dir, .ctx = s->watch };
	watch_begin(s->watch);
	for (size_t i = 0; i < s->n_paths; i++) {
		watch_path(s->watch, s->paths[i]);
		good &= files_add(files, s->paths[i], false, diags);
	}
	watch_links(s->watch, files);
	watch_end(s->watch);
	return good;
}

static void log_mistakes(const struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *g = &d->v[i];

		log_error("mistake in manifest", "file=%s line=%u object=%s field=%s error=%s", g->file ? g->file : "",
			  g->line, g->object ? g->object : "", g->field ? g->field : "", g->message);
	}
	if (d->suppressed)
		log_error("more mistakes in manifests", "count=%zu", d->suppressed);
}

/* Decodes @files and makes the model what they say, if they are good. */
static bool read_files(struct manifest_source *s, const struct files *files, struct diags *diags)
{
	struct batch b = { .m = s->m, .diags = diags };
	bool good;

	batch_read(&b, files);
	if (!b.mistakes && !b.n) {
		diags_add(diags, s->paths[0], 0, NULL, NULL, "there is no object at all");
		b.mistakes++;
	}
	good = !b.mistakes;
	if (good) {
		log_info("manifests read", "files=%zu objects=%zu", files->n, b.n);
		batch_apply(&b);
	}
	batch_free(&b);
	return good;
}

static enum source_change read_paths(struct manifest_source *s, bool even_if_same, struct diags *diags)
{
	struct files files;
	bool complete;
	enum source_change change;

	watch_done(s->watch);
	complete = scan(s, &files, diags);
	s->retry_ms = complete ? INT64_MAX : now_ms() + RETRY_MS;
	if (!even_if_same && files_same(&files, &s->last) && complete == s->last_complete) {
		diags_free(diags);	/* told already */
		files_free(&files);
		return SOURCE_NOTHING;
	}
	s->last_complete = complete;
	change = complete && read_files(s, &files, diags) ? SOURCE_CHANGED : SOURCE_BROKEN;
	files_free(&s->last);
	s->last = files;
	return change;
}

static enum source_change read_and_log(struct manifest_source *s, bool even_if_same)
{
	struct diags diags = { 0 };
	enum source_change change = read_paths(s, even_if_same, &diags);

	log_mistakes(&diags);
	if (change == SOURCE_BROKEN)
		log_error("manifests not taken: the table stays as it is", NULL);
	diags_free(&diags);
	return change;
}

static bool manifest_synced(struct source *source)
{
	return true;	/* what could not be read at first is no source */
}

static int64_t due(const struct manifest_source *s)
{
	int64_t t = watch_due(s->watch);

	return t < s->retry_ms ? t : s->retry_ms;
}

static size_t manifest_poll_fds(struct source *source, struct pollfd *fds, size_t max, int *timeout_ms)
{
	struct manifest_source *s = (struct manifest_source *)source;
	int64_t wait = due(s);

	if (wait != INT64_MAX) {
		wait -= now_ms();
		if (wait < 0)
			wait = 0;
		if (*timeout_ms < 0 || wait < *timeout_ms)
			*timeout_ms = wait;
	}
	if (!max)
		return 0;
	fds[0] = (struct pollfd){ .fd = watch_fd(s->watch), .events = POLLIN };
	return 1;
}

static enum source_change manifest_step(struct source *source, const struct pollfd *fds, size_t n)
{
	struct manifest_source *s = (struct manifest_source *)source;

	watch_read(s->watch, now_ms());
	return due(s) <= now_ms() ? read_and_log(s, false) : SOURCE_NOTHING;
}

static enum source_change manifest_reload(struct source *source)
{
	return read_and_log((struct manifest_source *)source, true);
}

static void manifest_free(struct source *source)
{
	struct manifest_source *s = (struct manifest_source *)source;

	for (size_t i = 0; i < s->n_paths; i++)
		free(s->paths[i]);
	free(s->paths);
	files_free(&s->last);
	watch_free(s->watch);
	free(s);
}

static struct manifest_source *new_source(struct model *m, char *const *paths, size_t n)
{
	struct manifest_source *s = mem_new(struct manifest_source);

	s->source = (struct source){
		.synced = manifest_synced, .poll_fds = manifest_poll_fds, .step = manifest_step,
		.reload = manifest_reload, .free = manifest_free,
	};
	s->m = m;
	s->retry_ms = INT64_MAX;
	s->paths = mem_array(n, sizeof(*s->paths));
	for (; s->n_paths < n; s->n_paths++)
		s->paths[s->n_paths] = mem_strdup(paths[s->n_paths]);
	return s;
}

struct source *manifest_source_new(struct model *m, char *const *paths, size_t n, struct err *err)
{
	struct diags diags = { 0 };
	struct manifest_source *s;
	char *first;

	if (!n) {
		err_set(err, "no manifests given");
		return NULL;
	}
	s = new_source(m, paths, n);
	s->watch = watch_new();
	if (!s->watch) {
		err_set(err, "inotify: %s", strerror(errno));
	} else if (read_paths(s, true, &diags) == SOURCE_CHANGED) {
		diags_free(&diags);
		return &s->source;
	} else {
		log_mistakes(&diags);
		first = diag_format(&diags.v[0]);
		err_set(err, "%zu mistake%s in the manifests, the first: %s", diags.n + diags.suppressed,
			diags.n == 1 ? "" : "s", first);
		free(first);
	}
	diags_free(&diags);
	manifest_free(&s->source);
	return NULL;
}
