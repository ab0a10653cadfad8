#!/bin/sh
# --compat linux-6.12: the limits, errnos and ignored hints of the real kernel. What guest tests about them print is what
# they printed on it (tests/conformance/recorded), but for the lines of expected-compat.txt: panics, corruption and the
# like are not imitated. In the default mode the same tests pass (guest/*).			timeout: 120
top=$(cd "${0%/*}/../.." && pwd)
. "${0%/*}/lib/tap.sh"
here=$top/tests/conformance
# Read by lib.sh.
# shellcheck disable=SC2034
O=${O:-$B} work=$TMPDIR options='--compat linux-6.12' expected=$here/expected-compat.txt
. "$here/lib.sh"

tests='bad_pointers block_ram differences file_rw fs_devices fs_memory futex_ops mm_calls mm_dirty mm_kinds mm_nosys mm_remap mount_fs proc_pid process_wait shm_attach
	shm_ids shm_posix signal_stack'
# shellcheck disable=SC2086
set -- $tests
plan $(($# + 2))
image "$work/image.cpio.gz" || { echo "Bail out! cannot make the image"; exit 2; }
for name; do
	recorded=$here/recorded/$name.txt
	on_flat32 60 "$name"
	differences "$name" "$recorded" "$work/$name.flat32" >"$work/$name.unexpected"
	[ -s "$recorded" ] && [ ! -s "$work/$name.unexpected" ]
	verdict $? "$name: as on the real kernel"
	sed 's/^/# /' "$work/$name.unexpected"
done

# The FDPIC mark says nothing to riscv's kernel: a program that needs its segments at their distance runs with it.
cp "$B/guest-tests/mm_calls" "$TMPDIR/marked"
printf '\101' | dd of="$TMPDIR/marked" bs=1 seek=7 conv=notrunc 2>/dev/null	# EI_OSABI 65
"$FLAT32" run --compat linux-6.12 "$TMPDIR/marked" >"$TMPDIR/out" 2>&1
same "a program marked FDPIC runs, and hints are ignored" "$(grep -c '^not ok' "$TMPDIR/out")" 6
"$FLAT32" run --compat linux-5 "$TMPDIR/marked" >"$TMPDIR/out" 2>&1
same "--compat knows one kernel" $? 125
finish
