/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Stockade generic netlink ABI: the whole contract between the kernel module
 * and whoever fills its policy table.
 *
 * Every network namespace has a table of its own.  A request acts on the
 * namespace its socket was opened in, and needs CAP_NET_ADMIN in the user
 * namespace that owns it.
 *
 * THE TABLE
 *
 * A table is a set of objects, each named by its key:
 *
 *   object    key                 says
 *   RULE      id                  where a verdict comes from, in words
 *   PROGRAM   id                  for each peer identity, a port map
 *   SUBJECT   id                  a pod of this node and its two programs
 *   ENDPOINT  address             identity (and subject) of one address
 *   BLOCK     address/prefix len  identity of addresses no endpoint names
 *   CONFIG    (exactly one)       pod CIDRs, overlay ports, options
 *
 * An object may only refer to objects that are in the table already:
 * subjects to programs, endpoints to subjects.  Rule ids in port maps are
 * opaque to the judge; one without a RULE object is legal and has no name.
 *
 * IDENTITY: a class of peers that no rule tells apart.  Identity 0
 * (STOCKADE_IDENTITY_NONE) belongs to every address that neither an endpoint
 * nor a block names, and cannot be given to one.
 *
 * PORT MAP: a step function over (protocol << 16 | destination port), the port
 * being 0 for protocols without ports.  It is an array of struct
 * stockade_step in strictly ascending order of .from, the first .from being
 * 0; a step holds from its .from up to the next one's.
 *
 * TRANSACTIONS
 *
 *   BEGIN (whole, or a change on generation G)
 *   PUT / DEL ... in as many messages as it takes
 *   COMMIT (with the digest of the table meant)
 *
 * At most one transaction is open in a namespace, and it belongs to the
 * netlink socket (port id) that began it.  ABORT, or closing the socket,
 * forgets it.  A refused PUT or DEL changes nothing and leaves the
 * transaction open; a refused COMMIT ends it and leaves the table in force.
 *
 *   -EBUSY    another socket's transaction is open
 *   -ENOENT   PUT/DEL/COMMIT/ABORT without a transaction of this socket; DEL of, or
 *             a reference to, an object that is not there
 *   -ESTALE   the base generation is not the one in force (at BEGIN or COMMIT)
 *   -EBADMSG  the digest given is not the digest of the candidate
 *   -EEXIST   PUT of a program whose id is taken (programs are immutable:
 *             give changed content a new id)
 *   -ENOSPC   a limit (module parameters max_*) would be passed
 *   -EINVAL, -ERANGE  an attribute is malformed
 * Each refusal carries an extended ack that names the attribute.  Within a nest an
 * attribute stands once, if it is not said to be repeated.
 *
 * DIGEST: the sum modulo 2^64 of the digests of all objects, so it depends on
 * what is in the table, never on order or history.  kmod/digest.h defines an
 * object's digest; the same file is compiled into the controller.
 */
#ifndef _UAPI_LINUX_STOCKADE_H
#define _UAPI_LINUX_STOCKADE_H

#include <linux/types.h>

#define STOCKADE_GENL_NAME	"stockade"
/* Raised whenever an old controller would misread a new module or vice versa. */
#define STOCKADE_GENL_VERSION	1
#define STOCKADE_MCGRP_DROPS	"drops"

#define STOCKADE_IDENTITY_NONE	0
#define STOCKADE_SUBJECT_NAME_MAX	318	/* namespace/name, without NUL */
#define STOCKADE_RULE_NAME_MAX	511	/* without NUL */

