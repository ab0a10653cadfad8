#!/bin/sh
# What the host changes while a program runs is seen at once, though directories that the guest knows are not walked one by one:
# it sits in a/b/c, and the names above are moved, replaced, and made links.				timeout: 60
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 13
top=$PWD

mkdir -p a/b/c
echo one >a/b/c/f
mkfifo in out
(cd a/b/c && exec "$FLAT32" run "$B/busybox/busybox" sh -c 'while read -r c; do "$0" $c 2>&1; done' "$B/busybox/busybox") <in >out 2>err &
exec 3>in 4<out

# ask APPLET ARGUMENTS: the line that it prints in the guest
ask() {
	echo "$1" >&3
	read -r answer <&4
	echo "$answer"
}

f=$top/a/b/c/f
same "a file" "$(ask "head -n1 $f")" one
same "the same again" "$(ask "head -n1 $f")" one
echo "one and more" >a/b/c/f
same "it has grown" "$(ask "stat -c %s $f")" 13
chmod 600 a/b/c/f
same "it has another mode" "$(ask "stat -c %a $f")" 600

mv a/b a/b2
mkdir -p a/b/c
echo two >a/b/c/f
same "another directory has a name above" "$(ask "head -n1 $f")" two
same "where we are it is the old one" "$(ask "head -n1 f")" "one and more"
same "the directory has moved" "$(ask "head -n1 $top/a/b2/c/f")" "one and more"

rm -r a/b
ln -s b2 a/b
same "the name above is a link now" "$(ask "head -n1 $f")" "one and more"
same "and known to be one" "$(ask "readlink $top/a/b")" b2
ln -sfn "$top/nowhere" a/b
same "which leads nowhere then" "$(ask "head -n1 $f")" "head: $f: No such file or directory"

rm a/b
mkdir -p a/b/c
ln -s f a/b/c/link
echo three >a/b/c/f
same "links at the end are followed" "$(ask "stat -L -c %s $top/a/b/c/link")" 6
same "or not" "$(ask "stat -c %F $top/a/b/c/link")" "symbolic link"

exec 3>&- 4<&-
wait $!
same "the guest is content" "$? $(cat err)" "0 "
finish
