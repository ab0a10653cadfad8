# Sourced by tests/cli/*.sh: TAP from a shell script.			shellcheck shell=sh
#
#	plan 3
#	ok "what should be so" [ "$a" = "$b" ]
#	same "what" "$got" "$wanted"
#	skip 2 "why"
#	finish
#
# FLAT32, FLAT32_CC, B and TMPDIR come from tests/check.sh; by hand the release build is used.

B=${B:-$(cd "${0%/*}/../../build" && pwd)}
FLAT32=${FLAT32:-$B/flat32}
FLAT32_CC=${FLAT32_CC:-$B/sdk/bin/flat32-cc}
tap_own=
if [ -z "${TMPDIR-}" ]; then
	TMPDIR=$(mktemp -d)
	tap_own=$TMPDIR
fi
tap_n=0 tap_failed=0

plan() {
	echo "1..$1"
}

verdict() {
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n - $2"
	else
		echo "not ok $tap_n - $2"
		tap_failed=$((tap_failed + 1))
	fi
}

ok() {
	tap_name=$1
	shift
	"$@"
	verdict $? "$tap_name"
}

same() {
	if [ "$2" = "$3" ]; then
		verdict 0 "$1"
	else
		verdict 1 "$1"
		printf '%s\n' "got: $2" "want: $3" | sed 's/^/# /'
	fi
}

skip() {
	tap_skips=$1
	while [ "$tap_skips" -gt 0 ]; do
		tap_n=$((tap_n + 1)) tap_skips=$((tap_skips - 1))
		echo "ok $tap_n # SKIP $2"
	done
}

finish() {
	[ -z "$tap_own" ] || rm -rf "$tap_own"
	[ $tap_failed -eq 0 ]
	exit
}