/**
 * enum stockade_cmd - requests and notifications
 * @STOCKADE_CMD_STATUS: do; reply carries %STOCKADE_A_STATUS, and
 *	%STOCKADE_A_CONFIG if a table is in force
 * @STOCKADE_CMD_BEGIN: do; %STOCKADE_A_BASE absent: whole table, the candidate
 *	starts empty; present: a change on that generation.
 *	%STOCKADE_A_ENDPOINT_COUNT is an optional hint of the final size
 * @STOCKADE_CMD_PUT: do; any number of %STOCKADE_A_RULE, _PROGRAM, _SUBJECT,
 *	_ENDPOINT, _BLOCK, _CONFIG at top level, added or replaced in order
 * @STOCKADE_CMD_DEL: do; the same attributes holding keys only; a CONFIG cannot be deleted
 * @STOCKADE_CMD_COMMIT: do; %STOCKADE_A_DIGEST (required).  Reply carries
 *	%STOCKADE_A_GENERATION and is sent once the table is in force: every packet
 *	that enters a door afterwards is judged by it
 * @STOCKADE_CMD_ABORT: do; forget this socket's transaction
 * @STOCKADE_CMD_TEARDOWN: do; remove the table; the namespace is as before its
 *	first commit.  -EBUSY while a transaction is open
 * @STOCKADE_CMD_GET_ENDPOINTS: dump; a %STOCKADE_A_ENDPOINT a message
 * @STOCKADE_CMD_GET_BLOCKS: dump; a %STOCKADE_A_BLOCK a message
 * @STOCKADE_CMD_GET_SUBJECTS: dump; a %STOCKADE_A_SUBJECT a message, with counters
 * @STOCKADE_CMD_GET_PROGRAMS: dump; a %STOCKADE_A_PROGRAM a message (parts of
 *	a large one carry %STOCKADE_PROGRAM_MORE)
 * @STOCKADE_CMD_GET_RULES: dump; a %STOCKADE_A_RULE a message
 * @STOCKADE_CMD_GET_COUNTERS: dump; a %STOCKADE_A_COUNTER a message
 * @STOCKADE_CMD_JUDGE: do; %STOCKADE_A_FLOW; reply carries a
 *	%STOCKADE_A_VERDICT for each door, as a packet of that flow would meet now
 * @STOCKADE_CMD_DROP: notification on %STOCKADE_MCGRP_DROPS; %STOCKADE_A_DROP
 *
 * All messages of one dump speak of one generation, which each carries in
 * %STOCKADE_A_GENERATION, whatever is committed meanwhile.
 */
enum stockade_cmd {
	STOCKADE_CMD_UNSPEC,
	STOCKADE_CMD_STATUS,
	STOCKADE_CMD_BEGIN,
	STOCKADE_CMD_PUT,
	STOCKADE_CMD_DEL,
	STOCKADE_CMD_COMMIT,
	STOCKADE_CMD_ABORT,
	STOCKADE_CMD_TEARDOWN,
	STOCKADE_CMD_GET_ENDPOINTS,
	STOCKADE_CMD_GET_BLOCKS,
	STOCKADE_CMD_GET_SUBJECTS,
	STOCKADE_CMD_GET_PROGRAMS,
	STOCKADE_CMD_GET_RULES,
	STOCKADE_CMD_GET_COUNTERS,
	STOCKADE_CMD_JUDGE,
	STOCKADE_CMD_DROP,

	__STOCKADE_CMD_MAX,
	STOCKADE_CMD_MAX = __STOCKADE_CMD_MAX - 1
};

/**
 * enum stockade_attr - top level attributes
 * @STOCKADE_A_STATUS: nested, enum stockade_status_attr
 * @STOCKADE_A_CONFIG: nested, enum stockade_config_attr
 * @STOCKADE_A_RULE: nested, enum stockade_rule_attr
 * @STOCKADE_A_PROGRAM: nested, enum stockade_program_attr
 * @STOCKADE_A_SUBJECT: nested, enum stockade_subject_attr
 * @STOCKADE_A_ENDPOINT: nested, enum stockade_endpoint_attr
 * @STOCKADE_A_BLOCK: nested, enum stockade_block_attr
 * @STOCKADE_A_BASE: u64, generation a change is based on
 * @STOCKADE_A_ENDPOINT_COUNT: u32, how many endpoints the table will have
 * @STOCKADE_A_GENERATION: u64, never 0 for a table in force; grows with each
 *	commit and teardown as long as the namespace lives
 * @STOCKADE_A_DIGEST: u64
 * @STOCKADE_A_COUNTER: nested, enum stockade_counter_attr
 * @STOCKADE_A_FLOW: nested, enum stockade_flow_attr
 * @STOCKADE_A_VERDICT: nested, enum stockade_verdict_attr
 * @STOCKADE_A_DROP: nested, enum stockade_drop_attr
 */
