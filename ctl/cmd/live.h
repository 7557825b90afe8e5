/* SPDX-License-Identifier: GPL-2.0 */
/*
 * live: the cluster's objects from the Kubernetes API, read once, for verbs that otherwise take manifests.
 */
#ifndef CMD_LIVE_H
#define CMD_LIVE_H

#include <stdbool.h>
#include "../model/model.h"

struct live {
	bool wanted;			/* --live */
	const char *kubeconfig, *context;
};

#define LIVE_FLAG 0x3000
#define LIVE_FLAG_KUBECONFIG 0x3001
#define LIVE_FLAG_CONTEXT 0x3002
#define LIVE_FLAGS \
	{ "live", no_argument, NULL, LIVE_FLAG }, \
	{ "kubeconfig", required_argument, NULL, LIVE_FLAG_KUBECONFIG }, \
	{ "context", required_argument, NULL, LIVE_FLAG_CONTEXT }
#define LIVE_FLAGS_HELP \
	"      --live                the cluster itself, by the Kubernetes API, instead of -f\n" \
	"      --kubeconfig FILE     where it is (default: $KUBECONFIG, the pod's service account,\n" \
	"                            ~/.kube/config); --context NAME: not the current one\n"
/* Takes option @opt; false: it is not one of these. */
bool live_flag(struct live *l, int opt, const char *arg);

/* NULL after telling why on stderr, as `stockadectl VERB: ...`. */
struct model *live_load(const char *verb, const struct live *l);

#endif
