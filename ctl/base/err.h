/* SPDX-License-Identifier: GPL-2.0 */
/*
 * err: why a call failed, in words for the user; the last argument, untouched on success.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
	char msg[1024];
};

/* Sets @err (which may be NULL) like printf; returns -1, so that "return err_set(...)" reads well. */
int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "prefix: " before the message that is there; returns -1. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
