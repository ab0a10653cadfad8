#!/bin/sh
# engines: all
# Flash can only be read: system calls that are told to write there, stores, and what the kernel writes by itself.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 2

timeout 60 "$FLAT32" run --self-check --flash :1M:64K "$B/guest-tests/helpers/flash_readonly" >out 2>err
same "the program ends" "$?" 0
same "all of it as it should be" "$(grep -v '^ok\|^1\.\.' out)" ""
finish
