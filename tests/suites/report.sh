#!/bin/sh
# Say how the suites went.
#
#   report.sh text|page JUDGED	JUDGED is judge.awk's output; text for a terminal, page for docs/suites.md
set -u
how=$1
judged=$2
top=$(cd "${0%/*}/../.." && pwd)
tab=$(printf '\t')

table() {
	awk -F'\t' -v how="$how" '
		function row(a, b, c, d, e) {
			if (how == "page")
				printf "| %s | %s | %s | %s | %s |\n", a, b, c, d, e
			else
				printf "%-12s %8s %18s %12s %8s\n", a, b, c, d, e
		}
		BEGIN {
			row("suite", "passed", "failed, expected", "failed, new", "skipped")
			if (how == "page")
				print "|---|--:|--:|--:|--:|"
		}
		$1 == "suite" {
			row($2, $3, $4, $5, $6)
			p += $3; f += $4; n += $5; s += $6
		}
		END { row("all", p, f, n, s) }' "$judged"
}

# reasons: for each suite and reason how many tests, and which
reasons() {
	awk -F'\t' '$1 == "result" && $4 != "pass" && $4 != "new" {
		k = $2 "\t" ($4 == "fail" ? "fails" : "skipped") "\t" $5
		if (!(k in count))
			order[++n] = k
		count[k]++
		gsub(/\|/, "\\\\|", $3)
		if (count[k] <= 12)
			names[k] = names[k] (names[k] == "" ? "" : ", ") "`" $3 "`"
	}
	END {
		for (i = 1; i <= n; i++) {
			k = order[i]
			split(k, part, "\t")
			printf "| %s | %s | %d | %s | %s%s |\n", part[1], part[2], count[k], part[3], names[k], (count[k] > 12 ? ", …" : "")
		}
	}' "$judged" | sort -s -t'|' -k2,3
}

# surprises: what is not as expected
surprises() {
	awk -F'\t' '
		$1 == "result" && $4 == "new" { print "NEW FAILURE  " $2 ": " $3 ($5 == "" ? "" : ": " $5) }
		$1 == "few" { print "TOO FEW      " $2 ": " $3 " passed, " $4 " used to" }
		$1 == "gone" { print "PASSES NOW   " $2 ": " $3 " (was: " $4 ")" }
		$1 == "unused" { print "NO SUCH TEST " $2 ": " $3 }' "$judged"
}

case $how in
text)
	surprises
	table
	;;
page)
	sed '/^<!-- table -->$/,$d' "$top/tests/suites/page.md"
	table
	sed '1,/^<!-- table -->$/d; /^<!-- reasons -->$/,$d' "$top/tests/suites/page.md"
	echo '| suite | | tests | why | which |'
	echo '|---|---|--:|---|---|'
	reasons
	;;
esac
