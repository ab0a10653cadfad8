#!/bin/sh
# FDPIC programs do what PIE programs do, at all levels of optimisation, wherever their text and data lie.
# engines: all
# timeout: 300
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/../fdpic" && pwd)
cd "$TMPDIR" || exit 2
plan 44
nl='
'

if [ ! -e "${FLAT32_CC%/bin/*}/sysroot-fdpic/usr/lib/libc.a" ]; then
	skip 44 'this SDK has no libc for FDPIC'
	finish
fi

# built LEVEL NAME OPTIONS...: as two objects; with PIC's in between
built() {
	level=$1 name=$2
	shift 2
	for file in main other; do
		"$FLAT32_CC" "-O$level" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-command-line-argument -g "$@" -c -o "$name.$file.o" "$here/$file.c" || return 1
	done
	"$FLAT32_CC" "$@" -o "$name" "$name.main.o" "$name.other.o"
}

run() {
	"$FLAT32" run "$@" argument 2>&1
	echo "status $?"
}

built 2 pie
# differs RUN ARGUMENTS...: in what lines
differs() {
	run "$@" | sed "$order" >got
	diff want got | head -n 4
}

order=
run ./pie >want
same 'PIE: came to its end' "$(tail -n 1 want)" 'status 7'
same '... having said much' "$(wc -l <want)" 23

for level in 0 1 2 3 s; do
	same "-O$level: built" "$(built $level static$level -mfdpic -static 2>&1)" ''
	same "-O$level: the same" "$(differs ./static$level)" ""
	for seed in 1 2 3; do
		same "-O$level: --scatter $seed" "$(differs --scatter $seed ./static$level)" ""
	done
done
same '-ffunction-sections --gc-sections: built' "$(built 2 gc -mfdpic -static -ffunction-sections -fdata-sections -Wl,--gc-sections 2>&1)" ''
same '... the same' "$(differs --scatter 4 ./gc)" ""
same 'objects of a library in an executable: built' "$(built 2 pic -mfdpic -static -fPIC 2>&1)" ''
same '... the same' "$(differs --scatter 5 ./pic)" ""


classes() {
	"$FLAT32_CC" -x c++ -std=c++17 -fno-exceptions -fno-rtti -fno-threadsafe-statics "$@" -o classes "$here/classes.cpp" && run ./classes
}

wanted=$(classes -O1)
same 'C++ as PIE: came to its end' "${wanted##*"$nl"}" 'status 3'
same 'C++ -O0: the same' "$(classes -O0 -mfdpic -static)" "$wanted"
same 'C++ -O2: the same' "$(classes -O2 -mfdpic -static)" "$wanted"

if [ -e "${FLAT32_CC%/bin/*}/sysroot-fdpic/usr/lib/libc.so" ]; then
	mkdir lib && cp "${FLAT32_CC%/bin/*}"/sysroot-fdpic/lib/*.so.1 lib/
	# the library's constructors all run before the executable's
	order='s/: 2 5 1 3,/: 1 2 3 5,/'
	for level in 0 1 2 3 s; do
		"$FLAT32_CC" -mfdpic -fPIC "-O$level" -std=gnu11 -shared -o lib/libother.so "$here/other.c" &&
			"$FLAT32_CC" -mfdpic "-O$level" -std=gnu11 -D_GNU_SOURCE -o "shared$level" "$here/main.c" -Llib -lother
		same "-O$level: with a library, built" $? 0
		same "-O$level: the same" "$(differs --scatter 7 --share "$TMPDIR/lib:/lib:ro" ./shared$level)" ""
	done
else
	skip 10 'no libc.so in the SDK'
fi
finish
