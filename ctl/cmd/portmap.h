/* SPDX-License-Identifier: GPL-2.0 */
/*
 * portmap: a port map's steps as the port ranges people think in.
 */
#ifndef CMD_PORTMAP_H
#define CMD_PORTMAP_H

#include <stdint.h>
#include "../compile/table.h"

/*
 * Calls @each for every stretch of one verdict within one protocol ("tcp", 80, 90), or of
 * whole protocols (@to_proto > @from_proto then, ports 0 and 65535).
 */
struct portmap_range {
	uint8_t from_proto, to_proto;
	uint16_t from_port, to_port;
	uint8_t verdict;	/* enum stockade_verdict */
	uint32_t rule;
};
void portmap_ranges(const struct table_map *map, void (*each)(void *ctx, const struct portmap_range *r), void *ctx);

/* "tcp 80", "tcp 8000-8999", "tcp" (all its ports), "protocols 18-131", "everything". */
#define PORTMAP_STRLEN 48
const char *portmap_format(const struct portmap_range *r, char buf[static PORTMAP_STRLEN]);

#endif
