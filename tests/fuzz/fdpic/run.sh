#!/bin/sh
# Random C programs, each compiled natively, as PIE and as FDPIC, static and with libraries, at all levels of optimisation;
# all must print the same checksum. Text and data of the FDPIC ones lie at random places.
#
#   run.sh FLAT32 SDK DIR N SEED	N programs, from SEED on; DIR is for their files, LEVELS for other levels (LEVELS='2 s')
#
# Eight at a time are linked to one program, so that linking costs less, and so that the linker has many objects with
# static variables of the same names. In the shared form they are a library, every other time only half of them.
# Programs that do not end natively (at -O0) within a second are not counted. A few print something else natively than as PIE, since
# they depend on the size of a pointer or on how fields lie: these are compared with PIE only, and counted.
set -u
flat32=$1 sdk=$2 dir=$3 n=$4 seed=$5
here=${0%/*}
cc="$sdk/bin/flat32-cc -w -I/usr/include/csmith"
levels=${LEVELS:-0 1 2 3 s}
mkdir -p "$dir"
done=0 failed=0 peculiar=0

# objects COMMAND...: of all programs of the batch, into $out
objects() {
	mkdir -p "$out"
	for s in $batch; do
		"$@" -c -o "$out/$s.o" "$dir/$s.c" || return 1
	done
	"$@" -c -o "$out/main.o" "$dir/main.c"
}

of() {
	for s; do
		echo "$out/$s.o"
	done
}

# main(N) runs the program that came from seed N.
main_c() {
	echo '#include <stdlib.h>'
	for s in $batch; do
		echo "int main_$s(void);"
	done
	echo 'int main(int argc, char **argv) { switch (argc > 1 ? atoi(argv[1]) : 0) {'
	for s in $batch; do
		echo "case $s: return main_$s();"
	done
	echo '} return 99; }'
}

# compare WHAT COMMAND...: run each program that is left with it
compare() {
	what=$1
	shift
	for s in $ends; do
		got=$(timeout 60 "$@" "$s" 2>&1 </dev/null) || got="$got (status $?)"
		[ "$got" = "$(cat "$dir/$s.want")" ] && continue
		if [ "$what" = PIE ] && [ "${got#checksum = }" != "$got" ]; then
			echo "$got" >"$dir/$s.want"
			peculiar=$((peculiar + 1))
			continue
		fi
		echo "seed $s: $what: $got, should be $(cat "$dir/$s.want")"
		failed=$((failed + 1))
	done
}

broken() {
	echo "seeds $batch: $1: does not build"
	failed=$((failed + 1))
}

half() {
	shift $(($# / 2))
	echo "$@"
}

one_batch() {
	for s in $batch; do
		sh "$here/program.sh" "$s" >"$dir/$s.c"
	done
	main_c >"$dir/main.c"

	# shellcheck disable=SC2046
	out=$dir/native && objects clang-19 -w -O0 -I/usr/include/csmith && clang-19 -o "$out/all" $(of $batch main) || { broken native; return; }
	ends=
	for s in $batch; do
		timeout 1 "$dir/native/all" "$s" >"$dir/$s.want" 2>&1 && ends="$ends $s"
	done

	out=$dir/pie
	# shellcheck disable=SC2046,SC2086
	if objects $cc -O2 && $cc -o "$out/all" $(of $batch main); then
		compare PIE "$flat32" run "$out/all"
	else
		broken PIE
	fi
	layout=$((first * 10))
	for level in $levels; do
		layout=$((layout + 1))
		out=$dir/static$level
		# shellcheck disable=SC2046,SC2086
		if objects $cc -mfdpic -O"$level" && $cc -mfdpic -static -o "$out/all" $(of $batch main); then
			compare "static -O$level" "$flat32" run --scatter "$layout" "$out/all"
		else
			broken "static -O$level"
		fi
		[ -e "$sdk/sysroot-fdpic/usr/lib/libc.so" ] || continue
		inside=$batch outside=
		if [ $((first / 8 % 2)) = 1 ]; then
			# shellcheck disable=SC2086
			inside=$(half $batch)
			for s in $batch; do
				case " $inside " in
				*" $s "*) ;;
				*) outside="$outside $dir/static$level/$s.o" ;;
				esac
			done
		fi
		out=$dir/shared$level
		# shellcheck disable=SC2046,SC2086
		if objects $cc -mfdpic -fPIC -O"$level" &&
			$cc -mfdpic -shared -o "$out/libfuzz.so" $(of $inside) &&
			$cc -mfdpic -o "$out/all" "$dir/static$level/main.o" $outside -L"$out" -lfuzz; then
			cp "$sdk"/sysroot-fdpic/lib/*.so.1 "$out/"
			compare "shared -O$level" "$flat32" run --scatter "$layout" --share "$out:/lib:ro" "$out/all"
		else
			broken "shared -O$level"
		fi
	done
	# shellcheck disable=SC2086
	set -- $ends
	done=$((done + $#))
}

first=$seed
while [ "$first" -lt $((seed + n)) ]; do
	batch= s=$first
	while [ "$s" -lt $((first + 8)) ] && [ "$s" -lt $((seed + n)) ]; do
		batch="$batch $s" s=$((s + 1))
	done
	next=$s
	one_batch
	first=$next
	[ -n "${QUIET-}" ] || echo "$done programs, $failed failures" >&2
done
echo "$done programs at levels $levels, $peculiar of them other than natively: $failed failures"
[ "$failed" -eq 0 ] && [ "$done" -gt $((n / 2)) ] && [ $((peculiar * 10)) -le "$done" ]
