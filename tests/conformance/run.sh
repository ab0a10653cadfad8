#!/bin/sh
# Run guest tests and scripts on flat32 and on a real RV32 no-MMU kernel under QEMU, and compare what they print.
#
#   run.sh [-r] [PATTERN...]	which tests, as "mm_*", "pipes.sh"; default: all
#
# Lines that differ must be listed in expected.txt, their reasons in docs/differences.md:
#
#   TEST: TEXT OF THE LINE (without "ok N - ")
#
# -r writes the real kernel's transcripts to recorded/, which `make check` compares with: no QEMU is needed there.

set -u
cd "${0%/*}/../.." || exit 2
here=tests/conformance
B=${B:-build} O=${O:-build}
work=$B/conformance
. "$here/lib.sh"
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

passed=0 failed=0
printf '%-24s %8s %8s   %s\n' test alike expected unexpected
for name in $names; do
	on_real 100 "$name"
	on_flat32 60 "$name"
	[ $record = no ] || cp "$work/$name.real" "$here/recorded/$name.txt"
	differences "$name" "$work/$name.real" "$work/$name.flat32" >"$work/$name.unexpected"
	same=$(grep -cFxf "$work/$name.real" "$work/$name.flat32")
	unexpected=$(wc -l <"$work/$name.unexpected")
	printf '%-24s %8d %8d   %s\n' "$name" "${same:-0}" "$(wc -l <"$work/$name.expected")" "${unexpected#0}"
	sed 's/^/    /' "$work/$name.unexpected"
	if [ "$unexpected" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
