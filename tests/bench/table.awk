# The tables of make bench-cpu: awk -f table.awk programs.txt results.tsv
#
# Medians, and ratios to qemu-riscv32 (how many times as fast) and to native (how many times the time), with geometric means
# over the programs of each class of programs.txt and those before it. What failed, or printed something else, counts nowhere;
# a mean that lacks programs says of how many it is, as in 2.31 (19).  Last comes memory.

function add_name(name) {
	if (!(name in row)) {
		row[name] = ++rows
		names[rows] = name
	}
}

function cell(value, how) {
	if (value == "")
		value = "-"
	else if (how)
		value = sprintf(how, value)
	return sprintf(" %14s", value)
}

function short(value) {
	return sprintf(value >= 100 ? "%.0f" : "%.1f", value)
}

function header(title, c) {
	printf "\n%s\n%-12s", title, ""
	for (c = 1; c <= columns; c++)
		printf " %14s", labels[c]
	print ""
}

function ratio(name, label, base, inverse,    a, b) {
	a = median[name, label]
	b = median[name, base]
	if (a == "" || b == "" || a + 0 <= 0 || b + 0 <= 0)
		return ""
	return inverse ? b / a : a / b
}

# What was resident.
function memory(    r, c) {
	if (!users)
		return
	header("Memory: the most that was resident, in MiB, medians")
	for (r = 1; r <= users; r++) {
		printf "%-12s", substr(uses[r], 5)
		for (c = 1; c <= columns; c++)
			printf "%s", cell(kib[uses[r], labels[c]])
		print ""
	}
}

# The geometric mean over the programs whose class is one of CLASSES.
function mean_row(title, base, inverse, classes,    r, c, n, all, logs, v) {
	printf "%-12s", title
	for (r = 1; r <= rows; r++)
		all += index(classes, alike[names[r]]) > 0
	for (c = 1; c <= columns; c++) {
		n = logs = 0
		for (r = 1; r <= rows; r++) {
			v = index(classes, alike[names[r]]) ? ratio(names[r], labels[c], base, inverse) : ""
			if (v != "") {
				logs += log(v)
				n++
			}
		}
		printf "%s", cell(n ? exp(logs / n) : "", n == all ? "%.2f" : "%.2f (" n ")")
	}
	printf "   (%d programs)\n", all
}

function ratios(title, base, inverse,    r, c) {
	if (!(base in column))
		return
	header(title)
	for (r = 1; r <= rows; r++) {
		printf "%-12s", names[r] mark[alike[names[r]]]
		for (c = 1; c <= columns; c++)
			printf "%s", cell(ratio(names[r], labels[c], base, inverse), "%.2f")
		print ""
	}
	mean_row("mean, alike", base, inverse, "yes")
	mean_row("mean, + fp", base, inverse, "yes fp")
	mean_row("mean, all", base, inverse, "yes fp no")
}

BEGIN {
	FS = "\t"
	mark["fp"] = " +"
	mark["no"] = " *"
}

FNR == NR {
	if (/^[a-z]/) {
		split($0, word, /[ \t]+/)
		alike[word[1]] = word[2]
	}
	next
}

FNR > 1 && $1 ~ /^rss\// {
	if (!($1 in resident))
		uses[++users] = $1
	resident[$1] = 1
	kib[$1, $2] = $3 ~ /^[0-9]/ ? sprintf("%.1f", $3 / 1024) : toupper($3)
	if (!($2 in column)) {
		column[$2] = ++columns
		labels[columns] = $2
	}
}

FNR > 1 && ($1 in alike) {
	add_name($1)
	if (!($2 in column)) {
		column[$2] = ++columns
		labels[columns] = $2
	}
	if ($3 ~ /^[0-9]/) {
		median[$1, $2] = $3
		spread[$1, $2] = short($4) ".." short($5)
		rounds = rounds == "" || $6 < rounds ? $6 : rounds
	} else {
		median[$1, $2] = ""
		spread[$1, $2] = toupper($3)
		failures++
	}
}

END {
	if (!rows) {
		memory()
		exit
	}
	header("Processor time (user and system) in milliseconds, medians of " rounds " rounds in turns")
	for (r = 1; r <= rows; r++) {
		printf "%-12s", names[r] mark[alike[names[r]]]
		for (c = 1; c <= columns; c++) {
			v = median[names[r], labels[c]]
			printf "%s", v == "" ? cell(spread[names[r], labels[c]]) : cell(v, "%.1f")
		}
		print ""
	}
	header("Least and most of these")
	for (r = 1; r <= rows; r++) {
		printf "%-12s", names[r]
		for (c = 1; c <= columns; c++)
			printf "%s", cell(spread[names[r], labels[c]])
		print ""
	}
	ratios("Speed: how many times as fast as qemu-riscv32", "qemu-riscv32", 1)
	ratios("Time: how many times what native takes", "native", 0)
	print "\n+ floating point in hardware, which QEMU does in software"
	print "* does not compile alike on both sides; programs.txt says why"
	if (failures)
		printf "%d FAILED or DIFFER: no number of theirs counts\n", failures
	memory()
}
