// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tree.h"

static const char *full(const char *root, const char *path, char buf[static PATH_MAX])
{
	snprintf(buf, PATH_MAX, "%s%s", root, path);
	return buf;
}

bool tree_exists(const char *root, const char *path)
{
	char buf[PATH_MAX];

	return !access(full(root, path, buf), F_OK);
}

ssize_t tree_read(const char *root, const char *path, char *buf, size_t size)
{
	char name[PATH_MAX];
	int fd = open(full(root, path, name), O_RDONLY | O_CLOEXEC);
	ssize_t n, len = 0;

	if (fd < 0)
		return -1;
	while ((size_t)len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	close(fd);
	buf[len] = '\0';
	return len;
}

long tree_number(const char *root, const char *path)
{
	char buf[64], *end;
	long v;

	if (tree_read(root, path, buf, sizeof(buf)) < 0)
		return -1;
	v = strtol(buf, &end, 10);
	return end == buf ? -1 : v;
}

long tree_lines(const char *root, const char *path)
{
	char name[PATH_MAX];
	FILE *f = fopen(full(root, path, name), "re");
	long n = 0;
	int c;

	if (!f)
		return -1;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

bool tree_any(const char *root, const char *path, bool (*each)(void *ctx, const char *name), void *ctx)
{
	char name[PATH_MAX];
	DIR *d = opendir(full(root, path, name));
	bool found = false;
	struct dirent *e;

	if (!d)
		return false;
	while (!found && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			found = each(ctx, e->d_name);
	closedir(d);
	return found;
}
