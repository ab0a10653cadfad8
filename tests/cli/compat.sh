#!/bin/sh
# --compat linux-6.12: the option, and what no test of tests/conformance shows: those are run in this mode, too, and
# compared with the real kernel's transcripts (conformance.sh).
. "${0%/*}/lib/tap.sh"

plan 2
# The FDPIC mark says nothing to riscv's kernel: a program that needs its segments at their distance runs with it.
cp "$B/guest-tests/mm_calls" "$TMPDIR/marked"
printf '\101' | dd of="$TMPDIR/marked" bs=1 seek=7 conv=notrunc 2>/dev/null	# EI_OSABI 65
"$FLAT32" run --compat linux-6.12 "$TMPDIR/marked" >"$TMPDIR/out" 2>&1
same "a program marked FDPIC runs, and hints are ignored" "$(grep -c '^not ok' "$TMPDIR/out")" 6
"$FLAT32" run --compat linux-5 "$TMPDIR/marked" >"$TMPDIR/out" 2>&1
same "--compat knows one kernel" $? 125
finish
