#!/bin/sh
# What guest tests and shell scripts print here is what they printed on the real kernel (tests/conformance/recorded),
# but for the lines of expected.txt; with --compat linux-6.12 but for those of expected-compat.txt. No QEMU is needed;
# `make conformance` asks the real kernel anew.	timeout: 300
top=$(cd "${0%/*}/../.." && pwd)
. "${0%/*}/lib/tap.sh"
here=$top/tests/conformance
O=${O:-$B} work=$TMPDIR
. "$here/lib.sh"

# new_line NAME LINE: a line of a guest test that the real kernel has not been asked yet
new_line() {
	[ "${1%.sh}" = "$1" ] && grep -qxF "ok $2" "$work/$1.flat32" && ! grep -qxF -e "ok $2" -e "not ok $2" "$recorded"
}

# compare NAME KIND EXPECTED: the verdict on what flat32 printed
compare() {
	differences "$1" "$recorded" "$work/$1.$2" "$3" >"$work/$1.all"
	: >"$work/$1.unexpected"
	while read -r line; do
		if new_line "$1" "$line"; then
			echo "# not recorded: $1: $line (make conformance-record T=$1)"
		else
			echo "$line" >>"$work/$1.unexpected"
		fi
	done <"$work/$1.all"
	[ ! -s "$work/$1.unexpected" ]
	verdict $? "$1: ${4-}as on the real kernel"
	sed 's/^/# /' "$work/$1.unexpected"
}

set -- "$here"/recorded/*.txt
plan $(($# * 2))
image "$work/image.cpio.gz" || { echo "Bail out! cannot make the image"; exit 2; }
for recorded; do
	name=${recorded##*/}
	name=${name%.txt}
	if [ ! -e "$work/root/conformance/$name" ]; then
		verdict 1 "$name: recorded, but there is no such test"
		verdict 1 "$name: nor in compat"
		continue
	fi
	on_flat32 "${TIMEOUT:-100}" "$name" compat &
	on_flat32 "${TIMEOUT:-100}" "$name"
	wait
	compare "$name" flat32 expected.txt
	compare "$name" compat expected-compat.txt "with --compat linux-6.12 "
done
for source in "$top"/tests/guest/*.c "$here"/scripts/*.sh; do
	name=${source##*/}
	[ -e "$here/recorded/${name%.c}.txt" ] || echo "# not recorded: ${name%.c} (make conformance-record T=${name%.c})"
done
finish