enum stockade_attr {
	STOCKADE_A_UNSPEC,
	STOCKADE_A_PAD,
	STOCKADE_A_STATUS,
	STOCKADE_A_CONFIG,
	STOCKADE_A_RULE,
	STOCKADE_A_PROGRAM,
	STOCKADE_A_SUBJECT,
	STOCKADE_A_ENDPOINT,
	STOCKADE_A_BLOCK,
	STOCKADE_A_BASE,
	STOCKADE_A_ENDPOINT_COUNT,
	STOCKADE_A_GENERATION,
	STOCKADE_A_DIGEST,
	STOCKADE_A_COUNTER,
	STOCKADE_A_FLOW,
	STOCKADE_A_VERDICT,
	STOCKADE_A_DROP,

	__STOCKADE_A_MAX,
	STOCKADE_A_MAX = __STOCKADE_A_MAX - 1
};

/**
 * enum stockade_status_attr - what is in force
 * @STOCKADE_STATUS_VERSION: string, the module's version
 * @STOCKADE_STATUS_GENERATION: u64, 0 if there is no table
 * @STOCKADE_STATUS_DIGEST: u64
 * @STOCKADE_STATUS_RULES: u32, how many of each object
 * @STOCKADE_STATUS_PROGRAMS: u32
 * @STOCKADE_STATUS_SUBJECTS: u32
 * @STOCKADE_STATUS_ENDPOINTS: u32
 * @STOCKADE_STATUS_BLOCKS: u32
 * @STOCKADE_STATUS_STEPS: u32, steps in all programs
 * @STOCKADE_STATUS_MEMORY: u64, bytes of kernel memory the table takes, all of it
 * @STOCKADE_STATUS_COMMITTED: u64, seconds since the epoch of the last commit
 * @STOCKADE_STATUS_STATE: u8, enum stockade_state, where flow keys come from now
 * @STOCKADE_STATUS_EVENTS_LOST: u64, drop events not told for the rate limit
 * @STOCKADE_STATUS_TXN_PORTID: u32, netlink port of the open transaction, absent if none
 * @STOCKADE_STATUS_FLOWS: u32, flows in our own map, 0 if there is none
 * @STOCKADE_STATUS_FLOWS_MEMORY: u64, bytes of kernel memory that map takes, however many are in it
 * @STOCKADE_STATUS_STEPS_MAX: u32, how many steps and listed identities all programs of a table may have (max_steps)
 * @STOCKADE_STATUS_BLOCKS_MAX: u32, how many blocks a table may have (max_blocks)
 * @STOCKADE_STATUS_RULES_MAX: u32, how many rules a table may have (max_rules)
 */
enum stockade_status_attr {
	STOCKADE_STATUS_UNSPEC,
	STOCKADE_STATUS_PAD,
	STOCKADE_STATUS_VERSION,
	STOCKADE_STATUS_GENERATION,
	STOCKADE_STATUS_DIGEST,
	STOCKADE_STATUS_RULES,
	STOCKADE_STATUS_PROGRAMS,
	STOCKADE_STATUS_SUBJECTS,
	STOCKADE_STATUS_ENDPOINTS,
	STOCKADE_STATUS_BLOCKS,
	STOCKADE_STATUS_STEPS,
	STOCKADE_STATUS_MEMORY,
	STOCKADE_STATUS_COMMITTED,
	STOCKADE_STATUS_STATE,
	STOCKADE_STATUS_EVENTS_LOST,
	STOCKADE_STATUS_TXN_PORTID,
	STOCKADE_STATUS_FLOWS,
	STOCKADE_STATUS_FLOWS_MEMORY,
	STOCKADE_STATUS_STEPS_MAX,
	STOCKADE_STATUS_BLOCKS_MAX,
	STOCKADE_STATUS_RULES_MAX,

	__STOCKADE_STATUS_MAX,
	STOCKADE_STATUS_MAX = __STOCKADE_STATUS_MAX - 1
};

