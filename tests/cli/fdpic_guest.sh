#!/bin/sh
# timeout: 240
# Some of the guest tests as FDPIC programs, static and with libc.so; make check-fdpic has them all.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}/../guest" && pwd)
lib=${FLAT32_CC%/bin/*}/sysroot-fdpic/lib
tests='signal_action signal_stack thread_cancel thread_sync process_wait clone3_vfork futex_ops mm_calls signal_queue ptrace_memory'
cd "$TMPDIR" || exit 2
plan 40

for test in $tests; do
	for how in static shared; do
		options=-static run=
		[ $how = static ] || options='' run="--share $lib:/lib:ro"
		# shellcheck disable=SC2086
		"$FLAT32_CC" -mfdpic $options -std=gnu11 -O2 -g -Wall -Wextra -Wshadow -Werror -I"$here" -o $test "$here/$test.c"
		same "$test, $how: is built" $? 0
		# shellcheck disable=SC2086
		timeout 60 "$FLAT32" run $run $test >out 2>&1 </dev/null
		status=$?
		grep '^not ok' out
		ok "$test, $how: all passes" [ $status = 0 ]
	done
done
finish
