#!/bin/sh
# timeout: 300
# The short form of make fuzz-fdpic, with the same seeds each time so that a failure stays.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/../fuzz/fdpic" && pwd)
plan 1
if [ ! -e "${FLAT32_CC%/bin/*}/sysroot-fdpic/usr/lib/libc.a" ]; then
	skip 1 'this SDK has no libc for FDPIC'
	finish
fi
LEVELS='0 2' QUIET=yes "$here/run.sh" "$FLAT32" "${FLAT32_CC%/bin/*}" "$TMPDIR" 16 1 >"$TMPDIR/out" 2>&1
verdict $? "16 random programs: $(tail -n 1 "$TMPDIR/out")"
sed 's/^/# /' "$TMPDIR/out"
finish
