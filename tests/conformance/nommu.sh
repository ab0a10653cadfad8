#!/bin/sh
# What the nommu_* tests say of the sentences of nommu-mmap.txt, in this build of flat32, and docs/nommu-conformance.md.
#
#   nommu.sh WORK check		what is wrong with tests and sentences, a line each
#   nommu.sh WORK compare	how the document differs from what was found by check
#   nommu.sh WORK write		write it
#
# check runs the guest tests, in both modes, and the unit tests that sentences.txt names; the others use what it left in WORK. The real
# kernel's part are the recordings.

set -u
here=${0%/*}
B=${B:-build} O=${O:-build}
work=$1
. "$here/lib.sh"
. "$here/report.sh"
document=$here/../../docs/nommu-conformance.md

# Unit tests that sentences.txt names, as TAP.
unit_tests() {
	for test in $(sed -n 's/^	unit \(test_[a-z_]*\):.*/\1/p' "$here/sentences.txt" | sort -u); do
		CK_TAP_LOG_FILE_NAME=- CK_VERBOSITY=silent CK_FORK=no "$O/unit/$test"
	done
}

case $2 in
check)
	image "$work/image.cpio.gz" || exit 2
	for recorded in "$here"/recorded/nommu_*.txt; do
		name=${recorded##*/}
		name=${name%.txt}
		cp "$recorded" "$work/$name.real"
		on_flat32 60 "$name"
		on_flat32 60 "$name" compat
	done
	unit_tests >"$work/units" 2>&1
	nommu_rows >"$work/rows"
	"$here/sentences.sh" check "$work/rows" "$work/units"
	;;
compare) "$here/sentences.sh" doc "$work/rows" | diff - "$document" ;;
write) "$here/sentences.sh" doc "$work/rows" >"$document" ;;
esac
