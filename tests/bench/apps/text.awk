# Write text to be compressed: awk -f text.awk -v lines=20000 >text
#
# Words as they come in prose, some often and most seldom, with numbers between them: it compresses to about a third.

function random(n) {
	seed = (seed * 16807) % 2147483647
	return int(seed / 65536) % n
}

function word(length_of,    w) {
	while (length_of-- > 0)
		w = w substr("etaoinshrdlucmfwypvbgkjqxz", 1 + int(random(26) * random(26) / 26), 1)
	return w
}

BEGIN {
	seed = 1234567
	for (i = 0; i < 4000; i++)
		words[i] = word(2 + random(8))
	for (n = 0; n < lines; n++) {
		line = ""
		for (k = 8 + random(6); k > 0; k--)
			line = line (random(12) ? words[int(random(4000) * random(4000) / 4000)] : random(10000)) (random(9) ? " " : ", ")
		print line "."
	}
}
