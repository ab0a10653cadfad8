#!/bin/sh
# Functional tests of C libraries, against musl in the guest: those of picolibc (test/, with libc-testsuite, which musl's author wrote),
# newlib's, which picolibc has as well (newlib/testsuite), and newlib's of the mathematical functions with their vectors (newlib/libm/test).
#
#   libc.sh build | run	lib.sh says more
#   libc.sh compile NAME FILE...	one program (build runs this, several at once)
#
# A test is "FOLDER/FILE"; what its status means is as with meson, by which picolibc runs them: 77 is "not here". The mathematical
# functions are one program, which says what it tests: "libm/FUNCTION".
. "${0%/*}/lib.sh"
pico=$src/picolibc
guests=2
limit=120

# Whose end is to be an error.
should_fail='test/abort test/test-except test/test-ubsan'

# Not programs but parts of one, or of what only picolibc has: its locks, its start without constructors, its instructions for RX.
parts='test/lock-valid test/native-locks test/testcases test/math_errhandling_tests test/rounding-mode-sub test/try-ilp32-sub
	test/constructor-skip test/test-scmpu test/tls newlib.elix/tmmap'

compile() {
	name=$1
	program=$out/programs/$(echo "$name" | tr / :)
	shift
	case $name in
	*/rounding-mode | */try-ilp32) set -- "$1" "${1%.c}-sub.c" ;;
	*/test-ubsan) set -- "$1" -fsanitize=undefined -fsanitize-trap=all -DSANITIZE_TRAP_ON_ERROR ;;
	libm/math) set -- "$@" -DTEST_PART=-1 -DINCLUDE_GENERATE ;;
	esac
	"$cc" -std=gnu11 -O2 -w -s -Wno-implicit-int -D_GNU_SOURCE -DNO_NEWLIB -fno-builtin -ffp-contract=off -include "$top/tests/suites/libc.h" \
		-I"$pico/test" -I"$pico/newlib/testsuite/include" -o "$program" "$@" -lm 2>"$out/errors/${program##*/}" &&
		rm "$out/errors/${program##*/}"
}

# list: "NAME FILE..." of each program
list() {
	for file in "$pico"/test/*.c "$pico"/test/libc-testsuite/*.c "$pico"/newlib/testsuite/*/*.c; do
		name=${file%.c}
		folder=${name%/*}
		name=${folder##*/}/${name##*/}
		echo "$parts" | tr -s '\t ' '\n' | grep -qxF "$name" || echo "$name $file"
	done
	echo libm/math "$(printf '%s\n' "$pico"/newlib/libm/test/*.c | grep -v -e /dcvt.c -e /test_ieee.c | tr '\n' ' ')"
}

compile_all() {
	list >"$out/list"
	xargs -P "$JOBS" -L 1 "$0" compile <"$out/list"
	[ "$(find "$out/programs" -type f | wc -l)" -gt 70 ]
}

build() {
	fresh "$out/.done" "$0" "$top/tests/suites/limit.c" "$pico/.done" "$top/tests/suites/libc.h" "$sdk/.done" && return
	rm -rf "$out"
	mkdir -p "$out/programs" "$out/errors"
	step 1/1 'building the tests of C libraries' suites-libc 0 compile_all
	build_limit && touch "$out/.done"
}

# sort_out: says which programs could not be built, and why; the others are listed in $out/run/list
sort_out() {
	while read -r name _; do
		program=$(echo "$name" | tr / :)
		if [ -e "$out/programs/$program" ]; then
			echo "$program" >>"$out/run/list"
			continue
		fi
		why=$(sed -n "s/.*undeclared function '\([^']*\)'.*/musl has no \1()/p
			s/.*unknown type name '\([^']*\)'.*/musl has no type \1/p
			s/.*'\([^']*\)' file not found.*/musl has no header \1/p" "$out/errors/$program" | head -n 1)
		printf 'skip\t%s\t%s\n' "$name" "libc: ${why:-does not compile}"
	done <"$out/list"
}

guest_script() {
	cat <<-EOF
		#!/bin/sh
		mkdir -p /tmp
		cd /tmp
		while read -r program; do
			echo hi | /limit $limit /suite/\$program >/out 2>&1
			status=\$?
			cat /out
			echo
			echo "@ \$status \$program \$(tail -n 1 /out | tr '\\t' ' ')"
			rm -rf /tmp/*
		done </list
		echo END
	EOF
}

guest_files() {
	mkdir -p "$1/suite"
	while read -r program; do
		ln "$out/programs/$program" "$1/suite/" || return 1
	done <"$1/list"
}

run() {
	rm -rf "$out/run"
	mkdir -p "$out/run"
	sort_out
	guests "$guests"
	verdicts | sort
}

# verdicts: of all guests
verdicts() {
	cat "$out"/run/*.log | tr -d '\000\r' | awk -v should_fail="$should_fail" '
		BEGIN {
			n = split(should_fail, list, " ")
			for (i = 1; i <= n; i++)
				wanted[list[i]] = 1
		}
		function say(result, name, why) {
			gsub(/\t/, " ", why)
			printf "%s\t%s\t%s\n", result, name, why
		}
		$1 == "testing" {
			function_now = $2
			sub(/^fcvt\/fcvtf$/, "fcvt", function_now)
			if (!(function_now in wrong)) {
				functions[++count] = function_now
				wrong[function_now] = ""
			}
		}
		function_now != "" && index($0, $0 ~ /^fcvt\/fcvtf:/ ? "fcvt/fcvtf:" : function_now ":") == 1 && wrong[function_now] == "" { wrong[function_now] = $0 }
		$1 != "@" { next }
		{
			status = $2
			name = $3
			sub(/:/, "/", name)
			sub(/^[^ ]* [^ ]* [^ ]* */, "")
			if (name == "libm/math" && count && $0 ~ /errors detected$/) {
				for (i = 1; i <= count; i++)
					say(wrong[functions[i]] == "" ? "pass" : "fail", "libm/" functions[i], wrong[functions[i]])
				next
			}
			result = status == 77 ? "skip" : (status == 0) != (name in wanted) ? "pass" : "fail"
			why = result == "pass" ? "" : status == 77 ? "the test says: " $0 : status == 124 ? "stopped after '$limit' s" : \
				status > 128 ? "signal " status - 128 : $0
			say(result, name, why)
		}'
}

case ${1-} in
build) build ;;
compile) shift && compile "$@" ;;
run) run ;;
esac
