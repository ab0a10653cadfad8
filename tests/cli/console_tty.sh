#!/bin/sh
# The console from inside (tests/guest/helpers/tty_console.c); this script is who types.
. "${0%/*}/lib/tap.sh"
here=$(cd "${0%/*}" && pwd)
cd "$TMPDIR" || exit 2

mkdir root
cp "$B/guest-tests/helpers/tty_console" root/init
"$here/../../guest-rootfs/mkimage" root image.cpio >/dev/null || { echo "Bail out! no image"; exit 2; }
mkfifo in out
timeout 50 "$FLAT32" boot image.cpio <in >out &
exec 3>in
cr=$(printf '\r')
while IFS= read -r line; do
	line=${line%"$cr"}
	printf '%s\n' "$line"
	case $line in
	'#type '*) sleep 0.1; printf "${line#\#type }" >&3 ;;
	esac
done <out
wait $!		# its status is the guest's, whose results these are
