#!/bin/sh
# The console on pipes and files: scripts are typed line by line, every way to end is one.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 21
image=$B/rootfs.cpio.gz

# boot: the default image, 20 seconds at most, without carriage returns and what comes before the first prompt
boot() {
	timeout 20 "$FLAT32" boot "$image" 2>err | tr -d '\r' | sed -n '/^flat32:~# /,$p'
}

printf 'echo one\ncat\nto cat\n' | boot >out
same "a script looks as if it was typed" "$(cat out)" "flat32:~# echo one
one
flat32:~# cat
to cat
to cat
flat32:~# "
printf 'read -r a\nvalue\necho "<$a>"' | boot >out
same "input for programs is theirs; a last line without newline counts" "$(sed -n 4p out)" "<value>"
(printf 'vi file\nitext\033'; sleep 1; printf ':wq\ncat file\n') | boot >out	# a pause: Escape begins the codes of keys
ok "vi can be typed into" grep -qx text out
printf 'cat; echo again; cat; echo and again\n' | boot >out
same "each reader gets the end of input" "$(sed -n '2,$p' out | head -2 | tr '\n' ' ')" "again and again "
(printf 'sleep 15\n'; sleep 1; printf '\003'; printf 'echo rc $?\n') | boot >out
ok "Ctrl-C in a pipe interrupts" grep -qx 'rc 130' out
(sleep 1; echo 'echo slow') | boot >out
ok "slow typing" grep -qx slow out

# ends
echo 'exit 5' | timeout 20 "$FLAT32" boot "$image" >out 2>err; same "the shell's status" $? 5
: | timeout 20 "$FLAT32" boot --init /bin/sh "$image" >out 2>err; same "no input at all ends a shell" $? 0
timeout 20 "$FLAT32" boot --init /bin/sleep "$image" -- 1 </dev/null >out 2>err
same "who does not read is not disturbed" $? 0
echo 'while :; do read x; done' | timeout 20 "$FLAT32" boot "$image" >out 2>err
same "who reads on and on past the end is stopped" $? 0
ok "and told so" grep -q 'input has ended' err

# output
(echo 'yes | head -c 300000'; echo exit) | boot | (sleep 1; cat) >out
same "a slow reader of output loses nothing" "$(grep -cx y out)" 150000
(echo 'yes'; sleep 3) | timeout 20 "$FLAT32" boot "$image" 2>err | head -c 1000 >out
ok "a reader that goes away ends the machine" grep -q 'nobody takes the output' err
same "it had its bytes" "$(wc -c <out)" 1000
echo 'exit 3' | timeout 20 "$FLAT32" boot "$image" >/dev/full 2>err; same "a full disk" $? 1
ok "is said" grep -q 'No space left' err
echo 'echo to a file; exit' | timeout 20 "$FLAT32" boot "$image" >file 2>err; ok "output to a file" grep -q '^to a file' file

# the same file, the same run
printf 'ps\ncat /proc/uptime /proc/sys/kernel/random/uuid\nls -l /\n' >script
timeout 20 "$FLAT32" boot --deterministic "$image" <script >one 2>err
timeout 20 "$FLAT32" boot --deterministic "$image" <script >two 2>err
ok "--deterministic with a script: twice the same" cmp -s one two
ok "and it did something" grep -q uptime one

# signals of the host
mkfifo in
"$FLAT32" boot "$image" <in >out 2>err &
exec 3>in
sleep 1
kill -TERM $!
wait $!
same "SIGTERM stops the machine" $? 143
ok "and it says why" grep -q 'stopped by the host' err
finish
