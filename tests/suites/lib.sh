# Sourced by the scripts of tests/suites.				shellcheck shell=sh
#
# A suite is a script SUITE.sh with two commands:
#
#   SUITE.sh build	from the sources in $D/src (sources.sh) to $D/SUITE/; does nothing that is done
#   SUITE.sh run	runs it in the guest; prints a line for each test, and nothing else:
#			RESULT<tab>TEST<tab>DETAIL	RESULT is pass, fail or skip; DETAIL says what was wrong, or why it is skipped
#
# Environment: FLAT32; B, the top build folder; D, the suites' (build/suites); JOBS; LOG. All are absolute. What a run printed
# is kept in $D/SUITE/log/. SDK, if it is not $B/sdk, has the compiler, and what its programs need besides in SDK/root
# (guest-rootfs/sdk-kind.sh).

set -u
top=$(cd "${0%/*}/../.." && pwd)
suite=${0##*/} suite=${suite%.sh}
sdk=${SDK:-$B/sdk}
cc=$sdk/bin/flat32-cc
src=$D/src
out=$D/$suite
tab=$(printf '\t')
unset MAKEFLAGS MFLAGS MAKELEVEL
# shellcheck source=guest-rootfs/step.sh
. "$top/guest-rootfs/step.sh"

# expected RESULT: the tests of this suite that expected.txt has with it, one a line
expected() {
	awk -F'\t' -v result="$1" -v suite="$suite" '$1 == result && $2 == suite { print $3 }' "$top/tests/suites/expected.txt"
}

# fresh TARGET FILE...: whether TARGET is there and none of the files is newer
fresh() {
	fresh_target=$1
	shift
	[ -e "$fresh_target" ] || return 1
	for f; do
		[ ! "$f" -nt "$fresh_target" ] || return 1
	done
}

# build_limit: $out/limit, which stops what takes too long in the guest (limit.c)
build_limit() {
	"$cc" -std=gnu11 -O2 -Wall -Wextra -Wshadow -Werror -o "$out/limit" "$top/tests/suites/limit.c"
}

# image DIR... OUT: an image of these folders and of what the programs need
image() {
	# shellcheck disable=SC2046
	"$top/guest-rootfs/mkimage" $([ ! -d "$sdk/root" ] || echo "$sdk/root") "$@"
}

# boot ROOT OPTION...: a guest that has the files of the folder ROOT, which is gone then, and runs ROOT/tests.sh; all it prints is in ROOT.log
boot() {
	root=$1
	shift
	chmod +x "$root/tests.sh"
	image "$B/rootfs" "$root" "$root.cpio" || return 1
	rm -rf "$root"
	"$FLAT32" boot "$@" --log 3 --exec /tests.sh "$root.cpio" </dev/null >"$root.log" 2>&1
	rm -f "$root.cpio"
}

# guests N: runs the tests of $out/run/list in N guests beside each other, each of which has its share as /list. The suite's functions:
#	guest_files ROOT	puts what else they have into the folder ROOT, and may add to $options
#	guest_script		prints the guest's script; the last thing that says is END
guests() {
	for n in $(seq "$1"); do
		guest "$n" "$1" &
	done
	wait
	for n in $(seq "$1"); do
		grep -q '^END' "$out/run/$n.log" || printf 'fail\tguest %s\tdid not come to its end\n' "$n"
	done
}

# guest N OF
guest() {
	options=
	mkdir -p "$out/run/$1" && cp "$out/limit" "$out/run/$1/" || return 1
	awk -v n="$1" -v of="$2" 'NR % of == n % of' "$out/run/list" >"$out/run/$1/list"
	guest_script >"$out/run/$1/tests.sh"
	guest_files "$out/run/$1" || return 1
	# shellcheck disable=SC2086
	boot "$out/run/$1" $options
}

# commands ROOT MEMORY: runs commands in a guest that has the files of the folder ROOT, with flat32's $options. From stdin a line for each:
# NAME<tab>SECONDS<tab>COMMAND. Each is a shell's, in an empty /tmp, and passes if its status is 0. All it printed is in ROOT.log,
# the last line is the detail of a failure.
commands() {
	cp "$out/limit" "$1/"
	{
		echo '#!/bin/sh'
		echo 'cd /tmp'
		while IFS=$tab read -r name seconds command; do
			printf '%s\n' "echo '= $name'" \
				"/limit $seconds sh -c '$command' >/out 2>&1 </dev/null" \
				'status=$?' 'cat /out' \
				"echo \"@ \$status $name \$(tail -n 1 /out)\"" \
				'rm -rf /tmp/*'
		done
		echo 'echo END'
	} >"$1/tests.sh"
	# shellcheck disable=SC2086
	boot "$1" -m "$2" ${options-} || return 1
	tr -d '\000' <"$1.log" | awk '
		sub(/\r$/, "") { }
		$1 == "@" {
			status = $2
			name = $3
			sub(/^@ [^ ]* [^ ]* */, "")
			gsub(/\t/, " ")
			why = status == 0 ? "" : status == 124 ? "stopped: took too long" : status > 128 ? "signal " status - 128 : $0
			printf "%s\t%s\t%s\n", status == 0 ? "pass" : "fail", name, why
		}
		$0 == "END" { ended = 1 }
		END { if (!ended) printf "fail\tguest\tdid not come to its end\n" }'
}
