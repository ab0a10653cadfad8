#!/bin/sh
# --input with keyboard, mouse and touch screen: what the script does is what programs read; and what scripts cannot say.
# engines: all
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 21
dump=$B/guest-tests/helpers/input_dump

# script LINE...
script() { printf '%s\n' "$@" >script; }
# events [ARG...]: what the program reads, without what it says itself
events() { "$FLAT32" run --deterministic --input script "$dump" "$@" 2>err | grep -v '^ready$\|^end$\|^quiet$'; }

script 'wait 0.1' 'press leftctrl+c' 'press esc'
same "a chord" "$(events)" "event0: 1 29 1
event0: 0 0 0
event0: 1 46 1
event0: 0 0 0
event0: 1 46 0
event0: 0 0 0
event0: 1 29 0
event0: 0 0 0
event0: 1 1 1
event0: 0 0 0
event0: 1 1 0"

script 'wait 0.1' 'down a' 'wait 0.3' 'up a' 'press ESC   # names may be large'
same "a key that is held repeats after 250 ms, every 33" "$(events | grep -c 'event0: 1 30 2')" 2

script 'wait 0.1' 'move 10 -4' 'down btn_left' 'up btn_left' 'wheel -1' 'wait 0.1' 'press esc'
same "the mouse" "$(events | grep event1)" "event1: 2 0 10
event1: 2 1 -4
event1: 0 0 0
event1: 1 272 1
event1: 0 0 0
event1: 1 272 0
event1: 0 0 0
event1: 2 8 -1
event1: 0 0 0"
same "the same by PS/2's protocol" "$(events | grep mice)" "mice: 08 0a 04
mice: 09 00 00
mice: 08 00 00"

script 'wait 0.1' 'touch 0 100 50' 'touch 1 799 599' 'lift 0' 'touch 1 9000 -5' 'lift 1' 'wait 0.1' 'press esc'
same "two fingers; positions stay on the screen" "$(events | grep event2 | tr '\n' ' ')" "event2: 3 57 0 \
event2: 3 53 100 event2: 3 54 50 event2: 1 330 1 event2: 3 0 100 event2: 3 1 50 event2: 0 0 0 \
event2: 3 47 1 event2: 3 57 1 event2: 3 53 799 event2: 3 54 599 event2: 0 0 0 \
event2: 3 47 0 event2: 3 57 -1 event2: 3 0 799 event2: 3 1 599 event2: 0 0 0 \
event2: 3 47 1 event2: 3 54 0 event2: 3 1 0 event2: 0 0 0 \
event2: 3 57 -1 event2: 1 330 0 event2: 0 0 0 "

script 'wait 0.1' 'down a' 'wait 1' 'up a' 'move 3 3' 'press esc'
"$FLAT32" run --deterministic --strace=-ttt -o one --input script "$dump" >one.out 2>&1
"$FLAT32" run --deterministic --strace=-ttt -o two --input script "$dump" >two.out 2>&1
ok "--deterministic: the same run, to the nanosecond" cmp one two
ok "with the same events" cmp one.out two.out
same "of which there are some" "$(grep -c 'event0: 1 30 2' one.out)" 23

# refused WHAT LINE...
refused() {
	what=$1
	shift
	script "$@"
	"$FLAT32" run --input script "$dump" >out 2>err
	same "$what: 125" $? 125
}
refused "a key there is not" 'press leftctrl+nonsense'
ok "and what would be right is said" grep -q 'line 1: should be expect .* press KEY' err
refused "more keys than there are fingers" 'press a+b+c+d+e+f+g'
refused "no key" 'press'
refused "two keys at once" 'down a+b'
refused "half a place" 'move 3'
refused "no number" 'move 3 x'
refused "too far" 'move 3 65536'
refused "an eleventh finger" 'touch 10 1 1'
refused "a finger of no number" 'lift -1'
refused "something behind it" 'up a b'
refused "text without a console" 'send "x"'
ok "is explained" grep -q 'are for the console, which run does not have' err
finish
