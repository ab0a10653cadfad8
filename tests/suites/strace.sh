#!/bin/sh
# strace's own tests (Debian's strace): programs that make system calls and print what strace should print about them. Here it is
# --strace that is judged.
#
#   strace.sh build | run	lib.sh says more; besides FENCED, the emulator with memory that ends (fence.c)
#   strace.sh compile NAME	the program of one test (build runs this, several at once)
#   strace.sh test NAME		one test (run does)
#   strace.sh trace OPTION... PROGRAM ARGUMENT...	what the tests take for strace
#   strace.sh plainly PROGRAM ARGUMENT...		without it
#   strace.sh textless FILE...	takes the texts of errors out of what is compared
#
# A test is a script NAME.test, or NAME.gen.test, of strace's; it runs the program twice, once as strace's tracee, and compares.
# --strace is told what follows -o as well; without -f it is to show one task only, as strace does.
trace() {
	options=--follow-forks=no
	while [ $# -gt 0 ]; do
		case $1 in
		-[eaPsXuEOSIbo])
			options="$options $1 '$2'"
			shift 2
			;;
		-*)
			options="$options '$1'"
			shift
			;;
		*) break ;;
		esac
	done
	exec "$FENCED" run --log 0 --crash-report=off --strace="$options" "$@"
}

plainly() {
	case $1 in
	../*) exec "$FENCED" run --log 0 --crash-report=off "$@" ;;
	*) exec "$@" ;;
	esac
}

# textless EXPECTED LOG
textless() {
	for f; do
		[ ! -f "$f" ] || sed -i 's/\(-1 E[A-Z0-9]*\) [^ ]*([^()]*)/\1/' "$f"
	done
}

case ${1-} in
trace | plainly | textless)
	"$@"
	exit
	;;
esac

. "${0%/*}/lib.sh"
tests=$src/strace/tests
me=$top/tests/suites/strace.sh
limit=30

# left_out NAME: the reason, if the test cannot be run here at all; those are not built
left_out() {
	case $1 in
	*secontext*) echo 'no SELinux' ;;
	*pidns*) echo 'no namespaces of processes' ;;
	nlattr* | netlink* | nfnetlink*) echo 'not decoded: netlink' ;;
	esac
}

# kept: of the names on stdin those that expected.txt does not skip
kept() {
	expected skip >"$out/skip"
	awk 'FILENAME != "-" { if (sub(/\*$/, "")) prefix[$0]; else exact[$0]; next }
		{
			for (p in prefix)
				if (index($0, p) == 1)
					next
			if (!($0 in exact))
				print
		}' "$out/skip" -
}

flags="-O1 -w -DHAVE_CONFIG_H -D_FILE_OFFSET_BITS=64 -Doff64_t=off_t -DTESTS_SIZEOF_KERNEL_LONG_T=4 -DTESTS_SIZEOF_LONG=4
	-DSTRACE_SIZEOF_KERNEL_LONG_T=4 -DSTRACE_SIZEOF_LONG=4
	-I$out/configured/src -I$src/strace/src/linux/riscv64 -I$src/strace/src/linux/generic -I$src/strace/src
	-I$src/strace/bundled/linux/arch/riscv/include/uapi -I$src/strace/bundled/linux/include/uapi"

build() {
	fresh "$out/.done" "$0" "$src/.done" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/programs" "$out/errors" "$out/tests" "$out/configured"
	step 1/2 "configuring strace's tests" suites-strace-configure 0 configure || return 1
	step 2/2 "building strace's tests" suites-strace 0 compile_all && touch "$out/.done"
}

# strace does not know of riscv32: what its tests ask of the system is as on riscv64, but for the calls there are.
configure() {
	(cd "$out/configured" && "$src/strace/configure" --host=riscv64-linux-musl CC="$cc" CFLAGS='-O1 -w' --enable-mpers=no \
		--disable-gcc-Werror --enable-bundled=yes --without-libdw --without-libunwind --without-libselinux) || return 1
	cat >"$out/configured/src/scno.h" <<-\END
		#include <asm/unistd.h>
		#define SYSCALL_BIT 0
		#define __NR__llseek __NR_llseek
	END
	mkdir "$out/configured/src/asm"
	echo 'struct user_regs_struct { unsigned long pc, ra, sp, x[29]; };' >"$out/configured/src/asm/ptrace.h"
}

# The library that all of them use, then the programs of the tests and those that they start besides.
compile_all() {
	mkdir "$out/lib"
	# shellcheck disable=SC2086
	sed -n '/^libtests_a_SOURCES/,/end of/s/^\t\(.*\.c\) .*/\1/p' "$tests/Makefile.am" |
		xargs -P "$JOBS" -I FILE sh -c '"$@"' - $cc $flags -c -o "$out/lib/FILE.o" "$tests/FILE" || return 1
	"$sdk/bin/flat32-ar" rcs "$out/libtests.a" "$out"/lib/*.o
	for script in "$tests"/*.test; do
		name=${script##*/} name=${name%.test} name=${name%.gen}
		echo "$name"
	done | sort -u >"$out/list"
	(kept <"$out/list" | while read -r name; do
		[ -n "$(left_out "$name")" ] || echo "$name"
	done && printf '%s\n' answer block_reset_raise_run list_sigaction_signum net-accept-connect print_maxfd print_ppid_tracerpid \
		run_expect_termsig scm_rights set_ptracer_any sleep unblock_reset_raise) |
		xargs -P "$JOBS" -n 1 "$me" compile
	[ "$(find "$out/programs" -type f | wc -l)" -gt 500 ]
	scripts
}

