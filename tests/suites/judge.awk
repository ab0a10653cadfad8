# Compares what the suites say with what is expected of them.
#
#   awk -f judge.awk [-v short=1] expected.txt SUITE.results...
#
# Prints "new", "gone", "unused" or nothing for each test that is not as expected, then one line for each suite; all of the
# form KIND<tab>SUITE<tab>... for report.sh:
#
#   result  SUITE TEST RESULT REASON	each test; RESULT is pass, fail (expected), skip or new (a failure that nobody expects)
#   gone    SUITE TEST REASON		it was expected to fail or to be skipped, and passes
#   unused  SUITE TEST			expected.txt names it, and there is no such test
#   few     SUITE PASSED WANTED		fewer tests pass than expected.txt says
#   suite   SUITE PASSED EXPECTED NEW SKIPPED
#
# Status 1 if there are new failures, a skip without a reason, or too few passes. With short=1 (only some of the tests are run)
# nothing is unused and few is not looked at.
BEGIN { FS = OFS = "\t" }

# suite of results: its file's name
FNR == 1 {
	file++
	if (file > 1) {
		suite = FILENAME
		sub(/.*\//, "", suite)
		sub(/\.results$/, "", suite)
		order[++suites] = suite
	}
}

file == 1 {
	if ($0 == "" || /^#/)
		next
	if ($1 == "least") {
		least[$2] = $3
		next
	}
	if (NF != 4 || ($1 != "fail" && $1 != "skip")) {
		print "expected.txt: line " FNR ": RESULT, SUITE, TEST, REASON, with tabs between" > "/dev/stderr"
		status = 2
		exit
	}
	n = ++lines
	l_suite[n] = $2; l_test[n] = $3; l_reason[n] = $4
	if ($3 ~ /\*$/) {
		stars[$2] = stars[$2] " " n
		l_prefix[n] = substr($3, 1, length($3) - 1)
	} else
		exact[$2, $3] = n
	next
}

# line_for TEST: the line of expected.txt that speaks of it, or 0; the whole name before a beginning
function line_for(test,    list, count, i, n) {
	if ((suite, test) in exact)
		return exact[suite, test]
	count = split(stars[suite], list, " ")
	for (i = 1; i <= count; i++) {
		n = list[i]
		if (index(test, l_prefix[n]) == 1)
			return n
	}
	return 0
}

{
	n = line_for($2)
	reason = n ? l_reason[n] : $3
	if (n)
		used[n] = 1
	if ($1 == "pass") {
		passed[suite]++
		print "result", suite, $2, "pass", ""
		if (n && l_prefix[n] == "")
			print "gone", suite, $2, reason
	} else if ($1 == "skip" && reason != "") {
		skipped[suite]++
		print "result", suite, $2, "skip", reason
	} else if ($1 == "fail" && n) {
		expected[suite]++
		print "result", suite, $2, "fail", reason
	} else {
		news[suite]++
		print "result", suite, $2, "new", $3
		status = 1
	}
}

END {
	for (i = 1; i <= suites; i++) {
		s = order[i]
		print "suite", s, passed[s] + 0, expected[s] + 0, news[s] + 0, skipped[s] + 0
		ran[s] = 1
		if (!short && passed[s] < least[s]) {
			print "few", s, passed[s] + 0, least[s]
			status = 1
		}
	}
	for (n = 1; n <= lines; n++)
		if (!short && ran[l_suite[n]] && !used[n])
			print "unused", l_suite[n], l_test[n]
	exit status
}
