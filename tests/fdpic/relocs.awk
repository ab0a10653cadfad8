# SPDX-License-Identifier: MIT
#
# llvm-readelf -rSsW OBJECT | awk -f relocs.awk: relocations in code that FDPIC cannot have, one a line.
# A number from the program counter may lead to what lies in the text only, and nothing is at a fixed address.

/^Section Headers/ { part = "sections" }
/^Relocation section/ { part = "relocations"; split($0, quoted, "'"); where = quoted[2] }
/^Symbol table/ { part = "symbols" }

part == "sections" && match($0, /^ +\[ *[0-9]+\]/) {
	number = $0
	gsub(/^ +\[ *|\].*/, "", number)
	writable[number] = $0 ~ / WA/
}
part == "relocations" && $3 ~ /^R_RISCV/ && where ~ /^.rela.text/ { type[++n] = $3; symbol[n] = $5; at[n] = where "+" $1 }
part == "symbols" && $1 ~ /:$/ { section[$8] = $7; kind[$8] = $4 }

END {
	if (n == 0)
		print "no relocations at all"
	for (i = 1; i <= n; i++) {
		s = symbol[i]
		bad = type[i] ~ /GOT_HI20|TLS_GD|TLSDESC|^R_RISCV_HI20|^R_RISCV_32/ ||
			type[i] ~ /TPREL/ && s !~ /^__fdpic_(gp|got|fn|tpoff|tlsdesc)\./ && kind[s] != "TLS" ||
			type[i] == "R_RISCV_PCREL_HI20" && (section[s] == "UND" || writable[section[s]] || kind[s] == "FUNC")
		if (bad)
			print at[i], type[i], s, section[s], kind[s]
	}
}
