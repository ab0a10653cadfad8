#!/bin/sh
# Debian's lsinput and input-events in the guest: which input devices there are, and what happens on them, with its time. Needs what
# build.sh has made: make real-programs.
. "${0%/*}/../cli/lib/tap.sh"

bin=$B/programs/bin
printf '%s\n' 'wait 0.5' 'down leftshift' 'press a' 'up leftshift' 'wait 0.25' 'move 10 -5' 'down btn_left' 'up btn_left' 'wheel -1' \
	'wait 0.1' 'touch 0 160 100' 'touch 0 161 102' 'lift 0' >"$TMPDIR/script"
guest() { "$FLAT32" run --deterministic --display 320x200,headless --input "$TMPDIR/script" "$@" 2>&1 </dev/null; }

# events N: of /dev/input/eventN, without the ends of packets
events() { guest "$bin/input-events" -t 2 "$1" | sed -n '/SYN/d; s/^00:00:00\.//p'; }

plan 4
same "lsinput lists them" "$(guest "$bin/lsinput" | sed 's/  */ /g; s/^ //; s/ $//')" \
	"0: 0000:0001 HOST flat32/input0 flat32 keyboard KEY LED
1: 0000:0002 HOST flat32/input1 flat32 mouse KEY REL
2: 0000:0003 HOST flat32/input2 flat32 touchscreen KEY ABS"
same "keys" "$(events 0)" "500000: KEY LEFTSHIFT pressed
500000: KEY A pressed
500000: KEY A released
500000: KEY LEFTSHIFT released"
same "the mouse" "$(events 1)" "750000: REL X 10
750000: REL Y -5
750000: KEY BTN_LEFT pressed
750000: KEY BTN_LEFT released
750000: REL WHEEL -1"
same "a finger" "$(events 2)" "850000: ABS MT_TRACKING_ID 0
850000: ABS MT_POSITION_X 160
850000: ABS MT_POSITION_Y 100
850000: KEY BTN_TOUCH pressed
850000: ABS X 160
850000: ABS Y 100
850000: ABS MT_POSITION_X 161
850000: ABS MT_POSITION_Y 102
850000: ABS X 161
850000: ABS Y 102
850000: ABS MT_TRACKING_ID -1
850000: KEY BTN_TOUCH released"
finish
