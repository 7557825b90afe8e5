/* SPDX-License-Identifier: GPL-2.0 */
/*
 * files: which files there are below some paths, and what they hold.  Private to manifest/.
 */
#ifndef MANIFEST_FILES_H
#define MANIFEST_FILES_H

#include <stdbool.h>
#include <sys/stat.h>
#include "../base/diag.h"

struct file {
	char *path;
	struct stat st;
	bool stream;	/* a path that is "-" or no regular file: read to its end */
	bool link;	/* reached through a symbolic link */
};
struct files {
	struct file *v;
	size_t n, cap;
	struct stat *dirs;	/* folders visited */
	size_t n_dirs, cap_dirs;
	/* Called with each folder before it is read; may be NULL. */
	void (*visit)(void *ctx, const char *dir);
	void *ctx;
};

/*
 * Adds what is below @path.  @streams: "-" and what is neither file nor folder may be read, too.
 * False with a mistake in @diags if anything could not be looked at.
 */
bool files_add(struct files *f, const char *path, bool streams, struct diags *diags);
void files_free(struct files *f);
/* True if both are the same files, not changed since. */
bool files_same(const struct files *a, const struct files *b);

/* All of the file, malloc'ed; NULL with a mistake in @diags. */
char *file_read(const struct file *f, size_t *len, struct diags *diags);

#endif
