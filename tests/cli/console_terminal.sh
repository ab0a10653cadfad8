#!/bin/sh
# The console on a real terminal (tmux's): keys, job control, window size; and the terminal as it was afterwards,
# whatever way the emulator ends.
. "${0%/*}/lib/tap.sh"
lib=$(cd "${0%/*}/lib" && pwd)
cd "$TMPDIR" || exit 2
. "$lib/tmux.sh"
plan 35
image=$B/rootfs.cpio.gz

prompt() { until_line 'flat32:~#'; }
fresh() { keys "clear" Enter; sleep 0.2; }

boot() {
	keys "clear; stty -a | tail -n +2 >before; $FLAT32 boot $image" Enter
	prompt
}
# restored NAME: the host's shell is back, its terminal as before
restored() {
	until_line 'host>'
	keys 'clear; stty -a | tail -n +2 >after; echo "status "$?' Enter
	ok "$1: the host's shell is back" until_line 'status 0'
	same "$1: the terminal is as before" "$(cat after)" "$(cat before)"
}

ok "a prompt" boot
keys 'stty size' Enter
ok "the window's size" until_line '30 100'
t resize-window -t s -x 90 -y 25
sleep 0.3
keys 'stty size' Enter
ok "when it changes" until_line '25 90'
fresh
keys 'sleep 100' Enter
sleep 0.5
keys C-c
ok "Ctrl-C ends a program" prompt
keys 'echo $?' Enter
ok "by SIGINT" until_line '130'
fresh
keys 'yes | cat >/dev/null' Enter
sleep 0.5
keys C-c
ok "Ctrl-C ends a busy pipeline" prompt
fresh
keys 'sleep 100' Enter
sleep 0.5
keys C-z
ok "Ctrl-Z stops" until_line '\^Z\[1\].*sleep 100'
keys 'jobs' Enter
ok "jobs knows" until_line '\[1\]. *Stopped *sleep 100'
keys 'bg' Enter
keys 'jobs' Enter
ok "bg" until_line '\[1\]. *Running *sleep 100'
keys 'fg' Enter
sleep 0.5
keys C-c
keys 'jobs; echo end' Enter
ok "fg, and Ctrl-C" until_line 'end'
fresh
keys 'cat' Enter
sleep 0.5
keys 'one twx' BSpace 'o' C-w 'three' Enter
ok "lines are edited" until_line 'one three'
keys C-d
keys "clear; cat <<X | tr a-z A-Z" Enter 'here' Enter 'X' Enter
ok "a here-document" until_line 'HERE'
fresh
keys 'vi f' Enter
sleep 0.5
keys 'ifirst' Enter 'second' Escape
sleep 0.3
keys 'kx:wq' Enter
prompt
fresh
keys 'cat f' Enter
ok "vi" until_line 'firs'
fresh
keys 'top' Enter
ok "top" until_line '.*[0-9] root .* top'
keys q
prompt
fresh
keys 'seq 100 | less' Enter
until_line '20'
keys ' '
ok "less" until_line '40'
keys q
prompt
fresh
keys C-a h
ok "Ctrl-A h: help" until_line 'Ctrl-A x  end the emulator'
keys 'read -r x; echo -n "$x" | hexdump -C' Enter
sleep 0.5
keys C-a C-a Enter
ok "Ctrl-A Ctrl-A sends one" until_line '00000000  01  *|.|'
keys C-a z
ok "Ctrl-A z: suspended" until_line 'host>'
keys 'fg' Enter
sleep 0.5
fresh
keys 'echo back' Enter
ok "and back" until_line 'back'
keys C-a s
ok "Ctrl-A s without a display" until_line 'flat32: no screenshot: no --screenshot was asked for'
keys C-a x
restored "Ctrl-A x"
keys "clear; $FLAT32 boot --display 64x48,headless --screenshot now.png $image" Enter
prompt
keys C-a s
tries=100
while [ ! -s now.png ] && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
ok "Ctrl-A s: a picture at once" [ "$(head -c 4 now.png | tail -c 3)" = PNG ]
keys C-a x
until_line 'host>'
boot
keys 'exit 3' Enter
restored "exit"
for signal in TERM INT SEGV ABRT; do
	boot
	pkill -$signal -P "$(t display-message -p -t s '#{pane_pid}')" -x flat32
	restored "SIG$signal"
done
boot
keys 'cat /dev/urandom' Enter
sleep 0.5
keys C-c
keys C-a x
sleep 0.3
keys C-l
keys 'reset' Enter
sleep 0.5
restored "after noise"
finish
