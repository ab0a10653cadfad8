#!/bin/sh
# --input: what is typed on the console, and when.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 16

# go SCRIPT [OPTIONS...]: boots with it; out, err
go() {
	printf '%s\n' "$1" >script
	shift
	timeout 50 "$FLAT32" boot "$@" --input script "$B/rootfs.cpio.gz" >out 2>err </dev/null
}

go '# a session
expect "# "
send "echo $((6*7))\n"
expect "42"
wait 2.5	# of the guest
send "cut -d. -f1 /proc/uptime; \x65cho \"q\" \\ \150i\n"
expect "hi" 5
send "exit 7\n"' --deterministic; same "the status is the shell's" $? 7
ok "what was typed is done" grep -q '^42' out
ok "when it should" grep -q '^2' out
ok "escapes are C's" grep -q '^q  *hi' out
cp out first
go "$(cat script)" --deterministic; ok "the same again" cmp -s out first
go "$(cat script)" --deterministic --engine interp; ok "interpreted, too" cmp -s out first
go 'expect "# "
send "cat\n"
wait 0.1
send "line\n"
wait 0.1
send "\3"
expect "# "
send "stty -echo; sleep 100\n"
wait 1
send "\3"
expect "# "
send "exit\n"'; same "keys that are signals" $? 130
ok "reach who runs" grep -q '^line' out
go 'expect "# "
send "cat; exit 3\n"
end'; same "its end is that of the input" $? 3
go 'expect "no such text" 2' --deterministic; same "what never comes: 125" $? 125
ok "and which" grep -q 'line 1: the console does not show what is expected' err
for wrong in 'type "x"' 'send x' 'wait' 'wait -1' 'expect "x" y'; do
	go "$wrong"
	[ $? = 125 ] && grep -q 'line 1: should be' err || echo "taken: $wrong"
done >wrong
same "mistakes are told" "$(cat wrong)" ""
"$FLAT32" boot --input none/x "$B/rootfs.cpio.gz" 2>err; same "no such file: 125" $? 125
echo 'send "x"' >script
"$FLAT32" boot --input script --exec true "$B/rootfs.cpio.gz" 2>err; same "with --exec: 125" $? 125
ok "and why" grep -q 'for the console' err
go 'expect "# "
send "poweroff -f\n"
wait 10'; ok "the machine may end before it" test $? -lt 125
finish
