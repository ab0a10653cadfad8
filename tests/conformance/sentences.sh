#!/bin/sh
# docs/nommu-conformance.md from sentences.txt and transcripts, and whether the two agree.
#
#   sentences.sh doc ROWS		the document, on stdout
#   sentences.sh check ROWS UNITS	what is wrong, a line each: nothing if all is well
#   sentences.sh cover TEXT		the same for the quotes: are they all of nommu-mmap.txt and no more?
#
# ROWS has a line for each line of the nommu_* tests: "TEST<tab>TEXT<tab>FLAT32<tab>COMPAT<tab>REAL" with ok, not ok or "-" (not
# printed) for the last three; nommu_rows in report.sh makes it. UNITS is what the unit tests named printed, as TAP.

set -u
here=${0%/*}
what=$1 rows=${2-/dev/null} units=${3-/dev/null}

# parse: shared by all: reads sentences.txt into head[], text[], order[], and by number unit[], note[], none[]
parse='
	function finish() {
		if (kind == "=" || kind == "~" || kind == "@" || kind ~ /^S[0-9]+$/) {
			order[++items] = kind
			value[items] = rest
			if (kind ~ /^S/) {
				text[kind] = rest
				last = kind
				if (kind != "S" ++sentences)
					wrong("sentences.txt: " kind " where S" sentences " should be")
			}
		} else if (kind == "unit") {
			unit[last, ++unit_count[last]] = rest
		} else if (kind == "note") {
			note[last] = rest
		} else if (kind == "missing") {
			missing[last] = rest
		} else if (kind == "none") {
			none[last] = rest
		} else if (kind != "") {
			wrong("sentences.txt: what is \"" kind " " rest "\"?")
		}
		kind = ""
	}
	function begin(line) {
		finish()
		kind = line
		sub(/ .*/, "", kind)
		rest = substr(line, length(kind) + 2)
	}
	function wrong(s) { if (checking) print s; failed = 1 }
	FILENAME != sentences_file && kind { finish() }
	FILENAME == sentences_file && /^#/ { next }
	FILENAME == sentences_file && /^$/ { next }
	FILENAME == sentences_file && /^[ \t] +/ { sub(/^[ \t]+/, ""); rest = rest " " $0; next }
	FILENAME == sentences_file && /^\t/ { begin(substr($0, 2)); next }
	FILENAME == sentences_file { begin($0); next }
'

case $what in
doc | check) ;;
cover)
	[ -r "$rows" ] || { echo "sentences.sh: cannot read $rows"; exit 1; }
	awk -v sentences_file="$here/sentences.txt" -v checking=1 "$parse"'
		function add(s) { quoted = quoted " " s }
		FILENAME != sentences_file && /^[ \t]*=+[ \t]*$/ { next }
		FILENAME != sentences_file { whole = whole " " $0 }
		END {
			finish()
			for (i = 1; i <= items; i++) {
				if (order[i] != "@") {
					add(value[i])
					continue
				}
				split(value[i], range, /[-S]+/)
				for (n = range[2]; n <= range[3]; n++)
					add(text["S" n])
			}
			n = split(whole, a)
			m = split(quoted, b)
			for (i = 1; i <= n || i <= m; i++) {
				if (a[i] == b[i])
					continue
				printf "word %d of the text is \"%s %s %s\", quoted is \"%s %s %s\"\n", i, a[i], a[i + 1], a[i + 2],
					b[i], b[i + 1], b[i + 2]
				exit
			}
		}' "$here/sentences.txt" "$rows"
	exit ;;
*)
	echo "sentences.sh: doc, check or cover" >&2
	exit 2 ;;
esac

