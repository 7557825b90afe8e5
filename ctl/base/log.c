// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "log.h"
#include "mem.h"
#include "utf8.h"

/*
 * Takes the place of the spaces between pairs while the values are put in, so that a
 * value's own spaces are told apart from them.
 */
#define SEPARATOR '\x1e'

static enum log_level min_level = LOG_LEVEL_INFO;
static enum log_format out_format = LOG_FORMAT_KV;

void log_init(enum log_level min, enum log_format format)
{
	min_level = min;
	out_format = format;
}

static void put_quoted(FILE *f, const char *s)
{
	size_t len = strlen(s);

	putc('"', f);
	while (len) {
		size_t n = utf8_char(s, len);

		if (!n) {
			fputs("\\ufffd", f);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(f, "\\%c", *s);
		} else if (*s == '\n') {
			fputs("\\n", f);
		} else if ((unsigned char)*s < 0x20 || *s == 0x7f) {
			fprintf(f, "\\u%04x", *s);
		} else {
			fwrite(s, 1, n, f);
		}
		s += n;
		len -= n;
	}
	putc('"', f);
}

static bool is_bare(const char *s)
{
	if (!*s || utf8_check(s, strlen(s)) != strlen(s))
		return false;
	for (; *s; s++)
		if (*s == ' ' || *s == '"' || *s == '=' || *s == '\\' || (unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static bool is_json_integer(const char *s)
{
	s += *s == '-';
	return *s && s[strspn(s, "0123456789")] == 0 && (s[0] != '0' || !s[1]);
}

/* @number: the caller's format says it is one. */
static void put_pair(FILE *f, const char *key, const char *value, bool number)
{
	if (out_format == LOG_FORMAT_JSON) {
		putc(',', f);
		put_quoted(f, key);
		putc(':', f);
		if (number && is_json_integer(value))
			fputs(value, f);
		else
			put_quoted(f, value);
		return;
	}
	fprintf(f, " %s=", key);
	if (is_bare(value))
		fputs(value, f);
	else
		put_quoted(f, value);
}

static size_t count(const char *s, char c)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == c;
	return n;
}

/* @format and @text hold the same pairs, before and after the values were put in. */
static void put_split(FILE *f, char *format, char *text)
{
	const char sep[] = { SEPARATOR, 0 };
	char *shape, *pair;

	while ((pair = strsep(&text, sep)) && (shape = strsep(&format, sep))) {
		char *value = strchr(pair, '=');

		if (!value) {
			put_pair(f, "note", pair, false);
			continue;
		}
		*value++ = 0;
		put_pair(f, pair, value, strchr("diu", shape[strlen(shape) - 1]));
	}
}

static void put_pairs(FILE *f, const char *pairs, va_list ap)
{
	char *format = mem_strdup(pairs), *text, *p;

	for (p = format; (p = strchr(p, ' ')); p++)
		*p = SEPARATOR;
	if (vasprintf(&text, format, ap) < 0)
		abort();
	if (count(text, SEPARATOR) != count(format, SEPARATOR))
		put_pair(f, "pairs", text, false);	/* a value forges a boundary */
	else if (*format)
		put_split(f, format, text);
	free(text);
	free(format);
}

static void put_head(FILE *f, enum log_level level, const char *msg)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct timespec now;
	char day[32];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	if (out_format == LOG_FORMAT_JSON)
		fprintf(f, "{\"ts\":\"%s.%03ldZ\",\"level\":\"%s\",\"msg\":", day, now.tv_nsec / 1000000, names[level]);
	else
		fprintf(f, "ts=%s.%03ldZ level=%s msg=", day, now.tv_nsec / 1000000, names[level]);
	if (out_format == LOG_FORMAT_KV && is_bare(msg))
		fputs(msg, f);
	else
		put_quoted(f, msg);
}

/* One write a line, so that lines of several processes do not mix. */
void log_line(enum log_level level, const char *msg, const char *pairs, ...)
{
	char *line = NULL;
	size_t len;
	va_list ap;
	FILE *f;

	if (level < min_level)
		return;
	f = open_memstream(&line, &len);
	if (!f)
		return;
	put_head(f, level, msg);
	if (pairs) {
		va_start(ap, pairs);
		put_pairs(f, pairs, ap);
		va_end(ap);
	}
	fputs(out_format == LOG_FORMAT_JSON ? "}\n" : "\n", f);
	if (!fclose(f) && write(STDERR_FILENO, line, len) < 0)
		clearerr(stderr);	/* nobody reads it: all we can do is go on */
	free(line);
}
