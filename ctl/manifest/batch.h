/* SPDX-License-Identifier: GPL-2.0 */
/*
 * batch: objects read and not yet in the model.  Private to manifest/.
 */
#ifndef MANIFEST_BATCH_H
#define MANIFEST_BATCH_H

#include "../base/hash.h"
#include "../model/model.h"
#include "files.h"

struct batch {
	struct model *m;
	struct diags *diags;
	struct meta **v;
	size_t n, cap;
	struct hash names;	/* of those in @v */
	const char *file;	/* being read */
	unsigned flags;		/* enum decode_flags */
	int mistakes;
};

/* Reads and decodes all of @files. */
void batch_read(struct batch *b, const struct files *files);
/* Makes the model hold exactly these objects; the batch is empty then. */
void batch_apply(struct batch *b);
void batch_free(struct batch *b);

#endif
