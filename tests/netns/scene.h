/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scene: a case folder, read: for each of its phases (the start, then each step) the
 * objects there are, and what is expected.  tests/cases/README.md describes the files.
 */
#ifndef NETNS_SCENE_H
#define NETNS_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "model/model.h"
#include "text.h"

enum seen {
	SEEN_DENY,	/* silence */
	SEEN_ALLOW,	/* the right answer came */
	SEEN_REFUSED,	/* a refusal came: TCP reset, ICMP error */
	SEEN_BROKEN,	/* it could not even be sent */
	SEENS
};
extern const char *const seen_words[SEENS];

/* How a packet is dressed. */
enum dress {
	DRESS_PLAIN,
	DRESS_LARGE,	/* so much data that it travels in fragments */
	DRESS_OPTION,	/* behind an IPv6 destination options header */
};

/* One line of expect.tsv, extra.tsv or flows.tsv. */
struct line {
	unsigned number;
	const char *file;	/* "expect.tsv" ... */
	char *from, *to, *proto_word;
	uint8_t proto;		/* PROTO_ICMP stands for both */
	uint8_t family;		/* 4, 6, or 0: every one both ends have */
	enum dress dress;
	uint16_t port;
	enum seen expect;	/* of a flow: SEEN_ALLOW if data must pass */
};
struct lines {
	struct line *v;
	size_t n, cap;
};

struct phase {
	char *name;		/* "" at the start, then the step's folder */
	struct text objects;	/* all objects that are there, as a YAML stream */
	struct model *model;	/* the same */
	struct lines probes;	/* expect.tsv and extra.tsv */
	struct lines flows;	/* flows.tsv */
};

struct scene {
	struct phase *phases;
	size_t n_phases, cap;
	char **flags;
	size_t n_flags, cap_flags;
};

/* NULL with @err if the folder is not a whole case. */
struct scene *scene_load(const char *dir, struct err *err);
void scene_free(struct scene *s);

#endif
