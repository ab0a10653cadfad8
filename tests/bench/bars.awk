# Draw make bench-cpu's results as an SVG: awk -f svg.awk -f bars.awk programs.txt cpu.tsv >cpu.svg
#
# How many times as fast as qemu-riscv32 each contender runs each program: a group of bars for a program, on one logarithmic
# scale on which QEMU is the line at 1. The bar is the median, the line across its end the spread; the last group is the
# geometric mean over the programs that compile alike. Without qemu-riscv32 there is nothing to compare with, and no picture
# (status 1).

function x(ratio) {
	return left + (log(ratio) - low) / (high - low) * width
}

function one_bar(ratio, from, to, label) {
	printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x(ratio < 1 ? ratio : 1), y + 1,
		x(ratio < 1 ? 1 : ratio) - x(ratio < 1 ? ratio : 1) + 0.5, bar - 2, colour[label]
	if (from)
		printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"black\"/>\n", x(from), y + bar / 2, x(to), y + bar / 2
	text((x(to ? to : ratio) > x(1) ? x(to ? to : ratio) : x(1)) + 4, y + bar - 2, "start", sprintf("%.2f", ratio))
	y += bar
}

function legend(    c, at) {
	at = left
	for (c = 1; c <= columns; c++) {
		printf "<rect x=\"%d\" y=\"26\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", at, colour[labels[c]]
		text(at + 14, 35, "start", labels[c])
		at += 30 + 6.5 * length(labels[c])
	}
}

function grid(    d, i, v) {
	for (d = -3; d <= 4; d++) {
		for (i = 1; i <= 5; i = i == 1 ? 2 : i + 3) {
			v = i * 10 ^ d
			if (log(v) < low || log(v) > high)
				continue
			printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/>\n", x(v), top - 4, x(v),
				height - 16, v == 1 ? "#000" : "#ddd"
			text(x(v), top - 8, "middle", v)
			text(x(v), height - 4, "middle", v)
		}
	}
}

BEGIN {
	FS = "\t"
	base = "qemu-riscv32"
	left = 120; width = 720; bar = 11; gap = 9; top = 62
}

FNR == NR {
	if (/^[a-z]/) {
		split($0, word, /[ \t]+/)
		alike[word[1]] = word[2]
	}
	next
}

FNR > 1 && ($1 in alike) && $3 ~ /^[0-9]/ && $3 > 0 {
	if (!($1 in row)) {
		row[$1] = ++rows
		names[rows] = $1
	}
	median[$1, $2] = $3; least[$1, $2] = $4; most[$1, $2] = $5
	if ($2 != base && !($2 in colour)) {
		colour[$2] = $2 == "native" ? "#8d96a3" : svg_colour(used++)
		used += used == 2	# that grey is native's
		labels[++columns] = $2
	}
}

END {
	low = log(0.5); high = log(2)
	for (r = 1; r <= rows; r++) {
		q = median[names[r], base]
		for (c = 1; c <= columns; c++) {
			m = median[names[r], labels[c]]
			if (!q || !m)
				continue
			bars++
			if (log(q / most[names[r], labels[c]]) < low)
				low = log(q / most[names[r], labels[c]])
			if (log(q / least[names[r], labels[c]]) > high)
				high = log(q / least[names[r], labels[c]])
			if (alike[names[r]] == "yes") {
				logs[labels[c]] += log(q / m)
				n[labels[c]]++
			}
		}
	}
	if (!bars)
		exit 1
	low -= 0.05
	high += 0.05
	height = top + (rows + 1) * (columns * bar + gap) + 24
	svg_begin(left + width + 60, height)
	text(left, 16, "start", "How many times as fast as qemu-riscv32: processor time, median and spread, all in one run (logarithmic)")
	legend()
	grid()
	y = top
	for (r = 1; r <= rows; r++) {
		text(left - 8, y + columns * bar / 2 + 4, "end", names[r])
		q = median[names[r], base]
		for (c = 1; c <= columns; c++) {
			m = median[names[r], labels[c]]
			if (q && m)
				one_bar(q / m, q / most[names[r], labels[c]], q / least[names[r], labels[c]], labels[c])
			else
				y += bar
		}
		y += gap
	}
	printf "<g font-weight=\"bold\">\n"
	text(left - 8, y + columns * bar / 2 + 4, "end", "mean, alike")
	for (c = 1; c <= columns; c++) {
		if (n[labels[c]])
			one_bar(exp(logs[labels[c]] / n[labels[c]]), 0, 0, labels[c])
		else
			y += bar
	}
	print "</g>\n</svg>"
}
