/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options: what several verbs' command lines share.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* -f PATH, repeated; the strings are argv's. */
struct paths {
	char **v;
	size_t n;
};
void paths_add(struct paths *p, char *path);
void paths_free(struct paths *p);

enum output { OUTPUT_TEXT, OUTPUT_JSON };
/* -o text|json; false: another word. */
bool output_parse(const char *s, enum output *out);

/* Colour only where a person looks: a terminal that is not dumb, and NO_COLOR unset or empty. */
bool colour_wanted(FILE *f);
/* The escape sequences, "" where no colour is wanted. */
struct colour {
	const char *red, *green, *yellow, *bold, *dim, *off;
};
struct colour colour_for(FILE *f);

#endif