/* Where a flow's key comes from. */
enum stockade_state {
	STOCKADE_STATE_NONE,		/* no table, no hooks needed */
	STOCKADE_STATE_CONNTRACK,
	STOCKADE_STATE_OWN,
};

/* What a denied packet meets. */
enum stockade_deny_mode {
	STOCKADE_DENY_DROP,		/* silence */
	STOCKADE_DENY_REJECT,		/* TCP reset, else ICMP administratively prohibited */
};

/* What an address inside the pod CIDRs meets that no endpoint names. */
enum stockade_unknown_mode {
	STOCKADE_UNKNOWN_DROP,
	STOCKADE_UNKNOWN_ACCEPT,
};

/**
 * enum stockade_config_attr - options of the table
 * @STOCKADE_CONFIG_CIDR: nested, repeated, enum stockade_block_attr without
 *	identity: a pod CIDR of this node
 * @STOCKADE_CONFIG_OVERLAY_PORTS: binary, array of u16 (host order), at most
 *	16: UDP ports of overlay networks that no pod may speak to a node
 * @STOCKADE_CONFIG_DENY: u8, enum stockade_deny_mode (default drop)
 * @STOCKADE_CONFIG_UNKNOWN: u8, enum stockade_unknown_mode (default drop)
 *
 * A whole table without CONFIG has no CIDRs, no overlay ports, and the defaults.
 */
enum stockade_config_attr {
	STOCKADE_CONFIG_UNSPEC,
	STOCKADE_CONFIG_CIDR,
	STOCKADE_CONFIG_OVERLAY_PORTS,
	STOCKADE_CONFIG_DENY,
	STOCKADE_CONFIG_UNKNOWN,

	__STOCKADE_CONFIG_MAX,
	STOCKADE_CONFIG_MAX = __STOCKADE_CONFIG_MAX - 1
};

#define STOCKADE_CONFIG_CIDRS_MAX	64
#define STOCKADE_CONFIG_OVERLAY_PORTS_MAX	16

/* Which tier of policy a rule belongs to. */
enum stockade_tier {
	STOCKADE_TIER_NETWORKPOLICY = 1,
	STOCKADE_TIER_PERIMETER = 2,
};

/**
 * enum stockade_rule_attr - where a verdict comes from
 * @STOCKADE_RULE_ID: u32, key, 1 .. STOCKADE_RULE_ID_MAX
 * @STOCKADE_RULE_TIER: u8, enum stockade_tier
 * @STOCKADE_RULE_NAME: string, for people ("NetworkPolicy shop/api ingress[0]")
 */
enum stockade_rule_attr {
	STOCKADE_RULE_UNSPEC,
	STOCKADE_RULE_ID,
	STOCKADE_RULE_TIER,
	STOCKADE_RULE_NAME,

	__STOCKADE_RULE_MAX,
	STOCKADE_RULE_MAX = __STOCKADE_RULE_MAX - 1
};

/* What a step of a port map says. */
enum stockade_verdict {
	STOCKADE_VERDICT_ALLOW,
	STOCKADE_VERDICT_DENY,
	STOCKADE_VERDICT_WOULD_DENY,	/* allow, count and tell (audit) */
};

#define STOCKADE_RULE_ID_MAX	0x3fffffffU
#define STOCKADE_STEP_VERDICT(v)	((v) >> 30)
#define STOCKADE_STEP_RULE(v)	((v) & STOCKADE_RULE_ID_MAX)
#define STOCKADE_STEP(verdict, rule)	((__u32)(verdict) << 30 | (rule))
#define STOCKADE_STEP_FROM(proto, port)	((__u32)(proto) << 16 | (port))
#define STOCKADE_STEP_FROM_MAX	0x00ffffffU

/**
 * struct stockade_step - one step of a port map (host byte order)
 * @from: first (protocol << 16 | port) it holds for
 * @verdict: enum stockade_verdict in the top two bits, rule id (0: none) below
 */
struct stockade_step {
	__u32 from;
	__u32 verdict;
};

