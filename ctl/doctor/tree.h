/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tree: looking at small files of /proc and /sys below a root.  Private to doctor/.
 */
#ifndef DOCTOR_TREE_H
#define DOCTOR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool tree_exists(const char *root, const char *path);
/* The number a file begins with; -1 if there is no such file or number. */
long tree_number(const char *root, const char *path);
/* Up to @size - 1 bytes, NUL-terminated; how many were read, -1 if there is no such file. */
ssize_t tree_read(const char *root, const char *path, char *buf, size_t size);
/* How many lines the file has; -1 if there is no such file. */
long tree_lines(const char *root, const char *path);
/* Calls @each with every name in a folder, . and .. left out, until it returns true; whether it did. */
bool tree_any(const char *root, const char *path, bool (*each)(void *ctx, const char *name), void *ctx);

#endif
