#!/bin/sh
# Run guest tests and scripts on flat32 and on a real RV32 no-MMU kernel under QEMU, and compare what they print.
#
#   run.sh [-r] [PATTERN...]	which tests, as "mm_*", "pipes.sh"; default: all
#
# The real kernel runs several tests per boot. If one panics it or does not end, the rest goes on in another boot,
# and that one has no transcript. Lines that differ must be listed in expected.txt, their reasons in docs/differences.md:
#
#   TEST: TEXT OF THE LINE (without "ok N - ")
#
# -r writes the real kernel's transcripts to recorded/, which `make check` compares with: no QEMU is needed there.
# PER_BOOT=1 boots for each test anew.

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
per_boot=${PER_BOOT:-8}
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

# The real kernel first, in boots of some tests each, until there is a transcript or a reason for every test.
# shellcheck disable=SC2086
set -- $names
while [ $# -gt 0 ]; do
	batch='' n=0
	for name; do
		batch="$batch $name" n=$((n + 1))
		[ $n -lt "$per_boot" ] || break
	done
	# shellcheck disable=SC2086
	on_real $((60 + n * 5)) $batch
	for name in $batch; do
		shift
		[ ! -e "$work/$name.real" ] || continue
		# The boot ended with this one; those behind it go to the next boot.
		log=${batch# }
		log=$work/${log%% *}.real.log
		if grep -q 'Kernel panic' "$log"; then
			echo "(panics the kernel)" >"$work/$name.real"
		else
			echo "(does not end)" >"$work/$name.real"
		fi
		cp "$log" "$work/$name.ended.log"
		break
	done
done

passed=0 failed=0
printf '%-24s %8s %8s   %s\n' test alike expected unexpected
for name in $names; do
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
