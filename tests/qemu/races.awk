# SPDX-License-Identifier: GPL-2.0
# A kernel's log without those reports of KCSAN in which no function of the module has a part: the kernel
# has races of its own, which are not ours to mend.

function let_out() {
	if (held != "" && (ours || !race))
		print held
	held = ""
	inside = ours = race = 0
}

{
	line = $0
	sub(/^\[ *[0-9.]+\] /, "", line)
}
line ~ /^======+\r?$/ {
	held = held == "" ? $0 : held ORS $0
	inside = !inside
	if (!inside)
		let_out()
	next
}
inside {
	held = held ORS $0
	race = race || line ~ /^BUG: KCSAN/
	ours = ours || line ~ /\[stockade/
	next
}
{ print }
END { let_out() }
