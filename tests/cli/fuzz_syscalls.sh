#!/bin/sh
# timeout: 240, beside: yes
# A million random system calls from inside: the short form of make fuzz-syscalls, with the same seeds each time.
. "${0%/*}/lib/tap.sh"
plan 1
ok "a million random calls harm nothing" \
	"${0%/*}/../fuzz/syscalls/run.sh" "$FLAT32" "$B/fuzz/syscalls/image.cpio" "${FUZZ_CALLS:-1000000}" 1
finish
