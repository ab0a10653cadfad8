#!/bin/sh
# --record: a picture for each frame that differs, none for others; how long each was shown; the same recording every time.
# engines: all
. "${0%/*}/lib/tap.sh"

flip=$B/guest-tests/helpers/fb_flip
png2ppm=$TMPDIR/png2ppm
${CC:-cc} -O2 -o "$png2ppm" "${0%/*}/lib/png2ppm.c" -lpng || exit 1

# colour FILE: of all its pixels, as hexadecimal numbers; several lines if there is more than one
colours() {
	"$png2ppm" "$1" | tail -c +14 | od -An -v -tx1 -w3 | sort -u | tr -d ' '
}
record() {
	"$FLAT32" run --display 40x30,headless --record "$@"
}

plan 17
ok "recorded" record "$TMPDIR/one" --deterministic "$flip" 10
same "a picture for each: black, ten, black, the last" "$(find "$TMPDIR/one" -name 'frame-*.png' | wc -l)" 13
for n in 0 1 9 10; do
	same "picture $n" "$(colours "$(printf %s/frame-%06d.png "$TMPDIR/one" $n)")" "$(printf '%06x' $((n * 0x010203)))"
done
same "the blank screen" "$(colours "$TMPDIR/one/frame-000011.png")" 000000
same "and what was drawn on it" "$(colours "$TMPDIR/one/frame-000012.png")" "$(printf '00001d\n0a141e')"
same "the list names all" "$(grep -c '^file frame-[0-9]*.png$' "$TMPDIR/one/frames.ffconcat")" 13
same "and says what it is" "$(head -n 1 "$TMPDIR/one/frames.ffconcat")" "ffconcat version 1.0"
same "ten last a frame each" "$(sed -n 's/^duration //p' "$TMPDIR/one/frames.ffconcat" | sed -n '2,11p' | sort | uniq -c | xargs)" \
	"3 0.016666 7 0.016667"
same "the blank screen thirty" "$(sed -n 's/^duration //p' "$TMPDIR/one/frames.ffconcat" | sed -n 12p)" 0.500000

record "$TMPDIR/two" --deterministic "$flip" 10
ok "a second recording is the same" diff -r "$TMPDIR/one" "$TMPDIR/two"
record "$TMPDIR/two" "$flip" 1 2>"$TMPDIR/err"
same "a folder that holds one: 125" $? 125
ok "and that is said" grep -q "two: holds a recording already" "$TMPDIR/err"
record /dev/null/x "$flip" 1 2>"$TMPDIR/err"
same "a folder that cannot be made: 125" $? 125
ok "and that is said, too" grep -q "/dev/null/x: Not a directory" "$TMPDIR/err"
finish
