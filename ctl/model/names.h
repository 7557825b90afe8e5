/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names: the syntax of names, label keys and values, and ports' names, as the API server
 * checks it.  Each returns NULL if @s is good, else why not (static).
 */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

const char *name_check_label(const char *s);		/* DNS label (RFC 1123) */
const char *name_check_subdomain(const char *s);	/* DNS subdomain (RFC 1123) */
const char *name_check_wildcard(const char *s);		/* "*." and a subdomain */
const char *name_check_label_key(const char *s);	/* [prefix/]name */
const char *name_check_label_value(const char *s);
const char *name_check_port(const char *s);		/* IANA_SVC_NAME (RFC 6335) */

#endif
