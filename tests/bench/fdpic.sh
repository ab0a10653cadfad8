#!/bin/sh
# make bench-fdpic: what FDPIC costs. The programs of programs.txt as PIE, as FDPIC with all in it and as FDPIC with libc.so:
# instructions that they execute (all of them, the dynamic linker's included), and bytes of code and constants.
#
# Environment: FLAT32, the emulator; SDK; D, a folder for the programs; T, patterns of programs
set -uf
: "${FLAT32:?}" "${SDK:?}" "${D:?}"
here=${0%/*}
cc="$SDK/bin/flat32-cc -std=gnu11 -O2 -I$here/cpu"
mkdir -p "$D"

# instructions PROGRAM SIZE OPTIONS...
instructions() {
	program=$1 size=$2
	shift 2
	"$FLAT32" run "$@" --profile-exact "$D/profile" "$program" "$size" >/dev/null 2>&1 </dev/null || return 1
	sed -n 's/^# \([0-9]*\) instructions retired.*/\1/p;3q' "$D/profile"
}

bytes() {
	"$SDK/bin/flat32-size" "$1" | awk 'NR == 2 { print $1 }'
}

grep -v '^#' "$here/programs.txt" | while read -r name _ size _; do
	[ -n "$name" ] || continue
	wanted=
	for pattern in ${T:-*}; do
		# shellcheck disable=SC2254
		case $name in $pattern) wanted=yes ;; esac
	done
	[ -n "$wanted" ] && [ -e "$here/cpu/$name.c" ] || continue
	$cc -o "$D/$name.pie" "$here/cpu/$name.c" && $cc -mfdpic -static -o "$D/$name.static" "$here/cpu/$name.c" &&
		$cc -mfdpic -o "$D/$name.shared" "$here/cpu/$name.c" || exit 1
	echo "$name $(instructions "$D/$name.pie" "$size") $(instructions "$D/$name.static" "$size")" \
		"$(instructions "$D/$name.shared" "$size" -L "$SDK/sysroot-fdpic")" \
		"$(bytes "$D/$name.pie") $(bytes "$D/$name.static")"
done | awk '
	BEGIN {
		print "| program | instructions, PIE | FDPIC static | FDPIC shared | text, PIE | FDPIC static |"
		print "|---|--:|--:|--:|--:|--:|"
	}
	NF == 6 {
		printf "| %s | %d | %.3f | %.3f | %d | %.3f |\n", $1, $2, $3 / $2, $4 / $2, $5, $6 / $5
		n++; static += log($3 / $2); shared += log($4 / $2); text += log($6 / $5)
	}
	NF != 6 { print "| " $1 " | does not run |"; bad = 1 }
	END {
		if (n)
			printf "| geometric mean | | %.3f | %.3f | | %.3f |\n", exp(static / n), exp(shared / n), exp(text / n)
		exit bad
	}'
