/* SPDX-License-Identifier: GPL-2.0 */
/*
 * version: this build's; the module carries its own, and the netlink version decides whether they agree.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include <linux/stockade.h>

#define STOCKADE_VERSION "0.1.0"

#endif
