#!/bin/sh
# sysroot.sh ARCHITECTURE FOLDER PACKAGE...: unpack Debian packages of another architecture into a folder.
#
# The packages come from where this machine's own come from, through an apt whose lists, cache and idea of
# its architecture are in FOLDER.apt: the system's are not touched, and it does not become multi-arch.
set -eu
arch=$1 folder=$2
shift 2
log=${LOG:-build/log}/sysroot-$arch.log
mkdir -p "$folder.apt/lists/partial" "$folder.apt/archives/partial" "${log%/*}"
apt=$(cd "$folder.apt" && pwd)
: >"$apt/status"
cat >"$apt/apt.conf" <<CONF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
CONF
APT_CONFIG=$apt/apt.conf
export APT_CONFIG
echo "  FETCH   $folder: $*"
if ! { apt-get -q update && cd "$apt/archives" && apt-get -q download "$@" && cd "$OLDPWD"; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "sysroot.sh: cannot fetch $arch packages; all of apt's output is in $log" >&2
	exit 1
fi
rm -rf "$folder"
mkdir -p "$folder"
for deb in "$apt"/archives/*.deb; do
	dpkg-deb -x "$deb" "$folder"
done
rm -rf "$folder.apt"
