/* SPDX-License-Identifier: GPL-2.0 */
/*
 * words: the ABI's enums for people and for scripts.  Static strings, never NULL: a value of a
 * newer module is "?".
 */
#ifndef NL_WORDS_H
#define NL_WORDS_H

/* One word, as in JSON and as a label of metrics: "egress", "not-isolated", "would-deny". */
const char *words_door(unsigned door);
const char *words_reason(unsigned reason);
const char *words_verdict(unsigned verdict);
const char *words_tier(unsigned tier);
const char *words_state(unsigned state);
const char *words_deny(unsigned mode);
const char *words_unknown(unsigned mode);

/* A reason as a clause: "the address is in this node's pod CIDRs but not known yet". */
const char *words_reason_long(unsigned reason);

/* "tcp", "udp", "sctp", "icmp", "icmp6", or NULL: give the number. */
const char *words_proto(unsigned proto);

#endif
