/* SPDX-License-Identifier: GPL-2.0 */
/*
 * objects: the documents of a case's manifests by kind, namespace and name, as steps add, replace and delete them.
 */
#ifndef NETNS_OBJECTS_H
#define NETNS_OBJECTS_H

#include "base/err.h"
#include "model/model.h"
#include "text.h"

struct objects;

struct objects *objects_new(void);
void objects_free(struct objects *o);
/* Takes over every object of file @path, the items of Lists too.  1 if there is no such file; -1 with @err. */
int objects_apply(struct objects *o, const char *path, struct err *err);
/* Deletes what the lines "Kind<TAB>namespace/name" of @path name, which must be there.  1 if there is no such file. */
int objects_delete(struct objects *o, const char *path, struct err *err);
void objects_write(const struct objects *o, struct text *out);
/* A model of them; NULL with @err if one has a mistake. */
struct model *objects_model(const struct objects *o, struct err *err);

#endif
