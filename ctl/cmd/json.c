// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include "json.h"

void json_set_str(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

void json_set_u64(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void json_set_bool(struct json_object *o, const char *key, int value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

static void print(struct json_object *o, int flags)
{
	puts(json_object_to_json_string_ext(o, flags | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void json_print(struct json_object *o)
{
	print(o, JSON_C_TO_STRING_PRETTY);
}

void json_print_line(struct json_object *o)
{
	print(o, JSON_C_TO_STRING_PLAIN);
}
