// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "measure.h"

/* The MAC of r.ROW's end of the client's link, as guest.sh gives it. */
#define ROUTER_MAC "02:00:00:00:00:02"

static void tell(const char *file, const char *format, ...)
{
	char path[64], text[128];
	va_list ap;
	int fd, n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "/proc/net/pktgen/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, n) != n)
		die("%s: %s: %m", path, text);
	close(fd);
}

static void configure(const struct figure *f, unsigned sport, unsigned ports, unsigned dport)
{
	tell("kpktgend_0", "rem_device_all");
	tell("kpktgend_0", "add_device eth0");
	tell("eth0", "count %u", f->count);
	tell("eth0", "clone_skb 0");
	tell("eth0", "pkt_size 60");
	tell("eth0", "delay 0");
	tell("eth0", "dst_mac " ROUTER_MAC);
	tell("eth0", "src_min %s", f->client);
	tell("eth0", "src_max %s", f->client);
	tell("eth0", "dst_min %s", f->server);
	tell("eth0", "dst_max %s", f->server);
	tell("eth0", "udp_dst_min %u", dport);
	tell("eth0", "udp_dst_max %u", dport);
	tell("eth0", "udp_src_min %u", sport);
	tell("eth0", "udp_src_max %u", sport + ports);	/* the first port that is not used */
}

/* "Result: OK: 16384(c16380+d4) usec, 2048 (60byte,0frags)": a microsecond is a thousand instructions. */
static void read_result(struct sample *s)
{
	FILE *f = fopen("/proc/net/pktgen/eth0", "r");
	char line[256];
	uint64_t us;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Result: OK: %" SCNu64 "(%*[^)]) usec, %" SCNu64, &us, &s->sent) == 2) {
			s->instructions = us * 1000;
			fclose(f);
			return;
		}
	}
	die("pktgen has no result");
}

struct sample generate(struct figure *f, unsigned sport, unsigned ports, unsigned dport)
{
	struct sample s = {};
	uint64_t before;

	enter('s', f->row);
	before = received();
	enter('c', f->row);
	configure(f, sport, ports, dport);
	loosen_slabs();
	tell("pgctrl", "start\n");	/* returns once all are sent */
	read_result(&s);
	enter('s', f->row);
	s.arrived = received() - before;
	*(dport == DPORT ? &f->passed : &f->denied) += s.sent;
	return s;
}
