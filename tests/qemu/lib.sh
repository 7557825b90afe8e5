# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts of this folder; sourced, never run.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${STOCKADE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stockade}

die() {
	echo "${0##*/}: $*" >&2
	exit 125
}

# tell WORDS: progress goes to stderr, since stdout carries paths and results.
tell() {
	echo "${0##*/}: $*" >&2
}

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || die "$tool is missing (tests/deps lists the packages)"
	done
}

# once DIR FUNCTION ARGS: fill DIR by FUNCTION, which gets an empty folder as its first argument.
# Others that want the same folder wait; a half-filled one is never seen.  Not for use
# in a condition: a failing FUNCTION ends the script (set -e).
once() {
	local dir=$1 fill=$2 lock
	shift 2
	[ -d "$dir" ] && return
	mkdir -p "$(dirname "$dir")"
	exec {lock}>"$dir.lock"
	flock "$lock"
	if [ ! -d "$dir" ]; then
		rm -rf "$dir.tmp"
		mkdir -p "$dir.tmp"
		("$fill" "$dir.tmp" "$@")
		mv "$dir.tmp" "$dir"
	fi
	exec {lock}>&-
}

# The release of a kernel folder, as uname -r would say.
kernel_release() {
	basename "$(echo "$1"/lib/modules/*)"
}
