# shellcheck shell=sh disable=SC2154
# Sourced by run.sh: transcripts side by side, as Markdown.
#
# Each test has a table with a row for each line that any of the three printed, in the order of the real kernel's; the
# marks are what each said. Rows that differ are bold, and listed once more at the top with what is expected of them.

# rows NAME: "TEXT<tab>FLAT32<tab>COMPAT<tab>REAL" for each line: ok, not ok, said (text without a verdict), or - (not printed)
rows() {
	awk -F '\t' '
		function verdict(line) { return sub(/^not ok /, "", line) ? "not ok" : sub(/^ok /, "", line) ? "ok" : "said" }
		function text(line) { sub(/^not ok /, "", line) || sub(/^ok /, "", line); gsub(/\t/, " ", line); return line }
		FNR == 1 { file++ }
		{
			# A text printed twice is two rows: the first of each belong together.
			key = text($0) SUBSEP (++count[file, text($0)])
			if (!(key in known)) {
				known[key] = 1
				order[++n] = key
			}
			said[file, key] = verdict($0)
		}
		END {
			for (i = 1; i <= n; i++) {
				split(order[i], part, SUBSEP)
				printf "%s", part[1]
				for (f = 2; f <= 4; f++) {
					g = f == 4 ? 1 : f
					printf "\t%s", ((g, order[i]) in said) ? said[g, order[i]] : "-"
				}
				print ""
			}
		}' "$work/$1.real" "$work/$1.flat32" "$work/$1.compat"
}

# report NAME...: the whole of it
report() {
	echo '# The same programs on flat32 and on Linux 6.12 without an MMU'
	echo
	echo "flat32: \`$("$O/flat32" --version | head -n 1)\`, plain and with \`--compat linux-6.12\`; the real kernel under QEMU."
	echo "\"-\": the line was not printed. What differs is expected if a line of expected.txt (expected-compat.txt) says so;"
	echo 'docs/differences.md has the reasons.'
	for name; do
		rows "$name" >"$work/$name.rows"
	done
	echo
	echo '| test | lines | flat32 as real | --compat as real | unexpected |'
	echo '|---|--:|--:|--:|--:|'
	for name; do
		awk -F '\t' -v name="$name" -v unexpected="$(cat "$work/$name".unexpected.* | wc -l)" '
			$2 == $4 { plain++ }
			$3 == $4 { compat++ }
			END { printf "| [%s](#%s) | %d | %d | %d | %s |\n", name, name, NR, plain, compat, unexpected ? "**" unexpected "**" : "" }
			' "$work/$name.rows"
	done
	for name; do
		echo
		echo "## $name"
		echo
		echo '| line | flat32 | --compat | real kernel |'
		echo '|---|---|---|---|'
		awk -F '\t' '{
			gsub(/[|]/, "\\|")
			gsub(/[<]/, "\\&lt;")
			gsub(/[*_`]/, "\\\\&")
			line = $2 == $4 && $3 == $4 ? $1 : "**" $1 "**"
			print "| " line " | " $2 " | " $3 " | " $4 " |"
		}' "$work/$name.rows"
	done
}

# nommu_rows: rows of all nommu_* tests that are recorded, with the test's name first, for sentences.sh
nommu_rows() {
	for recorded in "$here"/recorded/nommu_*.txt; do
		name=${recorded##*/}
		name=${name%.txt}
		rows "$name" | sed "s/^/$name	/"
	done
}
