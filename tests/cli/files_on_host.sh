#!/bin/sh
# The guest's tests of files once more, on the host's files.				timeout: 120
. "${0%/*}/lib/tap.sh"
plan 6

for test in file_open file_rw file_lock dir_names stat_attr pipe_basic; do
	SCRATCH=host timeout 60 "$FLAT32" run "$B/guest-tests/$test" >"$TMPDIR/out" 2>&1 </dev/null
	verdict $? "$test"
	grep -v '^ok' "$TMPDIR/out" | sed 's/^/# /'
done
finish
