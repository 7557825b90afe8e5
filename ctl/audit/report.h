/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report: findings as text for people, and in the formats CI systems read.  All write to @f;
 * suppressed findings are counted (text), marked (json, sarif) or skipped tests (junit).
 */
#ifndef AUDIT_REPORT_H
#define AUDIT_REPORT_H

#include <stdio.h>
#include "audit.h"

/* Escape sequences by severity; all "" where no colour is wanted. */
struct report_colour {
	const char *severity[3];
	const char *bold, *dim, *off;
};

void report_text(const struct audit *a, const struct report_colour *col, FILE *f);
/* A list of objects with id, severity, kind, namespace, name, message, advice, fix, file, line, suppressed. */
void report_json(const struct audit *a, FILE *f);
/* SARIF 2.1.0 (OASIS), as code scanning takes it. */
void report_sarif(const struct audit *a, const char *version, FILE *f);
/* JUnit XML: a test case a finding; info is output, not a failure. */
void report_junit(const struct audit *a, FILE *f);

#endif
