#!/bin/sh
# A random program for make fuzz-fdpic: csmith's, made fit to be linked with others and with more of what FDPIC is about.
#
#   program.sh SEED		C on stdout
#
# Names are made unique by the seed; main() becomes main_SEED(). By the seed also:
#	SEED % 2 == 1		all functions but the first are called through pointers in volatile variables
#	SEED % 4 >= 2		functions and variables are global
# The programs are small: compilation is what takes the time.
seed=$1
statics=
[ $((seed % 4)) -lt 2 ] || statics='s/^static +(inline +|INLINE +)?(.*\b(g|func)_)/\2/'

csmith -s "$seed" --concise --no-argc --max-funcs 6 --max-block-depth 3 --max-block-size 3 --max-expr-complexity 6 |
	sed -E -e "s/^int main *\(.*\)/int main_$seed(void)/" -e "s/\b(g|func)_([0-9])/\1_${seed}_\2/g" -e "$statics" |
	awk -v first="func_${seed}_1" -v pointers=$((seed % 2)) '
		# a forward declaration
		/^[a-zA-Z].*func_[0-9_]+ *\(.*\);/ {
			match($0, /func_[0-9_]+/)
			name = substr($0, RSTART, RLENGTH)
			if (pointers && name != first)
				declared[name] = 1
		}
		{ line[++n] = $0 }
		END {
			for (i = 1; i <= n; i++) {
				if (line[i] ~ /^[ \t]/)
					for (name in declared)
						gsub(name "\\(", "p" name "(", line[i])
				print line[i]
				match(line[i], /func_[0-9_]+/)
				name = substr(line[i], RSTART, RLENGTH)
				if (name in declared && line[i] ~ /^[a-zA-Z].*\);$/ && !done[name]++)
					print "static __typeof__(" name ") *volatile p" name " = " name ";"
			}
		}'
