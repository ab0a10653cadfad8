#!/bin/sh
# What a start costs, in numbers that do not depend on what else the machine does: page faults and system calls of the host
# for a hello world, beyond those of a program of the host's that does nothing. They creep up when something is made or
# registered at the start that hardly anybody asks for, or with large tables of pointers (docs/design.md, "A short life").
# (Measured: 120 and 113.)
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}" && pwd)
cd "$TMPDIR" || exit 2
plan 4

case ${O:-$B} in
"$B") ;;
*)
	skip 4 "an instrumented emulator does more"
	finish
	exit
	;;
esac
echo 'int main(void) { return 0; }' >nothing.c
if ! cc -O2 -Wall -o costs "$here/lib/costs.c" || ! cc -O2 -o nothing nothing.c; then
	echo "Bail out! cannot build what measures"
	exit 2
fi

# beyond COMMAND...: sets faults and calls
beyond() {
	measured=$(./costs "$@" 2>err) || return 1
	nothing=$(./costs ./nothing) || return 1
	faults=$((${measured% *} - ${nothing% *}))
	calls=$((${measured#* } - ${nothing#* }))
	echo "# $faults page faults and $calls system calls more than a program that does nothing"
}

ok "hello world is measured" beyond "$FLAT32" run "$B/bench/hello"
ok "at most 180 page faults" [ "${faults:-999}" -le 180 ]
ok "at most 150 system calls" [ "${calls:-999}" -le 150 ]
beyond "$FLAT32" --version
ok "of which at most 100 faults before anything is done" [ "${faults:-999}" -le 100 ]
finish
