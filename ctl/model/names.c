// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <string.h>
#include "names.h"

#define LABEL_MAX 63
#define SUBDOMAIN_MAX 253
#define PORT_NAME_MAX 15

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* One label of @len characters. */
static bool is_dns_label(const char *s, size_t len)
{
	if (!len || !is_lower_alnum(s[0]) || !is_lower_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_lower_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

const char *name_check_label(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 characters";
	if (!is_dns_label(s, strlen(s)))
		return "must be lower case letters, digits and '-', with a letter or digit at both ends";
	return NULL;
}

static const char *check_subdomain(const char *s, size_t len)
{
	if (len > SUBDOMAIN_MAX)
		return "must be no more than 253 characters";
	for (size_t from = 0, i = 0; i <= len; i++) {
		if (i < len && s[i] != '.')
			continue;
		if (!is_dns_label(s + from, i - from))
			return "must be lower case letters, digits, '-' and '.', with a letter or digit at both ends of each part";
		from = i + 1;
	}
	return NULL;
}

const char *name_check_subdomain(const char *s)
{
	return check_subdomain(s, strlen(s));
}

const char *name_check_wildcard(const char *s)
{
	if (strncmp(s, "*.", 2))
		return "a '*' must be the whole first part, as in \"*.example.com\"";
	return name_check_subdomain(s + 2);
}

static bool is_label_text(const char *s)
{
	size_t len = strlen(s);

	if (!len || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && !strchr("-_.", s[i]))
			return false;
	return true;
}

const char *name_check_label_key(const char *s)
{
	const char *slash = strchr(s, '/'), *name = slash ? slash + 1 : s;

	if (slash && slash == s)
		return "the prefix must not be empty";
	if (slash && check_subdomain(s, slash - s))
		return "the prefix must be a DNS subdomain";
	if (strlen(name) > LABEL_MAX)
		return "the name must be no more than 63 characters";
	if (!is_label_text(name))
		return "the name must be letters, digits, '-', '_' and '.', with a letter or digit at both ends";
	return NULL;
}

const char *name_check_label_value(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 characters";
	if (*s && !is_label_text(s))
		return "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends";
	return NULL;
}

static bool has_letter(const char *s)
{
	for (; *s; s++)
		if (*s >= 'a' && *s <= 'z')
			return true;
	return false;
}

const char *name_check_port(const char *s)
{
	if (!*s || strlen(s) > PORT_NAME_MAX)
		return "a port name has 1 to 15 characters";
	if (!is_dns_label(s, strlen(s)))
		return "a port name is lower case letters, digits and '-', with a letter or digit at both ends";
	if (strstr(s, "--"))
		return "a port name has no \"--\"";
	if (!has_letter(s))
		return "a port name has at least one letter (a number is written without quotes)";
	return NULL;
}
