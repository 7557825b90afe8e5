// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"

static void *checked(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *mem_array(size_t n, size_t size)
{
	return n ? checked(calloc(n, size)) : NULL;
}

void *mem_resize(void *p, size_t n, size_t size)
{
	if (!n) {
		free(p);
		return NULL;
	}
	return checked(reallocarray(p, n, size));
}

char *mem_strndup(const char *s, size_t len)
{
	char *p = checked(malloc(len + 1));

	memcpy(p, s, len);
	p[len] = 0;
	return p;
}

char *mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

char *mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return checked(n < 0 ? NULL : s);
}
