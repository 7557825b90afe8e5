/* SPDX-License-Identifier: GPL-2.0 */
/*
 * manifest: the cluster's objects from files and folders of manifests.
 *
 * A PATH is a file, whatever its name, or a folder, of which all *.yaml, *.yml and *.json are read, in
 * subfolders too, in the order of their names.  Hidden entries are skipped (.git, and the
 * ..data of a mounted ConfigMap, whose files are seen through their links), and so is kustomization.yaml.  Links are followed, and
 * no file or folder is read twice.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "../base/diag.h"
#include "../base/err.h"
#include "../model/decode.h"
#include "../source.h"

/*
 * Reads all of @paths once ("-" is standard input) and puts the objects into @m, or, if there is any
 * mistake, none of them (with DECODE_LENIENT, what could be read).  @flags: enum decode_flags.  Mistakes go
 * to @diags; returns how many there were.  That there are no objects at all is no mistake here.
 */
int manifest_load(struct model *m, char *const *paths, size_t n, unsigned flags, struct diags *diags);

/*
 * Reads @paths (copied) and watches them from then on: once they have been quiet for a moment after a
 * change, everything is read again, and the model becomes what they say in one step.  @m
 * must outlive the source, which alone may change it.
 *
 * Reading changes nothing, is told in the log and is SOURCE_BROKEN if it meets any mistake, if a path is
 * gone, or if there is no object left at all: an unmounted volume looks like that, and no cluster
 * does, while taking it at its word would take away every policy in force.  For the same reason
 * these are errors (NULL and @err) at the start.
 */
struct source *manifest_source_new(struct model *m, char *const *paths, size_t n, struct err *err);

#endif
