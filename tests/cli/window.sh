#!/bin/sh
# --display with a window, under Xvfb: what the guest draws is on the screen, what the user does is what the guest reads.
# timeout: 180
. "${0%/*}/lib/tap.sh"
lib=$(cd "${0%/*}/lib" && pwd)
cd "$TMPDIR" || exit 2
plan 37
guest=$B/guest-tests/helpers/window_guest
unset WAYLAND_DISPLAY SDL_VIDEODRIVER
export SDL_AUDIODRIVER=dummy
# The X server shows what was drawn last, whoever drew it: no accelerated drawing there.
export LIBGL_ALWAYS_SOFTWARE=1
# Libraries that SDL loads, and unloads before the end, leave memory behind that nobody can tell from ours.
export ASAN_OPTIONS=detect_leaks=0
${CC:-cc} -o xclose "$lib/xclose.c" -lX11 || exit 2

# --- without a screen

DISPLAY='' "$FLAT32" run --display 320x200 "$guest" raw >out 2>err
same "no screen: 125" $? 125
ok "and what can be done" grep -q 'neither DISPLAY nor WAYLAND_DISPLAY is set.*headless' err
DISPLAY=:4711 "$FLAT32" run --display 320x200 "$guest" raw >out 2>err
same "a screen that is not there: 125" $? 125
ok "which is named" grep -q "DISPLAY is ':4711'.*headless" err

# --- with one

Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3>number 2>xvfb.log &
xvfb=$!
for _ in $(seq 100); do
	[ -s number ] && break
	sleep 0.1
done
DISPLAY=:$(cat number)
export DISPLAY