awk -F '\t' -v sentences_file="$here/sentences.txt" -v units_file="$units" -v checking="$([ "$what" = check ] && echo 1)" "$parse"'
	function cell(s) { gsub(/[|]/, "\\\\|", s); gsub(/</, "\\&lt;", s); return s }
	# Tests of a unit program that passed, as "test_page: name": the suite is called as the program, without "test_".
	FILENAME == units_file {
		if (/^ok [0-9]+ - .*: Passed/ && split($0, part, ":") >= 3) {
			passed["test_" part[2] ": " part[3]] = 1
		}
		next
	}
	{
		line = $2
		if (line !~ /^S[0-9]+ /)
			wrong($1 ": \"" $2 "\" does not say which sentence it tests")
		if (seen[$1, $2]++)
			wrong($1 ": \"" $2 "\" is there twice")
		while (match(line, /^S[0-9]+ /)) {
			id = substr(line, 1, RLENGTH - 1)
			line = substr(line, RLENGTH + 1)
			ids[++idn] = id
		}
		while (idn) {
			id = ids[idn--]
			if (!(id in text))
				wrong($1 ": " id ": there is no such sentence")
			n = ++count[id]
			name[id, n] = $1
			said[id, n] = line
			result[id, n] = "| " $3 " | " $4 " | " $5 " |"
			if ($3 == "not ok")
				wrong($1 ": \"" $2 "\" fails")
			if ($3 == "ok")
				good[id] = 1
			if ($3 != "ok" || $5 != "ok")
				differs[id] = 1
		}
		lines++
	}
	END {
		finish()
		for (i = 1; i <= sentences; i++) {
			id = "S" i
			for (n = 1; n <= unit_count[id]; n++) {
				units++
				if (checking && !(unit[id, n] in passed))
					wrong(id ": the unit test \"" unit[id, n] "\" did not pass, or is not there")
				good[id] = 1
			}
			if (id in none && (count[id] || unit_count[id]))
				wrong(id ": has tests, and a reason why there are none")
			if (!(id in none) && !(id in missing) && !(id in good))
				wrong(id ": no test")
			if (id in missing && id in good)
				wrong(id ": said to be missing, but a test passes")
			gaps += id in missing
			if (id in differs && !(id in note))
				wrong(id ": the real kernel or flat32 differs, and no note says why")
			if (id in note && count[id] && !(id in differs))
				wrong(id ": a note, but nothing differs")
			silent += id in none
			differing += id in differs
		}
		if (checking)
			exit failed
		print "# Conformance to nommu-mmap.txt"
		print ""
		print "Every sentence of the kernel'\''s documentation of memory mapping without an MMU, what tests it, and what the tests say: on"
		print "flat32, on flat32 with `--compat linux-6.12`, and on Linux 6.12 itself (RV32, no MMU, under QEMU). \"-\" is a line that was not"
		print "printed: what it needs is not there. Unit tests, of what no guest can see, run on flat32 only."
		print ""
		print "This file is made from `tests/conformance/sentences.txt` and the transcripts (`make nommu-conformance`); `make check` fails if a"
		print "sentence has no test, if a test does not say what is written here, or if a difference has no reason."
		print ""
		printf "%d sentences: %d tested, by %d lines of guest tests and %d unit tests; %d with nothing to test. ",
			sentences, sentences - silent - gaps, lines, units, silent
		printf "On %d, something differs.\n", differing
		if (gaps)
			printf "**%d not fulfilled by flat32.**\n", gaps
		for (i = 1; i <= items; i++) {
			id = order[i]
			if (id == "~")
				continue
			print ""
			if (id == "=") {
				heading = substr(value[i], 1, 1) tolower(substr(value[i], 2))
				sub(/-mmu/, "-MMU", heading)
				print "## " heading
				continue
			}
			if (id == "@") {
				print "*(Here the text has " value[i] " once more.)*"
				continue
			}
			print "### " id
			print ""
			print "> " cell(value[i])
			print ""
			if (id in missing)
				print "**Not fulfilled:** " missing[id] "\n"
			if (id in none) {
				print "*Nothing to test:* " none[id]
				continue
			}
			if (!count[id] && !unit_count[id])
				continue
			print "| test | flat32 | --compat | real kernel |"
			print "|---|---|---|---|"
			for (n = 1; n <= count[id]; n++)
				print "| `" name[id, n] "`: " cell(said[id, n]) " " result[id, n]
			for (n = 1; n <= unit_count[id]; n++) {
				split(unit[id, n], part, ": ")
				gsub(/_/, " ", part[2])
				print "| unit `" part[1] "`: " part[2] " | ok | | |"
			}
			if (id in note)
				print "\n" note[id]
		}
	}' "$here/sentences.txt" "$rows" "$units"
