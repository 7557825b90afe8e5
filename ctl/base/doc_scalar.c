// SPDX-License-Identifier: GPL-2.0
/*
 * doc_scalar: what a plain scalar means.  Kubernetes reads YAML with go-yaml's second
 * version, which follows YAML 1.1 for booleans (yes, on), takes 017 for octal, and
 * leaves timestamps as strings.  Its single letters y and n are strings here: common writers of
 * YAML leave them unquoted, and as names they are common too.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "doc_build.h"
#include "mem.h"

static bool is_one_of(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(s, *words))
			return true;
	return false;
}

static bool is_true(const char *s)
{
	static const char *const words[] = {
		"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", NULL
	};

	return is_one_of(s, words);
}

static bool is_false(const char *s)
{
	static const char *const words[] = {
		"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", NULL
	};

	return is_one_of(s, words);
}

static bool is_null(const char *s)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL", NULL };

	return is_one_of(s, words);
}

static bool is_special_float(const char *s)
{
	static const char *const words[] = {
		".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
		"-.inf", "-.Inf", "-.INF", NULL
	};

	return is_one_of(s, words);
}

/* Base by prefix, as Go's strconv.ParseInt with base 0; *@s moves behind the prefix. */
static int take_base(const char **s)
{
	static const struct { char c; int base; } letters[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };

	if (**s != '0' || !(*s)[1])
		return 10;
	for (int i = 0; i < 3; i++)
		if (((*s)[1] | 0x20) == letters[i].c) {
			*s += 2;
			return letters[i].base;
		}
	return 8;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

enum number { NOT_A_NUMBER, NUMBER, TOO_LARGE };

/* Underscores have no meaning. */
static enum number parse_int(const char *s, int64_t *out)
{
	bool minus = *s == '-', large = false;
	uint64_t limit = minus ? (uint64_t)1 << 63 : INT64_MAX, n = 0;
	int base, digits = 0;

	s += *s == '-' || *s == '+';
	if (*s < '0' || *s > '9')
		return NOT_A_NUMBER;
	base = take_base(&s);
	for (; *s; s++) {
		if (*s == '_')
			continue;
		if (digit(*s) >= base)
			return NOT_A_NUMBER;
		digits++;
		if (large || n > (limit - digit(*s)) / base)
			large = true;
		else
			n = n * base + digit(*s);
	}
	if (!digits || large)
		return digits ? TOO_LARGE : NOT_A_NUMBER;
	*out = minus ? (int64_t)-n : (int64_t)n;
	return NUMBER;
}

static const char *skip_digits(const char *s)
{
	while ((*s >= '0' && *s <= '9') || *s == '_')
		s++;
	return s;
}

/* [-+]? (.digits | digits[.digits]) [e[+-]digits] */
static bool is_float(const char *s)
{
	const char *from, *frac;

	s += *s == '-' || *s == '+';
	from = s;
	s = skip_digits(s);
	if (*s == '.') {
		frac = s + 1;
		s = skip_digits(frac);
		if (from + 1 == frac && s == frac)
			return false;
	} else if (s == from) {
		return false;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		if (*s < '0' || *s > '9')
			return false;
		s = skip_digits(s);
	}
	return !*s;
}

static struct doc *new_bool(bool value, unsigned line)
{
	struct doc *d = doc_new(DOC_BOOL, line);

	d->boolean = value;
	return d;
}

static struct doc *new_number(const char *s, size_t len, unsigned line)
{
	struct doc *d;
	int64_t n;

	switch (parse_int(s, &n)) {
	case NUMBER:
		d = doc_new(DOC_INT, line);
		d->integer = n;
		return d;
	case TOO_LARGE:
		break;
	default:
		if (!is_float(s))
			return NULL;
	}
	d = doc_new_string(s, len, line);
	d->type = DOC_FLOAT;
	return d;
}

struct doc *doc_new_plain(const char *s, size_t len, unsigned line)
{
	struct doc *d;

	if (strlen(s) != len || !strchr("yYnNtTfFoO~+-.0123456789", *s))
		return doc_new_string(s, len, line);
	if (is_null(s))
		return doc_new(DOC_NULL, line);
	if (is_true(s) || is_false(s))
		return new_bool(is_true(s), line);
	d = new_number(s, len, line);
	if (d)
		return d;
	d = doc_new_string(s, len, line);
	if (is_special_float(s))
		d->type = DOC_FLOAT;
	return d;
}
