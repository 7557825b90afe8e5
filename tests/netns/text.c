// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "text.h"

static void make_room(struct text *t, size_t len)
{
	if (t->len + len + 1 <= t->cap)
		return;
	t->cap = 2 * (t->len + len + 1);
	t->s = mem_resize(t->s, t->cap, 1);
}

void text_add(struct text *t, const char *s, size_t len)
{
	make_room(t, len);
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	make_room(t, len);
	va_start(ap, fmt);
	vsnprintf(t->s + t->len, len + 1, fmt, ap);
	va_end(ap);
	t->len += len;
}

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){};
}

static void add_string(struct text *t, const char *s, size_t len)
{
	text_add(t, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
			text_printf(t, "\\u%04x", c);
		else
			text_add(t, (const char *)&c, 1);
	}
	text_add(t, "\"", 1);
}

static void add_seq(struct text *t, const struct doc *d)
{
	text_add(t, "[", 1);
	for (size_t i = 0; i < d->seq.n; i++) {
		if (i)
			text_add(t, ", ", 2);
		text_doc(t, d->seq.v[i]);
	}
	text_add(t, "]", 1);
}

static void add_map(struct text *t, const struct doc *d)
{
	text_add(t, "{", 1);
	for (size_t i = 0; i < d->map.n; i++) {
		if (i)
			text_add(t, ", ", 2);
		add_string(t, d->map.v[i].key, strlen(d->map.v[i].key));
		text_add(t, ": ", 2);
		text_doc(t, d->map.v[i].value);
	}
	text_add(t, "}", 1);
}

void text_doc(struct text *t, const struct doc *d)
{
	switch (d->type) {
	case DOC_NULL:
		text_printf(t, "null");
		break;
	case DOC_BOOL:
		text_printf(t, d->boolean ? "true" : "false");
		break;
	case DOC_INT:
		text_printf(t, "%" PRId64, d->integer);
		break;
	case DOC_FLOAT:
		text_add(t, d->string.s, d->string.len);
		break;
	case DOC_STRING:
		add_string(t, d->string.s, d->string.len);
		break;
	case DOC_SEQ:
		add_seq(t, d);
		break;
	case DOC_MAP:
		add_map(t, d);
		break;
	}
}

int text_read(struct text *t, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[16384];
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 1 : err_set(err, "%s: %s", path, strerror(errno));
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		text_add(t, buf, n);
	close(fd);
	return n < 0 ? err_set(err, "%s: %s", path, strerror(errno)) : 0;
}

static int write_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0)
			return -1;
		s += n;
		len -= n;
	}
	return 0;
}

int text_replace_file(const struct text *t, const char *dir, const char *name, struct err *err)
{
	char *hidden = mem_printf("%s/.%s.new", dir, name), *path = mem_printf("%s/%s", dir, name);
	int fd = open(hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int rc = 0;

	if (fd < 0 || write_all(fd, t->s, t->len) || rename(hidden, path))
		rc = err_set(err, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(hidden);
	free(path);
	return rc;
}
