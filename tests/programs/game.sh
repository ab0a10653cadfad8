#!/bin/sh
# Heroes, a game of Debian's with SDL and SDL_mixer, in the guest: it is played by the keyboard, drawn in 256 colours, and heard.
# Leaves pictures of it in build/programs. Needs what build.sh has made: make real-programs.
. "${0%/*}/../cli/lib/tap.sh"

heroes=$B/programs/bin/heroes
busybox=$B/rootfs/bin/busybox
png2ppm=$TMPDIR/png2ppm
${CC:-cc} -O2 -o "$png2ppm" "${0%/*}/../cli/lib/png2ppm.c" -lpng || exit 1

# play NAME SECONDS LINE...: with a user who does that; what was to be seen at the end and to be heard is in NAME.png, NAME.wav. It
# begins with the menu, a fresh home, and what the guest's clock says, so all is the same each time. Prints the game's exit status.
play() {
	name=$1 seconds=$2
	shift 2
	printf '%s\n' "$@" >"$TMPDIR/script"
	rm -rf "${TMPDIR:?}/home" && mkdir "$TMPDIR/home" &&
		HOME=$TMPDIR/home "$FLAT32" run --deterministic --display 640x480x32,headless --input "$TMPDIR/script" \
			--audio "$TMPDIR/$name.wav" --screenshot "$TMPDIR/$name.png" "$busybox" sh -c \
			"$heroes -g -2 2>/dev/null & p=\$!; $busybox sleep $seconds; kill -9 \$p 2>/dev/null; wait \$p; echo \$?" </dev/null
}
# colours NAME: how many there are in its picture
colours() { "$png2ppm" "$TMPDIR/$1.png" | tail -c +16 | od -An -v -tx1 -w3 | sort -u | wc -l; }
# size NAME
size() { "$png2ppm" "$TMPDIR/$1.png" | head -n 2 | tail -n 1; }
# loud NAME FROM TO: the loudest sample between two moments, in seconds
loud() {
	tail -c +45 "$TMPDIR/$1.wav" | tail -c +$(($2 * 192000 + 1)) | head -c $((($3 - $2) * 192000)) | od -An -v -td2 -w2 |
		awk '{ v = $1 < 0 ? -$1 : $1; if (v > most) most = v } END { print most + 0 }'
}

plan 14
begin='wait 3|press enter|wait 1|press enter|wait 1|press enter'
IFS='|'
# shellcheck disable=SC2086 # the lines of a script
{
	same "the menu" "$(play menu 5 'wait 1')" 137
	same "again" "$(play menu2 5 'wait 1')" 137
	same "a key in the menu, and a game begins" "$(play game 12 $begin)" 137
	same "who turns left" "$(play left 12 $begin 'wait 3' 'down left' 'wait 2' 'up left')" 137
	same "the entry above the first is the last: quit, and yes" "$(play quit 12 'wait 3' 'press up' 'wait 1' 'press enter' \
		'wait 1' 'press enter')" 0
}
unset IFS

same "it has set its mode: twice 320x200 pixels" "$(size menu)" "640 400"
ok "in many colours ($(colours menu), $(colours game))" [ "$(colours menu)" -gt 50 -a "$(colours game)" -gt 50 ]
ok "the same play is the same picture" cmp "$TMPDIR/menu.png" "$TMPDIR/menu2.png"
ok "and the same sound" cmp "$TMPDIR/menu.wav" "$TMPDIR/menu2.wav"
ok "the game is another picture than the menu" [ "$(cmp "$TMPDIR/menu.png" "$TMPDIR/game.png" 2>&1)" ]
ok "and where one turns changes it" [ "$(cmp "$TMPDIR/game.png" "$TMPDIR/left.png" 2>&1)" ]
same "the menu is silent while nobody does anything" "$(loud menu 0 5)" 0
ok "the first key is to be heard" [ "$(loud game 3 4)" -gt 1000 ]
same "after quitting the display has its own size again" "$(size quit)" "640 480"
for shot in menu game left; do
	cp "$TMPDIR/$shot.png" "$B/programs/heroes-$shot.png"
done
finish
