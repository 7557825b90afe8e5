// SPDX-License-Identifier: GPL-2.0
#include "spawn.h"
#include "uplink.h"

static int nft(struct topo *t, const char *commands, struct err *err)
{
	char *argv[] = { "nft", "-f", "-", NULL };
	struct text input = {};
	int rc;

	text_printf(&input, "%s", commands);
	rc = spawn_wait(topo_fabric(t), argv, &input, err);
	text_free(&input);
	return rc;
}

int uplink_open(struct topo *t, struct err *err)
{
	struct netns home;
	struct ip api;
	int rc;

	ip_parse(UPLINK_API, &api);
	if (netns_home(&home, err))
		return -1;
	rc = topo_join(t, &home, &api, err);
	netns_free(&home);
	return rc || nft(t, "table ip uplink {\n"
			 " chain out { type nat hook postrouting priority srcnat; oifname \"" TOPO_HOME_LINK "\" masquerade; }\n"
			 " chain switch { type filter hook forward priority filter; }\n"
			 "}\n", err) ? -1 : 0;
}

int uplink_cut(struct topo *t, bool cut, struct err *err)
{
	return nft(t, cut ? "add rule ip uplink switch iifname \"" TOPO_HOME_LINK "\" drop\n"
			    "add rule ip uplink switch oifname \"" TOPO_HOME_LINK "\" drop\n"
			  : "flush chain ip uplink switch\n", err);
}
