#!/bin/sh
# Debian's fbset and fbcat in the guest: what they print of the mode, what they make of it, and that the picture they read is the
# one --screenshot writes. Needs what build.sh has made: make real-programs.
. "${0%/*}/../cli/lib/tap.sh"

bin=$B/programs/bin
draw=$B/guest-tests/helpers/fb_draw
busybox=$B/rootfs/bin/busybox
png2ppm=$TMPDIR/png2ppm
${CC:-cc} -O2 -o "$png2ppm" "${0%/*}/../cli/lib/png2ppm.c" -lpng || exit 1

# guest DISPLAY COMMANDS: a shell's in the guest, on the host's files; the last picture is in shot.ppm
guest() {
	rm -f "$TMPDIR/shot.png" "$TMPDIR/shot.ppm"
	"$FLAT32" run --log 3 --display "$1,headless" --screenshot "$TMPDIR/shot.png" "$busybox" sh -c "$2" 2>&1 &&
		"$png2ppm" "$TMPDIR/shot.png" >"$TMPDIR/shot.ppm"
}
# size: of that picture
size() { head -n 2 "$TMPDIR/shot.ppm" | tail -n 1; }

# seen DISPLAY WIDTH HEIGHT DEPTH VIRTUAL-WIDTH VIRTUAL-HEIGHT X Y: fbcat reads what fb_draw has drawn
seen() {
	display=$1
	shift
	guest "$display" "$draw $* $TMPDIR/want.ppm && $bin/fbcat >$TMPDIR/cat.ppm" || return 1
	for f in cat shot want; do
		tail -c $(($1 * $2 * 3)) "$TMPDIR/$f.ppm" >"$TMPDIR/$f"
	done
	head -c $(($(wc -c <"$TMPDIR/cat.ppm") - $1 * $2 * 3)) "$TMPDIR/cat.ppm" | tr '\n' ' ' | grep -q "^P6 $1 $2 255 $" &&
		cmp "$TMPDIR/cat" "$TMPDIR/shot" && cmp "$TMPDIR/cat" "$TMPDIR/want"
}

plan 19
same "fbset prints the mode" "$(guest 640x480x16 "$bin/fbset" | sed -n 's/^    \(geo.*\|rgba.*\)/\1/p')" "geometry 640 480 640 480 16
rgba 5/11,6/5,5/0,0/0"
same "and the device" "$(guest 640x480x16 "$bin/fbset -i" | sed -n '/information/,$p' | tr -s ' \n' ' ')" \
	"Frame buffer device information: Name : flat32 Address : 0x50000000 Size : 4194304 Type : PACKED PIXELS Visual : TRUECOLOR \
XPanStep : 1 YPanStep : 1 YWrapStep : 0 LineLength : 1280 MMIO Address: 0x10010000 MMIO Size : 4096 Accelerator : No "
same "each depth has its visual" "$(for d in 8 16 24 32; do guest 64x48x$d "$bin/fbset -i" | sed -n 's/.*Visual *: //p'; done | xargs)" \
	"PSEUDOCOLOR TRUECOLOR TRUECOLOR TRUECOLOR"
same "BusyBox's prints the same, and no acceleration" "$(guest 640x480x32 "$busybox fbset" | tr -d '\t' | grep -v '^accel false$')" \
	"$(guest 640x480x32 "$bin/fbset" | sed 's/^    //')"

same "fbset changes the mode" "$(guest 640x480x16 "$bin/fbset -g 320 240 320 480 32 && $bin/fbset" | sed -n 's/^    geo/geo/p')" \
	"geometry 320 240 320 480 32"
same "so that the picture is another" "$(size)" "320 240"
printf 'mode "small"\n    geometry 200 100 200 100 8\n    timings 0 0 0 0 0 0 0\nendmode\n' >"$TMPDIR/fb.modes"
same "a mode by its name, from a file" "$(guest 640x480x16 "$bin/fbset -db $TMPDIR/fb.modes small && $bin/fbset" |
	sed -n 's/^    geo/geo/p')" "geometry 200 100 200 100 8"
same "and its picture" "$(size)" "200 100"
same "what does not fit is refused" "$(guest 640x480x16 "$bin/fbset -g 4000 4000 4000 4000 32; $bin/fbset" | sed -n 's/^ioctl/ioctl/p; s/^    geo/geo/p')" \
	"ioctl FBIOPUT_VSCREENINFO: Out of memory
geometry 640 480 640 480 16"
same "a device there is not" "$(guest 64x48 "$bin/fbset -fb /dev/fb7" 2>&1)" "open /dev/fb7: No such file or directory"
same "a pan by fbset -move is a change of margins alone" "$(guest 64x48x16 "$bin/fbset -move up" 2>&1)$(size)" "64 48"

for depth in 8 16 24 32; do
	ok "fbcat reads the picture, $depth bits" seen 320x200x$depth 320 200 $depth 320 200 0 0
	ok "and one of odd size in the middle of a larger one" seen 320x200x$depth 123 45 $depth 321 205 198 160
done
finish
