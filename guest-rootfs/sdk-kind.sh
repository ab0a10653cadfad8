#!/bin/sh
# Make a view of the SDK whose flat32-cc builds one kind of program, for builders that only ask for a compiler.
#
#   sdk-kind.sh SDK KIND OUT	KIND: pie, fdpic-static or fdpic-shared, and -O0 to -Os behind it if that is to win over what
#				the builder says. OUT/bin has the tools; OUT/root what such programs need in the guest's root
set -eu
kind=$2 out=$3
sdk=$(cd "$1" && pwd)
options= level=
case $kind in
*-O?) level=-${kind##*-} ;;
esac
case ${kind%-O?} in
pie) ;;
fdpic-static) options='-mfdpic -static' ;;
fdpic-shared) options=-mfdpic ;;
*) echo "sdk-kind.sh: $kind: should be pie, fdpic-static or fdpic-shared" >&2 && exit 1 ;;
esac
rm -rf "$out"
mkdir -p "$out/bin" "$out/root/lib"
ln -s "$sdk"/bin/* "$out/bin/"
rm "$out/bin/flat32-cc"
cat >"$out/bin/flat32-cc" <<-END
	#!/bin/sh
	exec "$sdk/bin/flat32-cc" $options "\$@" $level
END
chmod +x "$out/bin/flat32-cc"
[ "${kind%-O?}" != fdpic-shared ] || cp "$sdk"/sysroot-fdpic/lib/*.so.1 "$out/root/lib/"