/**
 * enum stockade_program_attr - one direction's policy of one or more pods
 * @STOCKADE_PROGRAM_ID: u32, key, not 0
 * @STOCKADE_PROGRAM_MAP: nested, repeated, enum stockade_map_attr
 * @STOCKADE_PROGRAM_MORE: flag; more parts of this program follow, in
 *	PROGRAM attributes with the same id.  The part without it ends the
 *	program; only then may others refer to it
 *
 * A program has exactly one map without identities: the default, for every
 * identity no other map lists.
 */
enum stockade_program_attr {
	STOCKADE_PROGRAM_UNSPEC,
	STOCKADE_PROGRAM_ID,
	STOCKADE_PROGRAM_MAP,
	STOCKADE_PROGRAM_MORE,

	__STOCKADE_PROGRAM_MAX,
	STOCKADE_PROGRAM_MAX = __STOCKADE_PROGRAM_MAX - 1
};

/**
 * enum stockade_map_attr - a port map and who has it
 * @STOCKADE_MAP_IDENTITIES: binary, array of u32; absent in the default map.
 *	An identity may stand in one map of a program only (0 stands for the unnamed peers)
 * @STOCKADE_MAP_STEPS: binary, array of struct stockade_step
 * @STOCKADE_MAP_MORE: flag; the map goes on in the next MAP of the program, be that in
 *	its next part: identities and steps of all pieces, one behind another, are the map's.
 *	A piece may lack either
 */
enum stockade_map_attr {
	STOCKADE_MAP_UNSPEC,
	STOCKADE_MAP_IDENTITIES,
	STOCKADE_MAP_STEPS,
	STOCKADE_MAP_MORE,

	__STOCKADE_MAP_MAX,
	STOCKADE_MAP_MAX = __STOCKADE_MAP_MAX - 1
};

/**
 * enum stockade_subject_attr - a pod of this node
 * @STOCKADE_SUBJECT_ID: u32, key, not 0
 * @STOCKADE_SUBJECT_NAME: string, namespace/name; its counters survive
 *	commits as long as id and name stay
 * @STOCKADE_SUBJECT_INGRESS: u32, program for flows to it; 0 or absent: all allowed
 * @STOCKADE_SUBJECT_EGRESS: u32, program for flows it opens; 0 or absent: all allowed
 * @STOCKADE_SUBJECT_COUNTERS: nested (dump only), u64 by enum stockade_subject_counter
 */
enum stockade_subject_attr {
	STOCKADE_SUBJECT_UNSPEC,
	STOCKADE_SUBJECT_ID,
	STOCKADE_SUBJECT_NAME,
	STOCKADE_SUBJECT_INGRESS,
	STOCKADE_SUBJECT_EGRESS,
	STOCKADE_SUBJECT_COUNTERS,

	__STOCKADE_SUBJECT_MAX,
	STOCKADE_SUBJECT_MAX = __STOCKADE_SUBJECT_MAX - 1
};

/* Packets of a subject's flows, by door and verdict (attributes of _COUNTERS). */
enum stockade_subject_counter {
	STOCKADE_SUBJECT_C_UNSPEC,
	STOCKADE_SUBJECT_C_PAD,
	STOCKADE_SUBJECT_C_EGRESS_ALLOWED,
	STOCKADE_SUBJECT_C_EGRESS_DENIED,
	STOCKADE_SUBJECT_C_EGRESS_WOULD_DENY,
	STOCKADE_SUBJECT_C_INGRESS_ALLOWED,
	STOCKADE_SUBJECT_C_INGRESS_DENIED,
	STOCKADE_SUBJECT_C_INGRESS_WOULD_DENY,

	__STOCKADE_SUBJECT_C_MAX,
	STOCKADE_SUBJECT_C_MAX = __STOCKADE_SUBJECT_C_MAX - 1
};

/**
 * enum stockade_endpoint_attr - what one address is
 * @STOCKADE_ENDPOINT_ADDR: binary, key, 4 or 16 bytes, network order.  An IPv4-mapped
 *	IPv6 address is refused: give the IPv4 address
 * @STOCKADE_ENDPOINT_IDENTITY: u32, not 0
 * @STOCKADE_ENDPOINT_SUBJECT: u32, the local pod that has the address; 0 or absent: none
 * @STOCKADE_ENDPOINT_FLAGS: u32, STOCKADE_ENDPOINT_F_*
 */
