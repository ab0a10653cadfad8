#!/bin/sh
# --display and --screenshot: what a program has drawn is in the picture, pixel by pixel, in every depth; and what is wrong with
# options and files is said.
. "${0%/*}/lib/tap.sh"

draw=$B/guest-tests/helpers/fb_draw
png2ppm=$TMPDIR/png2ppm
${CC:-cc} -O2 -o "$png2ppm" "${0%/*}/lib/png2ppm.c" -lpng || exit 1

# drawn DISPLAY ARGUMENTS...: the picture of fb_draw is as it says
drawn() {
	display=$1
	shift
	rm -f "$TMPDIR/shot.png" "$TMPDIR/want.ppm"
	"$FLAT32" run --display "$display,headless" --screenshot "$TMPDIR/shot.png" "$draw" "$@" "$TMPDIR/want.ppm" &&
		"$png2ppm" "$TMPDIR/shot.png" >"$TMPDIR/got.ppm" && cmp "$TMPDIR/got.ppm" "$TMPDIR/want.ppm"
}

# says STATUS PATTERN ARGUMENTS...: `flat32 run ARGUMENTS` ends with that status and a message
says() {
	want=$1 pattern=$2
	shift 2
	"$FLAT32" run "$@" 2>"$TMPDIR/err"
	[ $? -eq "$want" ] && grep -q "$pattern" "$TMPDIR/err" || { sed 's/^/# /' "$TMPDIR/err"; false; }
}

plan 43
for depth in 8 16 24 32; do
	ok "$depth bits" drawn 320x200x$depth 320 200 $depth 320 200 0 0
	ok "$depth bits, odd sizes" drawn 320x200 317 199 $depth 317 199 0 0
	ok "$depth bits, the second of two frames" drawn 320x200x8 320 200 $depth 320 400 0 200
	ok "$depth bits, from the middle of a larger picture" drawn 320x200x32 123 45 $depth 321 205 198 160
	ok "$depth bits, one that fills the memory" drawn 512x512x16 512 512 $depth 1024 1024 512 512
done

ok "a display on which nobody draws" "$FLAT32" boot --display 64x48,headless --screenshot "$TMPDIR/black.png" --exec true
"$png2ppm" "$TMPDIR/black.png" >"$TMPDIR/black.ppm"
same "is as large as asked for" "$(head -c 9 "$TMPDIR/black.ppm" | tr '\n' ' ')" "P6 64 48 "
same "and black, all of it" "$(tail -c +14 "$TMPDIR/black.ppm" | tr -d '\0' | wc -c)" 0
"$FLAT32" boot --display 64x48x16,headless --screenshot "$TMPDIR/fbset.png" \
	--exec 'fbset -g 80 60 80 120 24 && fbset && printf "\1\2\3" >/dev/fb0' >"$TMPDIR/fbset" 2>&1
same "BusyBox's fbset sets a mode" $? 0
same "and shows it" "$(grep -o 'mode "80x60-60"\|geometry.*\|rgba.*' "$TMPDIR/fbset" | xargs)" \
	"mode 80x60-60 geometry 80 60 80 120 24 rgba 8/16,8/8,8/0,0/0"
same "which the screenshot has" "$("$png2ppm" "$TMPDIR/fbset.png" | od -An -v -c -N17 | tr -d ' \n')" 'P6\n8060\n255\n003002001\0'
"$FLAT32" boot --display 160x32x8,headless --screenshot "$TMPDIR/text.png" --exec 'printf "\033[?25l\033[31m\342\226\210\033[0m\n\342\226\204" >/dev/tty1'
"$png2ppm" "$TMPDIR/text.png" >"$TMPDIR/text.ppm"
same "a red cell of 8x16 pixels" "$(tail -c +15 "$TMPDIR/text.ppm" | od -An -v -tx1 -w3 | grep -c '^ aa 00 00')" 128
same "below it half a grey one, and nothing else" "$(tail -c +15 "$TMPDIR/text.ppm" | od -An -v -tx1 -w3 | sort | uniq -c | awk '{ print $1 }' | xargs)" \
	"4928 128 64"
ok "without --display there is none" says 1 "/dev/fb0: No such file" "$draw" 1 2 3 4 5 6 7 8
ok "with --display none as well" says 1 "/dev/fb0: No such file" --display none "$draw" 1 2 3 4 5 6 7 8
ok "a screenshot of nothing" says 125 "of what?" --screenshot "$TMPDIR/x.png"
ok "a recording of nothing" says 125 "of what?" --record "$TMPDIR/x"
ok "no size" says 125 "write WIDTHxHEIGHT" --display large
ok "half a size" says 125 "write WIDTHxHEIGHT" --display 800x
ok "too much of one" says 125 "write WIDTHxHEIGHT" --display 800x600x32x3
ok "a word that is none" says 125 "write WIDTHxHEIGHT" --display 800x600,shiny
ok "a depth there is not" says 125 "8, 16, 24 or 32" --display 800x600x15
ok "too small" says 125 "at least 8x8" --display 7x100
ok "too large" says 125 "at most 64 million" --display 20000x20000
ok "larger than numbers" says 125 "write WIDTHxHEIGHT" --display 99999999999999999999x8
ok "a screenshot that cannot be written is known at once" says 125 "nowhere/x.png: No such file" \
	--display 64x48,headless --screenshot "$TMPDIR/nowhere/x.png" "$draw"
full="--display 64x48,headless --screenshot /dev/full"
# shellcheck disable=SC2086
ok "one that fails later is our failure" says 125 "/dev/full: No space" $full "$draw" 64 48 32 64 48 0 0 "$TMPDIR/x.ppm"
# shellcheck disable=SC2086
ok "the program's own failure comes first" says 2 "/dev/full: No space" $full "$draw"
finish
