# What plot.awk and bars.awk share: the beginning of a picture, its text and colours.

function svg_begin(width, height) {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n",
		width, height
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
}

function svg_colour(n) {
	return substr("#1b6ca8#d1495b#8d96a3#edae49#66a182#7d5ba6#2e4057#b56576#00798c", 1 + 7 * (n % 9), 7)
}

function text(at_x, at_y, anchor, what) {
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", at_x, at_y, anchor, what
}
