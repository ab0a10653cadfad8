#!/bin/sh
# docs/proc.md is what its table says, and what the guest sees.
. "${0%/*}/lib/tap.sh"
top=$(cd "${0%/*}/../.." && pwd)
cd "$TMPDIR" || exit 2
plan 2

"$top/emu/proc/doc.sh" >made
same "docs/proc.md is made from emu/proc/proc_files.def" "$(diff made "$top/docs/proc.md")" ""
timeout 20 "$FLAT32" boot --exec 'cd /proc; find sys sysvipc self/net -type f' "$B/rootfs.cpio.gz" </dev/null |
	sed 's,^self/,PID/,' | sort >seen
sed -n 's/^| `\(sys[^`]*\|PID\/net[^`]*\)`.*/\1/p' made | sort >told
same "the guest finds the same" "$(diff seen told)" ""
finish
