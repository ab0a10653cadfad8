# What the guest of kselftest.sh printed, as results: RESULT<tab>TEST<tab>DETAIL.
#
# TEST is PROGRAM/TEST for a test of the harness, PROGRAM/NUMBER for a line of TAP, PROGRAM for a program that has neither,
# or whose end does not fit to its lines.

function result(what, name, why) {
	gsub(/\t/, " ", why)
	printf "%s\t%s\t%s\n", what, name, why
}

function how(status) {
	return status == 124 ? "stopped: took too long" : status > 128 ? "signal " status - 128 : "status " status
}

$1 == "@" && $2 == "begin" {
	program = $3
	test = $4 == "-" ? "" : $4
	signal = $5
	planned = lines = failed = 0
	last = skipped = ""
	next
}

$1 == "@" && $2 == "end" {
	status = $3
	if (test != "" && (signal ? status == 128 + signal : status == 0 || status == 2))
		result("pass", program "/" test, "")
	else if (test != "")
		result(status == 4 ? "skip" : "fail", program "/" test, status == 4 ? "the test says: " skipped : status == 1 && last != "" ? last : how(status) (last != "" ? ": " last : ""))
	else if (!lines && status == 0)
		result("pass", program, "")
	else if (!lines)
		result(status == 4 ? "skip" : "fail", program, status == 4 ? "the test says: " (skipped != "" ? skipped : last) : how(status) ": " last)
	else if (status > 1 && status != 4 || status == 1 && !failed)
		result("fail", program, how(status) ": " last)
	else if (lines < planned)
		result("fail", program, lines " of " planned " tests")
	program = ""
	next
}

program == "" { next }

test == "" && /^(not )?ok [0-9]+/ {
	ok = $1 == "ok"
	lines++
	number = ok ? $2 : $3
	name = program "/" number
	line = $0
	sub(/^(not )?ok [0-9]+ */, "", line)
	if (line ~ /# *SKIP/)
		result("skip", name, "the test says: " line)
	else if (ok || line ~ /# *XFAIL/)
		result("pass", name, "")
	else {
		failed = 1
		result("fail", name, line (last != "" ? " (" last ")" : ""))
	}
	last = ""
	next
}

test == "" && /^1\.\.[0-9]+/ {
	planned = substr($1, 4) + 0
	if (/# *SKIP/) {
		skipped = $0
		sub(/.*# *SKIP */, "", skipped)
	}
	next
}

/^# SKIP / { skipped = substr($0, 8) }
/^# (Totals|Planned)/ || /^$/ || /^TAP version/ { next }
{
	last = $0
	sub(/^# */, "", last)
}
