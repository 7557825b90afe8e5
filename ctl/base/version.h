/* SPDX-License-Identifier: GPL-2.0 */
/*
 * version: this build's, from dkms.conf by way of build.mk.  The module carries its own; whether the two
 * understand each other, the netlink version says.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include <linux/stockade.h>

#ifndef STOCKADE_VERSION
#error "STOCKADE_VERSION comes from the makefile"
#endif

#endif
