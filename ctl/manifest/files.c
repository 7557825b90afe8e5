// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/doc.h"
#include "../base/mem.h"
#include "files.h"

#define mistake(diags, path, ...) diags_add(diags, path, 0, NULL, NULL, __VA_ARGS__)

static bool same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_hidden(const char *name)
{
	return name[0] == '.';
}

/* kustomize's own file says how to put manifests together and is none. */
static bool is_manifest(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!strcmp(name, "kustomization.yaml") || !strcmp(name, "kustomization.yml"))
		return false;
	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml") || !strcmp(dot, ".json"));
}

static bool is_link(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode);
}

static void add_file(struct files *f, const char *path, const struct stat *st, bool stream)
{
	for (size_t i = 0; !stream && i < f->n; i++)
		if (!f->v[i].stream && same_inode(&f->v[i].st, st))
			return;
	mem_grow(f->v, f->n, f->cap);
	f->v[f->n++] = (struct file){
		.path = mem_strdup(path), .st = *st, .stream = stream, .link = is_link(path),
	};
}

static bool enter_dir(struct files *f, const struct stat *st)
{
	for (size_t i = 0; i < f->n_dirs; i++)
		if (same_inode(&f->dirs[i], st))
			return false;
	mem_grow(f->dirs, f->n_dirs, f->cap_dirs);
	f->dirs[f->n_dirs++] = *st;
	return true;
}

static bool add_dir(struct files *f, const char *dir, const struct stat *st, struct diags *diags);

/* One that is gone again since the folder was read, or a link to nowhere, is a mistake as well. */
static bool add_entry(struct files *f, const char *path, const char *name, struct diags *diags)
{
	struct stat st;

	if (stat(path, &st)) {
		if (!is_manifest(name))
			return true;
		mistake(diags, path, "%s", strerror(errno));
		return false;
	}
	if (S_ISDIR(st.st_mode))
		return add_dir(f, path, &st, diags);
	if (is_manifest(name) && S_ISREG(st.st_mode))
		add_file(f, path, &st, false);
	return true;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *e)
{
	return !is_hidden(e->d_name);
}

static bool add_dir(struct files *f, const char *dir, const struct stat *st, struct diags *diags)
{
	const char *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";
	struct dirent **v;
	bool good = true;
	int n;

	if (!enter_dir(f, st))
		return true;
	if (f->visit)
		f->visit(f->ctx, dir);
	n = scandir(dir, &v, is_visible, by_bytes);
	if (n < 0) {
		mistake(diags, dir, "%s", strerror(errno));
		return false;
	}
	for (int i = 0; i < n; i++) {
		char *path = mem_printf("%s%s%s", dir, slash, v[i]->d_name);

		good &= add_entry(f, path, v[i]->d_name, diags);
		free(path);
		free(v[i]);
	}
	free(v);
	return good;
}

bool files_add(struct files *f, const char *path, bool streams, struct diags *diags)
{
	struct stat st = { 0 };

	if (streams && !strcmp(path, "-")) {
		add_file(f, path, &st, true);
		return true;
	}
	if (!*path || stat(path, &st)) {
		mistake(diags, path, "%s", *path ? strerror(errno) : "empty path");
		return false;
	}
	if (S_ISDIR(st.st_mode))
		return add_dir(f, path, &st, diags);
	if (!S_ISREG(st.st_mode) && !streams) {
		mistake(diags, path, "is neither a file nor a folder");
		return false;
	}
	add_file(f, path, &st, !S_ISREG(st.st_mode));
	return true;
}

void files_free(struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].path);
	free(f->v);
	free(f->dirs);
	*f = (struct files){ 0 };
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool files_same(const struct files *a, const struct files *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct stat *x = &a->v[i].st, *y = &b->v[i].st;

		if (strcmp(a->v[i].path, b->v[i].path) || !same_inode(x, y) || x->st_size != y->st_size ||
		    !same_time(&x->st_mtim, &y->st_mtim) || !same_time(&x->st_ctim, &y->st_ctim))
			return false;
	}
	return true;
}

/* One byte more than is allowed is enough to see that it is too much. */
static char *read_all(int fd, size_t *len)
{
	size_t cap = 64 << 10, n = 0;
	char *buf = mem_resize(NULL, cap, 1);
	ssize_t got;

	while ((got = read(fd, buf + n, cap - n)) > 0 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		n += got;
		if (n > DOC_BYTES_MAX)
			break;
		if (n == cap)
			buf = mem_resize(buf, cap *= 2, 1);
	}
	if (got < 0) {
		free(buf);
		return NULL;
	}
	*len = n;
	return buf;
}

char *file_read(const struct file *f, size_t *len, struct diags *diags)
{
	int fd = f->stream && !strcmp(f->path, "-") ? dup(STDIN_FILENO) : open(f->path, O_RDONLY | O_CLOEXEC);
	char *buf = fd < 0 ? NULL : read_all(fd, len);

	if (!buf)
		mistake(diags, f->path, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return buf;
}
