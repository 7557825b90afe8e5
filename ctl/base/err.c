// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "err.h"

/* Through a buffer of its own, so that the old message may be an argument. */
int err_set(struct err *err, const char *fmt, ...)
{
	char buf[sizeof(err->msg)];
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	memcpy(err->msg, buf, strlen(buf) + 1);
	return -1;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char prefix[sizeof(err->msg) / 2], buf[sizeof(err->msg)];
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	memcpy(buf, err->msg, sizeof(buf));
	return err_set(err, "%s: %s", prefix, buf);
}
