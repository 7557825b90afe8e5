/* SPDX-License-Identifier: GPL-2.0 */
/*
 * utf8: well-formedness only (no surrogates, no overlong forms, nothing past U+10FFFF).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* Length (1..4) of the character at @s, which has @len > 0 bytes; 0 if it is malformed. */
size_t utf8_char(const char *s, size_t len);
/* Offset of the first malformed byte; @len if there is none. */
size_t utf8_check(const char *s, size_t len);

#endif
