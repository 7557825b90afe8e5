/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json: small helps around json-c, for -o json.
 */
#ifndef CMD_JSON_H
#define CMD_JSON_H

#include <stdint.h>
#include <json-c/json.h>

void json_set_str(struct json_object *o, const char *key, const char *value);
void json_set_u64(struct json_object *o, const char *key, uint64_t value);
void json_set_bool(struct json_object *o, const char *key, int value);
/* Prints it, indented or on one line, with a newline, and frees it. */
void json_print(struct json_object *o);
void json_print_line(struct json_object *o);

#endif
