# SPDX-License-Identifier: GPL-2.0
# What the stages of `make check` that are shell scripts have in common: source it with
# $stage set, call ok, not_ok or skip once for each test, and finish last.

stage_passed=0 stage_failed=0 stage_skipped=0

ok()
{
	stage_passed=$((stage_passed + 1))
	echo "ok - $*"
}

not_ok()
{
	stage_failed=$((stage_failed + 1))
	echo "not ok - $*"
}

# skip NAME: REASON
skip()
{
	stage_skipped=$((stage_skipped + 1))
	echo "skip: $*"
}

# check NAME COMMAND...: a test that is one command, whose output is shown if it fails.
check()
{
	check_name=$1
	shift
	if check_out=$("$@" 2>&1); then
		ok "$check_name"
	else
		echo "$check_out"
		not_ok "$check_name"
	fi
}

finish()
{
	finish_tail=
	[ $stage_skipped = 0 ] || finish_tail=", $stage_skipped skipped"
	echo "$stage: $stage_passed passed, $stage_failed failed$finish_tail"
	[ $stage_failed = 0 ] && [ $stage_passed -gt 0 ]
}
