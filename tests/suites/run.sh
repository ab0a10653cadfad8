#!/bin/sh
# Run the test suites of others in the guest and say how they went.
#
#   run.sh [SUITE...]		default: all. Environment: lib.sh
#
# Leaves $D/report.txt (the table, and each test that is not as expected), $D/suites.md (docs/suites.md, if all were run) and
# $D/SUITE.results. Status 1 if a test failed that expected.txt does not name.
. "${0%/*}/lib.sh"
here=$top/tests/suites
all='busybox posix libc sqlite lua quickjs mtd libuv zlib tcl testfixture kselftest stress strace'
suites=${*:-$all}
status=0
for s in $suites; do
	"$here/$s.sh" build || exit 1
	start=$(date +%s)
	"$here/$s.sh" run >"$D/$s.results" || exit 1
	echo "$s: $(wc -l <"$D/$s.results") tests in $(($(date +%s) - start)) s"
done
# shellcheck disable=SC2046
awk -f "$here/judge.awk" "$here/expected.txt" $(printf "$D/%s.results " $suites) >"$D/judged" || status=1
"$here/report.sh" text "$D/judged" | tee "$D/report.txt"
[ "$suites" != "$all" ] || "$here/report.sh" page "$D/judged" >"$D/suites.md"
exit $status
