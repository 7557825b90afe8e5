/* SPDX-License-Identifier: GPL-2.0 */
/* What the oracle's two halves ask of each other. */
#ifndef LIB_ORACLE_PRIV_H
#define LIB_ORACLE_PRIV_H

#include "oracle.h"

/* Who has the address: the live pod that has the best claim. */
const struct pod *oracle_pod_at(const struct oracle *o, const struct ip *ip);
/* The same, but none where it is an address of the door's own node. */
const struct pod *oracle_peer_pod(const struct oracle *o, const struct ip *ip);
bool oracle_inside(const struct oracle *o, const struct ip *ip);
enum perimeter_mode oracle_mode(const struct oracle *o, const char *ns);
/* May it pass the perimeter at this door?  *asked: the perimeter has something to say about it. */
bool oracle_perimeter_open(const struct oracle *o, const struct pod *subject, const struct oracle_flow *f,
			   enum stockade_door door, bool *asked);

#endif
