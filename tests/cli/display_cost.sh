#!/bin/sh
# Drawing in video memory costs what storing in RAM does: filled in turns in one process, the best of each compared.
# (Measured: 0.98 to 1.02; the bound is for machines that do something else meanwhile.)
. "${0%/*}/lib/tap.sh"

plan 2
for how in "" stores; do
	# shellcheck disable=SC2086
	ratio=$("$FLAT32" run --display 1280x720,headless "$B/bench/fill" 1 ratio $how)
	echo "# video memory takes $ratio of the time of RAM"
	ok "with ${how:-memset()}" awk "BEGIN { exit !(${ratio:-9} > 0 && ${ratio:-9} < 1.5) }"
done
finish
