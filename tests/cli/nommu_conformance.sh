#!/bin/sh
# nommu-mmap.txt, sentence by sentence: each has a test that passes here and now, and docs/nommu-conformance.md says what
# the tests say. NOMMU_TEXT=FILE: also that the sentences quoted are all of that file.
top=$(cd "${0%/*}/../.." && pwd)
. "${0%/*}/lib/tap.sh"
here=$top/tests/conformance

plan 3
O=${O:-$B} "$here/nommu.sh" "$TMPDIR" check >"$TMPDIR/wrong" 2>&1
[ ! -s "$TMPDIR/wrong" ]
verdict $? "every sentence has a test that passes, every difference a reason"
sed 's/^/# /' "$TMPDIR/wrong"
O=${O:-$B} "$here/nommu.sh" "$TMPDIR" compare >"$TMPDIR/differ" 2>&1
verdict $? "docs/nommu-conformance.md says what the tests say (make nommu-conformance writes it)"
sed 's/^/# /' "$TMPDIR/differ" | head -20
if [ -n "${NOMMU_TEXT-}" ]; then
	"$here/sentences.sh" cover "$NOMMU_TEXT" >"$TMPDIR/cover" 2>&1
	[ ! -s "$TMPDIR/cover" ]
	verdict $? "the quotes are all of $NOMMU_TEXT"
	sed 's/^/# /' "$TMPDIR/cover"
else
	skip 1 "NOMMU_TEXT is not set"
fi
finish
