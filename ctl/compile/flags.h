/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flags: the controller's flags that say how to compile, which the daemon and the offline verbs share.
 *
 *	static const struct option longopts[] = { COMPILE_FLAGS, { "file", ... }, {} };
 *	...
 *	switch (compile_flag(&options, opt, optarg, &err)) {
 *	case 1: continue;	(it was one of ours)
 *	case -1: usage error, err says which
 *	}
 */
#ifndef COMPILE_FLAGS_H
#define COMPILE_FLAGS_H

#include <getopt.h>
#include "../base/err.h"
#include "compile.h"

enum {
	COMPILE_FLAG_NODE = 0x1000,
	COMPILE_FLAG_PERIMETER,
	COMPILE_FLAG_OVERLAY_PORTS,
	COMPILE_FLAG_DENY,
	COMPILE_FLAG_UNKNOWN,
};
#define COMPILE_FLAGS \
	{ "node", required_argument, NULL, COMPILE_FLAG_NODE }, \
	{ "perimeter", required_argument, NULL, COMPILE_FLAG_PERIMETER }, \
	{ "overlay-ports", required_argument, NULL, COMPILE_FLAG_OVERLAY_PORTS }, \
	{ "deny", required_argument, NULL, COMPILE_FLAG_DENY }, \
	{ "unknown", required_argument, NULL, COMPILE_FLAG_UNKNOWN }
#define COMPILE_FLAGS_HELP \
	"  --perimeter=off|audit|enforce  Ingress and Service as the only way in (default: audit)\n" \
	"  --overlay-ports=PORT[,PORT...] UDP ports of overlays no pod may speak to a node;\n" \
	"                                 empty for none (default: 4789,6081,8472)\n" \
	"  --deny=drop|reject             what a denied packet meets (default: drop)\n" \
	"  --unknown=drop|accept          addresses of this node's pod CIDRs that are not\n" \
	"                                 known yet (default: drop)\n"

/*
 * Takes option @opt with its argument into @o (strings are borrowed).  1: taken, 0: not one of these,
 * -1: a bad value, @o unchanged and @err naming flag and value.
 */
int compile_flag(struct compile_options *o, int opt, const char *arg, struct err *err);

#endif
