// SPDX-License-Identifier: GPL-2.0
/* report table|json|svg|markdown [GUEST] < RAW: GUEST is the command line of the guest that wrote RAW. */
#include <stdlib.h>
#include <string.h>
#include "report.h"

int main(int argc, char **argv)
{
	static struct figures f;
	const char *what = argc > 1 ? argv[1] : "";

	figures_read(&f, stdin);
	if (!strcmp(what, "table"))
		table_print(&f, stdout);
	else if (!strcmp(what, "json"))
		json_print(&f, argc > 2 ? argv[2] : "", stdout);
	else if (!strcmp(what, "svg"))
		svg_print(&f, stdout);
	else if (!strcmp(what, "markdown"))
		markdown_print(&f, stdout);
	else
		return 2;
	if (f.complete)
		return 0;
	fprintf(stderr, "report: the guest did not get to its end\n");
	return 1;
}
