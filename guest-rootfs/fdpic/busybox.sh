#!/bin/sh
# Build BusyBox as an FDPIC program: as ../busybox.sh does, with a compiler that has FLAGS.
#
#   busybox.sh SRC SDK OUT FLAGS	FLAGS: "-mfdpic -static", or -mfdpic alone, with libc.so
#					environment: JOBS, LOG
#
# To ../busybox.sh this is an SDK whose flat32-cc is a script of three lines; its own build folder lies in OUT.

set -eu
here=$(cd "${0%/*}" && pwd)
src=$(cd "$1" && pwd) sdk=$(cd "$2" && pwd)
mkdir -p "$3"
out=$(cd "$3" && pwd)
flags=$4
rm -rf "$out/src" "$out/sdk"
mkdir -p "$out/src" "$out/sdk/bin"
ln -s "$src/busybox" "$out/src/busybox"
for tool in "$sdk"/bin/*; do
	ln -s "$tool" "$out/sdk/bin/"
done
rm "$out/sdk/bin/flat32-cc"
# The configuration says -static; whether it is, the flags say here.
printf '#!/bin/sh\nfor a; do shift; [ "$a" = -static ] || set -- "$@" "$a"; done\nexec "%s/bin/flat32-cc" %s "$@"\n' \
	"$sdk" "$flags" >"$out/sdk/bin/flat32-cc"
chmod +x "$out/sdk/bin/flat32-cc"
exec "$here/../busybox.sh" "$out/src" "$out/sdk" "$out"
