#!/bin/sh
# Reading flash through a mapping costs what reading RAM does: in turns in one process, the best of each compared.
# (Measured: 1.00 to 1.15; the bound is for machines that do something else meanwhile.)
. "${0%/*}/lib/tap.sh"

plan 1
ratio=$("$FLAT32" run --flash :1M "$B/bench/sum" 1 ratio)
echo "# flash takes $ratio of the time of RAM"
ok "words of flash" awk "BEGIN { exit !(${ratio:-9} > 0 && ${ratio:-9} < 1.5) }"
finish
