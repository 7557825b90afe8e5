// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/mem.h"
#include "report.h"

static void object_name(const struct finding *f, char *buf, size_t size)
{
	if (!*f->kind_word)
		snprintf(buf, size, "manifest");
	else if (*f->ns)
		snprintf(buf, size, "%s %s/%s", f->kind_word, f->ns, f->name);
	else
		snprintf(buf, size, "%s %s", f->kind_word, f->name);
}

/* --- text ------------------------------------------------------------------ */

static void print_indented(FILE *f, const char *text)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		fprintf(f, "      %.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static void print_finding(const struct finding *x, const struct report_colour *col, FILE *f)
{
	const struct audit_rule *r = &audit_rules[x->rule];
	char name[1024];

	object_name(x, name, sizeof(name));
	fprintf(f, "%s%s%s %s%s%s [%s]", col->severity[x->severity], severity_name(x->severity), col->off,
		col->bold, name, col->off, r->id);
	if (x->origin.file)
		fprintf(f, " %s%s:%u%s", col->dim, x->origin.file, x->origin.line, col->off);
	fprintf(f, "\n    %s\n    %s-> %s%s\n", x->message, col->dim, r->advice, col->off);
	if (x->fix)
		print_indented(f, x->fix);
}

void report_text(const struct audit *a, const struct report_colour *col, FILE *f)
{
	unsigned count[3] = { 0 }, suppressed = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].suppressed) {
			suppressed++;
			continue;
		}
		count[a->v[i].severity]++;
		print_finding(&a->v[i], col, f);
	}
	fprintf(f, "%u error%s, %u warning%s, %u info, %u suppressed\n",
		count[SEVERITY_ERROR], count[SEVERITY_ERROR] == 1 ? "" : "s",
		count[SEVERITY_WARNING], count[SEVERITY_WARNING] == 1 ? "" : "s",
		count[SEVERITY_INFO], suppressed);
}

/* --- JSON ------------------------------------------------------------------ */

