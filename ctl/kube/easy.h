/* SPDX-License-Identifier: GPL-2.0 */
/*
 * easy: a libcurl handle set up as the configuration says.
 */
#ifndef KUBE_EASY_H
#define KUBE_EASY_H

#include <curl/curl.h>
#include <stdint.h>
#include "config.h"

struct kube_easy;

/* @c must outlive it. */
struct kube_easy *kube_easy_new(const struct kube_config *c, struct err *err);
void kube_easy_free(struct kube_easy *e);

/*
 * A handle for GET @path at @now_ms, the caller's to clean up, as are the headers once the handle is gone.
 */
CURL *kube_easy_get(struct kube_easy *e, const char *path, uint64_t now_ms, struct curl_slist **headers);
/* Makes it @method with @body of Content-Type @type. */
void kube_easy_write(CURL *c, const char *method, const char *type, const char *body, struct curl_slist **headers);

/* The token is read again for the next handle. */
void kube_easy_token_refused(struct kube_easy *e);

#endif