enum stockade_endpoint_attr {
	STOCKADE_ENDPOINT_UNSPEC,
	STOCKADE_ENDPOINT_ADDR,
	STOCKADE_ENDPOINT_IDENTITY,
	STOCKADE_ENDPOINT_SUBJECT,
	STOCKADE_ENDPOINT_FLAGS,

	__STOCKADE_ENDPOINT_MAX,
	STOCKADE_ENDPOINT_MAX = __STOCKADE_ENDPOINT_MAX - 1
};

#define STOCKADE_ENDPOINT_F_NODE	(1 << 0)	/* an address of some node */
#define STOCKADE_ENDPOINT_F_OWN_NODE	(1 << 1)	/* ... of this node (implies NODE) */

/**
 * enum stockade_block_attr - a range of addresses
 * @STOCKADE_BLOCK_ADDR: binary, 4 or 16 bytes, network order, no host bits set
 * @STOCKADE_BLOCK_PREFIX: u8, 0..32 or 0..128
 * @STOCKADE_BLOCK_IDENTITY: u32; 0 carves a hole into a shorter prefix
 */
enum stockade_block_attr {
	STOCKADE_BLOCK_UNSPEC,
	STOCKADE_BLOCK_ADDR,
	STOCKADE_BLOCK_PREFIX,
	STOCKADE_BLOCK_IDENTITY,

	__STOCKADE_BLOCK_MAX,
	STOCKADE_BLOCK_MAX = __STOCKADE_BLOCK_MAX - 1
};

/* A door: where a packet is asked about, and which half of the question. */
enum stockade_door {
	STOCKADE_DOOR_EGRESS,	/* PRE_ROUTING: may the opener, a pod of this node, send it? */
	STOCKADE_DOOR_INGRESS,	/* FORWARD: may the target, a pod of this node, receive it? */
	STOCKADE_DOORS
};

/**
 * enum stockade_reason - why a door opened or stayed shut
 * @STOCKADE_REASON_NO_TABLE: nothing was committed yet (allow, or deny by module parameter)
 * @STOCKADE_REASON_NOT_SUBJECT: no pod of this node at this door (allow)
 * @STOCKADE_REASON_SELF: both ends are the same pod (allow)
 * @STOCKADE_REASON_OWN_NODE: the other end is the pod's own node (allow)
 * @STOCKADE_REASON_LINK: neighbour discovery, multicast listener reports (allow)
 * @STOCKADE_REASON_NOT_ISOLATED: the subject has no program in this direction (allow)
 * @STOCKADE_REASON_RULE: the subject's program says so (any verdict)
 * @STOCKADE_REASON_UNKNOWN: an address inside the pod CIDRs that no endpoint
 *	names (deny, or allow by option)
 * @STOCKADE_REASON_TUNNEL: IPIP, GRE or overlay traffic from a pod to a node (deny)
 * @STOCKADE_REASON_MALFORMED: no flow can be read from the packet (deny)
 */
enum stockade_reason {
	STOCKADE_REASON_NO_TABLE,
	STOCKADE_REASON_NOT_SUBJECT,
	STOCKADE_REASON_SELF,
	STOCKADE_REASON_OWN_NODE,
	STOCKADE_REASON_LINK,
	STOCKADE_REASON_NOT_ISOLATED,
	STOCKADE_REASON_RULE,
	STOCKADE_REASON_UNKNOWN,
	STOCKADE_REASON_TUNNEL,
	STOCKADE_REASON_MALFORMED,
	STOCKADE_REASONS
};

/**
 * enum stockade_counter_attr - packets judged in this namespace
 * @STOCKADE_COUNTER_DOOR: u8, enum stockade_door
 * @STOCKADE_COUNTER_REASON: u8, enum stockade_reason
 * @STOCKADE_COUNTER_VERDICT: u8, enum stockade_verdict
 * @STOCKADE_COUNTER_PACKETS: u64
 */
enum stockade_counter_attr {
	STOCKADE_COUNTER_UNSPEC,
	STOCKADE_COUNTER_PAD,
	STOCKADE_COUNTER_DOOR,
	STOCKADE_COUNTER_REASON,
	STOCKADE_COUNTER_VERDICT,
	STOCKADE_COUNTER_PACKETS,

