# Write a program of many functions that are hardly ever executed: awk -f cold.awk -v functions=6000 >cold.c
#
# Each has its own mixture of arithmetic, tables, branches and short loops. All are called through a table, as many rounds as
# asked: what a translator spends on code that is not worth it shows here.

# The generator's own numbers: the same in every awk.
function random(n) {
	seed = (seed * 16807) % 2147483647
	return int(seed / 65536) % n
}

function variable() { return substr("abcd", random(4) + 1, 1) }

function expression(    v, w) {
	v = variable()
	w = variable()
	return v " " op[random(6) + 1] " " (random(3) ? w : (1 + random(4000)) "u")
}

function statement(    kind, n) {
	kind = random(10)
	n = 1 + random(30)
	if (kind < 5)
		printf "\t%s %s= %s;\n", variable(), op[random(6) + 1], expression()
	else if (kind < 6)
		printf "\t%s ^= %s << %d | %s >> %d;\n", variable(), variable(), n, variable(), 31 - n
	else if (kind < 7)
		printf "\tmemory[(%s + %d) & 255] += %s;\n", variable(), random(256), variable()
	else if (kind < 8)
		printf "\t%s += memory[%s & 255];\n", variable(), variable()
	else if (kind < 9)
		printf "\tif (%s > (%s ^ %du))\n\t\t%s = %s;\n\telse\n\t\t%s += %d;\n", variable(), variable(), n, variable(),
			expression(), variable(), random(100)
	else
		printf "\tfor (uint32_t i = 0; i < (%s & 3); i++)\n\t\t%s = %s;\n", variable(), variable(), expression()
}

BEGIN {
	seed = 20240613
	split("+ - ^ * | &", op, " ")
	print "/* Made by cold.awk. */\n#include \"bench.h\"\n\nstatic uint32_t memory[256];\n"
	for (f = 0; f < functions; f++) {
		printf "static uint32_t f%d(uint32_t a, uint32_t b)\n{\n", f
		printf "\tuint32_t c = a ^ %du, d = b + %du;\n\n", random(30000), random(30000)
		for (n = 4 + random(10); n > 0; n--)
			statement()
		print "\treturn a + b * 3 + c * 5 + d * 7;\n}\n"
	}
	print "static uint32_t (*const table[])(uint32_t, uint32_t) = {"
	for (f = 0; f < functions; f++)
		printf "\tf%d,\n", f
	print "};\n\nint main(int argc, char **argv)\n{"
	print "\tunsigned rounds = bench_size(argc, argv, 30);\n\tuint32_t a = 1, b = 2;\n"
	print "\tfor (unsigned r = 0; r < rounds; r++) {"
	printf "\t\tfor (int i = 0; i < %d; i++) {\n", functions
	print "\t\t\tuint32_t t = table[i](a, b);\n\n\t\t\tb = a ^ r;\n\t\t\ta = t;\n\t\t}\n\t}"
	print "\treturn bench_result(\"cold\", a ^ b);\n}"
}
