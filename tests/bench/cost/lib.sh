# SPDX-License-Identifier: GPL-2.0
# Shared by the host's and the guest's half of the bench; sourced, never run.
#
# A contender is a file of contenders/ that sets
#
#   about          what it is, in a line
#   control        not empty: it is measured first and last, and denies nothing
#   state          the Stockade module's parameter it needs, if any
#   versions       prints the version of what it consists of         (in the guest)
#   rules DIR      writes what a row needs into DIR                  (on the host; world, policies, endpoints, blocks)
#   load DIR       puts it in force in this network namespace        (in the guest; `run` shows what is run)
#   counted        prints how many packets it says it let pass, and how many it denied; nothing if it does not count
contenders=$cost/contenders

# take NAME: the contender's functions, and none of the one before.
take() {
	about='' state='' control=''
	versions() { :; }
	rules() { :; }
	counted() { :; }
	# shellcheck source=/dev/null
	. "$contenders/$1"
}

# world PROGRAM: awk with the numbers of the row's cluster.
world() {
	awk -v policies="$policies" -v endpoints="$endpoints" -v blocks="$blocks" "$(cat "$cost/world.awk")
$1"
}

# each_row FUNCTION: calls it for each row, with $contender $policies $endpoints $blocks $packets and the $row's name set.
each_row() {
	local what=$1
	while read -r contender policies endpoints blocks packets; do
		case $contender in '#'* | '') continue ;; esac
		row=$contender-$policies-$endpoints-$blocks
		take "$contender"
		"$what"
	done <"${rows:-$cost/rows}"
}
