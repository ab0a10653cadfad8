# Draw the rates of results.tsv as an SVG: awk -f svg.awk -f plot.awk results.tsv >memory.svg
#
# A group of bars for each case whose name begins with PREFIX (-v PREFIX=mm/, the default), on one logarithmic scale: the
# median, and as a line the whole spread. Contenders keep their colour from group to group.

function x(value) {
	return left + (log(value) / log(10) - low) * decade
}

function short(value) {
	return value >= 1e6 ? sprintf("%.3gM", value / 1e6) : value >= 1e3 ? sprintf("%.3gk", value / 1e3) : sprintf("%.3g", value)
}

BEGIN {
	FS = "\t"
	if (!PREFIX)
		PREFIX = "mm/"
	left = 270; width = 620; bar = 13; gap = 12; top = 40
}

NR > 1 && index($1, PREFIX) == 1 && $3 + 0 > 0 {
	n++
	name[n] = $1; contender[n] = $2; median[n] = $3; least[n] = $4; most[n] = $5
	if (!($2 in colour))
		colour[$2] = svg_colour(used++)
	if (n == 1 || $4 < min)
		min = $4
	if ($5 > max)
		max = $5
}

END {
	if (!n)
		exit
	low = int(log(min) / log(10)) - (min < 1)
	high = int(log(max) / log(10)) + 1
	decade = width / (high - low)
	for (i = 1; i <= n; i++)
		groups += name[i] != name[i - 1]
	height = top + n * bar + groups * gap + 20
	svg_begin(left + width + 90, height)
	text(left, 16, "start", "a second, more is better: median and spread, all in one run")
	for (d = low; d <= high; d++) {
		printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>\n",
			x(10 ^ d), top - 6, x(10 ^ d), height - 20
		text(x(10 ^ d), top - 10, "middle", short(10 ^ d))
	}
	y = top
	for (i = 1; i <= n; i++) {
		if (name[i] != name[i - 1]) {
			y += gap
			text(8, y + bar - 3, "start", name[i])
		}
		text(left - 6, y + bar - 3, "end", contender[i])
		printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
			left, y + 1, x(median[i]) - left, bar - 2, colour[contender[i]]
		printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"black\"/>\n",
			x(least[i]), y + bar / 2, x(most[i]), y + bar / 2
		text(x(most[i]) + 5, y + bar - 3, "start", short(median[i]))
		y += bar
	}
	print "</svg>"
}
