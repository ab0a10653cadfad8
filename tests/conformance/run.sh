#!/bin/sh
# Run guest tests and scripts on flat32 and on a real RV32 no-MMU kernel under QEMU, and compare what they print.
#
#   run.sh [-r] [PATTERN...]	which tests, as "mm_*", "pipes.sh"; default: all
#
# flat32 runs each test twice, as it is and with --compat linux-6.12. Lines that differ must be listed, in expected.txt for
# the first and in expected-compat.txt for the second, their reasons in docs/differences.md:
#
#   TEST: TEXT OF THE LINE (without "ok N - ")
#
# All transcripts side by side are in build/conformance/report.md afterwards.
#
# -r writes the real kernel's transcripts to recorded/, which `make check` compares with: no QEMU is needed there.

set -u
cd "${0%/*}/../.." || exit 2
here=tests/conformance
B=${B:-build} O=${O:-build}
work=$B/conformance
. "$here/lib.sh"
. "$here/report.sh"
record=no
if [ "${1-}" = -r ]; then
	record=yes
	shift
fi
[ $# -gt 0 ] || set -- '*'
rm -rf "$work"
mkdir -p "$work" "$here/recorded"
image "$work/image.cpio.gz" || exit 2

# wanted PATTERN...: the tests of these patterns
wanted() {
	for source in tests/guest/*.c "$here"/scripts/*.sh; do
		name=${source##*/}
		name=${name%.c}
		for pattern; do
			# shellcheck disable=SC2254
			case $name in $pattern) echo "$name" && break ;; esac
		done
	done
}
names=$(wanted "$@")
[ -n "$names" ] || { echo "run.sh: no test matches $*" >&2; exit 2; }

# compare NAME KIND EXPECTED: a line of the table for what flat32 prints; what was not expected goes to unexpected.KIND
compare() {
	differences "$1" "$work/$1.real" "$work/$1.$2" "$3" >"$work/$1.unexpected.$2"
	printf '%-24s %-8s %8d %8d   %s\n' "$1" "$2" "$(grep -cFxf "$work/$1.real" "$work/$1.$2")" \
		"$(wc -l <"$work/$1.expected")" "$(grep -c '' "$work/$1.unexpected.$2" | sed 's/^0$//')"
	sed 's/^/    /' "$work/$1.unexpected.$2"
	[ ! -s "$work/$1.unexpected.$2" ]
}

passed=0 failed=0
printf '%-24s %-8s %8s %8s   %s\n' test mode alike expected unexpected
for name in $names; do
	on_real 100 "$name" &
	on_flat32 60 "$name"
	on_flat32 60 "$name" compat
	wait
	[ $record = no ] || cp "$work/$name.real" "$here/recorded/$name.txt"
	for kind in flat32 compat; do
		[ $kind = flat32 ] && expected=expected.txt || expected=expected-compat.txt
		if compare "$name" $kind $expected; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
		fi
	done
done
# shellcheck disable=SC2086
report $names >"$work/report.md"
echo "$passed passed, $failed failed; side by side in $work/report.md"
[ $failed -eq 0 ]
