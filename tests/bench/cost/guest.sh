#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# guest.sh: the guest's only program.  Makes every row's namespaces, has measure take the figures, and
# writes to the second serial port
#
#   # version OF: WORDS
#   # ROW ran COMMAND
#   ROW unavailable WHY
#   ROW KIND ROUND SENT ARRIVED INSTRUCTIONS
export PATH=/bin LC_ALL=C
cost=/bench rows=/bench/rows
. /bench/lib.sh
. /bench/loads

# The kernel's table of neighbours is one for all namespaces, and grows but never shrinks: large from the beginning, no
# row's neighbour lies behind others', which would cost it ten instructions a packet for each.
grow_neighbours() {
	ip link add name grow type veth peer name grow0
	ip link set grow up
	awk 'BEGIN {
		for (i = 0; i < 4096; i++)
			printf "neigh add 10.99.%d.%d lladdr 02:00:00:00:00:01 dev grow nud permanent\n", i / 256, i % 256
	}' | ip -batch -
	ip link del grow
}

prepare() {
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t devtmpfs dev /dev
	mount -t tmpfs run /run
	mkdir -p /run/netns /run/bpf
	mount -t bpf bpf /run/bpf
	exec </dev/null >/dev/ttyS1 2>&1
	stty -F /dev/ttyS1 raw 2>/dev/null
	# Until the kernel trusts its random numbers, each costs 10,000 instructions, and each new flow takes one.
	head -c 1 /dev/random >/dev/null
	rounds=$(sed -n 's/.*bench.rounds=\([0-9]*\).*/\1/p' /proc/cmdline)
	modprobe -a crc32c_generic nf_conntrack nf_conntrack_netlink nf_tables veth pktgen
	# As many buckets as entries: in 65,536 those that all the rows leave make long chains, by up to 40 instructions
	# a packet longer for a row that came early.
	sysctl -qw net.netfilter.nf_conntrack_max=1000000 net.netfilter.nf_conntrack_buckets=1048576 \
		net.core.netdev_max_backlog=200000 kernel.sched_rt_runtime_us=-1 net.ipv6.conf.default.disable_ipv6=1
	grow_neighbours
	# What else a machine does now and then.
	sysctl -qw vm.stat_interval=3600 kernel.randomize_va_space=0
}

# run COMMAND...: shows it, runs it, keeps quiet unless it fails.
run() {
	echo "# $name ran $*"
	"$@" >/run/said 2>&1 || { cat /run/said; return 1; }
}

in_ns() { ip netns exec "$@"; }

make_ns() {
	local ns
	for ns; do
		ip netns add "$ns"
		# Nobody is to send anything of his own accord.
		in_ns "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
}

# c.NAME eth0 (:01) - (:02) c r.NAME s (:03) - (:04) eth0 s.NAME
wire() {
	local c=c.$name r=r.$name s=s.$name mac=02:00:00:00:00
	read -r client server <"$files/ends"
	make_ns "$c" "$r" "$s"
	ip link add c netns "$r" address $mac:02 type veth peer name eth0 netns "$c" address $mac:01
	ip link add s netns "$r" address $mac:03 type veth peer name eth0 netns "$s" address $mac:04
	ip -n "$c" -batch - <<-EOF
	link set eth0 up
	addr add $client/32 dev eth0
	route add $server dev eth0
	neigh add $server lladdr $mac:02 dev eth0 nud permanent
	EOF
	ip -n "$s" -batch - <<-EOF
	link set eth0 up
	addr add $server/32 dev eth0
	route add $client dev eth0
	neigh add $client lladdr $mac:03 dev eth0 nud permanent
	EOF
	# Nobody has the server's neighbour address: the server drops without a word.
	ip -n "$r" -batch - <<-EOF
	link set c up
	link set s up
	addr add 169.254.0.1/32 dev c
	route add $client dev c
	route add $server dev s
	neigh add $client lladdr $mac:01 dev c nud permanent
	neigh add $server lladdr $mac:99 dev s nud permanent
	EOF
	in_ns "$r" sysctl -qw net.ipv4.ip_forward=1
}

# What the contender does or says, in the router's namespace.
ask() { in_ns "r.$name" bash -c ". /bench/lib.sh; $(declare -f run); name=$name; take $contender; $*"; }

# Controls belong to every phase, all else to that of the state it needs, or to the first.
belongs() { [ "$phase" = "${state:-conntrack}" ] || [ "$control" ]; }

plan_figure() { echo "$name $1 $2 $client $server" >>/run/plan; }

set_up() {
	belongs || return 0
	name=$row$suffix files=/rows/$row
	[ -z "$state" ] || [ "$state" = "$loaded" ] || { echo "$name unavailable $why"; return 0; }
	wire
	if ! ask load "$files" >/run/load 2>&1; then
		sed "/^#/! s/^/# $name said /" /run/load
		echo "$name unavailable $(tail -n 1 /run/load)"
		return 0
	fi
	cat /run/load
	plan_figure established 4096
	plan_figure new "$packets"
	[ "$control" ] || plan_figure denied 512
}

tear_down() {
	local ns pid
	for ns in /run/netns/*; do
		ns=${ns##*/}
		for pid in $(ip netns pids "$ns"); do kill "$pid"; done
		ip netns del "$ns"
	done
	sleep 2
}

load_module() {
	loaded=''
	[ ! -d /sys/module/stockade ] || rmmod stockade
	if modprobe stockade "state=$1" 2>/run/said; then loaded=$1; else why=$(dmesg | sed -n 's/.*stockade: //p' | tail -n 1); fi
}

tell_counted() {
	local said
	belongs || return 0
	name=$row$suffix
	grep -q "^$name " /run/plan || return 0
	said=$(ask counted)
	[ -z "$said" ] || echo "$name counted $said"
}

# The costs of a table itself, in namespaces of their own.
measure_loading() {
	local size
	for size in $loads; do
		ip netns add "load-$size"
		in_ns "load-$size" load "$size" "/rows/load-$size" "/rows/load-$size.pod-moved" "/rows/load-$size.pod"
	done
}

# measure_phase STATE SUFFIX: the rows that go with the module in this state, all there at once, measured in turns.
measure_phase() {
	phase=$1 suffix=$2
	load_module "$phase"
	: >/run/plan
	each_row set_up
	measure "$rounds" </run/plan
	each_row tell_counted
	[ "$phase" != conntrack ] || measure_loading
	tear_down
}

say_versions() { versions 2>&1 | sed "s/^/# version $contender: /"; }

export cost
prepare
echo "# version Linux: $(uname -rv)"
each_row say_versions | sort -u
measure_phase conntrack ''
measure_phase own @end
echo "# end"
sleep 1
echo b >/proc/sysrq-trigger
sleep 60
