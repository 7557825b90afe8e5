/* SPDX-License-Identifier: GPL-2.0 */
/*
 * room: who must go where all want more than there is.
 */
#ifndef COMPILE_ROOM_H
#define COMPILE_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the same size and hash are those that are one thing, which takes its size once. */
struct taker {
	uint64_t size, hash;
	size_t first;		/* of those that are one with it */
	bool shut;
};

/* Sets .shut (and .first) of @v: the largest, of equals the first in @v, until the others together take at most @room. */
void room_shut(struct taker *v, size_t n, uint64_t room);
/*
 * Likewise, until @fits says of .shut that the others do; that none do always fits.  It is asked a few times, and
 * the last time of what stays.
 */
void room_shut_until(struct taker *v, size_t n, bool (*fits)(void *ctx), void *ctx);

#endif
