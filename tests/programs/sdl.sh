#!/bin/sh
# Test programs of SDL 1.2 in the guest, on /dev/fb0, with a keyboard and a mouse moved by a script: what they print of keys, and
# what they have drawn where. Needs what build.sh has made: make real-programs.
. "${0%/*}/../cli/lib/tap.sh"

bin=$B/programs/bin
busybox=$B/rootfs/bin/busybox
png2ppm=$TMPDIR/png2ppm
${CC:-cc} -O2 -o "$png2ppm" "${0%/*}/../cli/lib/png2ppm.c" -lpng || exit 1

# script LINE...: what the user does
script() { printf '%s\n' "$@" >"$TMPDIR/script"; }

# guest DEPTH COMMANDS: a shell's, with that user; the last picture is in shot, 640x480 pixels of three bytes
guest() {
	rm -f "$TMPDIR/shot.png" "$TMPDIR/shot"
	(cd "$bin" && "$FLAT32" run --deterministic --display "640x480x$1,headless" --input "$TMPDIR/script" \
		--screenshot "$TMPDIR/shot.png" "$busybox" sh -c "$2" 2>&1 </dev/null) &&
		"$png2ppm" "$TMPDIR/shot.png" | tail -c $((640 * 480 * 3)) >"$TMPDIR/shot"
}
# left RUN: a command that leaves the program's picture, without SDL's clearing the screen at its end
left() { echo "./$1 >/dev/null 2>&1 & $busybox sleep 3; kill -9 \$!"; }
# column X: all of it, a pixel a line
column() { od -An -v -tu1 -w1920 "$TMPDIR/shot" | awk -v n=$(($1 * 3 + 1)) '{ print $n, $(n + 1), $(n + 2) }'; }
# square X Y: which colours there are in the 32x32 pixels from there
square() {
	od -An -v -tx1 -w1920 "$TMPDIR/shot" | awk -v x="$1" -v y="$2" 'NR > y && NR <= y + 32 {
		for (i = x; i < x + 32; i++) seen[$(i * 3 + 1) $(i * 3 + 2) $(i * 3 + 3)] = 1
	} END { for (c in seen) print c }' | sort | xargs
}

plan 17
script 'wait 0.5' 'press a' 'press up' 'press leftctrl+c' 'press f1' 'press enter' 'wait 0.1' 'down btn_left' 'up btn_left'
same "checkkeys prints the keys of the script, and ends by a click" "$(guest 16 ./checkkeys | sed 's/ *modifiers.*//; s/  */ /g')" \
	"Key pressed: 97-a (a)
Key released: 97-a (a)
Key pressed: 273-up
Key released: 273-up
Key pressed: 306-left ctrl
Key pressed: 99-c (^C)
Key released: 99-c (^C)
Key released: 306-left ctrl
Key pressed: 282-f1
Key released: 282-f1
Key pressed: 13-return (^M)
Key released: 13-return (^M)"

script 'wait 0.5' 'press a' 'wait 0.1' 'down btn_left' 'up btn_left'
same "without a shell between, too: SDL gives its terminal up, and lives" "$("$FLAT32" run --deterministic \
	--display 640x480x16,headless --input "$TMPDIR/script" "$bin/checkkeys" 2>&1 </dev/null | grep -c '97-a')" 2

# It draws from black to white, a line after the other, and its bitmap where one clicks.
script 'wait 1' 'move -700 -500' 'wait 0.2' 'move 500 300' 'wait 0.1' 'down btn_left' 'up btn_left' 'wait 0.1' 'move 100 100'
for depth in 8 16 32; do
	ok "testbitmap, $depth bits" guest $depth "$(left "testbitmap -bpp $depth")"
	case $depth in
	8) line='v = 255 - int(y * 255 / 480)' ;;
	16) line='v = int(y * 255 / 480); r = int(v / 8); v = int(int(r * 65535 / 31) / 256)' ;;
	32) line='v = int(y * 255 / 480)' ;;
	esac
	column 40 | awk '{ print $1 }' >"$TMPDIR/red"
	ok "every line is as bright as it should be" test "$(awk "BEGIN { for (y = 0; y < 480; y++) { $line; print v } }" |
		diff - "$TMPDIR/red" | grep -c '^[<>]')" -eq 0
	same "the bitmap, black on white, is where the mouse was" "$(square 484 284)" "000000 ffffff"
done

script 'wait 1' 'press q'
for flags in '-bpp 16' '-bpp 32 -hw -flip'; do
	guest 32 "./testsprite $flags" >"$TMPDIR/out"
	ok "testsprite $flags: ends by a key, and had some frames a second" \
		grep -Eq '^[1-9][0-9]*\.[0-9]+ frames per second' "$TMPDIR/out"
done
ok "it has two pictures and shows one, then the other" grep -q 'double-buffering enabled' "$TMPDIR/out"
same "the screen is black then" "$(tr -d '\0' <"$TMPDIR/shot" | wc -c)" 0

script 'wait 1' 'move 100 100'
guest 32 "$(left 'testsprite -bpp 32'); ./fbcat >$TMPDIR/cat.ppm" >"$TMPDIR/out"
tail -c $((640 * 480 * 3)) "$TMPDIR/cat.ppm" >"$TMPDIR/cat"
ok "fbcat reads what is on the screen" cmp "$TMPDIR/cat" "$TMPDIR/shot"
yellow=$(od -An -v -tx1 -w3 "$TMPDIR/shot" | grep -c 'ff ff 00')
ok "there are a hundred smileys on black ($yellow pixels of their yellow)" [ "$yellow" -gt 10000 -a "$yellow" -lt 30000 ]
finish
