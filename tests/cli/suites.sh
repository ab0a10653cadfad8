#!/bin/sh
# timeout: 300
# make suites in short: BusyBox's own testsuite in the guest, with the BusyBox of the default image, and the judge of all suites.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/../suites" && pwd)
plan 8
tab=$(printf '\t')

D=$TMPDIR B=$B FLAT32=$FLAT32 JOBS=2 LOG=$TMPDIR/log
export D B FLAT32 JOBS LOG
"$here/busybox.sh" default >"$TMPDIR/busybox.results" 2>"$TMPDIR/errors"
same "BusyBox's testsuite comes to its end" "$(cat "$TMPDIR/errors")" ""
awk -v short=1 -f "$here/judge.awk" "$here/expected.txt" "$TMPDIR/busybox.results" >"$TMPDIR/judged"
same "no test fails that is not known to fail" "$("$here/report.sh" text "$TMPDIR/judged" | grep -v '^[a-z]')" ""
passed=$(awk -F'\t' '$1 == "suite" { print $3 }' "$TMPDIR/judged")
ok "$passed tests pass" [ "$passed" -ge 830 ]

# The judge, on results made up.
printf '%s\n' "least${tab}a${tab}3" "fail${tab}a${tab}known${tab}libc: why" "skip${tab}a${tab}left*${tab}no MMU: why" >"$TMPDIR/expected"
judge() {
	printf '%b' "$1" >"$TMPDIR/a.results"
	awk -f "$here/judge.awk" "$TMPDIR/expected" "$TMPDIR/a.results" >"$TMPDIR/said"
	status=$?
	"$here/report.sh" text "$TMPDIR/said" | grep -v -e '^[a-z]' | tr -s ' ' | tr '\n' ';'
	echo "status $status"
}
good='pass\tone\t\npass\ttwo\t\npass\tthree\t\n'
same "as expected" "$(judge "${good}fail\tknown\twhat\nskip\tleft1\t\n")" "status 0"
same "a new failure" "$(judge "${good}fail\tknown\t\nskip\tleft1\t\nfail\tfour\tboom\n")" "NEW FAILURE a: four: boom;status 1"
same "too few pass" "$(judge 'pass\tone\t\nfail\tknown\t\nskip\tleft\t\n')" "TOO FEW a: 1 passed, 3 used to;status 1"
same "a skip needs a reason" "$(judge "${good}fail\tknown\t\nskip\tleft1\t\nskip\tsix\t\n")" "NEW FAILURE a: six;status 1"
same "one that passes now, a line too many" "$(judge "${good}pass\tknown\t\n")" \
	"PASSES NOW a: known (was: libc: why);NO SUCH TEST a: left*;status 0"
finish
