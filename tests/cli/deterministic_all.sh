#!/bin/sh
# timeout: 900, beside: yes
# --deterministic: two runs of each guest test and of each BusyBox script make the same system calls with the same
# results, byte for byte, and print the same; a third, interpreted, as well.  All of them run: they boot with an image of
# their own, so nothing is left out.  What the host does meanwhile, other tests for one, must not matter.  DETERMINISTIC_TESTS='time_* futex_*': only these.
top=$(cd "${0%/*}/../.." && pwd)
. "${0%/*}/lib/tap.sh"
here=$top/tests/conformance
O=${O:-$B} work=$TMPDIR
. "$here/lib.sh"

# once NAME KIND OPTIONS...: leaves KIND.trace and KIND.out
once() {
	name=$1 kind=$2
	shift 2
	# shellcheck disable=SC2086
	timeout -k 5 100 "$FLAT32" boot --deterministic --strace=-ttt -o "$work/$kind.trace" "$@" $own \
		--exec "exec /init $name" "$work/image.cpio.gz" >"$work/$kind.out" 2>&1 </dev/null
	echo "status $?" >>"$work/$kind.out"
}

# alike A B: both their traces and their outputs; says where they part.  A run that was cut short is no run.
alike() {
	grep -qs '^status \(124\|137\)$' "$work/$1.out" "$work/$2.out" && echo "# does not end in 100 seconds" && return 1
	cmp -s "$work/$1.trace" "$work/$2.trace" && cmp -s "$work/$1.out" "$work/$2.out" && return
	diff "$work/$1.trace" "$work/$2.trace" | sed -n '2,6s/^/# /p'
	diff "$work/$1.out" "$work/$2.out" | sed -n '2,6s/^/# /p'
	return 1
}

engines=$("$FLAT32" --version | sed -n 's/^Engines: //p')
names=
for source in "$top"/tests/guest/*.c "$here"/scripts/*.sh; do
	name=${source##*/}
	name=${name%.c}
	set -f		# patterns are for names of tests, not of files
	for pattern in ${DETERMINISTIC_TESTS:-*}; do
		# shellcheck disable=SC2254
		case $name in
		$pattern) names="$names $name" && break ;;
		esac
	done
	set +f
done
# shellcheck disable=SC2086
set -- $names
plan $(($# * 2))
image "$work/image.cpio.gz" || { echo "Bail out! cannot make the image"; exit 2; }
for name; do
	own=$(sed -n '1,20s/.*flat32: \(--.*\)/\1/p' "$top/tests/guest/$name.c" 2>/dev/null)
	once "$name" first
	once "$name" second
	case $engines in *' interp') once "$name" interp --engine interp ;; esac
	ok "$name: twice the same" alike first second
	case $engines in
	*' interp') ok "$name: interpreted, too" alike first interp ;;
	*) skip 1 "there is one engine only" ;;
	esac
	rm -f "$work"/*.trace "$work"/*.out
done
finish
