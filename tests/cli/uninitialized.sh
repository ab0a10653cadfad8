#!/bin/sh
# --uninitialized: off, MAP_UNINITIALIZED clears like any other mapping (and programs start all the same).
. "${0%/*}/lib/tap.sh"

plan 5
dirty=$B/guest-tests/mm_dirty
"$FLAT32" run "$dirty" >"$TMPDIR/default" 2>&1
verdict $? "honoured by default"
"$FLAT32" run --uninitialized on "$dirty" >"$TMPDIR/on" 2>&1
same "on is the default" "$(cat "$TMPDIR/on")" "$(cat "$TMPDIR/default")"
"$FLAT32" run --uninitialized off "$dirty" >"$TMPDIR/off" 2>&1
same "off: what was to be dirty is not" "$(grep -c '^not ok .* as they are' "$TMPDIR/off")" 8
same "and nothing else fails" "$(grep -c '^not ok' "$TMPDIR/off")" 8
"$FLAT32" run --uninitialized perhaps "$dirty" >"$TMPDIR/out" 2>&1
same "on or off" $? 125
finish