	__STOCKADE_COUNTER_MAX,
	STOCKADE_COUNTER_MAX = __STOCKADE_COUNTER_MAX - 1
};

/**
 * enum stockade_flow_attr - a flow, as DESIGN calls its key
 * @STOCKADE_FLOW_OPENER: binary, 4 or 16 bytes: who opened it, before source NAT
 * @STOCKADE_FLOW_TARGET: binary, same size: to whom, after destination NAT
 * @STOCKADE_FLOW_PROTO: u8, IP protocol
 * @STOCKADE_FLOW_PORT: u16, destination port after NAT, host order; 0 without ports
 */
enum stockade_flow_attr {
	STOCKADE_FLOW_UNSPEC,
	STOCKADE_FLOW_OPENER,
	STOCKADE_FLOW_TARGET,
	STOCKADE_FLOW_PROTO,
	STOCKADE_FLOW_PORT,

	__STOCKADE_FLOW_MAX,
	STOCKADE_FLOW_MAX = __STOCKADE_FLOW_MAX - 1
};

/**
 * enum stockade_verdict_attr - what a door answers
 * @STOCKADE_VERDICT_A_DOOR: u8, enum stockade_door
 * @STOCKADE_VERDICT_A_VERDICT: u8, enum stockade_verdict
 * @STOCKADE_VERDICT_A_REASON: u8, enum stockade_reason
 * @STOCKADE_VERDICT_A_RULE: u32, rule id, absent if none
 * @STOCKADE_VERDICT_A_RULE_NAME: string, absent if unknown
 * @STOCKADE_VERDICT_A_TIER: u8, absent if unknown
 * @STOCKADE_VERDICT_A_SUBJECT: u32, subject id, absent if none
 * @STOCKADE_VERDICT_A_SUBJECT_NAME: string
 * @STOCKADE_VERDICT_A_PEER_IDENTITY: u32
 */
enum stockade_verdict_attr {
	STOCKADE_VERDICT_A_UNSPEC,
	STOCKADE_VERDICT_A_DOOR,
	STOCKADE_VERDICT_A_VERDICT,
	STOCKADE_VERDICT_A_REASON,
	STOCKADE_VERDICT_A_RULE,
	STOCKADE_VERDICT_A_RULE_NAME,
	STOCKADE_VERDICT_A_TIER,
	STOCKADE_VERDICT_A_SUBJECT,
	STOCKADE_VERDICT_A_SUBJECT_NAME,
	STOCKADE_VERDICT_A_PEER_IDENTITY,

	__STOCKADE_VERDICT_A_MAX,
	STOCKADE_VERDICT_A_MAX = __STOCKADE_VERDICT_A_MAX - 1
};

/**
 * enum stockade_drop_attr - a packet that was denied, or would have been
 * @STOCKADE_DROP_FLOW: nested, enum stockade_flow_attr
 * @STOCKADE_DROP_VERDICT: nested, enum stockade_verdict_attr
 * @STOCKADE_DROP_GENERATION: u64, the table that judged it
 * @STOCKADE_DROP_REPLY: flag; the packet went against the flow's direction
 * @STOCKADE_DROP_SPORT: u16, source port of the flow's opener, host order
 * @STOCKADE_DROP_TIME: u64, nanoseconds since the epoch
 * @STOCKADE_DROP_LOST: u32, events not told before this one for the rate limit
 */
enum stockade_drop_attr {
	STOCKADE_DROP_UNSPEC,
	STOCKADE_DROP_PAD,
	STOCKADE_DROP_FLOW,
	STOCKADE_DROP_VERDICT,
	STOCKADE_DROP_GENERATION,
	STOCKADE_DROP_REPLY,
	STOCKADE_DROP_SPORT,
	STOCKADE_DROP_TIME,
	STOCKADE_DROP_LOST,

	__STOCKADE_DROP_MAX,
	STOCKADE_DROP_MAX = __STOCKADE_DROP_MAX - 1
};

#endif /* _UAPI_LINUX_STOCKADE_H */
