/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stress: the table changed as fast as it can be, under traffic that must not notice.
 */
#ifndef STRESS_STRESS_H
#define STRESS_STRESS_H

#include <stdbool.h>

/* What the command line says: how much of everything is wanted. */
struct options {
	unsigned times;
	unsigned filler;
	unsigned lanes;
};

/* A test: "ok - NAME" or "not ok - NAME", counted. */
void check(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Each verb returns 0, or -1 if it could not be done, which it has told. */
int verb_swap(const struct options *o);
int verb_revoke(const struct options *o);
int verb_tracked(const struct options *o);
int verb_pile(const struct options *o);
int verb_faults(const struct options *o);
int verb_churn(const struct options *o);
int verb_reload(const struct options *o);
int verb_hotplug(const struct options *o);
int verb_perm(const struct options *o);

#endif
