#!/bin/sh
# cross.sh FOLDER [PATTERN...]: the tests on an emulator built for AArch64, under qemu-aarch64.
#
# FOLDER is a build folder. FOLDER/host gets a command of the same name for each of its programs; tests/check.sh then
# tests that as it would any other build. Without patterns: what is about execution, and what needs no more of the
# host than QEMU gives.
set -eu
cd "${0%/*}/../.." || exit 2
folder=$(cd "$1" && pwd)
shift
rm -rf "$folder/host"
mkdir -p "$folder/host/unit"
for path in "$folder"/flat32 "$folder"/flat32-inject "$folder"/unit/test_*; do
	program=$folder/host/${path#"$folder/"}
	printf '#!/bin/sh\nexec qemu-aarch64 "%s" "$@"\n' "$path" >"$program"
	chmod +x "$program"
done
"$folder/host/flat32" --version
[ $# -gt 0 ] || set -- 'unit/*' 'guest/*' cli/exit_status cli/boot cli/files_on_host
O=$folder/host TIMEOUT=${TIMEOUT:-240} exec tests/check.sh "$@"
