#!/bin/sh
# timeout: 120, beside: yes
# engines: all
# tests/stress in short: each stressor on the host's kernel, which shows that it is right itself, and in the guest, all at once and one
# after the other, with much memory and with little; and what the program says when something is wrong.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
stress=$B/stress/stress
n=$("$stress.native" --stressors | wc -l)
plan 19

# failed FILE: what is said there, without what may be
failed() { grep -v '^stress: \(passed\|skipped\|not here\):\|^stress: [^ ]*: [0-9]* skipped:\|^stressor\|^[^:]* \(passed\|short\|skipped\)$' "$1"; }
# ran FILE: how many stressors have done something
ran() { awk '$2 ~ /^[0-9]+$/ && $3 > 0 { n++ } END { print n + 0 }' "$1"; }

"$stress.native" --all 2 --ops 20 --metrics >out 2>&1
same "natively nothing fails" "$(failed out)" ""
ok "and all that the host has comes to something" [ "$(ran out)" -gt $((n / 2)) ]

mkdir -p root
cp "$stress" root/
"$B/../guest-rootfs/mkimage" "$B/rootfs" root image.cpio.gz >/dev/null || { echo "Bail out! no image"; exit 2; }
# guest OPTION... -- STRESS-OPTION...: in a booted guest, whose records are looked at all the time
guest() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	timeout 100 "$FLAT32" boot --log 1 $options --exec "/stress --metrics $*" image.cpio.gz </dev/null >out 2>&1
}
guest --deterministic --self-check -- --temp-path /tmp --all 2 --ops 20; status=$?
same "in the guest nothing fails" "$status $(failed out)" "0 "
same "and all of them run" "$(ran out)" "$n"
mv out first
guest --deterministic --self-check -- --temp-path /tmp --all 2 --ops 20
ok "twice the same" cmp first out
guest -m 96M -- --temp-path /tmp --all 4 --ops 15
same "four workers of each, and time is the host's" "$? $(failed out) $(ran out)" "0  $n"
guest -m 96M --deterministic -- --temp-path /tmp --all 1 -t 1
same "until time is up" "$? $(failed out) $(ran out)" "0  $n"
guest -- --temp-path /tmp --sequential 1 --ops 10
same "one after the other" "$? $(failed out) $(ran out)" "0  $n"
guest -m 7M --self-check --deterministic -- --temp-path /tmp --all 2 --ops 20; status=$?
same "with too little memory nothing fails" "$(failed out)" ""
same "which is said" "$status $(grep -c 'skipped: .*memory\|skipped: .*unavailable' out | sed 's/[1-9][0-9]*/some/')" "3 some"
"$FLAT32" run --log 1 "$stress" --all 1 --ops 10 -x fifo --temp-path "$TMPDIR" >out 2>&1
same "on files of the host" "$? $(failed out)" "0 "
same "which are gone" "$(ls -d stress-* 2>/dev/null)" ""

# status OPTION...: of a run; what it said is in out
status() {
	timeout 20 "$FLAT32" run --log 1 "$@" >out 2>&1
	echo $?
}
same "a wrong option" "$(status "$stress" --nothing 1)" 1
same "nothing to do" "$(status "$stress" --class cpu)" 1
same "no such class" "$(status "$stress" --all 1 --class cpus)" 1
same "a result that is wrong" "$(status --strace=inject=getpid:retval=1:when=5 -o /dev/null "$stress" --get 1 --ops 50; grep -c '^stress: get 0: an id has changed' out)" "2
1"
same "memory that is not there" "$(status "$stress" --vm 1 --vm-bytes 1g --ops 1)" 3
same "a call that is not there" "$(status --strace=inject=eventfd2:error=ENOSYS -o /dev/null "$stress" --eventfd 1 --ops 1)" 4
same "operations of a stressor, of others" "$(status "$stress" --yield 2 --yield-ops 7 --dup 1 --ops 3 --metrics
awk '/passed$/ { print $1, $2, $3 }' out)" "0
yield 2 14
dup 1 3"
finish
