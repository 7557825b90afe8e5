/* SPDX-License-Identifier: GPL-2.0 */
/*
 * untaint: takes a taint from this node once a table is in force there, so that pods come only then.
 *
 * A Node's taints are one list, replaced as a whole: what is sent is the list as last seen but for ours, and holds
 * only if the Node is still of that version.  If it is not, its next version is seen soon, and the
 * taint, if still there, taken from that.
 */
#ifndef KUBE_UNTAINT_H
#define KUBE_UNTAINT_H

#include "../base/doc.h"
#include "outbox.h"

struct kube_untaint {
	struct kube_outbox *outbox;
	const char *node, *key;		/* key NULL: nothing is done */
	bool wanted;			/* a table is in force */
	char *body;			/* the patch, for the Node as last seen; NULL: it has no such taint */
};

/* A Node, as the API sent it. */
void kube_untaint_see(struct kube_untaint *u, const struct doc *node);
/* From now on the taint is not wanted. */
void kube_untaint_go(struct kube_untaint *u);
void kube_untaint_free(struct kube_untaint *u);

#endif
