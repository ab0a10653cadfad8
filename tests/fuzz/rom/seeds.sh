#!/bin/sh
# Images for the fuzzer to begin with: seeds.sh DIR. The last byte says what is done with one (poke.h).
set -eu
dir=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$dir" "$tree/d/e" "$tree/none"
seq 1 2000 >"$tree/d/numbers"
seq 1 1200 >"$tree/d/e/run"
chmod 755 "$tree/d/e/run"
ln "$tree/d/numbers" "$tree/again"
ln -s d/numbers "$tree/link"
head -c 5000 /dev/zero >"$tree/zeros"
mkfifo "$tree/pipe"
printf '/dev/null c 666 1 3\n' >"$tree.nodes"
for type in romfs cramfs; do
	for which in none programs all; do
		"$MKROM" -t $type -x $which -a 64 -n "$tree.nodes" "$tree" "$dir/$type.$which"
		[ $type = romfs ] && how='\006' || how='\005'
		# shellcheck disable=SC2059
		printf "$how" >>"$dir/$type.$which"
	done
done
rm -f "$tree.nodes"