static void put(json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static void print_json(json_object *o, FILE *f)
{
	fprintf(f, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static json_object *json_finding(const struct finding *x)
{
	json_object *o = json_object_new_object();

	put(o, "id", audit_rules[x->rule].id);
	put(o, "severity", severity_name(x->severity));
	put(o, "kind", x->kind_word);
	put(o, "namespace", x->ns);
	put(o, "name", x->name);
	put(o, "message", x->message);
	put(o, "advice", audit_rules[x->rule].advice);
	put(o, "fix", x->fix);
	if (x->origin.file) {
		put(o, "file", x->origin.file);
		json_object_object_add(o, "line", json_object_new_int(x->origin.line));
	}
	if (x->suppressed)
		put(o, "suppressed", x->suppressed);
	return o;
}

void report_json(const struct audit *a, FILE *f)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < a->n; i++)
		json_object_array_add(list, json_finding(&a->v[i]));
	print_json(list, f);
}

/* --- SARIF ----------------------------------------------------------------- */

static json_object *add_object(json_object *parent, const char *key)
{
	json_object *o = json_object_new_object();

	json_object_object_add(parent, key, o);
	return o;
}

static json_object *add_array(json_object *parent, const char *key)
{
	json_object *o = json_object_new_array();

	json_object_object_add(parent, key, o);
	return o;
}

static json_object *append_object(json_object *list)
{
	json_object *o = json_object_new_object();

	json_object_array_add(list, o);
	return o;
}

static const char *sarif_level(enum severity s)
{
	static const char *const level[] = { "note", "warning", "error" };

	return level[s];
}

static void sarif_rules(json_object *driver)
{
	json_object *rules = add_array(driver, "rules");

	for (unsigned i = 0; i < AUDIT_RULES; i++) {
		json_object *r = append_object(rules);

		put(r, "id", audit_rules[i].id);
		put(add_object(r, "shortDescription"), "text", audit_rules[i].summary);
		put(add_object(r, "help"), "text", audit_rules[i].advice);
		put(add_object(r, "defaultConfiguration"), "level", sarif_level(audit_rules[i].severity));
	}
}

/* A path as a URI reference (RFC 3986): what has no place in one is percent-encoded. */
static void put_uri(json_object *o, const char *path)
{
	char *uri = mem_array(strlen(path) * 3 + 1, 1), *end = uri;

	for (const char *p = path; *p; p++) {
		if (isalnum((unsigned char)*p) || strchr("-._~/", *p))
			*end++ = *p;
		else
			end += sprintf(end, "%%%02X", (unsigned char)*p);
	}
	put(o, "uri", strcmp(uri, "-") ? uri : "stdin");
	free(uri);
}

static void sarif_location(json_object *result, const struct finding *x)
{
	json_object *loc = append_object(add_array(result, "locations")), *physical;
	char name[1024];

	object_name(x, name, sizeof(name));
	put(append_object(add_array(loc, "logicalLocations")), "fullyQualifiedName", name);
	if (!x->origin.file)
		return;
	physical = add_object(loc, "physicalLocation");
	put_uri(add_object(physical, "artifactLocation"), x->origin.file);
	json_object_object_add(add_object(physical, "region"), "startLine",
			       json_object_new_int(x->origin.line ? x->origin.line : 1));
}

static void sarif_result(json_object *results, const struct finding *x)
{
	json_object *r = append_object(results);

	put(r, "ruleId", audit_rules[x->rule].id);
	json_object_object_add(r, "ruleIndex", json_object_new_int(x->rule));
	put(r, "level", sarif_level(x->severity));
	put(add_object(r, "message"), "text", x->message);
	sarif_location(r, x);
	if (x->suppressed) {
		json_object *s = append_object(add_array(r, "suppressions"));

		put(s, "kind", "inSource");
		put(s, "justification", x->suppressed);
	}
}

void report_sarif(const struct audit *a, const char *version, FILE *f)
{
	json_object *log = json_object_new_object(), *run, *driver, *results;

	put(log, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	put(log, "version", "2.1.0");
	run = append_object(add_array(log, "runs"));
	driver = add_object(add_object(run, "tool"), "driver");
	put(driver, "name", "stockadectl audit");
	put(driver, "version", version);
	sarif_rules(driver);
	results = add_array(run, "results");
	for (size_t i = 0; i < a->n; i++)
		sarif_result(results, &a->v[i]);
	print_json(log, f);
}

/* --- JUnit ----------------------------------------------------------------- */

static void xml(FILE *f, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&': fputs("&amp;", f); break;
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '"': fputs("&quot;", f); break;
		case '\n': fputs("&#10;", f); break;
		default:
			/* XML 1.0 has no other control characters. */
			fputc((unsigned char)*s < 0x20 && *s != '\t' ? '?' : *s, f);
		}
	}
}

static void junit_case(const struct finding *x, FILE *f)
{
	char name[1024];

	object_name(x, name, sizeof(name));
	fputs("    <testcase classname=\"", f);
	xml(f, audit_rules[x->rule].id);
	fputs("\" name=\"", f);
	xml(f, name);
	fputs("\">", f);
	if (x->suppressed) {
		fputs("<skipped message=\"", f);
		xml(f, x->suppressed);
		fputs("\"/>", f);
	} else if (x->severity == SEVERITY_INFO) {
		fputs("<system-out>", f);
		xml(f, x->message);
		fputs("</system-out>", f);
	} else {
		fprintf(f, "<failure type=\"%s\" message=\"", severity_name(x->severity));
		xml(f, x->message);
		fputs("\">", f);
		xml(f, audit_rules[x->rule].advice);
		fputs("</failure>", f);
	}
	fputs("</testcase>\n", f);
}

void report_junit(const struct audit *a, FILE *f)
{
	unsigned failed = 0, skipped = 0;

	for (size_t i = 0; i < a->n; i++) {
		skipped += a->v[i].suppressed != NULL;
		failed += !a->v[i].suppressed && a->v[i].severity > SEVERITY_INFO;
	}
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
		   "  <testsuite name=\"stockadectl audit\" tests=\"%zu\" failures=\"%u\" skipped=\"%u\">\n",
		a->n, failed, skipped);
	for (size_t i = 0; i < a->n; i++)
		junit_case(&a->v[i], f);
	fputs("  </testsuite>\n</testsuites>\n", f);
}
