/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compiler: what is kept between one table and the next.
 *
 * A table rests on three things, and a change of the model makes stale only those it touches (stale.c):
 *
 *   numberings   of everything that is alike: groups, sets, classes, rules.  They only grow;
 *                once most of what they hold is garbage, all is begun anew.
 *   frame        what follows from the pods of this node: their policies, the groups of peers in
 *                them, their ipBlocks, what the perimeter declares.  Made again when a local pod or one
 *                of those objects changed, and compared with the one before: of two frames
 *                that speak of the same peers, no address needs a second look (frame.c).
 *   addresses    each by itself a function of the frame and of who claims it (addresses.c).  So the
 *                pods of other nodes, which are nearly all there are, cost a look at their
 *                own addresses.
 *
 * Programs are made again when the frame changed or a class came or went.  Whatever was looked at again, the
 * table is the one a compilation from nothing would make.
 */
#ifndef COMPILE_COMPILER_H
#define COMPILE_COMPILER_H

#include "compile.h"
#include "emit.h"

struct frame {
	struct arena arena;
	struct policies policies;
	struct ranges ranges;
	uint32_t *subjects;	/* ids of the local pods */
};

struct compiler {
	struct model_watcher watcher;	/* first */
	struct model *followed;		/* NULL: nobody tells what changes */
	const struct model *model;
	struct compile_options options;	/* .now: when the frame was made */

	struct arena arena;
	struct rules rules;
	struct peers peers;
	struct ports ports;
	struct wordset sets;
	struct classes classes;
	struct perimeter perimeter;
	size_t weight;			/* of the numberings when they were begun */

	const struct pod **locals;	/* live pods of this node, in the model's order */
	size_t n_locals, cap_locals;
	struct frame frame;

	struct addresses addresses;
	struct addrmap map;
	uint64_t sum;			/* digest of the endpoints they make */

	struct stale {
		bool all, frame;
		struct ip *ips;
		size_t n, cap;
	} stale;

	struct compiler_stats stats;

	struct table *table;		/* without endpoints */
	uint64_t digest;		/* of that */
	struct table *base;		/* the table when it was settled; NULL: it never was */
	struct addrmap edits;		/* addresses that differ since, with what they were (difference.c) */
};

/* More than these and a quarter of the pods are not looked at one by one. */
#define STALE_MAX 4096

/* stale.c */
void stale_ip(struct compiler *c, const struct ip *ip);
void stale_pod(struct compiler *c, const struct pod *p);
void stale_namespace(struct compiler *c, const char *ns);
void stale_watch(struct compiler *c, struct model *m);

/* locals.c */
void locals_find(struct compiler *c);
/* @before is replaced by @after (either NULL); true if one of them is local. */
bool locals_replace(struct compiler *c, const struct pod *before, const struct pod *after);
bool locals_have_ip(const struct compiler *c, const struct ip *ip);
bool locals_are_in(const struct compiler *c, const char *ns);

/* frame.c */
/* Fills c->frame and c->perimeter.now, which are empty. */
void frame_build(struct compiler *c);
void frame_free(struct frame *f);
/* Builds them again, and marks what they say another thing about. */
void frame_renew(struct compiler *c);

/* difference.c */
struct table_endpoint compiler_endpoint(const struct compiler *c, const struct address *a);
/* @was (NULL: nothing) is what @ip had until now. */
void compiler_edit(struct compiler *c, const struct ip *ip, const struct table_endpoint *was);
/* All endpoints in order; to be freed. */
struct table_endpoint *compiler_endpoints(const struct compiler *c);

#endif
