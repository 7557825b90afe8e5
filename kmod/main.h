/* SPDX-License-Identifier: GPL-2.0 */
/* main: module parameters, read by everyone, written by nobody once the module is loaded. */
#ifndef STK_MAIN_H
#define STK_MAIN_H

#include "snapshot.h"

/* From dkms.conf, by Kbuild. */
#ifndef STOCKADE_VERSION
#error "Kbuild defines STOCKADE_VERSION"
#endif

extern struct stk_limits stk_limits;		/* max_* */
extern u8 stk_state;				/* state: enum stockade_state, NONE: auto */
extern unsigned int stk_max_flows;		/* max_flows */
extern bool stk_no_table_drop;			/* no_table=drop */
extern unsigned int stk_events_per_second;	/* 0: tell none */
extern unsigned int stk_events_burst;

#endif
