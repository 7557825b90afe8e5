/* SPDX-License-Identifier: GPL-2.0 */
/*
 * log: structured lines on stderr: ts=... level=info msg="..." key=value ...
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_KV, LOG_FORMAT_JSON };

void log_init(enum log_level min, enum log_format format);
/*
 * log_info("table in force", "generation=%" PRIu64 " node=%s", gen, node): @pairs is a printf format of
 * key=value pairs separated by single spaces (NULL: none); each value is quoted as the format
 * needs, so values may hold anything.  In JSON each pair is a member.
 */
void log_line(enum log_level level, const char *msg, const char *pairs, ...)
	__attribute__((format(printf, 3, 4)));
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