# Their scripts call the program itself, too. What they compare is without libc's texts of errors, which the program takes from
# musl, and the emulator from the host's.
scripts() {
	rm -rf "$out/tests"
	mkdir "$out/tests"
	cp "$tests"/*.test "$tests"/*.sh "$tests"/*.in "$tests"/*.expected "$tests"/*.awk "$tests"/*.list "$out/tests/"
	# shellcheck disable=SC2016
	sed -i 's/^\t"\$@"/\t$PLAINLY "$@"/
		s/^\tdiff -u/\t$TEXTLESS "$expected" "$output"\n&/
		s/^\tcnt=1$/\t$TEXTLESS "$patterns" "$output"\n&/' "$out/tests/init.sh"
	# shellcheck disable=SC2016
	sed -i 's|^\("\?\.\./[a-zA-Z$]\)|$PLAINLY \1|' "$out"/tests/*.test "$out"/tests/*-success.sh
}

compile() {
	[ -e "$tests/$1.c" ] || return 0
	# shellcheck disable=SC2086
	"$cc" $flags -s -o "$out/programs/$1" "$tests/$1.c" "$out/libtests.a" 2>"$out/errors/$1" && rm "$out/errors/$1"
	return 0
}

# one NAME: a line of results
one() {
	why=$(left_out "$1")
	if [ -z "$why" ] && [ -e "$out/errors/$1" ]; then
		why="does not compile: $(sed -n 's/.*error: //p' "$out/errors/$1" | head -n 1)"
	fi
	if [ -n "$why" ]; then
		printf 'skip\t%s\t%s\n' "$1" "$why"
		return
	fi
	script=$out/tests/$1.test
	[ -e "$script" ] || script=$out/tests/$1.gen.test
	(cd "$out/run" && timeout -k 5 $limit sh -efu "$script") </dev/null >"$out/log/$1" 2>&1
	status=$?
	case $status in
	0) result=pass why= ;;
	77)
		result=skip
		why="the test says: $(grep -v '^[^:]*: skipped test' "$out/log/$1" | tail -n 1)"
		[ "$why" != 'the test says: ' ] || why="the test says: $(tail -n 1 "$out/log/$1")"
		;;
	124) result=fail why="took longer than $limit s" ;;
	*)
		result=fail
		why=$(grep -E '^[-+]([^-+]|$)' "$out/log/$1" | head -n 1)
		[ -n "$why" ] || why=$(tail -n 1 "$out/log/$1")
		;;
	esac
	printf '%s\t%s\t%s\n' "$result" "$1" "$(printf '%s' "$why" | tr '\t' ' ' | cut -c1-200)"
}

run() {
	rm -rf "$out/run" "$out/log"
	mkdir -p "$out/run" "$out/log"
	kept <"$out/list" >"$out/run/list"
	cp -l "$out"/programs/* "$out/run/"
	export srcdir="$out/tests" STRACE="$me trace" PLAINLY="$me plainly" TEXTLESS="$me textless" STRACE_ARCH=riscv32 STRACE_NATIVE_ARCH=riscv32 \
		SIZEOF_LONG=4 SIZEOF_KERNEL_LONG_T=4 MIPS_ABI=''
	{
		sort "$out/list" "$out/run/list" | uniq -u | sed 's/.*/skip\t&\t/'
		xargs -P "$JOBS" -n 1 "$me" test <"$out/run/list"
	} | sort
}

case ${1-} in
build) build ;;
scripts) scripts ;;
compile) compile "$2" ;;
run) run ;;
test) one "$2" ;;
esac