# until COMMAND...: waits until it is true, 10 s at most
until_true() {
	for _ in $(seq 100); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

# start [OPTION...]: the guest in a window; pid, window
start() {
	"$FLAT32" run "$@" "$guest" raw >out 2>err </dev/null &
	pid=$!
	until_true grep -q ready out
	window=$(xdotool search --sync --onlyvisible --name '^flat32:' | tail -n 1)
}

# colours: pixels of 4 bytes, a line of RRGGBB each
colours() { od -An -v -tx4 -w4 | cut -c4-; }
# shown PIXELS: what the window shows, that many pixels
shown() { xwd -silent -id "$window" | tail -c $((4 * $1)) | colours; }
shows() { shown $((320 * 200)) >now && colours <"$1" | cmp -s - now; }
# only PIXELS COLOUR...: these colours and no others are shown
only() {
	count=$1
	shift
	[ "$(shown "$count" | sort -u | xargs)" = "$*" ]
}
said() { until_true grep -q "^$1\$" out; }

start --display 320x200
ok "a window is there" [ -n "$window" ]
ok "it shows what was drawn" until_true shows raw
same "of the display's size" "$(xdotool getwindowgeometry "$window" | sed -n 's/.*Geometry: //p')" 320x200
ok "it says which program it is" sh -c "xdotool getwindowname $window | grep -q window_guest"

xdotool mousemove --window "$window" 160 100
xdotool key c
ok "a key goes down" said 'event0: 1 46 1'
ok "and up" said 'event0: 1 46 0'
ok "and what came of it is shown" until_true only 64000 ff0000

xdotool keydown a
ok "a key that is held" said 'event0: 1 30 2'
xdotool keyup a
ok "repeats until it goes up" said 'event0: 1 30 0'
xdotool key ctrl+x
ok "with Ctrl" said 'event0: 1 29 1'

# In the corner first, so that both pointers are in one place.
xdotool mousemove --window "$window" 0 0
sleep 0.3
xdotool mousemove --window "$window" 50 30
ok "the mouse moves" until_true grep -q '^event1: 2 0 ' out
xdotool click 1
ok "a button" said 'event1: 1 272 1'
ok "released" said 'event1: 1 272 0'
pixel() { [ "$(shown 64000 | sed -n "$((30 * 320 + 50 + 1))p")" = ffffff ]; }
ok "the guest's pointer is where the user's is" until_true pixel
xdotool click 4
ok "the wheel" said 'event1: 2 8 1'
xdotool click 5
ok "the other way" said 'event1: 2 8 -1'

xdotool key m
ok "a mode of half the size: a window of that" until_true only 16000 0000ff
xdotool windowsize --sync "$window" 480 300
# Three times as large: the middle is the picture's, and nothing is black.
ok "a larger window shows a larger picture" until_true only 144000 0000ff
xdotool windowsize --sync "$window" 480 400
ok "of the same proportions: the rest is black" until_true only 192000 000000 0000ff

xdotool key F11 alt+Return b
ok "a key after full screen" said 'event0: 1 48 0'
same "F11 and Alt+Enter are not the guest's" "$(grep -c '^event0: 1 87\|^event0: 1 28' out)" 0
xdotool key Escape
wait $pid
same "the guest ends, and so does flat32" $? 0

# --- closing

start --display 160x100
./xclose "$window"
wait $pid
same "closed: SIGTERM for the program" "$? $(tail -n 1 out)" "0 terminated"

# An error of X11 ends a program, unless it takes care. Full screen under a window manager makes one now and then.
start --display 160x100
./xclose -f "$window"
sleep 0.3
kill $pid
wait $pid
same "an error of X11 does not end the guest" "$? $(tail -n 1 out)" "0 terminated"

# --- a finger

start --display 320x200,touch
xdotool mousemove --window "$window" 160 100 mousedown 1
ok "a mouse that is a finger" said 'event2: 3 0 160'
xdotool mousemove --window "$window" 80 50 mouseup 1
ok "is lifted" said 'event2: 3 57 -1'
xdotool key Escape
wait $pid

# --- a shell on the screen: keys are typed, text is drawn

# What a shell starts behind itself ignores SIGINT, and the guest would, too.
console() {
	env --default-signal=INT "$FLAT32" boot --display 640x480 --log 0 --share "$TMPDIR:/mnt" "$@" --exec 'echo ready; setsid sh -c "exec sh -i </dev/tty1 >/dev/tty1 2>&1"' \
		"$B/rootfs.cpio.gz" >out 2>err </dev/null &
	pid=$!
	until_true grep -q ready out
	window=$(xdotool search --sync --onlyvisible --name '^flat32:' | tail -n 1)
}
lit() { shown $((640 * 480)) | grep -cv 000000; }
drawn() { [ "$(lit)" -gt "$1" ]; }
has() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }
console
ok "a prompt is drawn" until_true drawn 20
before=$(lit)
xdotool mousemove --window "$window" 320 240
xdotool type --delay 20 'echo "Typed: {1,2} $((6*7))" | tee /mnt/typed'
ok "what is typed is drawn" until_true drawn $((before + 300))
xdotool key Return
ok "capitals, signs and Return come as they are" until_true has typed 'Typed: {1,2} 42'
xdotool type --delay 20 'sleep 50'
xdotool key Return
sleep 1
xdotool key ctrl+c
xdotool type --delay 20 'echo $? >/mnt/status'
xdotool key Return
ok "Ctrl-C is a signal to what is in front" until_true has status 130
xdotool type --delay 20 'readlink /proc/self/fd/0 >/mnt/tty; stty size >>/mnt/tty'
xdotool key Return
ok "it is the virtual terminal, of the screen's size" until_true has tty '/dev/tty1
30 80'
xdotool type 'exit'
xdotool key Return
wait $pid
same "the shell ends, and so does flat32" $? 0

# --- determinism

start --display 160x100 --deterministic
xdotool key c
sleep 0.5
same "--deterministic: the window's keys are nobody's" "$(grep -c event out)" 0
./xclose "$window"
wait $pid
kill $xvfb
wait $xvfb 2>/dev/null
finish
