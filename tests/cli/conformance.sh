#!/bin/sh
# What guest tests and shell scripts print here is what they printed on the real kernel (tests/conformance/recorded),
# but for the lines of expected.txt. No QEMU is needed. `make conformance` asks the real kernel anew.	timeout: 300
top=$(cd "${0%/*}/../.." && pwd)
. "${0%/*}/lib/tap.sh"
here=$top/tests/conformance
O=${O:-$B} work=$TMPDIR
. "$here/lib.sh"

set -- "$here"/recorded/*.txt
plan $#
image "$work/image.cpio.gz" || { echo "Bail out! cannot make the image"; exit 2; }
for recorded; do
	name=${recorded##*/}
	name=${name%.txt}
	if [ ! -e "$work/root/conformance/$name" ]; then
		verdict 1 "$name: recorded, but there is no such test"
		continue
	fi
	on_flat32 "${TIMEOUT:-100}" "$name"
	differences "$name" "$recorded" "$work/$name.flat32" >"$work/$name.all"
	: >"$work/$name.unexpected"
	while read -r line; do
		# A new line of a guest test has not been asked of the real kernel yet.
		if [ "${name%.sh}" = "$name" ] && grep -qxF "ok $line" "$work/$name.flat32" &&
			! grep -qxF -e "ok $line" -e "not ok $line" "$recorded"; then
			echo "# not recorded: $name: $line (make conformance-record T=$name)"
		else
			echo "$line" >>"$work/$name.unexpected"
		fi
	done <"$work/$name.all"
	[ ! -s "$work/$name.unexpected" ]
	verdict $? "$name: as on the real kernel"
	sed 's/^/# /' "$work/$name.unexpected"
done
for source in "$top"/tests/guest/*.c "$here"/scripts/*.sh; do
	name=${source##*/}
	[ -e "$here/recorded/${name%.c}.txt" ] || echo "# not recorded: ${name%.c} (make conformance-record T=${name%.c})"
done
finish
